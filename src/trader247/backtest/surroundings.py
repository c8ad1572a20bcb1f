"""What a trader needs besides a market, for one that nobody watches: no stop, no alert, no post."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from operator import attrgetter
from typing import Any

from trader247.backtest.news import NewsVenue
from trader247.domain.balances import Balance
from trader247.domain.changing import replace
from trader247.domain.ids import ProductId
from trader247.domain.intents import IntentState
from trader247.domain.money import Money
from trader247.domain.orders import Order
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import Collected
from trader247.domain.time import Instant
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.ports import Alert
from trader247.simex.arena import Arena


class ArenaClock:
    """The arena's own time: it moves when somebody moves it."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._now = Instant(arena.now_us)

    def now(self) -> Instant:
        """The current instant, by the arena's clock."""
        if self._now.us != self._arena.now_us:
            self._now = Instant(self._arena.now_us)
        return self._now

    def monotonic(self) -> timedelta:
        """The same, as a span: it never jumps."""
        return timedelta(microseconds=self._arena.now_us)

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        """Let the arena's time pass; nothing wakes anybody here."""
        del wake
        if when.us > self._arena.now_us:
            self._arena.advance(when.us)
        return True


class NoStop:
    """Nobody raises a kill switch over the past."""

    def is_raised(self) -> bool:
        """Whether the kill switch is on: never."""
        return False

    def raising(self) -> str:
        """What tells this raising from others: there is none."""
        return ""

    def cause(self) -> str:
        """Why it is on: it is not."""
        return ""

    def keeps_sales(self) -> bool:
        """Whether sales may go on resting under it."""
        return False


class Unheard:
    """Alerts of a past that nobody lives in: they are events, and go nowhere."""

    def send(self, alert: Alert) -> None:
        """Nobody is told."""

    def acknowledged(self, code: str) -> None:
        """Nobody was told."""

    def undeliverable(self) -> str:
        """Why nobody can be told: not asked here."""
        return ""

    def take_storm(self) -> str:
        """There is none."""
        return ""


class Allowed:
    """The right to send to an arena, where nothing real can be bought."""

    def refusal(self) -> str | None:
        """Why nothing may be sent now: nothing is against it."""
        return None


class PastReconciler(Reconciler):
    """A reconciler that knows when there is nothing new to read in an arena's books.

    What a reading finds follows from the books and the ledger's intents. Where neither changed
    since the last one, and nothing is doubtful that time alone could settle, it finds nothing.
    """

    def __init__(self, arena: Arena, **parts: Any) -> None:
        super().__init__(**parts)
        books = parts["venue"]
        assert isinstance(books, NewsVenue), "it is told what is new"
        self._books = books
        self._arena = arena
        self._read_at = -1
        self._compared: tuple[Money | None, int, int] | None = None
        """What the books and the ledger stood at when they agreed; None where they did not."""

    def collect(self, *, overlap: timedelta | None = None, is_alone: bool = False) -> Collected:
        """Bring the ledger up to the arena's books, if there is anything new in them."""
        moves = self._arena.moves
        is_going_on = overlap is None and self._read_at >= 0 and self._is_settled
        if is_going_on and moves == self._read_at:
            return Collected()
        self._books.is_whole = not is_going_on
        collected = super().collect(overlap=overlap, is_alone=is_alone)
        self._read_at = moves
        return collected

    def note_differences(
        self,
        strangers: tuple[Order, ...] | None,
        balances: Mapping[str, Balance],
        *,
        is_alone: bool,
        orders: tuple[Order, ...] | None = None,
        portfolio: Portfolio | None = None,
    ) -> None:
        """Hold the books against the ledger, where anything but a hold can have moved in them."""
        portfolio = self._ledger.portfolio if portfolio is None else portfolio
        moved = portfolio.cash, portfolio.fills_booked, len(self._arena.fills)
        is_doubtful = portfolio.differences or (
            IntentState.FILLS_PENDING in map(_STATE, portfolio.working.values())
        )
        is_known = not (self._books.is_whole or strangers or is_doubtful)
        agreed = self._compared
        if is_known and agreed is not None:
            if moved == agreed:
                return
            # What no fill has moved since they agreed is as it was.
            filled = {each.product_id for each in self._arena.fills[agreed[-1] :]}
            portfolio, balances = _of_these(filled, portfolio, balances)
        super().note_differences(
            strangers, balances, is_alone=is_alone, orders=orders, portfolio=portfolio
        )
        self._compared = None if is_doubtful else moved

    @property
    def _is_settled(self) -> bool:
        portfolio = self._ledger.portfolio
        return not portfolio.differences and True not in map(
            _IS_UNRESOLVED, portfolio.working.values()
        )

    def is_current(self) -> bool:
        """Whether the books have been read as they are."""
        return self._read_at == self._arena.moves

    def keep_current(self) -> None:
        """The books have changed by what the ledger knows already."""
        self._read_at = self._arena.moves
        self._arena.news.clear()


_STATE = attrgetter("state")
_IS_UNRESOLVED = attrgetter("state.is_unresolved")


def _of_these(
    names: Collection[str], portfolio: Portfolio, balances: Mapping[str, Balance]
) -> tuple[Portfolio, Mapping[str, Balance]]:
    """Cash, and what the ledger and the books have of some products."""
    products = [ProductId.parse(each) for each in names]
    bases = {each.base for each in products}
    asked = (*bases, portfolio.quote_currency)
    found = {currency: each for currency in asked if (each := balances.get(currency)) is not None}
    some = replace(
        portfolio,
        foreign={base: each for base, each in portfolio.foreign.items() if base in bases},
        positions={
            product: each for product, each in portfolio.positions.items() if product.base in bases
        },
        dust={product: each for product, each in portfolio.dust.items() if product.base in bases},
    )
    return some, found


class PastLedger(Ledger):
    """A ledger over the past, where cycles that decide nothing may be passed over together."""

    def stand(self, portfolio: Portfolio) -> None:
        """Stand where those cycles would have left the book."""
        self._portfolio = portfolio
