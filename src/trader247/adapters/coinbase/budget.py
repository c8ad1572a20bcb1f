"""How often we ask the venue, so that it never has to tell us.

Reads, with the orders among them, draw from one allowance and cancels from another, so that no
number of reads can delay a cancel. Both are counted as "when the next one is due", in whole
microseconds: no tokens, no fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from trader247.domain.errors import RateLimited, ReadAborted
from trader247.domain.time import SECOND
from trader247.ports import Clock

SLICE = timedelta(milliseconds=250)
READ_WAIT_MAX = timedelta(seconds=10)
CANCEL_WAIT_MAX = timedelta(seconds=2)
BACKOFF_MAX = timedelta(seconds=16)


class _Allowance:
    """`per_second` requests in the long run, and as many at once."""

    def __init__(self, per_second: int) -> None:
        if per_second < 1:
            raise ValueError(f"at least one request a second, not {per_second}")
        self._interval = SECOND / per_second
        self._burst = SECOND - self._interval
        self._due = timedelta(0)

    def wait(self, now: timedelta) -> timedelta:
        """How long until a request may go; zero or less means now."""
        return self._due - self._burst - now

    def take(self, now: timedelta) -> None:
        self._due = max(self._due, now) + self._interval

    def hold_off(self, until: timedelta) -> None:
        self._due = max(self._due, until + self._burst)


class RateBudget:
    """Gives leave to ask. One thread uses it."""

    def __init__(
        self,
        *,
        clock: Clock,
        is_stopped: Callable[[], bool],
        reads_per_second: int,
        cancels_per_second: int,
    ) -> None:
        self._clock = clock
        self._is_stopped = is_stopped
        self._reads = _Allowance(reads_per_second)
        self._cancels = _Allowance(cancels_per_second)
        self._limited_running = 0

    def take_read(self) -> None:
        """Wait for leave to read.

        Raises:
            ReadAborted: a stop was raised while waiting.
            RateLimited: no leave within `READ_WAIT_MAX`.
        """
        was_stopped = self._is_stopped()
        begin = self._clock.monotonic()
        now = begin
        while (left := self._reads.wait(now)) > timedelta(0):
            if now - begin + left > READ_WAIT_MAX:
                raise RateLimited("our own budget of requests is used up for now")
            self._pause(min(left, SLICE), wake=lambda: self._is_raised(was_stopped))
            if self._is_raised(was_stopped):
                raise ReadAborted("a stop was raised while a read waited for its turn")
            now = self._clock.monotonic()
        self._reads.take(now)

    def take_order(self) -> bool:
        """Leave to send an order now, or none: an order is dropped, never queued."""
        now = self._clock.monotonic()
        if self._reads.wait(now) > timedelta(0):
            return False
        self._reads.take(now)
        return True

    def take_cancel(self) -> None:
        """Wait for leave to cancel, at most `CANCEL_WAIT_MAX`, then go anyway."""
        begin = now = self._clock.monotonic()
        while (left := self._cancels.wait(now)) > timedelta(0) and now - begin < CANCEL_WAIT_MAX:
            self._pause(min(left, SLICE), wake=lambda: False)
            now = self._clock.monotonic()
        self._cancels.take(now)

    def limited(self) -> None:
        """The venue said that we ask too often: hold reads off, longer each time."""
        self._limited_running += 1
        pause = min(SECOND * 2 ** min(self._limited_running - 1, 10), BACKOFF_MAX)
        self._reads.hold_off(self._clock.monotonic() + pause)

    def answered(self) -> None:
        """The venue answered as it should."""
        self._limited_running = 0

    def _is_raised(self, was_stopped: bool) -> bool:
        # A stop that was raised before this read does not abort it: closing down needs reads too.
        return not was_stopped and self._is_stopped()

    def _pause(self, span: timedelta, *, wake: Callable[[], bool]) -> None:
        self._clock.wait_until(self._clock.now() + span, wake)
