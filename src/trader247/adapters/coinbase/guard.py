"""The last look at an order before its first byte, and the count of what was really sent.

An order's body was recorded with its hash before anything was sent. Whatever the client made of
it on the way, exactly that body goes on the wire, or nothing does. Requests that change something
at the venue are the three that we know; every other is refused here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from trader247.adapters.coinbase.errors import NotSent, OrderWithheld
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.time import Instant
from trader247.ports import Clock, Permit

API = "/api/v3/brokerage"
ORDERS = f"{API}/orders"
CANCELS = f"{API}/orders/batch_cancel"
PREVIEWS = f"{API}/orders/preview"


@runtime_checkable
class LooksLast(Protocol):
    """A transport that connects first, and can ask once more before the first byte."""

    last_look: Callable[[], None]
    passing: Passing


@dataclass(frozen=True, slots=True)
class _Expected:
    sha256: str
    until: Instant
    until_monotonic: timedelta


class OrderGuard(BaseAdapter):
    """A transport around `inner` that lets an order pass only as recorded, permitted, in time."""

    def __init__(
        self,
        inner: BaseAdapter,
        *,
        clock: Clock,
        permit: Permit,
        passing: Passing = unwatched,
        on_sending: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_sending` keeps that an order is about to leave, before the stop is looked at for the
        last time: whoever raises it later then knows of every order that may still be on its way.
        """
        super().__init__()
        self._on_sending = on_sending
        self._inner = inner
        self._clock = clock
        self._permit = permit
        self._expected: _Expected | None = None
        self._orders_sent = 0
        self._passing = passing
        if isinstance(inner, LooksLast):
            inner.last_look = self._look
            inner.passing = passing

    @property
    def orders_sent(self) -> int:
        """Orders of which at least one byte left, since this process began."""
        return self._orders_sent

    def expect(self, body_sha256: str, *, until: Instant) -> None:
        """Let the next order pass if its body has this hash and `until` is not past."""
        left = until - self._clock.now()
        self._expected = _Expected(body_sha256, until, self._clock.monotonic() + left)

    def expect_none(self) -> None:
        """Let no order pass."""
        self._expected = None

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        path = _path((request.url or "").partition("?")[0])
        is_order = request.method == "POST" and path == ORDERS
        if is_order:
            self._compare(request)
            self._keep()
            self._look()
            self._orders_sent += 1
        elif request.method != "GET" and (request.method, path) not in _HARMLESS:
            raise OrderWithheld("not_ours", f"{request.method} {path} is nothing that we send")
        else:
            self._expected = None
        try:
            response = self._inner.send(request, *args, **options)
        except NotSent:
            self._orders_sent -= is_order
            raise
        if is_order:
            self._passing(Milestone.ANSWER_ARRIVED)
        elif path == CANCELS:
            self._passing(Milestone.CANCEL_ANSWERED)
        return response

    def close(self) -> None:
        self._inner.close()

    def _compare(self, request: requests.PreparedRequest) -> None:
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        if self._expected is None:
            raise OrderWithheld("not_recorded", "an order that was not announced")
        if sha256(body).hexdigest() != self._expected.sha256:
            raise OrderWithheld("body_differs", "the request's body is not the recorded one")

    def _keep(self) -> None:
        try:
            self._on_sending()
        except StorageError as error:
            raise OrderWithheld("not_kept", str(error)) from error

    def _look(self) -> None:
        expected = self._expected
        if expected is None:
            return
        refusal = self._permit.refusal()
        if refusal is not None:
            raise OrderWithheld("no_permit", refusal)
        clock = self._clock
        if clock.monotonic() > expected.until_monotonic or clock.now() > expected.until:
            raise OrderWithheld("too_late", "the decision has aged past its limit")


@lru_cache(maxsize=256)
def _path(url: str) -> str:
    """The path of an address without its query, as `requests` sends it."""
    return urlsplit(url).path or "/"


_HARMLESS = frozenset({("POST", CANCELS), ("POST", PREVIEWS)})
