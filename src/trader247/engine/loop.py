"""The pace: cycle, wait, look at the stop and at the post, cycle again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

from trader247.core.alerts.words import storage_alert
from trader247.core.orders.cancellations import outlives, unasked
from trader247.core.orders.flattening import is_less, quantity_wanted_sold
from trader247.core.orders.venue_stops import bared, covered_products
from trader247.domain.errors import (
    ChainBroken,
    ReadAborted,
    StorageError,
    TapeEnded,
    Trader247Error,
)
from trader247.domain.events.book import SessionEnded
from trader247.domain.events.people import AlertRaised
from trader247.domain.ids import ProductId
from trader247.domain.reasons import Severity
from trader247.domain.reports import Collected, CycleReport
from trader247.domain.time import SECOND, Instant
from trader247.engine.attention import Attention
from trader247.engine.clearing import Clearing
from trader247.engine.commands import Commands
from trader247.engine.cycle import Cycle
from trader247.engine.execution import Execution
from trader247.engine.exit_watch import ExitWatch
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.engine.stop_answer import StopAnswer
from trader247.ports import Clock, Ids, Journal, Upkeep

SAVED_EVERY = 96
"""Cycles from one saved ledger to the next: what asking of the past has to fold."""

_JITTER = Decimal("0.1")
_CYCLES_MORE = 15
"""Cycles after the one that was asked for, a second apart, for a sale that cannot wait."""
_CYCLES_FOR_STOPS = 3
"""How many of them come for a stop that is to be laid anew alone."""


class Loop:
    """Runs cycles until it is told to end, and never lets go of the books untidily."""

    def __init__(
        self,
        *,
        cycle: Cycle,
        ledger: Ledger,
        journal: Journal,
        execution: Execution,
        reconciler: Reconciler,
        clearing: Clearing,
        attention: Attention,
        stop_answer: StopAnswer,
        commands: Commands,
        clock: Clock,
        ids: Ids,
        interval: timedelta,
        on_report: Callable[[CycleReport, Instant], None],
        upkeep: Upkeep,
        watch: ExitWatch | None = None,
    ) -> None:
        """`interval` is the time from one cycle to the next; `on_report` is told of each cycle and
        when it was due. `watch` is None where there is no stream.
        """
        self._cycle = cycle
        self._ledger = ledger
        self._journal = journal
        self._execution = execution
        self._reconciler = reconciler
        self._clearing = clearing
        self._attention = attention
        self._stop_answer = stop_answer
        self._commands = commands
        self._clock = clock
        self._ids = ids
        self._interval = interval
        self._on_report = on_report
        self._upkeep = upkeep
        self._watch = watch
        self._ending = ""
        self._is_pressing = False
        self._has_sold_on = False
        self._has_cycled = False

    def end(self, cause: str) -> None:
        """Ask the loop to end in order, from a signal handler: no new order, books tidy."""
        self._ending = self._ending or cause

    def run(self, *, cycles: int | None, until: Instant | None) -> str:
        """Cycle until asked to end, `cycles` are done or `until` is reached; then tidy up.

        `until` is as far off as it is now, whatever the clock is set to meanwhile.

        Returns why it ended. Working orders are cancelled, but for the stops of positions, and the
        books read once more, so that what a person sees last is true.

        Raises:
            StorageError: the journal failed; nothing more can be recorded or sent.
        """
        with self._guarded():
            cause = self._cycles(cycles, until)
            self._tidy(cause)
        return cause

    def run_once(self) -> None:
        """One cycle, an interval after the last, then let go; working orders stay as they are.

        Where something is being sold and cannot wait, or a stop makes way for another one, more
        follow, for half an interval at most.

        Raises:
            StorageError, TapeEnded: as `run` and the clock do.
        """
        with self._guarded():
            self._wait(self._first_due())
            due = self._next(self._clock.now())
            covered = covered_products(self._ledger.portfolio)
            while not self._one(due):
                pass  # a stop that was raised amid it is answered; one that stands cuts none short
            self._see_through(due, covered)
            self._ledger.record(SessionEnded(self._ledger.portfolio.epoch, "one cycle"))
            self._tend(lambda: True)

    def _see_through(self, due: Instant, covered: Collection[ProductId]) -> None:
        """Cycle on, as `run` does, while something cannot wait for its turn.

        Whoever is called again in some minutes would leave a position, whose stop made way for a
        sale or for another stop, without either. `covered` are the products that had one before.
        """
        ends = self._clock.monotonic() + self._interval / 2
        with contextlib.suppress(TapeEnded):  # what was asked for is done
            for number in range(_CYCLES_MORE):
                is_bare = bool(bared(covered, self._ledger.portfolio))
                is_wanted = self._is_pressing or (is_bare and number < _CYCLES_FOR_STOPS)
                if not is_wanted or self._clock.monotonic() + SECOND > ends:
                    return
                self._wait(self._clock.now() + SECOND)
                self._one(due)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except StorageError as error:
            # What cannot be recorded is not done, but for this: cancelling only lowers risk.
            self._execution.cancel_unrecorded()
            self._ledger.tell_unkept(
                storage_alert(error, self._ledger.portfolio, self._clock.now())
            )
            raise
        except Trader247Error:
            raise
        except Exception as error:
            self._report_crash(error)
            raise

    def _cycles(self, cycles: int | None, until: Instant | None) -> str:
        done = 0
        due = self._first_due()
        ends = None if until is None else self._clock.monotonic() + (until - self._clock.now())
        try:
            if self._watch is not None and self._ledger.portfolio.positions:
                with contextlib.suppress(ReadAborted):  # the stop is attended to while waiting
                    self._cycle.look()
            self._wait(due)
            while not self._ending:
                # What a person asked for may have brought the cycle forward.
                due = self._next(min(due, self._clock.now()))
                done += self._one(due)
                if self._is_pressing:
                    due = min(due, self._clock.now() + SECOND)
                if cycles is not None and done >= cycles:
                    return f"{done} cycles done"
                if ends is not None:
                    now, left = self._clock.now(), ends - self._clock.monotonic()
                    if min(due - now, self._interval_and(1)) > left:  # as long as it waits
                        self._wait(now + left)
                        return self._ending or "the time asked for is over"
                self._wait(due)
        except TapeEnded as error:
            return str(error)
        return self._ending

    def _first_due(self) -> Instant:
        """Now, or an interval after the last cycle of an earlier tenure.

        A cycle from the future tells that a clock was wrong: nobody waits until that is made up.
        """
        last, now = self._ledger.portfolio.time, self._clock.now()
        return now if last is None or last > now else max(now, last + self._interval)

    def _one(self, due: Instant) -> bool:
        """Run a cycle, tell of it, attend. Answers False where a stop cut its reading short."""
        before = self._ledger.portfolio.time
        self._attention.attend()
        left, self._has_sold_on = quantity_wanted_sold(self._ledger.portfolio), False
        try:
            report = self._cycle.run()
        except ReadAborted:
            self._attention.attend()
            return False
        self._is_pressing, self._has_cycled = report.is_pressing, True
        # A position larger than one order leaves slice by slice, as long as each sells something.
        self._has_sold_on = is_less(quantity_wanted_sold(self._ledger.portfolio), left)
        self._on_report(report, due)
        self._attention.attend()
        is_new_day = before is not None and before.day_start != report.time.day_start
        if is_new_day or report.cycle % SAVED_EVERY == 0:
            self._journal.save_portfolio(self._ledger.portfolio)
        return True

    def _next(self, due: Instant) -> Instant:
        """When the cycle after this one is due: an interval on, and up to a tenth more."""
        planned = due + self._interval_and(self._ids.jitter(self._ledger.portfolio.cycle + 1))
        return max(planned, self._clock.now())

    def _interval_and(self, part: float) -> timedelta:
        """An interval, and so great a part of a tenth of it more."""
        micros = (self._interval // timedelta(microseconds=1)) * (1 + Decimal(part) * _JITTER)
        return timedelta(microseconds=int(micros))

    def _wait(self, due: Instant) -> None:
        """Wait until `due`, attending at once to a stop, to the post, or to an end.

        No longer than was left as it began, and than cycles are ever apart: nobody waits for an
        hour by which the wall's clock was set back, amid the wait or the cycle before it.
        """
        left = min(due - self._clock.now(), self._interval_and(1))
        steady = self._clock.monotonic() + left
        while not self._ending and not self._is_hurried():
            due = min(due, self._clock.now() + (steady - self._clock.monotonic()))
            if self._has_cycled:  # a backup that is due does not keep the first cycle waiting
                self._tend(partial(self._has_time, due))
            soonest = self._soonest(due)
            look = self._reconciler.next_look()
            is_look = look is not None and look < soonest
            until = look if look is not None and is_look else soonest
            again = self._stop_answer.next_look()
            if again is not None and again < until:
                is_look, until = True, again
            if self._clock.wait_until(until, self._is_wanted):
                if not is_look:
                    return
                if until != again:
                    self._clearing.read_books()
                    continue
            self._attention.attend()
            self._heed_stream(due)
            if self._clock.now() >= due:
                return  # a stop that cannot be proven yet must not keep the cycles waiting

    def _has_time(self, due: Instant) -> bool:
        """Whether nothing is due, and nobody wants anything."""
        return self._clock.now() < self._soonest(due) and not self._is_wanted()

    def _soonest(self, due: Instant) -> Instant:
        """When the next cycle is due: at its turn, or earlier for what a sale has left."""
        sells_on_in = self._cycle.sells_on_in()
        return due if sells_on_in is None else min(due, self._clock.now() + sells_on_in)

    def _tend(self, has_time: Callable[[], bool]) -> None:
        """Look after the files, a step at a time: one at least, and more while there is time."""
        try:
            while self._upkeep.is_due(self._clock.now()):
                self._upkeep.step()
                if not has_time():
                    return
        except StorageError as error:
            # The ledger itself may be in order, and its next write finds out: no reason to stop.
            severity = Severity.CRITICAL if isinstance(error, ChainBroken) else Severity.WARNING
            text = (
                f"the hourly backup: {error}. Trading goes on. "
                "Next: trader247 state verify; trader247 state restore --list"
            )
            self._ledger.record(AlertRaised(severity, "backup_failed", text))

    def _is_hurried(self) -> bool:
        """Whether the next cycle should not wait.

        A person wants something sold, and it goes on; or trading stopped since the last one
        decided, and what rests is to end.
        """
        return (
            self._commands.is_cycle_wanted()
            or self._has_sold_on
            or bool(unasked(self._ledger.portfolio))
        )

    def _is_wanted(self) -> bool:
        """Whether a wait is to be cut short, for whatever comes."""
        return (
            bool(self._ending)
            or self._attention.is_wanted()
            or (self._watch is not None and self._watch.has_news())
        )

    def _heed_stream(self, due: Instant) -> None:
        """Sell what the stream says is due, and read our orders where it says that they moved."""
        watch = self._watch
        if watch is None or self._ending:
            return
        quotes = watch.due()
        if quotes:
            try:
                report = self._cycle.run_exits(quotes)
            except ReadAborted:
                return  # the stop is attended to first
            watch.judged(quotes, is_pressing=report.is_pressing)
            self._on_report(report, due)
        if watch.are_orders_news():
            watch.take_order_news()
            collected = self._clearing.read_books()
            if collected is None or collected.error:
                watch.keep_order_news()

    def _tidy(self, cause: str) -> Collected:
        """Leave nothing working behind but stops, the books read, and the session closed."""
        self._clearing.clear(f"ending: {cause}", outlives)
        # A stop that cuts a reading short cuts no later one.
        collected = self._clearing.read_books() or self._reconciler.collect()
        self._ledger.record(SessionEnded(self._ledger.portfolio.epoch, cause))
        self._journal.save_portfolio(self._ledger.portfolio)
        return collected

    def _report_crash(self, error: Exception) -> None:
        """A bug: say so where people look, then let it end the process."""
        text = (
            f"trader247 stopped on an internal error ({type(error).__name__}: {error}); "
            "no further order is sent. Next: trader247 status"
        )
        self._ledger.record(AlertRaised(Severity.CRITICAL, "internal_error", text))
