"""Whether a trader lives, and when it last did something: its heartbeat, written and read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.adapters.heartbeat import Heartbeat, last_beat
from trader247.adapters.holder import HOLDER, Holder, read_holder
from trader247.app.running.traders import works_on
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT
from trader247.domain.reports import CycleReport
from trader247.domain.time import MICROSECOND, MINUTE, SECOND, Instant

SPARE = MINUTE
"""What a heartbeat may be late beyond two intervals: a cycle's own time, and some."""
AHEAD = 5 * SECOND
"""What a clock that is kept right may step back."""

_SECOND_US = Decimal(1_000_000)


class Pulse:
    """Writes the heartbeat of a process that trades.

    One that trades `is_once` promises no next cycle by itself: whoever calls it again, cron for
    one, does so by the interval in real time.
    """

    def __init__(
        self,
        heartbeat: Heartbeat,
        *,
        book: str,
        interval: timedelta,
        speed: Decimal | None,
        is_once: bool,
    ) -> None:
        self._heartbeat = heartbeat
        self._book = book
        self._interval = interval
        self._speed = Decimal(1) if is_once else speed
        self._is_once = is_once
        self._last: Mapping[str, object] = {}

    def beat(self, report: CycleReport, due: Instant) -> None:
        """Say what the last cycle was, and when the next one is due.

        Raises:
            StorageError: the disk did not take it.
        """
        collected = report.collected
        self._last = {
            "book": self._book,
            "cycle": report.cycle,
            "time": str(report.time),
            "next_cycle": str(due),
            "trading_state": report.trading_state.value,
            "equity": None if report.equity is None else str(report.equity),
            "interval_s": _seconds_text(real_time(self._interval, self._speed)),
            "next_cycle_s": _seconds_text(real_time(due - report.time, self._speed)),
            "breaks": len(collected.breaks),
            "reconciliation_error": collected.error,
            "once": self._is_once,
            "ended": "",
        }
        self._heartbeat.beat(self._last)

    def ended(self, cause: str) -> None:
        """Say that the trader has ended, and why.

        Raises:
            StorageError: the disk did not take it.
        """
        body = {**self._last, "book": self._book, "ended": cause}
        self._heartbeat.beat(body, is_forced=True)


@dataclass(frozen=True, slots=True)
class Life:
    """What the files say of the process that traded last, at the machine's time `now`.

    `holder` is who holds, or last held, the guard; `is_alive` whether that very process lives and
    works here, None where that cannot be told; `is_elsewhere` that it works on another folder.
    Every other field is of the last heartbeat, and None or empty where there is none, or it does
    not say; `is_once` means that it was `trader247 cycle`.
    """

    now: Instant
    holder: Holder | None
    is_alive: bool | None
    book: str
    cycle: int | None
    beat_at: Instant | None
    interval: timedelta | None
    next_cycle: timedelta | None
    breaks: int | None
    reconciliation_error: str
    is_once: bool
    ended: str
    is_elsewhere: bool = False

    def is_of(self, book: str) -> bool:
        """Whether it is that book on which the living process trades, or the last one did."""
        if self.is_alive and self.holder is not None and self.holder.book:
            return self.holder.book == book
        return self.book == book

    @property
    def age(self) -> timedelta | None:
        """How long ago the last heartbeat was; None where that is not known."""
        if self.beat_at is None or self.is_to_come:
            return None
        return max(self.now - self.beat_at, timedelta(0))

    @property
    def is_to_come(self) -> bool:
        """Whether the last heartbeat is of a later time than now: the clock was set back since.

        How old it is nobody can say, and a trader that hangs is not to look well until then.
        """
        return self.beat_at is not None and self.beat_at - self.now > AHEAD

    @property
    def age_max(self) -> timedelta | None:
        """The age up to which a heartbeat is fresh."""
        return None if self.interval is None else 2 * self.interval + SPARE

    @property
    def is_fresh(self) -> bool:
        """Whether the last heartbeat is recent, measured by its own interval."""
        if self.age is None or self.age_max is None:
            return False
        return self.age <= self.age_max

    @property
    def next_in(self) -> timedelta | None:
        """How long until the next cycle, never below zero; None where no trader lives."""
        if not self.is_alive or self.ended or self.age is None or self.next_cycle is None:
            return None
        return max(self.next_cycle - self.age, timedelta(0))


def life_of(data: Path) -> Life:
    """What the data folder says of its trader. Nothing is locked and nothing raised."""
    # The holder first: a process that ends in between leaves a heartbeat that says so.
    holder = read_holder(data / HOLDER)
    body = last_beat(data) or {}
    # A copy of a folder names the trader of the folder that was copied.
    is_elsewhere = holder is not None and bool(holder.is_alive) and not works_on(holder, data)
    is_alive = False if holder is None or is_elsewhere else holder.is_alive
    # Until its first cycle a trader has no heartbeat of its own: the last one's end is not its.
    is_its_own = holder is not None and body.get("pid") == holder.pid
    breaks, cycle = body.get("breaks"), body.get("cycle")
    return Life(
        now=SystemClock().now(),
        holder=holder,
        is_alive=is_alive,
        book=str(body.get("book", "")),
        cycle=cycle if isinstance(cycle, int) else None,
        beat_at=_instant(body.get("wall_time")),
        interval=_seconds(body.get("interval_s")),
        next_cycle=_seconds(body.get("next_cycle_s")) if is_its_own else None,
        breaks=breaks if isinstance(breaks, int) else None,
        reconciliation_error=str(body.get("reconciliation_error", "")),
        is_once=body.get("once") is True,
        is_elsewhere=is_elsewhere,
        ended="" if is_alive and not is_its_own else str(body.get("ended", "")),
    )


def real_time(span: timedelta, speed: Decimal | None) -> timedelta:
    """How long a span of market time really takes; nothing where nothing waits."""
    if speed is None:
        return timedelta(0)
    return int(CONTEXT.divide(Decimal(span // MICROSECOND), speed)) * MICROSECOND


@dataclass(frozen=True, slots=True)
class Countdown:
    """Counts real time down from the moment it was begun; setting the clock does not move it."""

    ends: timedelta

    @staticmethod
    def begun(span: timedelta) -> Countdown:
        """A countdown of `span` from now."""
        return Countdown(SystemClock().monotonic() + span)

    @property
    def left(self) -> timedelta:
        """What is left, never below zero."""
        return max(self.ends - SystemClock().monotonic(), timedelta(0))


def _seconds_text(span: timedelta) -> str:
    return format(CONTEXT.divide(Decimal(span // MICROSECOND), _SECOND_US), "f")


def _seconds(value: object) -> timedelta | None:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    is_sound = number.is_finite() and 0 <= number <= 10_000_000
    return int(number * _SECOND_US) * MICROSECOND if is_sound else None


def _instant(value: object) -> Instant | None:
    try:
        return Instant.parse(str(value))
    except ValueError:
        return None
