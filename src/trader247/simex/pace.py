"""How a served exchange keeps time: the machine's, at some speed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from trader247.simex.exchange import Exchange
from trader247.simex.feed import FeedEnded

_STEP_US_MAX = 30 * 60_000_000
"""So much of the market at once: whoever asks meanwhile must not wait for days to be caught up."""


class Pace:
    """Ties an exchange's clock to the machine's, from now on, when it should stand at `from_us`.

    `monotonic_us` counts real microseconds, `speed` is simulated time over real time. Where the
    market ends, its clock stands still, and everything else goes on.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        from_us: int,
        monotonic_us: Callable[[], int],
        speed: Decimal,
    ) -> None:
        """Raises ValueError: the speed is not above zero."""
        if not (speed.is_finite() and speed > 0):
            raise ValueError(f"speed {speed} is not above 0")
        self._exchange = exchange
        self._monotonic_us = monotonic_us
        self._numerator, self._denominator = speed.as_integer_ratio()
        self._begun_us = monotonic_us()
        self._first_us = from_us
        self.is_over = False

    def keep(self) -> None:
        """Bring the exchange to where it should stand by now. Raises StoreFailed."""
        if self.is_over:
            self._exchange.refresh()
            return
        passed_us = self._monotonic_us() - self._begun_us
        due_us = self._first_us + passed_us * self._numerator // self._denominator
        try:
            self._exchange.drift(min(due_us, self._exchange.now_us + _STEP_US_MAX))
        except FeedEnded:
            self.is_over = True
