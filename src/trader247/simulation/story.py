"""A run's story: one process after another trades through its faults, and then in peace."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from trader247.app.granting.arming import VALID_FOR, arm_simulated
from trader247.app.running.plan import Plan
from trader247.app.running.tenure import tenure
from trader247.domain.reports import CycleReport
from trader247.domain.time import MINUTE, Instant
from trader247.simex.faults.rules import read_rules
from trader247.simulation.death import BrokenPromise
from trader247.simulation.judged.folded import folded_row
from trader247.simulation.judged.history import Violation
from trader247.simulation.judged.judging import Found
from trader247.simulation.judged.remains import lost_frames, secrets_in, tables_of
from trader247.simulation.mishaps.faults import BRISK, CALLED, WILD
from trader247.simulation.run import JOURNAL, SEGMENTS, Run
from trader247.simulation.settings import checks, spreads
from trader247.simulation.tour import Tour
from trader247.simulation.world.exchange import product_rows
from trader247.simulation.world.words import last_send

SETTLE_US = 540_000_000
"""When all must be settled, a minute before ten are over: ending takes its time too. A day's orders
by pages of two rows, as some exchanges of ours give them, are half a minute's reading."""
_MINUTE_US = 60_000_000
_LAST_US = 2 * _MINUTE_US
"""So long before that whoever was called runs on: what is called leaves its orders to the next."""


class Story:
    """What is played on a run, once."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def tell_beginning(self) -> None:
        """Tell what the run is."""
        run = self._run
        run.tell(
            {
                "kind": "begun",
                "seed": run.seed,
                "quote": "USD",
                "wallets": {row["currency"]: row["total"] for row in run.exchange.wallets()},
                "products": product_rows(run.exchange.listings),
                "limits": {
                    **run.account.limits,
                    **({"stops_rest": 1} if run.has_venue_stops else {}),
                    **({"is_called": 1} if run.odds.is_called else {}),
                },
                "clusters": run.account.clusters,
                # Who asks for what nobody planned asks for what the universe left out as well.
                "spreads": {} if {WILD, BRISK} & run.odds.chosen else spreads(),
                "checks": checks(),
                "forbidden": [run.account.red_flag] if run.account.red_flag else [],
                "secrets": run.counterparty.secrets,
            }
        )
        run.exchange.tell_of_commits(run.tell)

    def through(
        self, until_us: int, *, is_over: Callable[[], bool] = lambda: False
    ) -> Sequence[Violation]:
        """Let one process after another trade until then, and ten minutes more in peace.

        Answers the promises that were broken: the run ends at the first one.
        """
        run = self._run
        signing = run.counterparty.signing
        with contextlib.suppress(BrokenPromise), run.files.between(), signing.between():
            self._armed(until_us)
            run.people.begin()
            run.mishaps.begin()
            run.counterparty.plan.change(read_rules(run.odds.rules()), seed=run.seed)
            is_called = run.odds.is_called
            while run.now_us < until_us and not is_over():
                self._one_process(until_us, is_called=is_called)
            run.calm_down()
            settled_us = run.now_us + SETTLE_US
            while is_called and run.now_us < settled_us - _LAST_US:
                self._one_process(settled_us - _LAST_US, is_called=True)
            while run.now_us < settled_us:
                self._one_process(settled_us, is_called=False)
            run.tell({"kind": "settled"})
            self._look_at_remains()
        return run.chronicle.violations

    def _look_at_remains(self) -> None:
        run = self._run
        found = [
            *secrets_in(run.data, run.counterparty.secrets),
            *lost_frames(SEGMENTS, run.reader.frames),
            tables_of(JOURNAL),
        ]
        for record in found:
            run.tell(record)

    def tour(self, until_us: int, tour: Tour) -> Sequence[Violation]:
        """Visit all that a tour wants visited, until then at the latest; what was broken by it."""
        run = self._run
        run.people.patience_us = 60_000_000
        run.on_passing, run.on_touch = tour.passing, tour.touch
        run.on_start, run.network.on_request = tour.started, tour.leaving
        return self.through(until_us, is_over=lambda: tour.is_over)

    def _armed(self, until_us: int) -> None:
        run = self._run
        while not run.surroundings.account:
            self._arm(until_us)

    def _arm(self, until_us: int) -> None:
        run = self._run
        with run.lives.one(), self._started():
            minutes = run.account.armed_minutes
            run.surroundings.account = arm_simulated(
                run.choice,
                run.surroundings.world(),
                valid_for=minutes * MINUTE if minutes else VALID_FOR,
            )
        if run.surroundings.account:
            return
        self._rest(until_us)
        if run.now_us >= until_us:
            run.chronicle.violations.append(Found("I23", until_us, "nobody could ever arm it"))
            raise BrokenPromise

    def _one_process(self, until_us: int, *, is_called: bool) -> None:
        run = self._run
        run.restoring.done()
        self._armed(until_us)
        plan = Plan(speed=Decimal(1))
        begun_us = run.now_us
        with (
            run.lives.one(),
            self._started(),
            tenure(
                run.choice,
                plan,
                on_report=self._reported,
                is_once=is_called,
                world=run.surroundings.world(),
            ) as held,
        ):
            run.lives.held = held
            run.tell({"kind": "process", "what": "recovered", "kept": last_send(run.data)})
            took_us = run.now_us - begun_us
            run.tally.recoveries += 1
            run.tally.worst_recovery_us = max(run.tally.worst_recovery_us, took_us)
            if is_called:
                run.odds.count(CALLED)
                held.trader.loop.run_once()
            else:
                held.trader.loop.run(cycles=None, until=Instant(until_us + run.clock.ahead_us))
        if run.now_us < until_us:
            self._rest(until_us)

    @contextlib.contextmanager
    def _started(self) -> Iterator[None]:
        run = self._run
        run.on_start()
        yield

    def _rest(self, until_us: int) -> None:
        """Whatever starts the trader again takes its time, and longer where it fails at once; cron
        comes at each full minute, whatever became of the last one.
        """
        run = self._run
        run.on_rest()
        if run.odds.is_called:
            pause_us = _MINUTE_US - run.now_us % _MINUTE_US
        else:
            pause_us = run.dice.between(5, 20) * 1_000_000 << min(run.lives.failures, 5)
        run.timeline.run_to(min(until_us, run.now_us + pause_us))

    def _reported(self, report: CycleReport, due: Instant) -> None:
        run = self._run
        del due
        run.tally.cycles += 1
        run.lives.catch_up()
        endings = {str(key): each.reason.value for key, each in report.endings.items()}
        run.tell({"kind": "reported", "cycle": report.cycle, "endings": endings})
        run.tell(
            {
                "kind": "folded",
                "portfolio": folded_row(report.portfolio),
                "is_compared": not report.collected.error,
            }
        )
