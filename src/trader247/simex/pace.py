"""How a served exchange keeps time: the machine's, at some speed, until somebody leads it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from trader247.simex.exchange import Exchange
from trader247.simex.feeds.feed import FeedEnded

_STEP_US_MAX = 30 * 60_000_000
"""So much of the market at once: whoever asks meanwhile must not wait for days to be caught up."""

_LED_US = 1_000_000
"""Streams speak at least once a second of market time, also when it is led on by a minute."""


class Pace:
    """Ties an exchange's clock to the machine's, from now on, when it should stand at `from_us`.

    `monotonic_us` counts real microseconds, `speed` is simulated time over real time. Where the
    market ends, its clock stands still, and everything else goes on. `on_passed` is called after
    each second at most of a time that is led.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        from_us: int,
        monotonic_us: Callable[[], int],
        speed: Decimal,
        on_passed: Callable[[], None] = lambda: None,
    ) -> None:
        """Raises ValueError: the speed is not above zero."""
        if not (speed.is_finite() and speed > 0):
            raise ValueError(f"speed {speed} is not above 0")
        self._exchange = exchange
        self._monotonic_us = monotonic_us
        self._numerator, self._denominator = speed.as_integer_ratio()
        self._begun_us = monotonic_us()
        self._first_us = from_us
        self._on_passed = on_passed
        self.is_over = False
        self.is_led = False

    @property
    def now_us(self) -> int:
        """What the exchange's clock says."""
        return self._exchange.now_us

    def lead(self, to_us: int) -> bool:
        """Let time pass towards `to_us`, half an hour at most: whether it is there, or over.

        From now on time passes in here alone. Raises StoreFailed.
        """
        self.is_led = True
        self._exchange.refresh()
        end_us = min(to_us, self.now_us + _STEP_US_MAX)
        while not self.is_over and self.now_us < end_us:
            self._drift(min(end_us, self.now_us + _LED_US))
            self._on_passed()
        return self.is_over or self.now_us >= to_us

    def keep(self) -> None:
        """Bring the exchange to where it should stand by now. Raises StoreFailed."""
        if self.is_over or self.is_led:
            self._exchange.refresh()
            return
        passed_us = self._monotonic_us() - self._begun_us
        due_us = self._first_us + passed_us * self._numerator // self._denominator
        self._drift(min(due_us, self.now_us + _STEP_US_MAX))

    def _drift(self, to_us: int) -> None:
        try:
            self._exchange.drift(to_us)
        except FeedEnded:
            self.is_over = True
