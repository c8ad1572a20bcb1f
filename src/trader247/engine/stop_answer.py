"""What the trader answers to a raised kill switch: it latches, clears the book, says if it is."""

from __future__ import annotations

from collections.abc import Callable

from trader247.core.alerts.due import due_unended
from trader247.core.orders.cancellations import is_sale_kept
from trader247.domain.milestones import Milestone, Passing
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import Instant
from trader247.engine.clearing import ROUNDS, Clearing
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.engine.stop_pace import StopPace
from trader247.engine.stop_word import learned
from trader247.ports import Clock, StopSignal


class StopAnswer:
    """Answers each raising of the switch, again and again until its answer is proven."""

    def __init__(
        self,
        *,
        stop: StopSignal,
        ledger: Ledger,
        clearing: Clearing,
        reconciler: Reconciler,
        clock: Clock,
        passing: Passing,
        on_halted: Callable[[bool, int], None],
    ) -> None:
        """`on_halted` is told whether the book is proven clear, and how many sales stay in it."""
        self._stop = stop
        self._ledger = ledger
        self._clearing = clearing
        self._reconciler = reconciler
        self._clock = clock
        self._passing = passing
        self._on_halted = on_halted
        self._pace = StopPace(clock)
        self._answered = ""
        self._is_keeping = False

    def is_wanted(self) -> bool:
        """Whether a stop waits for its answer, or the one that was answered is gone."""
        raising = self._stop.raising()
        if raising == self._answered:
            return self._is_stricter()
        return not raising or self._pace.is_due(raising) or self._is_stricter()

    def next_look(self) -> Instant | None:
        """When an answer that is not proven is due once more; None where none waits."""
        return self._pace.next(self._clock.now())

    def obey(self) -> None:
        """Answer a stop that is wanted to be; forget one that is gone.

        Raises:
            StorageError: the journal failed.
        """
        raising = self._stop.raising()
        if not raising:
            self._answered, self._is_keeping = "", False
            self._pace.forget()
        elif self.is_wanted():
            self._answer(raising)

    def _is_stricter(self) -> bool:
        """Whether sales were kept by the wish of a stop that does not want them kept any more."""
        return self._is_keeping and not self._stop.keeps_sales()

    def _answer(self, raising: str) -> None:
        """Latch a stop, clear the book, and say whether that is proven."""
        self._ledger.record(*learned(self._stop, self._ledger.portfolio))
        halt = self._ledger.portfolio.halts.get(HaltName.KILL_SWITCH)
        if halt is None:
            return  # the file was gone again before it was read: there is nothing to answer
        self._is_keeping = halt.keeps_sales
        self._passing(Milestone.STOP_SEEN)
        rounds = ROUNDS if self._pace.is_first(raising) else 1
        is_clear = self._clearing.clear("kill switch", is_sale_kept, rounds=rounds)
        self._answered = raising if is_clear else ""
        portfolio = self._ledger.portfolio
        if is_clear:
            self._pace.forget()
        else:
            self._pace.failed(raising, has_orders=_can_be_ended(portfolio))
            self._ledger.record(*due_unended(portfolio, self._clock.now()))
        kept = sum(is_sale_kept(each, portfolio) for each in portfolio.working.values())
        kept += self._reconciler.strays.kept
        self._on_halted(is_clear, kept)


def _can_be_ended(portfolio: Portfolio) -> bool:
    """Whether an order works whose end the venue can be asked for."""
    return any(
        each.order_id is not None and not each.is_over for each in portfolio.working.values()
    )
