"""What a cycle and a reconciliation have to tell a person: values, ready to be drawn."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Outcome
from trader247.domain.fills import Fill
from trader247.domain.ids import ProductId
from trader247.domain.money import NO_MONEY, Money
from trader247.domain.portfolio import Difference, Portfolio
from trader247.domain.reasons import TradingState
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Collected:
    """What one reconciliation brought: new fills, orders that changed, the fees of those fills.

    `error` is why the venue's books could not be read, empty when they were; then `breaks` and
    `pending` are those known before. `booked` are the new fills themselves.
    """

    fills: int = 0
    orders_updated: int = 0
    fees: Money = NO_MONEY
    breaks: tuple[Difference, ...] = ()
    pending: tuple[Difference, ...] = ()
    error: str = ""
    booked: tuple[Fill, ...] = ()

    def sentence(self, currency: str) -> str:
        """The line that every reconciliation ends in; fees are in the book's quote `currency`."""
        if self.error:
            return f"Fill reconciliation failed: {self.error}"
        fees = f"{self.fees.value:.2f}"
        paid = f"${fees}" if currency == "USD" else f"{fees} {currency}"
        return (
            f"Fill reconciliation complete: {self.fills} fills, "
            f"{self.orders_updated} orders updated, {paid} fees"
        )

    def plus(self, later: Collected) -> Collected:
        """Both, as one: figures add up, differences are the later ones."""
        return Collected(
            self.fills + later.fills,
            self.orders_updated + later.orders_updated,
            self.fees + later.fees,
            later.breaks,
            later.pending,
            later.error or self.error,
            (*self.booked, *later.booked),
        )


@dataclass(frozen=True, slots=True)
class CycleReport:
    """One cycle as it ended: every product with its one reason, and what was sent and filled.

    `portfolio` is the ledger after the cycle; `unreachable` says why no market could be read.
    `is_pressing` says that the next cycle should not wait for its turn.
    """

    cycle: int
    time: Instant
    regime: str
    trading_state: TradingState
    equity: Money | None
    endings: Mapping[ProductId, Outcome]
    orders_sent: int
    collected: Collected
    portfolio: Portfolio
    unreachable: str = ""
    is_pressing: bool = False

    def after(self, earlier: CycleReport) -> CycleReport:
        """This one, with what an `earlier` one of the same command sent and booked."""
        collected = earlier.collected.plus(self.collected)
        return replace(
            self,
            orders_sent=earlier.orders_sent + self.orders_sent,
            # It could be read in the end, or not.
            collected=replace(collected, error=self.collected.error),
        )


@dataclass(frozen=True, slots=True)
class Start:
    """What recovery found: how long the book was alone, and what it missed.

    `stops_missed` are the products whose stop a bar reached while nothing ran.
    """

    is_first: bool
    was_clean: bool
    epoch: int
    last_seen: Instant | None
    now: Instant
    unresolved: int
    collected: Collected
