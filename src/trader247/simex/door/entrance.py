"""Who is asking, and whether he may: the first thing that the wire looks at.

Without a keyring every key is known and may trade: that is the exchange inside one's own process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from trader247.simex.door.bearer import ISSUERS, Token, read_token
from trader247.simex.door.keyring import Keyring
from trader247.simex.switches import Switches
from trader247.simex.wire.request import TEXT, BadRequest, Reply, Request, failure


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking: the name of his key, none where he shows none, and what it may do."""

    name: str | None
    can_view: bool = False
    can_trade: bool = False
    can_transfer: bool = False


_NOBODY = Caller(None)
_caller = lru_cache(maxsize=64)(Caller)
"""The same one for each request of a key, as long as it may do the same."""


def _unauthorized() -> BadRequest:
    return BadRequest(Reply(401, b"Unauthorized\n", TEXT))


class Entrance:
    """The door of one exchange; `venue_s` and `machine_s` are the two clocks, in Unix seconds."""

    def __init__(
        self,
        *,
        switches: Switches,
        venue_s: Callable[[], int],
        keyring: Keyring | None = None,
        machine_s: Callable[[], int] | None = None,
    ) -> None:
        self._switches = switches
        self._keyring = keyring
        self._issuers = ISSUERS if switches.old_issuer == "accepted" else ISSUERS[:1]
        self._clocks = [venue_s]
        if machine_s is not None and switches.bearer_clock == "either":
            self._clocks.append(machine_s)

    def admit(self, request: Request, *, is_public: bool) -> Caller:
        """Who sends this request. Raises BadRequest: a 401, or a 403 for a key that may not."""
        caller = self._identified(request, is_public=is_public)
        if not is_public:
            is_allowed = caller.can_trade if is_changing(request) else caller.can_view
            if not is_allowed:
                raise failure(403, "PERMISSION_DENIED", "Missing required scopes")
        return caller

    def is_admitted(self, bearer: str | None, *, is_public: bool) -> bool:
        """Whether a subscription's token, or none, lets its sender hear a channel.

        Such a token is for no method and path; one that names some is taken all the same.
        """
        if bearer is None:
            return is_public
        token = read_token(f"Bearer {bearer}")
        if (
            token is not None
            and token.is_from(self._issuers)
            and self._is_timely(token)
            and (caller := self._known(token)) is not None
        ):
            return is_public or caller.can_view
        return is_public and self._switches.stray_bearer == "ignored"

    def _identified(self, request: Request, *, is_public: bool) -> Caller:
        if request.authorization is None:
            if is_public:
                return _NOBODY
            raise _unauthorized()
        token = read_token(request.authorization)
        if (
            token is not None
            and token.is_for(
                method=request.method,
                host=request.host,
                path=request.path,
                issuers=self._issuers,
            )
            and self._is_timely(token)
            and (caller := self._known(token)) is not None
        ):
            return caller
        if is_public and self._switches.stray_bearer == "ignored":
            return _NOBODY
        raise _unauthorized()

    def _is_timely(self, token: Token) -> bool:
        leeway_s = self._switches.bearer_leeway_s
        return any(token.is_timely(now_s(), leeway_s=leeway_s) for now_s in self._clocks)

    def _known(self, token: Token) -> Caller | None:
        if self._keyring is None:
            return Caller(token.key_name, can_view=True, can_trade=True)
        key = self._keyring.find(token.key_name)
        if key is None or not token.is_signed_by(key):
            return None
        return _caller(key.name, key.can_view, key.can_trade, key.can_transfer)


def is_changing(request: Request) -> bool:
    """Whether a request asks for a change; a preview only looks."""
    return request.method != "GET" and not request.path.endswith("preview")
