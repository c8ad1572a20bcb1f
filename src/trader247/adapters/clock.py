"""The two clocks: the machine's, and the virtual one of a simulated market.

Both wait in slices of at most 250 ms of real time and ask `wake` before each, so that a raised
stop is seen however long the wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from trader247.domain.time import MICROSECOND, Instant

SLICE_NS = 250_000_000

Sleep = Callable[[float], None]
Nanoseconds = Callable[[], int]


class SystemClock:
    """The machine's clock, for venues that live in real time."""

    def __init__(
        self,
        *,
        sleep: Sleep = time.sleep,
        wall_ns: Nanoseconds = time.time_ns,
        monotonic_ns: Nanoseconds = time.monotonic_ns,
    ) -> None:
        self._sleep = sleep
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns

    @staticmethod
    def ahead(by: timedelta) -> SystemClock:
        """The machine's clock set forward: for a simulated market that lives in another year."""
        ahead_ns = by // MICROSECOND * 1_000
        return SystemClock(wall_ns=lambda: time.time_ns() + ahead_ns)

    def now(self) -> Instant:
        """The machine's time, UTC, cut to the microsecond."""
        return Instant(self._wall_ns() // 1_000)

    def monotonic(self) -> timedelta:
        """Time since some fixed point; setting the wall clock does not move it."""
        return timedelta(microseconds=self._monotonic_ns() // 1_000)

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        """Wait until `when`, asking `wake` at least every 250 ms; False as soon as it says True.

        The wait also ends, as reached, once the time that was left at its start has passed: a wall
        clock set back by an hour must not hold the trader for an hour.
        """
        deadline_ns = self._monotonic_ns() + (when.us * 1_000 - self._wall_ns())
        while not wake():
            left_ns = min(
                when.us * 1_000 - self._wall_ns(),
                deadline_ns - self._monotonic_ns(),
            )
            if left_ns <= 0:
                return True
            self._sleep(min(left_ns, SLICE_NS) / 1e9)
        return False


class PacedClock:
    """The virtual clock of a simulated market: time passes there when somebody waits here.

    `now` asks the exchange and `advance` moves it. `speed` is virtual time over real time; None
    does not wait at all.
    """

    def __init__(
        self,
        now: Callable[[], Instant],
        advance: Callable[[Instant], None],
        speed: Decimal | None,
        *,
        sleep: Sleep = time.sleep,
        monotonic_ns: Nanoseconds = time.monotonic_ns,
    ) -> None:
        """Raises ValueError: the speed is not above zero."""
        if speed is not None and not (speed.is_finite() and speed > 0):
            raise ValueError(f"speed {speed} is not above 0")
        self._now = now
        self._advance = advance
        self._speed = speed
        self._sleep = sleep
        self._monotonic_ns = monotonic_ns
        self._first = now()

    def now(self) -> Instant:
        """The exchange's time."""
        return self._now()

    def monotonic(self) -> timedelta:
        """Virtual time since this clock was made."""
        return self._now() - self._first

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        """Wait for `when` at the clock's speed, then move the exchange to exactly `when`.

        If `wake` says True before, the exchange moves only as far as the time waited is worth, and
        the answer is False. What `advance` raises, a tape's end for one, passes through.
        """
        start = self._now()
        if self._speed is None:
            if wake():
                return False
        else:
            elapsed = self._waited(when - start, self._speed, wake)
            if elapsed is not None:
                if elapsed > timedelta(0):
                    self._advance(start + elapsed)
                return False
        if when > start:
            self._advance(when)
        return True

    def _waited(
        self, span: timedelta, speed: Decimal, wake: Callable[[], bool]
    ) -> timedelta | None:
        """Wait for a virtual span; the virtual time that had passed when woken, else None."""
        numerator, denominator = speed.as_integer_ratio()
        span_ns = (span // MICROSECOND) * 1_000
        real_ns = -(-span_ns * denominator // numerator)
        begun_ns = self._monotonic_ns()
        while True:
            passed_ns = self._monotonic_ns() - begun_ns
            if wake():
                virtual_us = passed_ns * numerator // denominator // 1_000
                # One microsecond short of the end at most: `when` itself was not reached.
                virtual_us = max(0, min(virtual_us, span // MICROSECOND - 1))
                return timedelta(microseconds=virtual_us)
            if passed_ns >= real_ns:
                return None
            self._sleep(min(real_ns - passed_ns, SLICE_NS) / 1e9)
