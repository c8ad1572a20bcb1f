"""The key, and the short-lived token that proves it, one for each request.

The key is parsed once. The SDK parses it anew for every request, which costs more than all the
rest of a request; so it never sees the secret at all.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from trader247.domain.errors import KeyRejected
from trader247.domain.time import Instant

TOKEN_SECONDS = (30, 120)
"""How long a token may live: 30 by default, as it bounds how late an order can still arrive."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key's name and its secret, which does not show itself."""

    name: str
    secret: str = field(repr=False)

    @staticmethod
    def from_json(text: str) -> Credentials:
        """Read the content of a key file, `{"name": …, "privateKey": …}`.

        Raises:
            KeyRejected: the content is anything else.
        """
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None
        name, secret = (
            (body.get("name") or body.get("id"), body.get("privateKey"))
            if isinstance(body, dict)
            else (None, None)
        )
        if not isinstance(name, str) or not isinstance(secret, str) or not name or not secret:
            raise KeyRejected(
                "the key file is not of the form that the venue hands out",
                hint='it holds {"name": "organizations/…", "privateKey": "…"}',
            )
        return Credentials(name, secret)

    @staticmethod
    def simulated() -> Credentials:
        """A fixed key for simulated markets: it guards nothing."""
        seed = base64.b64encode(b"trader247 simulated market: key.").decode()
        return Credentials("organizations/simulated/apiKeys/simulated", seed)


class Signer:
    """Makes tokens from one parsed key, an injected clock and injected nonces."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        now: Callable[[], Instant],
        nonce: Callable[[], str] = secrets.token_hex,
        seconds: int = TOKEN_SECONDS[0],
    ) -> None:
        """Parse the key.

        Raises:
            KeyRejected: it is neither an EC P-256 nor an Ed25519 private key.
        """
        if seconds not in TOKEN_SECONDS:
            raise ValueError(f"a token lives one of {TOKEN_SECONDS} seconds, not {seconds}")
        self.name = credentials.name
        self._key, self._algorithm = _parsed(credentials.secret)
        self._now = now
        self._nonce = nonce
        self._seconds = seconds

    def token(self, *, method: str, host: str, path: str) -> str:
        """A token for one request; the query is no part of it."""
        begin = self._now().seconds
        claims = {
            "sub": self.name,
            "iss": "cdp",
            "nbf": begin,
            "exp": begin + self._seconds,
            "uri": f"{method} {host}{path}",
        }
        headers = {"kid": self.name, "nonce": self._nonce()}
        return jwt.encode(claims, self._key, algorithm=self._algorithm, headers=headers)


_PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def _parsed(secret: str) -> tuple[_PrivateKey, str]:
    # Key files that went through an environment variable carry their line ends as two characters.
    text = secret.replace("\\n", "\n").strip()
    try:
        if text.startswith("-----BEGIN"):
            key = load_pem_private_key(text.encode(), password=None)
        else:
            raw = base64.b64decode("".join(text.split()), validate=True)
            key = ed25519.Ed25519PrivateKey.from_private_bytes(raw[:32])
            if len(raw) not in (32, 64):
                raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise _unusable() from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key, "ES256"
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key, "EdDSA"
    raise _unusable()


def _unusable() -> KeyRejected:
    return KeyRejected(
        "the key's secret cannot be read",
        hint="it is an EC P-256 or Ed25519 private key in PEM, or Ed25519 in base64",
    )
