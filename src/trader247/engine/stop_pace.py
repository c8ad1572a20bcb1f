"""When a stop that is not proven is seen to once more: soon at first, then less and less often."""

from __future__ import annotations

from datetime import timedelta

from trader247.domain.time import SECOND, Instant
from trader247.ports import Clock

FIRST, MOST, MOST_WITH_ORDERS = SECOND, 30 * SECOND, 4 * SECOND
"""The first pause doubles until it is as long as two listings are apart that count as evidence; not
as long while there is an order whose end can be asked for.
"""


class StopPace:
    """Of one raising of the switch after the other: whether it is seen to, and when it is next.

    What nobody can end, since nobody knows whether it exists, is settled by evidence that takes
    minutes. To ask for it without a pause uses up the rate budget that cancels need.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._unproven = ""
        self._pause = FIRST
        self._next = timedelta()
        """By the clock that only goes forward."""

    def is_first(self, raising: str) -> bool:
        """Whether this raising was not seen to yet."""
        return raising != self._unproven

    def is_due(self, raising: str) -> bool:
        """Whether it should be seen to now."""
        return self.is_first(raising) or self._clock.monotonic() >= self._next

    def failed(self, raising: str, *, has_orders: bool) -> None:
        """It was seen to, and is not proven."""
        most = MOST_WITH_ORDERS if has_orders else MOST
        self._pause = FIRST if self.is_first(raising) else min(2 * self._pause, most)
        self._unproven = raising
        self._next = self._clock.monotonic() + self._pause

    def forget(self) -> None:
        """It is proven, or gone."""
        self._unproven = ""

    def next(self, now: Instant) -> Instant | None:
        """When it is due by the wall's clock; None while nothing is unproven."""
        if not self._unproven:
            return None
        return now + max(timedelta(), self._next - self._clock.monotonic())
