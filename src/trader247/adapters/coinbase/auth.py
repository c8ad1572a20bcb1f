"""The key, and the short-lived token that proves it, one for each request.

The key is parsed once. The SDK parses it anew for every request, which costs more than all the
rest of a request; so it never sees the secret at all.
"""

from __future__ import annotations

import base64
import json
from binascii import b2a_base64
from collections.abc import Callable
from dataclasses import field
from functools import lru_cache
from os import urandom

import jwt

from trader247.adapters.coinbase.key_text import private_key
from trader247.domain.dataclass import dataclass
from trader247.domain.time import Instant

_FOR_URL = bytes.maketrans(b"+/", b"-_")
TOKEN_SECONDS = (30, 120)
"""How long a token may live: 30 by default, as it bounds how late an order can still arrive."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key's name and its secret, which does not show itself."""

    name: str
    secret: str = field(repr=False)

    @staticmethod
    def simulated() -> Credentials:
        """A fixed key for simulated markets: it guards nothing."""
        seed = base64.b64encode(b"trader247 simulated market: key.").decode()
        return Credentials("organizations/simulated/apiKeys/simulated", seed)


def fresh_nonce() -> str:
    """As `secrets.token_hex` makes it, which takes four steps to ask the system for it."""
    return urandom(32).hex()


class Signer:
    """Makes tokens from one parsed key, an injected clock and injected nonces."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        now: Callable[[], Instant],
        nonce: Callable[[], str] = fresh_nonce,
        seconds: int = TOKEN_SECONDS[0],
    ) -> None:
        """Parse the key.

        Raises:
            KeyRejected: it is no private key of the venue's; the message says what it is.
        """
        if seconds not in TOKEN_SECONDS:
            raise ValueError(f"a token lives one of {TOKEN_SECONDS} seconds, not {seconds}")
        self.name = credentials.name
        self._key, self.algorithm = private_key(credentials.secret)
        self._algorithm = jwt.get_algorithm_by_name(self.algorithm)
        self._now = now
        self._nonce = nonce
        self._seconds = seconds
        named = json.dumps(self.name).replace("%", "%%")
        self._header = f'{{"alg":"{self.algorithm}","kid":{named},"nonce":%s,"typ":"JWT"}}'
        self._claims = f'{{"sub":{named},"iss":"cdp","nbf":%d,"exp":%d%s}}'

    def stream_token(self) -> str:
        """A token for one subscription on a stream: it names no request."""
        return self._made("")

    def token(self, *, method: str, host: str, path: str) -> str:
        """A token for one request; the query is no part of it."""
        return self._made(_about(f"{method} {host}{path}"))

    def _made(self, about: str) -> str:
        """A token with one more claim `about` something: all but four figures of it are known."""
        begin = self._now().seconds
        header = self._header % json.dumps(self._nonce())
        claims = self._claims % (begin, begin + self._seconds, about)
        signed = b".".join((_part(header.encode()), _part(claims.encode())))
        signature = _part(self._algorithm.sign(signed, self._key))
        return b".".join((signed, signature)).decode()


@lru_cache(maxsize=256)
def _about(request: str) -> str:
    """The claim that names a request: the same few are asked, cycle by cycle."""
    return f',"uri":{json.dumps(request)}'


def _part(data: bytes) -> bytes:
    """One part of a token, in its alphabet."""
    # As the library's own encoding for URLs does, by way of three functions of its own.
    return b2a_base64(data, newline=False).translate(_FOR_URL).rstrip(b"=")
