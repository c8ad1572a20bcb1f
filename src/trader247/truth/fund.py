"""The value of a unit over time: money that comes or goes buys or sells units, and moves nothing.

A falling staircase of highs for each window: the points that no later one has reached.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from decimal import Context, Decimal

from trader247.truth.times import DAY_US, WEEK_US, day_of, week_of

_FINE = Context(prec=60)


class Fund:
    """What the stops compare."""

    def __init__(self) -> None:
        self.units = Decimal(0)
        self.going = Decimal(1)
        self.nav: Decimal | None = None
        self.high: Decimal | None = None
        self._day: tuple[int, Decimal] | None = None
        self._week: tuple[int, Decimal] | None = None
        self._highs: dict[int, deque[tuple[int, Decimal]]] = {DAY_US: deque(), WEEK_US: deque()}

    def flow(self, amount: Decimal) -> None:
        """Buy or sell units at the last known value of one."""
        self.units = max(Decimal(0), _FINE.add(self.units, _FINE.divide(amount, self.going)))

    def mark(
        self, equity: Decimal | None, at_us: int, *, own_us: int | None = None
    ) -> dict[str, Decimal]:
        """Measure; answers how far the unit is below each stop's worst base, as fractions.

        `own_us` is the trader's own clock, where that is off: what is over is so by both.
        """
        own_us = at_us if own_us is None else own_us
        self.nav = None
        if equity is None:
            return {}
        if self.units == 0:
            self.units = max(Decimal(0), _FINE.divide(equity, self.going))
            if self.units == 0:
                return {}
        nav = _FINE.divide(equity, self.units)
        self.nav = nav
        bases = self._bases(min(at_us, own_us))
        losses = {
            name: max(_FINE.divide(_FINE.subtract(base, nav), base) for base in values if base > 0)
            for name, values in bases.items()
            if any(base > 0 for base in values)
        }
        self._remember(nav, at_us, own_us)
        return losses

    def _bases(self, at_us: int) -> dict[str, list[Decimal]]:
        """What each stop compares with, before this measurement counts among them."""
        opened = self._day
        day = [opened[1]] if opened and day_of(opened[0]) >= day_of(at_us) else []
        opened = self._week
        week = [opened[1]] if opened and week_of(opened[0]) >= week_of(at_us) else []
        for window, values in ((DAY_US, day), (WEEK_US, week)):
            steps = self._highs[window]
            while steps and steps[0][0] < at_us - window:
                steps.popleft()
            if steps:
                values.append(steps[0][1])
        peak = [] if self.high is None else [self.high]
        return {"daily_stop": day, "weekly_stop": week, "drawdown": peak}

    def _remember(self, nav: Decimal, at_us: int, own_us: int) -> None:
        right_us, known = at_us, self._highs[WEEK_US]
        if known:  # an exchange that goes back to a time long past dates nothing back
            at_us = max(right_us, min(own_us, known[-1][0]))
        if self._day is None or _have_begun(day_of, right_us, own_us, self._day[0]):
            self._day = (at_us, nav)
        if self._week is None or _have_begun(week_of, right_us, own_us, self._week[0]):
            self._week = (at_us, nav)
        self.high = nav if self.high is None else max(self.high, nav)
        if nav > 0:
            self.going = nav
        for steps in self._highs.values():
            while steps and steps[-1][1] <= nav:
                steps.pop()
            steps.append((at_us, nav))

    def accept_peak(self, equity: Decimal) -> None:
        """A person took a new high-water mark."""
        if self.units:
            self.high = _FINE.divide(equity, self.units)

    def bases(self) -> dict[str, Decimal]:
        """What the stops will compare with, in the money of today, by the trader's own names."""
        found = {"high_water_mark": self.high}
        for name, opened in (("day_open", self._day), ("week_open", self._week)):
            found[name] = None if opened is None else opened[1]
        for name, window in (("day_high", DAY_US), ("week_high", WEEK_US)):
            steps = self._highs[window]
            found[name] = steps[0][1] if steps else None
        return {
            name: _FINE.multiply(nav, self.units) for name, nav in found.items() if nav is not None
        }

    def high_water_mark(self) -> Decimal | None:
        """The greatest value so far, in the money of today."""
        return None if self.high is None else _FINE.multiply(self.high, self.units)


def _have_begun(period_of: Callable[[int], int], right_us: int, own_us: int, known_us: int) -> bool:
    """Whether another has begun by both clocks; not where one went on, and the other back."""
    if right_us < known_us < own_us:
        return False
    return all(_is_later(period_of, us, known_us) for us in (right_us, own_us))


def _is_later(period_of: Callable[[int], int], at_us: int, known_us: int) -> bool:
    """Whether another day, or week, has begun since `known_us`.

    A clock that is set back over midnight begins none again. One that had run more than a day
    ahead told of days that never were.
    """
    return period_of(at_us) > period_of(known_us) or known_us > at_us + DAY_US
