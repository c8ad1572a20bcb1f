"""A request's token: read, verified, and judged by its claims.

A token is for one method and one path on one host, and for at most two minutes. Whose clock says
when those are is the caller's business.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Collection
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from trader247.simex.door.keyring import Key

_ALGORITHMS = ("ES256", "EdDSA")
LEEWAY_S = 5
_LIFE_S_MAX = 120
ISSUERS = ("cdp", "coinbase-cloud")
"""The issuer that tokens name, and the one that they named until 2024: libraries still do."""
_ECDSA = ECDSA(SHA256())
_HALF = 32
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_DECODER = json.JSONDecoder()


class Token(NamedTuple):
    """A token as it was read: nothing in it is proven yet, but its algorithm is a known one."""

    algorithm: str
    key_name: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    def is_from(self, issuers: Collection[str] = ISSUERS[:1]) -> bool:
        """Whether it was made with the key that it names, for this service."""
        return self.claims.get("iss") in issuers and self.claims.get("sub") == self.key_name

    def is_for(
        self, *, method: str, host: str, path: str, issuers: Collection[str] = ISSUERS[:1]
    ) -> bool:
        """Whether it was made for this very request; some libraries name it in a list, `uris`."""
        if not self.is_from(issuers):
            return False
        named = self.claims.get("uris")
        uris = named if isinstance(named, list) else [self.claims.get("uri")]
        # A client that names the port leaves out the standard one in `Host` alone.
        hosts = (f"{host}:443", host.removesuffix(":443"))
        return f"{method} {host}{path}" in uris or any(
            f"{method} {each}{path}" in uris for each in hosts
        )

    def is_timely(self, now_s: int, *, leeway_s: int = LEEWAY_S) -> bool:
        """Whether it holds at `now_s`."""
        starts, ends = self.claims.get("nbf"), self.claims.get("exp")
        if not isinstance(starts, int) or not isinstance(ends, int):
            return False
        return starts <= now_s + leeway_s and now_s < ends <= starts + _LIFE_S_MAX

    def is_signed_by(self, key: Key) -> bool:
        """Whether its signature is this key's, in the key's own algorithm."""
        if self.algorithm != key.algorithm or self.key_name != key.name:
            return False
        public = key.public
        try:
            if isinstance(public, EllipticCurvePublicKey):
                if len(self.signature) != 2 * _HALF:
                    return False
                first = int.from_bytes(self.signature[:_HALF])
                second = int.from_bytes(self.signature[_HALF:])
                public.verify(encode_dss_signature(first, second), self.signed, _ECDSA)
            else:
                public.verify(self.signature, self.signed)
        except InvalidSignature:
            return False
        return True


def read_token(authorization: str) -> Token | None:
    """The token of an `Authorization` header; None where it holds none of a known form."""
    scheme, _, token = authorization.partition(" ")
    parts = token.split(".")
    if scheme != "Bearer" or len(parts) != 3 or not token.isascii() or not parts[2]:
        return None
    header, claims = _decoded(parts[0]), _claimed(parts[1])
    algorithm, key_name = header.get("alg"), header.get("kid")
    if algorithm not in _ALGORITHMS or not isinstance(key_name, str) or not key_name:
        return None
    try:
        signature = _bytes(parts[2])
    except binascii.Error:
        return None
    return Token(algorithm, key_name, claims, f"{parts[0]}.{parts[1]}".encode(), signature)


def is_in_order(authorization: str, *, method: str, host: str, path: str, now_s: int) -> bool:
    """Whether a token's form, claims and times are right; its signature is not looked at.

    Who can call an exchange inside his own process need not prove who he is: the check is there
    so that a client that signs the wrong thing is found out.
    """
    token = read_token(authorization)
    return (
        token is not None
        and token.is_for(method=method, host=host, path=path)
        and token.is_timely(now_s)
    )


def _decoded(part: str) -> dict[str, Any]:
    try:
        # As text, and at once: it need not guess how the bytes are written, nor how to read them.
        value = _DECODER.decode(_bytes(part).decode())
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


_claimed = lru_cache(maxsize=64)(_decoded)
"""The same of claims: one asks with equal ones within a second, and nobody changes them."""


def _bytes(part: str) -> bytes:
    # As the library's own decoding for URLs does, which spends as much on what it might be given.
    return binascii.a2b_base64(part.encode().translate(_FROM_URL) + b"=" * (-len(part) % 4))
