"""The triggers ahead: which of them has to be looked at, and the reasons of those that have not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from trader247.backtest.blocking import Blocking, Standing
from trader247.backtest.columns import CODES, RunColumns
from trader247.backtest.doubled import Doubled
from trader247.backtest.outlook import TRIGGER, Bools, Ints
from trader247.backtest.prospect import Outlook, Prospect
from trader247.backtest.sized import Sized
from trader247.backtest.worth import Worth
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.duplicate import Duplicate
from trader247.domain.ids import ProductId
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import DAY, MINUTE, Instant, microseconds

_DAY_US, _MINUTE_US = microseconds(DAY), microseconds(MINUTE)


class TriggersAhead:
    """Looks from a visit at the triggers after it, under the limits that stand."""

    def __init__(
        self,
        policy: Policy,
        prospect: Prospect,
        columns: RunColumns,
        worth: Worth,
        doubled: Doubled,
        *,
        start: int,
    ) -> None:
        self._policy = policy
        self._prospect = prospect
        self._columns = columns
        self._worth = worth
        self._doubled = doubled
        self._start = start
        self._blocking = Blocking(policy)
        self._off_last_fill = float(check_in(policy.checks, Collar).last_fill_pct.fraction)

    def until(self, at: int, following: int, portfolio: Portfolio) -> int:
        """The first place before `following` at which a trigger has to be looked at.

        Where it is refused by a standing limit, for certain, that is its reason.
        """
        busy = {each.intent.product for each in portfolio.working.values()}
        refused: list[tuple[int, Ints, int]] = []
        open_ = list(self._triggering(at, following, portfolio, busy))
        if open_:
            standing = self._blocking.among(portfolio)
            least = self._worth.least(at, following)
            sized = Sized(self._policy, portfolio, least, self._dust_of(portfolio))
        for row, outlook, place in open_:
            found, reasons = self._trigger_of(outlook, place, following, standing, sized)
            following = min(following, found)
            refused += [(row, places, code) for places, code in reasons]
        following = self._not_outranked(at, following, portfolio, busy)
        for row, places, code in refused:
            self._columns.reasons[row, places[places < following]] = code
        return following

    def _dust_of(self, portfolio: Portfolio) -> Mapping[ProductId, float]:
        outlooks = self._prospect.outlooks
        return {
            product: float(each.quantity.value) * outlooks[product].market.mid_most
            for product, each in portfolio.dust.items()
        }

    def _triggering(
        self, at: int, following: int, portfolio: Portfolio, busy: set[ProductId]
    ) -> Iterator[tuple[int, Outlook, int]]:
        """The free products that trigger between two places: row, columns, and which is first."""
        for row, product in enumerate(self._columns.products):
            outlook = self._prospect.outlooks.get(product)
            if outlook is None or product in portfolio.positions or product in busy:
                continue
            place = int(outlook.open_at.searchsorted(at, "right"))
            if place < len(outlook.open_at) and outlook.open_at.item(place) < following:
                yield row, outlook, place

    def _trigger_of(
        self, outlook: Outlook, place: int, following: int, standing: Standing, sized: Sized
    ) -> tuple[int, list[tuple[Ints, int]]]:
        product, open_at = outlook.product, outlook.open_at
        reasons: list[tuple[Ints, int]] = []
        while place < len(open_at) and open_at[place] < following:
            first = int(open_at[place])
            if product in standing.portfolio.post_only_rejections:
                return first, reasons
            now = Instant(0) + (self._start + first) * MINUTE
            blocked = standing.of(product, now)
            if blocked is None:
                return first, reasons
            until = min(following, -(-blocked.until.us // 60_000_000) - self._start)
            end = int(open_at.searchsorted(until, "left"))
            which = outlook.open_triggers[place:end]
            thin, worth = sized.is_thin(outlook, which)
            certain = outlook.clear[which] & sized.is_certain(outlook, which)
            certain &= self._is_near_last_fill(outlook, open_at[place:end], standing.portfolio)
            refused = certain & ((thin | worth) if blocked.check else thin)
            is_open = not bool(refused.all())
            if is_open:
                end = place + int((~refused).argmax())
            known, is_thin = open_at[place:end], thin[: end - place]
            reasons.append((known[is_thin], CODES[blocked.thin]))
            if blocked.check:
                reasons.append((known[~is_thin], CODES[blocked.check]))
            if is_open:
                found = end - place
                is_wished = not blocked.check and bool(certain[found] & worth[found])
                at = int(open_at[end])
                if not (is_wished and self._doubled.is_one(outlook, at, standing.portfolio)):
                    return at, reasons
                reasons.append((open_at[end : end + 1], CODES[Duplicate.id]))
                end += 1
            place = end
        return following, reasons

    def _is_near_last_fill(self, outlook: Outlook, places: Ints, portfolio: Portfolio) -> Bools:
        """Where the bid is surely near our last fill: far from it the collar refuses before any
        limit, and what it refuses again and again is banned."""
        history = portfolio.history.get(outlook.product)
        if history is None or history.last_price is None or history.last_fill is None:
            return np.ones(len(places), dtype=bool)
        last = float(history.last_price.value)
        bid = outlook.market.bid[places] * float(outlook.history.tick.value)
        day_over = -(-(history.last_fill.us + _DAY_US) // _MINUTE_US) - self._start
        is_near: Bools = np.abs(bid - last) <= last * self._off_last_fill * 0.99
        is_near |= places > day_over
        return is_near

    def _not_outranked(
        self, at: int, following: int, portfolio: Portfolio, busy: set[ProductId]
    ) -> int:
        """Where more trigger at once than a cycle takes, it has to be seen which of them count."""
        most = self._policy.triggers.triggers_max
        crowded = self._prospect.crowded
        place = int(crowded.searchsorted(at, "right"))
        while place < len(crowded) and crowded[place] < following:
            where = int(crowded[place])
            free = sum(
                outlook.codes[where] == TRIGGER or outlook.is_open_at(where)
                for product, outlook in self._prospect.outlooks.items()
                if product not in portfolio.positions and product not in busy
            )
            if free > most:
                return where
            place += 1
        return following
