"""Emptying the venue of our orders, and proving that it is empty.

List, cancel what may live, list again. An order that was on its way when the stop was raised may
still arrive, so one empty listing is no proof: the second one counts, begun when nothing sent
before can be taken any more. Nothing here needs the journal, the configuration or the trader.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from trader247.adapters.coinbase.urgent import CANCELS_MAX, Listed, Page
from trader247.app.wiring.emergency import Call, Crew
from trader247.domain.dataclass import dataclass
from trader247.domain.time import DAY, SECOND, Instant
from trader247.domain.words import counted
from trader247.ports import Clock

T = TypeVar("T")

WINDOW = DAY
"""How far back every order is listed, whatever its state: ours live for minutes."""
SILENCE_MAX = 20 * SECOND
"""A venue that gave no answer at all for so long is called unreachable."""
HISTORY_SILENCE_MAX = 3 * SECOND
"""The same, where the trader had proven as it ended that nothing of ours rests."""
KEY_REFUSED_MAX = 3 * SECOND
TOLD_EVERY = 5 * SECOND
PROOF_MAX = 60 * SECOND
"""How long after the proof could be had it is still tried for."""
_CANCELS_WAIT = timedelta(milliseconds=1_500)
_AGAIN_MIN = timedelta(milliseconds=150)
_AGAIN_MAX = 1 * SECOND
_LOOK_EVERY = 2 * SECOND
_STALL_MIN = 1 * SECOND
"""A wait of an instant that took so long: this process stood still, and heard nobody meanwhile."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to go: our orders, or everybody's; sales may stay, since they only reduce."""

    is_everything: bool = False
    keeps_sales: bool = False

    def is_to_go(self, order: Listed) -> bool:
        if self.keeps_sales and order.is_sale:
            return False
        return self.is_everything or order.is_ours


@dataclass(frozen=True, slots=True)
class Cleared:
    """What became of it.

    `found` are orders that may have lived, `left` those of them that the last listing still had,
    None where it was not read whole; `kept` are sales that were left alone. `first_empty` is how
    long it took to the first listing without one. `portfolio` is the one that the key reaches,
    empty where the venue did not say.
    """

    is_proven: bool
    found: int
    left: int | None
    kept: int
    listings: int
    first_empty: timedelta | None
    portfolio: str
    trouble: str


class Clearing:
    """One emergency: from the first listing to the proof."""

    def __init__(
        self,
        crew: Crew,
        wanted: Wanted,
        *,
        clock: Clock,
        quiet_at: Callable[[], Instant | None],
        portfolio: str,
        on_news: Callable[[str], None],
        silence_max: timedelta = SILENCE_MAX,
    ) -> None:
        """`quiet_at` says from when on nothing of ours can still arrive, as far as is known when
        asked; None where that never comes. `portfolio` is the one that our orders are in, empty
        where that is not known. `on_news` is told in a sentence how it goes.
        """
        self._crew = crew
        self._wanted = wanted
        self._clock = clock
        self._quiet_at = quiet_at
        self._portfolio = portfolio
        self._on_news = on_news
        self._silence_max = silence_max
        self._began = clock.monotonic()
        quiet = quiet_at()
        left = timedelta(0) if quiet is None else max(quiet - clock.now(), timedelta(0))
        self._end = self._began + left + PROOF_MAX
        self._heard = self._began
        self._answers = 0
        self._found: set[str] = set()
        self._live: set[str] = set()
        self._kept = 0
        self._listings = 0
        self._rounds = 0
        self._first_empty: timedelta | None = None
        self._trouble = ""
        self._is_whole = False
        self._told = self._began
        self._is_wait_told = False

    def run(self, *, is_proof_awaited: bool) -> Cleared:
        """Cancel and list until it is proven that nothing lives, or that cannot be had."""
        venue_time = self._crew.call(lambda client, slow: client.time(is_patient=slow))
        portfolio = self._crew.call(lambda client, slow: client.portfolio(is_patient=slow))
        empty = 0
        again = _AGAIN_MIN
        while not self._is_hopeless():
            begun = self._clock.now()
            if not self._listed(self._since(venue_time)):
                break
            if self._live:
                empty, again = 0, min(2 * again, _AGAIN_MAX)
                self._wait(again)
                continue
            empty += 1
            if self._first_empty is None:
                self._first_empty = self._clock.monotonic() - self._began
                found = counted(len(self._found), "order")
                self._on_news(f"{found} found, none is listed any more")
            if not is_proof_awaited:
                self._trouble = "the proof was not waited for"
                return self._cleared(portfolio, is_proven=False)
            quiet = self._quiet_at()
            is_told = venue_time.is_over and portfolio.is_over
            if empty > 1 and quiet is not None and begun >= quiet and is_told:
                return self._cleared(portfolio, is_proven=self._is_right(portfolio))
            if quiet is None:
                self._trouble = "the trader may still send: the switch could not be raised"
                return self._cleared(portfolio, is_proven=False)
            if quiet > self._clock.now() and not self._is_wait_told:
                self._is_wait_told = True
                self._on_news(f"the proof is a listing after {quiet}: until then one may arrive")
            self._wait(min(max(quiet - self._clock.now(), _AGAIN_MIN), _LOOK_EVERY))
        return self._cleared(portfolio, is_proven=False)

    def _is_right(self, portfolio: Call[str]) -> bool:
        """Whether what was found empty is the portfolio that our orders are in."""
        if not self._portfolio or portfolio.answer == self._portfolio:
            return True
        self._trouble = (
            f"the key reaches portfolio {portfolio.answer}, and our orders are in {self._portfolio}"
        )
        return False

    def _since(self, venue_time: Call[Instant]) -> Instant:
        """From when on orders are listed: by the earlier of the venue's clock and ours."""
        now = self._clock.now()
        if self._rounds == 0:
            end = self._clock.monotonic() + SECOND
            while not venue_time.is_over and self._clock.monotonic() < end:
                self._attend()
        there = now if venue_time.answer is None else venue_time.answer
        return min(now, there) - WINDOW

    def _listed(self, since: Instant) -> bool:
        """Read every page, and ask for the end of what may live on the way; False if that is
        hopeless."""
        self._rounds += 1
        self._live, self._kept, self._is_whole = set(), 0, False
        cancels: list[Call[None]] = []
        if not self._read(since, (), cancels):
            return False
        # What somebody else left there long ago is older than any window.
        if self._wanted.is_everything and not self._read(None, ("OPEN",), cancels):
            return False
        self._listings += 1
        self._is_whole = True
        end = self._clock.monotonic() + _CANCELS_WAIT
        while not all(each.is_over for each in cancels) and self._clock.monotonic() < end:
            self._attend()
        for each in cancels:
            self._crew.drop(each)
        return True

    def _read(
        self, since: Instant | None, statuses: tuple[str, ...], cancels: list[Call[None]]
    ) -> bool:
        cursor = ""
        while True:
            page = self._answered(self._page(since, cursor, statuses))
            if page is None:
                return False
            if page.unreadable:
                self._live.add("unreadable")
                self._trouble = f"{page.unreadable} orders of the listing cannot be read"
            cancels += self._ended([each for each in page.live if self._is_new(each)])
            if page.cursor is None:
                return True
            cursor = page.cursor

    def _page(self, since: Instant | None, cursor: str, statuses: tuple[str, ...]) -> Call[Page]:
        return self._crew.call(
            lambda client, slow: client.page(since, cursor, statuses=statuses, is_patient=slow)
        )

    def _is_new(self, order: Listed) -> bool:
        """Whether an order is to go, and was not met in this listing before."""
        if not self._wanted.is_to_go(order):
            self._kept += order.is_ours
            return False
        if order.order_id in self._live:
            return False
        self._live.add(order.order_id)
        self._found.add(order.order_id)
        return True

    def _ended(self, orders: list[Listed]) -> list[Call[None]]:
        ids = [each.order_id for each in orders]
        size = self._batch()
        return [self._cancel(ids[at : at + size]) for at in range(0, len(ids), size)]

    def _cancel(self, ids: list[str]) -> Call[None]:
        return self._crew.call(
            lambda client, slow: client.cancel(ids, is_patient=slow), is_read=False
        )

    def _batch(self) -> int:
        """A hundred at first; an order that makes the venue refuse its batch gets alone later."""
        return CANCELS_MAX if self._rounds <= 4 else 10 if self._rounds <= 8 else 1

    def _answered(self, call: Call[T]) -> T | None:
        while not call.is_over:
            if self._is_hopeless():
                self._crew.drop(call)
                return None
            self._attend()
        return call.answer

    def _wait(self, span: timedelta) -> None:
        end = self._clock.monotonic() + span
        while self._clock.monotonic() < end:
            self._attend()

    def _attend(self) -> None:
        began = self._clock.monotonic()
        self._crew.attend()
        now = self._clock.monotonic()
        if now - began > _STALL_MIN:
            self._heard += now - began
            self._end += now - began
        if self._crew.answers != self._answers:
            self._answers, self._heard = self._crew.answers, now
            return
        if now - max(self._heard, self._told) >= TOLD_EVERY:
            self._told = now
            why = self._crew.trouble or "silence"
            self._on_news(f"no answer for {(now - self._heard).seconds} s, asking on: {why}")

    def _is_hopeless(self) -> bool:
        now = self._clock.monotonic()
        silence = now - self._heard
        if self._crew.is_key_refused and silence > KEY_REFUSED_MAX:
            self._trouble = f"the venue refuses the key: {self._crew.trouble}"
        elif silence > self._silence_max:
            self._trouble = f"the venue does not answer: {self._crew.trouble or 'silence'}"
        elif now > self._end:
            self._trouble = self._trouble or f"not in time; last: {self._crew.trouble or 'nothing'}"
        else:
            return False
        return True

    def _cleared(self, portfolio: Call[str], *, is_proven: bool) -> Cleared:
        return Cleared(
            is_proven=is_proven,
            found=len(self._found),
            left=len(self._live) if self._is_whole else None,
            kept=self._kept,
            listings=self._listings,
            first_empty=self._first_empty,
            portfolio=portfolio.answer or "",
            trouble="" if is_proven else self._trouble or self._crew.trouble,
        )
