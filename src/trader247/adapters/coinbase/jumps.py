"""Whether somebody set this machine's clock: then no age that was counted by it is true.

What was read an hour "ahead" would count as fresh for an hour once the clock is right again, and a
minute that has not come yet would stand among the closed ones. A machine that slept looks the same:
its steady clock stood still meanwhile.
"""

from __future__ import annotations

from datetime import timedelta

from trader247.domain.time import SECOND, Instant
from trader247.ports import Clock

JUMP = 5 * SECOND
"""What clocks may be apart before nothing is bought: less than that is no jump."""


class ClockJumps:
    """Compares the wall clock's steps with the steady clock's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: tuple[Instant, timedelta] | None = None

    def has_jumped(self) -> bool:
        """Whether the wall clock went further than the time that passed since this was asked."""
        now, steady = self._clock.now(), self._clock.monotonic()
        last, self._last = self._last, (now, steady)
        if last is None:
            return False
        return abs((now - last[0]) - (steady - last[1])) > JUMP
