"""The parts that decide, send, book and recover, put together once: for every mode and the past.

What trades in a backtest is what trades with money, because there is no second place that says how
one part is given to another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trader247.core.market.senses import FRESH, Senses
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.domain.milestones import Passing, unwatched
from trader247.engine.cycle import Cycle
from trader247.engine.execution import Execution
from trader247.engine.key_watch import KeyWatch
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.engine.startup import Startup
from trader247.ports import Clock, Ids, Journal, MarketData, Permit, StopSignal, Venue


@dataclass(frozen=True, slots=True)
class Ground:
    """What the parts stand on: all that differs between modes, and between now and the past.

    `book` and `feed` name whose book it is and which market; `reconciling` makes the reconciler.
    `changes` are programs below us that are not what the last session ran on, in words.
    What `key_watch`, `objection` and `free_bytes` are, `Cycle` says.
    """

    policy: Policy
    ledger: Ledger
    journal: Journal
    market: MarketData
    venue: Venue
    clock: Clock
    ids: Ids
    stop: StopSignal
    permit: Permit
    book: str
    feed: str
    code_version: str
    passing: Passing = unwatched
    senses: Senses = FRESH
    reconciling: Callable[..., Reconciler] = Reconciler
    key_watch: KeyWatch | None = None
    objection: Callable[[], str | None] = lambda: None
    free_bytes: Callable[[], int | None] | None = None
    changes: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """The engine's parts, each given the others that it works with. Make them with `on`."""

    execution: Execution
    reconciler: Reconciler
    cycle: Cycle
    startup: Startup

    @classmethod
    def on(cls, ground: Ground) -> Parts:
        """Put the parts together on that ground."""
        execution = Execution(
            ledger=ground.ledger,
            venue=ground.venue,
            clock=ground.clock,
            ids=ground.ids,
            permit=ground.permit,
            policy=ground.policy,
            quote_seconds_max=check_in(ground.policy.checks, QuoteAge).seconds_max,
            code_version=ground.code_version,
            passing=ground.passing,
        )
        reconciler = ground.reconciling(
            ledger=ground.ledger,
            journal=ground.journal,
            venue=ground.venue,
            execution=execution,
            clock=ground.clock,
            ids=ground.ids,
            policy=ground.policy,
            passing=ground.passing,
        )
        cycle = Cycle(
            ledger=ground.ledger,
            journal=ground.journal,
            market=ground.market,
            venue=ground.venue,
            clock=ground.clock,
            stop=ground.stop,
            execution=execution,
            reconciler=reconciler,
            policy=ground.policy,
            passing=ground.passing,
            key_watch=ground.key_watch,
            objection=ground.objection,
            free_bytes=ground.free_bytes,
            senses=ground.senses,
        )
        startup = Startup(
            ledger=ground.ledger,
            journal=ground.journal,
            clock=ground.clock,
            stop=ground.stop,
            execution=execution,
            reconciler=reconciler,
            policy=ground.policy,
            book=ground.book,
            feed=ground.feed,
            code_version=ground.code_version,
            changes=ground.changes,
            passing=ground.passing,
        )
        return cls(execution, reconciler, cycle, startup)
