"""A key of which the first signatures of a run are made and verified, and then one in sixteen.

Signing was a twentieth of what a run costs, verifying a tenth of a request, and nothing in a
simulation forges tokens: their claims, which do go wrong, are looked at each time. A signature that
is left out says so by its form, which no real one has; whatever else comes is verified.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

_FIRST = 64
_ONE_IN = 16
_LEFT_OUT = bytes(64)
"""In the place of a signature: none is ever all zeros."""


class Sampled:
    """Stands for a key of the simulated exchange's, and sees to how tokens are signed with it."""

    def __init__(self, public: Ed25519PublicKey) -> None:
        self._public = public
        self._asked = 0

    @staticmethod
    def of(public: Ed25519PublicKey | EllipticCurvePublicKey) -> Sampled:
        """One for a key of the exchange's own making."""
        assert isinstance(public, Ed25519PublicKey), "new keys are of this kind"
        return Sampled(public)

    @property
    def public(self) -> Ed25519PublicKey:
        """It, where a public key is asked to verify."""
        return cast(Ed25519PublicKey, self)

    @contextmanager
    def between(self) -> Iterator[None]:
        """Stand between whoever signs and the library that does, while the context lasts."""
        real = OKPAlgorithm.sign

        def sign(algorithm: OKPAlgorithm, message: bytes, key: Ed25519PrivateKey) -> bytes:
            self._asked += 1
            if self._asked <= _FIRST or self._asked % _ONE_IN == 0:
                return real(algorithm, message, key)
            return _LEFT_OUT

        OKPAlgorithm.sign = sign  # type: ignore[method-assign, assignment] # for ours alone
        try:
            yield
        finally:
            OKPAlgorithm.sign = real  # type: ignore[method-assign] # as it was

    def verify(self, signature: bytes, data: bytes) -> None:
        """Raises InvalidSignature."""
        if signature != _LEFT_OUT:
            self._public.verify(signature, data)
