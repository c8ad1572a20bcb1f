"""One request at a time through the official SDK: signed, bounded, counted, typed failures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import get_ident
from typing import TYPE_CHECKING

from requests.adapters import BaseAdapter

from trader247.adapters.coinbase.answers import Body, DecimalResponses
from trader247.adapters.coinbase.auth import TOKEN_SECONDS, Credentials, Signer, fresh_nonce
from trader247.adapters.coinbase.budget import RateBudget, retry_after
from trader247.adapters.coinbase.errors import FAILURES, headers_of, status_of, venue_error
from trader247.adapters.coinbase.guard import API, CANCELS, ORDERS, OrderGuard
from trader247.adapters.coinbase.latency import Latency
from trader247.adapters.coinbase.transport import CONNECT_MAX, TOTAL_MAX
from trader247.domain.errors import RateLimited, VenueError, VenueMaintenance
from trader247.domain.milestones import Passing, unwatched
from trader247.domain.time import Instant
from trader247.ports import Clock, Permit, VenueFaults

if TYPE_CHECKING:
    from trader247.adapters.coinbase.sdk import SignedClient

HOST = "api.coinbase.com"
TIMEOUT = (CONNECT_MAX.total_seconds(), TOTAL_MAX.total_seconds())


class CoinbaseClient:
    """Asks the venue. One thread uses it, and one client is behind venue and market alike.

    Whose thread that is, the first request decides: neither the session below nor the announcing of
    an order to the guard is made for two.
    """

    def __init__(
        self,
        transport: BaseAdapter,
        credentials: Credentials | None,
        *,
        clock: Clock,
        permit: Permit,
        budget: RateBudget,
        nonce: Callable[[], str] = fresh_nonce,
        token_seconds: int = TOKEN_SECONDS[0],
        host: str = HOST,
        is_market_public: bool = False,
        passing: Passing = unwatched,
        on_sending: Callable[[], None] = lambda: None,
    ) -> None:
        """`transport` carries the bytes; `permit` is asked last before an order's first byte.

        `is_market_public` reads market data without a token also where there is a key: cheaper,
        but at the venue up to a second old.

        `on_sending` keeps that an order is about to leave; where it fails, the order does not.

        Raises:
            KeyRejected: the credentials cannot be read.
        """
        # The SDK takes a good part of a second to import; whoever asks the venue nothing is spared.
        from trader247.adapters.coinbase.sdk import SignedClient

        signer = (
            Signer(credentials, now=clock.now, nonce=nonce, seconds=token_seconds)
            if credentials is not None
            else None
        )
        self.has_key = signer is not None
        self._is_market_public = is_market_public or signer is None
        self.clock = clock
        self._budget = budget
        self._guard = OrderGuard(
            transport, clock=clock, permit=permit, passing=passing, on_sending=on_sending
        )
        self._sdk: SignedClient = SignedClient(
            host=host,
            signer=signer,
            transport=DecimalResponses(self._guard, on_headers=budget.told),
            timeout=TIMEOUT,
        )
        self.asked_at = clock.now()
        """When the last read had its turn and began to be asked."""
        self._thread: int | None = None
        self._errors = 0
        self._running = 0
        self._rate_limited = 0
        self._key_refused = ""
        self._latency = Latency(clock.monotonic)

    @property
    def orders_sent(self) -> int:
        """Orders of which at least one byte left us."""
        return self._guard.orders_sent

    def get(
        self, path: str, query: Mapping[str, object] | None = None, *, is_public: bool = False
    ) -> Body:
        """Read `path` below the API's root, after waiting for leave; one more try on a 401.

        Raises:
            VenueError: one of its kinds.
            ReadAborted: a stop was raised while waiting.
        """
        answer = self._read(path, query, is_public=is_public)
        assert answer is not None, "only a lookup may come back empty"
        return answer

    def lookup(self, path: str) -> Body | None:
        """Read `path` as `get` does; None where the venue says that there is no such thing.

        Raises:
            VenueError: one of its kinds.
            ReadAborted: a stop was raised while waiting.
        """
        return self._read(path, None, is_public=False, is_lookup=True)

    def market(self, path: str, query: Mapping[str, object] | None = None) -> Body:
        """Read market data: with a key the fresh private form, else its public twin.

        Raises:
            VenueError: one of its kinds.
            ReadAborted: a stop was raised while waiting.
        """
        if self._is_market_public:
            return self.get(f"/market{path}", query, is_public=True)
        return self.get(path, query)

    def post(self, path: str, data: Mapping[str, object]) -> Body:
        """Ask for cancels or for a preview, once.

        Raises:
            VenueError: one of its kinds.
        """
        self._expect_own_thread()
        if API + path == CANCELS:
            self._budget.take_cancel()
        else:
            self._budget.take_read()
        try:
            with self._latency.measured():
                answer: Body = self._sdk.post(API + path, data=dict(data))
        except FAILURES as error:
            raise self.failed(error) from None
        self.answered()
        return answer

    def has_leave_to_order(self) -> bool:
        """Whether the rate budget has room for an order now; if so, it is used up."""
        return self._budget.take_order()

    def post_order(self, body: dict[str, object], body_sha256: str, *, until: Instant) -> Body:
        """Send one order. Every failure of the wire passes as it came: the caller classifies.

        Raises:
            One of `errors.FAILURES`.
        """
        self._expect_own_thread()
        self._guard.expect(body_sha256, until=until)
        try:
            with self._latency.measured():
                answer: Body = self._sdk.post(ORDERS, data=body)
        finally:
            self._guard.expect_none()
        return answer

    def failed(self, error: BaseException) -> VenueError:
        """Count a failure, and say what it means."""
        typed = venue_error(error)
        self._running += 1
        if isinstance(typed, RateLimited):
            self._rate_limited += 1
            self._budget.limited(retry_after(headers_of(error)))
        elif not isinstance(typed, VenueMaintenance):
            self._errors += 1
        return typed

    def answered(self) -> None:
        """Count an answer as it should be."""
        self._running = 0
        self._budget.answered()

    def faults(self) -> VenueFaults:
        """What failed since this was last asked; `running` counts failures in a row."""
        faults = VenueFaults(
            errors=self._errors,
            running=self._running,
            rate_limited=self._rate_limited,
            key_refused=self._key_refused,
            latency=self._latency.p95(),
        )
        self._errors = self._rate_limited = 0
        self._key_refused = ""
        return faults

    def _expect_own_thread(self) -> None:
        own = get_ident()
        if self._thread is None:
            self._thread = own
        # A plain error and no `assert`: it holds under -O too, and no handler takes it for a fault.
        if self._thread != own:
            raise AssertionError("a client of the venue serves one thread: make another")

    def _read(
        self,
        path: str,
        query: Mapping[str, object] | None,
        *,
        is_public: bool,
        is_lookup: bool = False,
    ) -> Body | None:
        self._expect_own_thread()
        attempts = 2
        while True:
            attempts -= 1
            self._budget.take_read()
            self.asked_at = self.clock.now()
            try:
                with self._latency.measured():
                    answer: Body = self._sdk.get(
                        API + path, params=dict(query or {}), public=is_public
                    )
            except FAILURES as error:
                status = status_of(error)
                # Valid tokens are refused now and then; a fresh one passes.
                if status == 401:
                    if attempts:
                        continue
                    self._key_refused = f"the venue refused the key twice running, at {path}"
                if status == 404 and is_lookup:
                    self.answered()
                    return None
                raise self.failed(error) from None
            self.answered()
            return answer
