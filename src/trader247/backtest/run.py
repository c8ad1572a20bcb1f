"""One backtest: the live engine over the arena, minute by minute.

Ledger, execution, reconciler, cycle and start are the very objects that trade; what is plugged
into them is the arena instead of a venue, a journal in memory, and nobody who watches. This is the
slow reference: every minute has its whole cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from trader247.adapters.ids import DerivedIds, install_for_seed
from trader247.backtest.columns import RunColumns
from trader247.backtest.history import Histories
from trader247.backtest.journal import MemoryJournal
from trader247.backtest.kept import Kept
from trader247.backtest.market import ArenaMarket
from trader247.backtest.recorder import Recorder
from trader247.backtest.surroundings import Allowed, ArenaClock, NoStop, PastLedger, Unheard
from trader247.backtest.venue import ArenaVenue
from trader247.core.market.senses import FRESH, Senses
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import HaltCleared
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.money import Money
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.reports import CycleReport
from trader247.domain.time import MINUTE, SECOND, Instant
from trader247.engine.parts import Ground, Parts
from trader247.engine.reconciler import Reconciler
from trader247.simex.arena import Arena
from trader247.simex.fees import FeeTerms

_PRESSING_CYCLES_MAX = 58
"""Cycles that one minute may press for: a second apart, they end before the next minute."""
CLEARED_AT_MIDNIGHT = (HaltName.DAILY_STOP, HaltName.WEEKLY_STOP)


@dataclass(frozen=True, slots=True)
class Setup:
    """What one run is made of. `identity` names the market exactly: ids are derived from it.

    `start` and `end` are the first and the last minute that is traded. With `clears_at_midnight`
    somebody clears the daily and the weekly stop at 00:00 UTC; a drawdown stands. What earlier runs
    have worked out of the same candles is in `kept`.
    """

    policy: Policy
    histories: Histories
    identity: str
    book: str
    funding: Mapping[str, Decimal]
    start: int
    end: int
    fees: FeeTerms
    code_version: str
    clears_at_midnight: bool = False
    kept: Kept | None = None


class Backtest:
    """A trader over the past, ready to cycle."""

    def __init__(self, setup: Setup, heard: Callable[[AnyEvent], None] = lambda _: None) -> None:
        self.setup = setup
        policy = setup.policy
        self.arena = Arena(
            identity=setup.identity,
            listings=[each.listing for each in setup.histories.products.values()],
            minutes=setup.histories,
            funding=setup.funding,
            start_minute=setup.start,
            terms=setup.fees,
        )
        self.columns = RunColumns(policy.universe.products, start=setup.start, end=setup.end)
        self.recorder = Recorder(policy, self._decided)
        self.heard = heard
        self.journal = MemoryJournal(self._hear)
        clock, stop = ArenaClock(self.arena), NoStop()
        self.ledger = PastLedger(
            journal=self.journal, clock=clock, alerts=Unheard(), portfolio=Portfolio()
        )
        self.venue = self.door()
        self.market = ArenaMarket(self.arena, setup.histories)
        self.ids = DerivedIds(install_for_seed(setup.identity))
        parts = Parts.on(
            Ground(
                policy=policy,
                ledger=self.ledger,
                journal=self.journal,
                market=self.market,
                venue=self.venue,
                clock=clock,
                ids=self.ids,
                stop=stop,
                permit=Allowed(),
                book=setup.book,
                feed=setup.identity,
                code_version=setup.code_version,
                senses=self.senses(),
                reconciling=self.reconciling(),
            )
        )
        self.reconciler, self.cycle = parts.reconciler, parts.cycle
        self._startup = parts.startup
        self._minute = setup.start
        self._is_extra = False
        self.equity_seen: Money | None = None
        """Equity as the first cycle of the last minute saw it."""

    def senses(self) -> Senses:
        """How the market is measured: here, each time."""
        return FRESH

    def door(self) -> ArenaVenue:
        """The way to the exchange: here, one whose books are read in whole."""
        return ArenaVenue(self.arena)

    def reconciling(self) -> Callable[..., Reconciler]:
        """What makes the reconciler: here, one that reads the books whenever it is asked."""
        return Reconciler

    def begin(self) -> None:
        """Open the book."""
        self._startup.recover()

    def run(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Every minute, one after the other; `progress` hears of each day's first."""
        self.begin()
        for minute in range(self.setup.start, self.setup.end + 1):
            if minute > self.setup.start:
                self.arena.advance(us_of(minute))
            if minute % 1440 == 0:
                progress(minute)
            self.minute(minute)

    def minute(self, minute: int) -> None:
        """The cycle of a minute, and those that it presses for, a second apart."""
        self._minute, self._is_extra = minute, False
        if self.setup.clears_at_midnight and minute % 1440 == 0:
            self._clear_stops()
        report = self.one()
        for _ in range(_PRESSING_CYCLES_MAX):
            if not report.is_pressing:
                break
            self._is_extra = True
            self.again()
            self.wait_a_second()
            report = self.one()

    def again(self) -> None:
        """Hear that the cycle that follows is not its minute's first."""

    def wait_a_second(self) -> None:
        """Let a second pass."""
        self.arena.advance(self.arena.now_us + 1_000_000)

    def one(self) -> CycleReport:
        """One cycle, now."""
        return self.cycle.run()

    def _clear_stops(self) -> None:
        standing = self.ledger.portfolio.halts
        self.ledger.record(
            *(
                HaltCleared(name, "cleared at midnight", "the operator of the backtest")
                for name in CLEARED_AT_MIDNIGHT
                if name in standing
            )
        )

    def _hear(self, event: AnyEvent, time: Instant) -> None:
        self.recorder.take(event, time)
        self.heard(event)

    def _decided(self, event: CycleDecided) -> None:
        endings = {product: each.reason for product, each in event.endings.items()}
        if not self._is_extra:
            self.equity_seen = event.equity
        self.columns.note(self._minute, endings, event.equity, is_extra=self._is_extra)


def us_of(minute: int) -> int:
    """When a minute begins, in microseconds since 1970."""
    return minute * (MINUTE // SECOND) * 1_000_000
