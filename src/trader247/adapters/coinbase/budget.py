"""How often we ask the venue: seldom enough that it never has to refuse us for it.

Reads, with the orders among them, draw from one allowance and cancels from another, so that no
number of reads can delay a cancel. Each counts what went within the last second. The last of the
first allowance reads leave alone: it is kept for orders, which are dropped where there is no room.

Cancels have a bucket of tokens besides, a minute's worth of them: a storm of cancels is a fault of
ours, and is slowed to one every few seconds. A stop's are not counted: they are what it is for.

Where the venue says how much it allows and how much of that is left, reads follow: they take their
share of what it allows now, never more than was set here, and pause while little is left. Other
processes that use the same key are seen in this way alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta

from trader247.domain.errors import RateLimited, ReadAborted
from trader247.domain.time import MINUTE, SECOND
from trader247.ports import Clock

SLICE = timedelta(milliseconds=250)
READ_WAIT_MAX = timedelta(seconds=10)
CANCEL_WAIT_MAX = timedelta(seconds=2)
WINDOW = SECOND
"""What the venue counts over, and how long what little is left lasts where it does not say."""
RESET_SECONDS_MAX = 10
LIMIT_MAX = 10_000
BACKOFF_MAX = timedelta(seconds=16)
_MICROSECOND = timedelta(microseconds=1)
_JITTER = 0.25
"""Of a pause after a refusal: what chance adds to it at most."""


class _Allowance:
    """At most `per_second` requests in any second, however it is cut out of time."""

    def __init__(self, per_second: int) -> None:
        self._spread = range(0)
        """Microseconds of requests that count as taken, and never were: before those that were."""
        self._taken: deque[timedelta] = deque()
        self._free_at = timedelta(0)
        self.pace(per_second)

    def pace(self, per_second: int) -> None:
        """Allow so many from now on."""
        if per_second < 1:
            raise ValueError(f"at least one request a second, not {per_second}")
        self._per_second = per_second

    def wait(self, now: timedelta, kept: int = 0) -> timedelta:
        """How long until a request may go, zero or less means now; `kept` are left to others.

        Of less than twice as many a second no more than half is kept.
        """
        self._forget(now)
        free_at = self._free_at
        room = self._per_second - min(kept, self._per_second // 2)
        if len(self._spread) + len(self._taken) >= room:
            free_at = max(free_at, self._from_the_last(room) + WINDOW)
        return free_at - now

    def _forget(self, now: timedelta) -> None:
        """What is as old as the window counts no longer."""
        old = (now - WINDOW) // _MICROSECOND - self._spread.start
        if self._spread and old >= 0:
            self._spread = self._spread[old // self._spread.step + 1 :]
        while not self._spread and self._taken and now - self._taken[0] >= WINDOW:
            self._taken.popleft()

    def _from_the_last(self, count: int) -> timedelta:
        """When the last but `count` - 1 of all that count was taken."""
        if count <= len(self._taken):
            return self._taken[-count]
        return self._spread[len(self._taken) - count] * _MICROSECOND

    def take(self, now: timedelta) -> None:
        self._taken.append(now)

    def hold_off(self, until: timedelta) -> None:
        """Let nothing go before `until`, and then one after the other."""
        if until <= self._free_at:
            return
        self._free_at = until
        # Never one by one: of a simulated exchange's there are a hundred thousand.
        apart = max(1, WINDOW / self._per_second // _MICROSECOND)
        first = (until - WINDOW) // _MICROSECOND
        self._spread = range(first, first + self._per_second * apart, apart)
        self._taken.clear()


class _Bucket:
    """Tokens for a minute, each of which is back as much later as they are apart."""

    def __init__(self, per_minute: int) -> None:
        if per_minute < 1:
            raise ValueError(f"at least one request a minute, not {per_minute}")
        self._apart = MINUTE / per_minute
        self._slack = MINUTE - self._apart
        self._full_at = timedelta(0)
        """When no token will be missing any more."""

    def wait(self, now: timedelta) -> timedelta:
        """How long until there is a token, zero or less means now."""
        return self._full_at - self._slack - now

    def take(self, now: timedelta) -> None:
        self._full_at = max(self._full_at, now) + self._apart


class RateBudget:
    """Gives leave to ask. One thread uses it."""

    def __init__(
        self,
        *,
        clock: Clock,
        is_stopped: Callable[[], bool],
        reads_per_second: int,
        cancels_per_second: int,
        share_of: int | None = None,
        kept_for_orders: int = 0,
        cancels_per_minute: int | None = None,
        jitter: Callable[[int], float] = lambda _: 0.0,
    ) -> None:
        """Reads take one part in `share_of` of what the venue says that it allows; None takes no
        notice of what it says. Of the reads' requests `kept_for_orders` go to orders alone.

        `cancels_per_minute` is None where nobody counts; `jitter` is a fraction under 1 for each
        refusal of the venue's, so that many traders do not come back at once."""
        self._clock = clock
        self._is_stopped = is_stopped
        self._reads = _Allowance(reads_per_second)
        self._cancels = _Allowance(cancels_per_second)
        self._cancels_of_minute = (
            None if cancels_per_minute is None else _Bucket(cancels_per_minute)
        )
        self._jitter = jitter
        self._limited_ever = 0
        self._limited_running = 0
        self._reads_per_second = self._paced = reads_per_second
        self._share_of = share_of
        self._kept_for_orders = kept_for_orders

    def take_read(self) -> None:
        """Wait for leave to read.

        Raises:
            ReadAborted: a stop was raised while waiting.
            RateLimited: no leave within `READ_WAIT_MAX`.
        """
        now = self._clock.monotonic()
        left = self._reads.wait(now, self._kept_for_orders)
        self._reads.take(now if left <= timedelta(0) else self._await_turn(now, left))

    def _await_turn(self, begin: timedelta, left: timedelta) -> timedelta:
        """Wait until a read may go; when that is. Raises as `take_read` does."""
        is_raised, now = _raised_since(self._is_stopped), begin
        while left > timedelta(0):
            if now - begin + left > READ_WAIT_MAX:
                raise RateLimited("our own budget of requests is used up for now")
            if not self._pause(min(left, SLICE), wake=is_raised):
                raise ReadAborted("a stop was raised while a read waited for its turn")
            now = self._clock.monotonic()
            left = self._reads.wait(now, self._kept_for_orders)
        return now

    def take_order(self) -> bool:
        """Leave to send an order now, or none: an order is dropped, never queued."""
        now = self._clock.monotonic()
        if self._reads.wait(now) > timedelta(0):
            return False
        self._reads.take(now)
        return True

    def take_cancel(self) -> None:
        """Wait for leave to cancel: for the second's at most `CANCEL_WAIT_MAX`, then go anyway."""
        now = self._await_token()
        begin = now
        while (left := self._cancels.wait(now)) > timedelta(0) and now - begin < CANCEL_WAIT_MAX:
            self._pause(min(left, SLICE), wake=lambda: False)
            now = self._clock.monotonic()
        self._cancels.take(now)

    def _await_token(self) -> timedelta:
        """Wait for one of the minute's cancels, and take it; a stop has no need of one."""
        bucket, now = self._cancels_of_minute, self._clock.monotonic()
        if bucket is None:
            return now
        while not self._is_stopped() and (left := bucket.wait(now)) > timedelta(0):
            self._pause(min(left, SLICE), wake=self._is_stopped)
            now = self._clock.monotonic()
        if not self._is_stopped():
            bucket.take(now)
        return now

    def limited(self, retry_after: timedelta = timedelta(0)) -> None:
        """The venue said that we ask too often: hold reads off, longer each time."""
        self._limited_running += 1
        pause = min(SECOND * 2 ** min(self._limited_running - 1, 10), BACKOFF_MAX)
        pause = max(pause, min(retry_after, BACKOFF_MAX))
        self._limited_ever += 1
        pause += pause * _JITTER * self._jitter(self._limited_ever)
        self._reads.hold_off(self._clock.monotonic() + pause)

    def told(self, headers: Mapping[str, str]) -> None:
        """Follow what an answer says of its limit; what it does not say, or garbles, says nothing.

        Cancels are paced by nothing that the venue says.
        """
        limit = _figure(headers, "x-ratelimit-limit")
        if self._share_of is None or limit is None or not 0 < limit <= LIMIT_MAX:
            return
        paced = min(self._reads_per_second, max(1, limit // self._share_of))
        if paced != self._paced:
            self._reads.pace(paced)
            self._paced = paced
        left = _figure(headers, "x-ratelimit-remaining")
        # Who takes the smaller share makes way earlier; a quarter is always left for cancels.
        if left is not None and left <= limit * self._share_of // 8:
            reset = _figure(headers, "x-ratelimit-reset")
            is_span = reset is not None and 0 < reset <= RESET_SECONDS_MAX
            pause = SECOND * reset if is_span and reset is not None else WINDOW
            self._reads.hold_off(self._clock.monotonic() + pause)

    def answered(self) -> None:
        """The venue answered as it should."""
        self._limited_running = 0

    def _pause(self, span: timedelta, *, wake: Callable[[], bool]) -> bool:
        """Whether it came to its end, and `wake` has said nothing."""
        return self._clock.wait_until(self._clock.now() + span, wake)


def _raised_since(is_stopped: Callable[[], bool]) -> Callable[[], bool]:
    """Whether a stop was raised since this was asked first.

    One that stood by then does not abort a read: closing down needs reads too. Each look is a
    question to the disk, so that there is none before the one with which the waiting begins.
    """
    stood: bool | None = None

    def is_raised() -> bool:
        nonlocal stood
        stands = is_stopped()
        if stood is None:
            stood = stands
        return stands and not stood

    return is_raised


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """How long the venue asks us to wait; nothing where it does not say it in seconds."""
    seconds = _figure(headers, "retry-after")
    return timedelta(0) if seconds is None else seconds * SECOND


def _figure(headers: Mapping[str, str], name: str) -> int | None:
    """A header's whole number, or None: it is absent, or none."""
    text = headers.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
