"""The pace: cycle, wait, look at the stop and at the post, cycle again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

from trader247.core.alerts.due import due_unended
from trader247.core.alerts.words import storage_alert
from trader247.core.orders.cancellations import is_sale_kept, outlives, unasked
from trader247.core.orders.flattening import is_less, quantity_wanted_sold
from trader247.core.orders.venue_stops import covered_products
from trader247.domain.errors import (
    ChainBroken,
    ReadAborted,
    StorageError,
    TapeEnded,
    Trader247Error,
    VenueError,
)
from trader247.domain.events.book import SessionEnded
from trader247.domain.events.people import AlertRaised
from trader247.domain.ids import ProductId
from trader247.domain.intents import WorkingIntent
from trader247.domain.milestones import Milestone, Passing
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName, Severity, TradingState
from trader247.domain.reports import Collected, CycleReport
from trader247.domain.time import SECOND, Instant
from trader247.engine.alert_watch import AlertWatch
from trader247.engine.commands import Commands
from trader247.engine.cycle import Cycle
from trader247.engine.execution import Execution
from trader247.engine.exit_watch import ExitWatch
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.engine.stop_pace import StopPace
from trader247.engine.stop_word import learned
from trader247.ports import Clock, Command, Ids, Inbox, Journal, StopSignal, Upkeep

SAVED_EVERY = 96
"""Cycles from one saved ledger to the next: what asking of the past has to fold."""

_JITTER = Decimal("0.1")
_CANCEL_PAUSE = timedelta(milliseconds=250)
_CANCEL_ROUNDS = 8
"""Readings after a request to cancel, before the end is called unproven."""
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
        commands: Commands,
        clock: Clock,
        ids: Ids,
        inbox: Inbox,
        stop: StopSignal,
        interval: timedelta,
        on_report: Callable[[CycleReport, Instant], None],
        on_halted: Callable[[bool, int], None],
        passing: Passing,
        upkeep: Upkeep,
        alert_watch: AlertWatch,
        watch: ExitWatch | None = None,
        on_turn: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_turn` is told whenever the loop turns, in waiting too: that it does not hang."""
        self._cycle = cycle
        self._ledger = ledger
        self._journal = journal
        self._execution = execution
        self._reconciler = reconciler
        self._commands = commands
        self._clock = clock
        self._ids = ids
        self._inbox = inbox
        self._stop = stop
        self._interval = interval
        self._on_report = on_report
        self._on_halted = on_halted
        self._passing = passing
        self._upkeep = upkeep
        self._alert_watch = alert_watch
        self._watch = watch
        self._on_turn = on_turn
        self._ending = ""
        self._answered = ""
        self._pace = StopPace(clock)
        self._is_keeping = False
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
                is_bare = number < _CYCLES_FOR_STOPS and bool(self._bared(covered))
                if not (self._is_pressing or is_bare) or self._clock.monotonic() + SECOND > ends:
                    return
                self._wait(self._clock.now() + SECOND)
                self._one(due)

    def _bared(self, covered: Collection[ProductId]) -> Collection[ProductId]:
        """Which of these products are held without a stop that stays, where one may rest."""
        portfolio = self._ledger.portfolio
        if portfolio.trading_state is TradingState.HALTED:
            return ()
        still = {*covered} & portfolio.positions.keys() - portfolio.stops_refused.keys()
        return still - covered_products(portfolio)

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
        self._attend()
        left, self._has_sold_on = quantity_wanted_sold(self._ledger.portfolio), False
        try:
            report = self._cycle.run()
        except ReadAborted:
            self._attend()
            return False
        self._is_pressing, self._has_cycled = report.is_pressing, True
        # A position larger than one order leaves slice by slice, as long as each sells something.
        self._has_sold_on = is_less(quantity_wanted_sold(self._ledger.portfolio), left)
        self._on_report(report, due)
        self._attend()
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
            again = self._pace.next(self._clock.now())
            if again is not None and again < until:
                is_look, until = True, again
            if self._clock.wait_until(until, self._is_wanted):
                if not is_look:
                    return
                if until != again:
                    self._read_books()
                    continue
            self._attend()
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
        self._on_turn()
        return (
            bool(self._ending)
            or self._inbox.has_post()
            or self._has_stop_changed()
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
            collected = self._read_books()
            if collected is None or collected.error:
                watch.keep_order_news()

    def _read_books(self) -> Collected | None:
        """Read them; None where a stop cut that short, which is attended to first."""
        try:
            return self._reconciler.collect()
        except ReadAborted:
            return None

    def _has_stop_changed(self) -> bool:
        """Whether a stop waits for its answer, or the one that was answered is gone."""
        raising = self._stop.raising()
        if raising == self._answered:
            return self._is_stop_stricter()
        return not raising or self._pace.is_due(raising) or self._is_stop_stricter()

    def _is_stop_stricter(self) -> bool:
        """Whether sales were kept by the wish of a stop that does not want them kept any more."""
        return self._is_keeping and not self._stop.keeps_sales()

    def _attend(self) -> None:
        """Obey a stop first, then whatever people asked for."""
        self._on_turn()
        self._obey_stop()
        for command in self._inbox.commands():
            is_done, text = self._obeyed(command)
            self._inbox.answer(command, is_done=is_done, text=text)
            self._obey_stop()  # it waits for no other wish
        self._journal.record_deliveries(self._inbox.deliveries())
        self._alert_watch.look()

    def _obey_stop(self) -> None:
        raising = self._stop.raising()
        if not raising:
            self._answered, self._is_keeping = "", False
            self._pace.forget()
        elif self._has_stop_changed():
            self._answer(raising)

    def _obeyed(self, command: Command) -> tuple[bool, str]:
        try:
            return self._commands.obey(command)
        except ReadAborted as error:
            return False, (
                f"{error}; what of it was done is journalled. Next: trader247 status; ask again "
                "once the stop is over"
            )

    def _answer(self, raising: str) -> None:
        """Latch a stop, clear the book, and say whether that is proven."""
        self._ledger.record(*learned(self._stop, self._ledger.portfolio))
        halt = self._ledger.portfolio.halts.get(HaltName.KILL_SWITCH)
        if halt is None:
            return  # the file was gone again before it was read: there is nothing to answer
        self._is_keeping = halt.keeps_sales
        self._passing(Milestone.STOP_SEEN)
        rounds = _CANCEL_ROUNDS if self._pace.is_first(raising) else 1
        is_clear = self._clear_book("kill switch", is_sale_kept, rounds=rounds)
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

    def _clear_book(
        self,
        cause: str,
        stays: Callable[[WorkingIntent, Portfolio], bool],
        *,
        rounds: int = _CANCEL_ROUNDS,
    ) -> bool:
        """Cancel what works and may not stay, and read until none does.

        Returns whether that is proven.
        """

        def is_kept(working: WorkingIntent) -> bool:
            return stays(working, self._ledger.portfolio)

        for _ in range(rounds):
            # A venue that does not answer is asked again: the reading tells what still works.
            with contextlib.suppress(VenueError):
                self._execution.cancel_all(cause, is_kept=is_kept)
            collected = self._read_books()
            is_read = collected is not None and not collected.error
            is_read = is_read and not self._reconciler.strays.ending
            if is_read and all(map(is_kept, self._ledger.portfolio.working.values())):
                return True
            self._clock.wait_until(self._clock.now() + _CANCEL_PAUSE, lambda: False)
        return False

    def _tidy(self, cause: str) -> Collected:
        """Leave nothing working behind but stops, the books read, and the session closed."""
        self._clear_book(f"ending: {cause}", outlives)
        # A stop that cuts a reading short cuts no later one.
        collected = self._read_books() or self._reconciler.collect()
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


def _can_be_ended(portfolio: Portfolio) -> bool:
    """Whether an order works whose end the venue can be asked for."""
    return any(
        each.order_id is not None and not each.is_over for each in portfolio.working.values()
    )
