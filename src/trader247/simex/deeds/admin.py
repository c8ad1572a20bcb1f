"""The operator's door: paths under `/sim/`, which no exchange has, for whoever holds the token.

The token lies beside the certificate, for the owner's eyes alone. What a rehearsal needs and a
client of Coinbase's could never do goes through here, and through nothing else.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping

from trader247.simex.errors import ReadOnly, StoreFailed
from trader247.simex.wire.request import BadRequest, Reply, Request, failure, not_found

PREFIX = "/sim/"

Handler = Callable[[Request], Awaitable[Reply]]


class Admin:
    """Who is let in is answered by the handler of `(method, path)`."""

    def __init__(self, token: str, handlers: Mapping[tuple[str, str], Handler]) -> None:
        """Raises ValueError: the token is too short to keep anybody out."""
        if len(token) < 32:
            raise ValueError("an operator's token has at least 32 characters")
        self._expected = f"Bearer {token}".encode()
        self._handlers = dict(handlers)

    async def answer(self, request: Request) -> Reply:
        """The reply to a request under `/sim/`, whatever it is."""
        try:
            given = (request.authorization or "").encode("latin-1", "replace")
            if not hmac.compare_digest(given, self._expected):
                raise failure(401, "UNAUTHENTICATED", "the token of admin.token is needed here")
            handler = self._handlers.get((request.method, request.path))
            if handler is None:
                known = ", ".join(" ".join(each) for each in sorted(self._handlers))
                raise not_found(f"{request.method} {request.path} is none of {known}")
            return await handler(request)
        except BadRequest as bad:
            return bad.reply
        except (ReadOnly, StoreFailed) as unavailable:
            return failure(503, "UNAVAILABLE", str(unavailable)).reply
