"""What the book of a run is worth at each minute, also where nobody looked.

Between two visits the book is as it is, so equity is a column: floats to find where a stop may
trip, exact sums where a figure is told.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from trader247.backtest.columns import UNKNOWN_CENTS, RunColumns, hundredths
from trader247.backtest.outlook import Floats
from trader247.backtest.prospect import Prospect
from trader247.core.policy import Policy
from trader247.core.risk.reservations import fee_rates
from trader247.domain.changing import replace
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, Bps, Money, Price, Quantity, total
from trader247.domain.portfolio import EquityRecord, HighPoint, Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import MINUTE, Instant

_DAY = 1440
_WEEK = 7 * _DAY
_VELOCITY = 15


class _Book(NamedTuple):
    """What equity is made of, from a place on."""

    since: int
    cash: Money
    held: tuple[tuple[ProductId, Quantity], ...]
    taker: Bps


class _Later(NamedTuple):
    """What a later cycle of a place's minute saw."""

    place: int
    time: Instant
    equity: Money


class Worth:
    """Equity over the places of one run."""

    def __init__(self, policy: Policy, prospect: Prospect) -> None:
        self._policy = policy
        self._prospect = prospect
        self._last = prospect.count - 1
        self._equity: Floats = np.full(prospect.count, np.nan)
        self._exact: dict[int, Money] = {}
        self._spans: list[_Book] = []
        self._later: list[_Later] = []
        """Of what later cycles saw within a week, each that none after it has reached."""
        self._top: _Later | None = None
        """The greatest that any of them saw."""
        limits = policy.stops
        self._velocity = 1 - float(policy.breakers.velocity_pct.fraction) + 1e-4
        self._shares = (
            (HaltName.DAILY_STOP, 1 + float(limits.daily_pct.fraction) + 1e-4),
            (HaltName.WEEKLY_STOP, 1 + float(limits.weekly_pct.fraction) + 1e-4),
            (HaltName.DRAWDOWN, 1 - float(limits.drawdown_pct.fraction) + 1e-4),
        )
        self.asked = np.inf
        """Above so much equity no stop on it and no loss breaker trips, up to the place that was
        last looked to, whatever is bought or sold there."""
        self._ever: tuple[int, float] = 0, 0.0
        """The greatest equity of all places before one."""

    def see(self, at: int, equity: Money) -> None:
        """Equity as a cycle saw it."""
        self._equity[at] = float(equity.value)
        self._exact[at] = equity

    def see_later(self, at: int, time: Instant, equity: Money) -> None:
        """Equity as a later cycle of a minute saw it: a high may be one that no first cycle saw."""
        seen, later = _Later(at, time, equity), self._later
        while later and later[-1].equity <= equity:
            later.pop()
        if later and later[0].place <= at - _WEEK:
            del later[0]
        later.append(seen)
        if self._top is None or self._top.equity <= equity:
            self._top = seen
            begin, high = self._ever
            self._ever = begin, max(high, float(equity.value))

    def least(self, begin: int, end: int) -> float:
        """The least equity of some places."""
        return float(np.fmin.reduce(self._equity[begin:end]))

    def note(self, at: int, portfolio: Portfolio) -> None:
        """Remember what equity is made of from a place on, where it is made of something else."""
        assert portfolio.cash is not None, "a book that trades has cash"
        _, taker = fee_rates(portfolio, self._policy)
        known = self._spans[-1] if self._spans else None
        held = portfolio.holdings.values()
        quantities = tuple([(each.product, each.quantity) for each in held])
        if known is None or known[1:] != (portfolio.cash, quantities, taker):
            self._spans.append(_Book(at, portfolio.cash, quantities, taker))

    def fill(self, columns: RunColumns) -> None:
        """Equity of what was passed over, in hundredths; where a float is in doubt, exactly."""
        cents = self._equity * 100.0
        whole = np.rint(cents)
        known = ~np.isnan(cents)
        doubtful = known & (np.abs(np.abs(cents - np.floor(cents)) - 0.5) < 1e-4)
        unseen = columns.cents == UNKNOWN_CENTS
        columns.cents[known & unseen] = whole[known & unseen].astype(np.int64)
        for at in np.flatnonzero(doubtful & unseen).tolist():
            columns.cents[at] = hundredths(self.exact(at))

    def until(self, at: int, most: int, portfolio: Portfolio) -> tuple[int, bool]:
        """Fill equity up to a place; where a stop or the loss breaker may trip, end there.

        The place itself is looked at, too: it is visited for another reason, and has to know of
        highs that nobody saw.
        """
        equity = self._column(portfolio, at + 1, min(most, self._last) + 1)
        self._equity[at + 1 : most] = equity[: most - at - 1]
        limits_of = self._limits(at, portfolio)
        if not len(equity):
            return most, False
        top = float(equity.max())
        self.asked = max([share * max(top, high) for share, high in limits_of])
        if float(equity.min()) > self.asked:
            return most, False  # the least of all is above what the greatest of all asks for
        peak = np.maximum.accumulate(equity)
        least = np.full(len(equity), -np.inf)
        for share, high in limits_of:
            least = np.maximum(least, share * np.maximum(peak, high))
        low = equity <= least
        found = int(low.argmax())
        is_near = bool(low[found])
        return at + 1 + found if is_near else most, is_near

    def bound(self, at: int, portfolio: Portfolio) -> float:
        """Above so much equity no stop on it and no loss breaker trips in the place after one,
        whatever is bought or sold there."""
        return max([share * high for share, high in self._limits(at, portfolio)])

    def _limits(self, at: int, portfolio: Portfolio) -> list[tuple[float, float]]:
        """The highs up to a place, each with the share of it that equity has to stay above."""
        day, week, ever = self._highs(at)
        found = [(self._velocity, self._high(at, _VELOCITY))]
        for (name, share), high in zip(self._shares, (day, week, ever), strict=True):
            if name not in portfolio.halts:
                found.append((share, high))
        return found

    def _highs(self, at: int) -> tuple[float, float, float]:
        """The highs up to a place that each later minute's equity is compared with: of a day, of a
        week and of all time."""
        past = self._equity[: at + 1]
        begin, high = self._ever
        ever = max(high, _greatest(past[begin:]))
        self._ever = at + 1, ever
        return self._high(at, _DAY), self._high(at, _WEEK), ever

    def _high(self, at: int, span: int) -> float:
        """The greatest equity of so many places up to one, by all cycles of their minutes."""
        begin = max(0, at + 1 - span)
        high, later = _greatest(self._equity[begin : at + 1]), self._later_since(begin)
        return high if not later else max(high, float(later[0].equity.value))

    def _later_since(self, begin: int) -> list[_Later]:
        """What later cycles saw from a place on, the greatest first."""
        return self._later[bisect_left(self._later, begin, key=_place_of) :]

    def _column(self, portfolio: Portfolio, begin: int, end: int) -> Floats:
        """Equity as floats while the book is as it is: right to about the tenth digit."""
        assert portfolio.cash is not None, "a book that trades has cash"
        worth = np.zeros(end - begin)
        for product, position in portfolio.holdings.items():
            outlook = self._prospect.outlooks[product]
            quantity = float(position.quantity.value) * float(outlook.history.tick.value)
            worth += outlook.market.bid[begin:end] * quantity
        _, taker = fee_rates(portfolio, self._policy)
        return float(portfolio.cash.value) + worth * (1 - float(taker.fraction))

    def exact(self, at: int) -> Money:
        """Equity at a place, exactly."""
        seen = self._exact.get(at)
        if seen is not None:
            return seen
        book = self._spans[bisect_right(self._spans, at - 1, key=_place) - 1]
        held = total([self.bid(product, at) * quantity for product, quantity in book.held])
        return book.cash + held - book.taker.of_money(held)

    def bid(self, product: ProductId, at: int) -> Price:
        """What the first cycle of a place sees bid."""
        outlook = self._prospect.outlooks[product]
        return outlook.history.tick * Decimal(int(outlook.market.bid[at]))

    def record_at(self, at: int, known: EquityRecord) -> EquityRecord:
        """The record of equity as it stood after the cycle of a place that was passed over."""
        if known.units == 0:
            return known
        equity = self.exact(at)
        nav = CONTEXT.divide(equity.value, known.units)
        return replace(
            self.with_highs(at, known),
            equity=equity,
            time=self._time(at),
            going_nav=nav if nav > 0 else known.going_nav,
        )

    def with_highs(self, at: int, known: EquityRecord) -> EquityRecord:
        """A record with the highs up to a place, those that nobody saw among them.

        It holds those that anything asks for: of 24 hours, of 7 days, of all time, and of each of
        the last fifteen minutes.
        """
        units = known.units
        if units == 0:
            return known

        def point(place: int) -> HighPoint:
            return HighPoint(self._time(place), CONTEXT.divide(self.exact(place).value, units))

        def later(each: _Later) -> HighPoint:
            return HighPoint(each.time, CONTEXT.divide(each.equity.value, units))

        def highest(begin: int, seen: list[_Later]) -> HighPoint:
            window = self._equity[begin : at + 1]
            top = np.nanmax(window)
            near = begin + np.flatnonzero(window >= top - abs(top) * 1e-12)
            found = [point(int(each)) for each in near[-8:]] + [later(each) for each in seen[:1]]
            return max(found, key=lambda each: (each.nav, each.time))

        def of(span: int) -> HighPoint:
            begin = max(0, at + 1 - span)
            return highest(begin, self._later_since(begin))

        steps = [of(_DAY)]
        begin = max(0, at - _VELOCITY)
        recent = [point(each) for each in range(begin, at + 1)]
        recent += [later(each) for each in self._later_since(begin)]
        for each in sorted(recent, key=lambda each: each.time):
            if each.time > steps[0].time:
                while len(steps) > 1 and steps[-1].nav <= each.nav:
                    steps.pop()
                steps.append(each)
        return replace(
            known,
            high_nav=highest(0, [] if self._top is None else [self._top]).nav,
            highs_24h=tuple(steps),
            highs_7d=(of(_WEEK),),
        )

    def _time(self, place: int) -> Instant:
        return Instant(0) + (self._prospect.start + place) * MINUTE


def _greatest(column: Floats) -> float:
    return float(np.fmax.reduce(column, initial=0.0))


def _place(book: _Book) -> int:
    return book.since


def _place_of(seen: _Later) -> int:
    return seen.place
