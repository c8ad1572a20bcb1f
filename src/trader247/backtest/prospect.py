"""Every product's outlook together: universe, regime, breakers, and what triggers when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np

from trader247.backtest.admission import Membership, go_on_from, membership_of, patched
from trader247.backtest.columns import CODES
from trader247.backtest.history import Histories, ProductHistory
from trader247.backtest.kept import Kept
from trader247.backtest.market import view_of
from trader247.backtest.outlook import (
    ELIGIBLE,
    TRIGGER,
    Bools,
    Bytes,
    Floats,
    Ints,
    Market,
    Quotes,
    Triggers,
    eligibility_column,
    is_scant,
    market_of,
    readings_of,
)
from trader247.backtest.seen import first_of
from trader247.core.market.instruments import instruments_of
from trader247.core.never_traded import never_traded
from trader247.core.policy import Policy
from trader247.core.regime import BEAR, BULL, CHOP, CRASH, HOURS, regime_of
from trader247.core.risk.breakers import MOVE_MINUTES, move_limit
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.depth_multiple import DepthMultiple
from trader247.core.risk.checks.market_volume import MarketVolume
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.quote_sanity import QuoteSanity, peg_of
from trader247.core.rules.rule import Rule
from trader247.core.signals.series import NANO
from trader247.core.universe import eligibility
from trader247.domain import portfolio as book
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductView, Snapshot
from trader247.domain.reasons import Reason
from trader247.domain.time import MINUTE, Instant
from trader247.simex.book import Crowd
from trader247.simex.market import Market as Listed

REGIMES = [BULL, BEAR, CHOP, CRASH]
_DOUBTFUL = 255


@dataclass(slots=True)
class Outlook:
    """One product's columns over a run; `codes` are those of a product that is free.

    `bare` are the codes before the universe has its say. `share` is what a trigger's size would be
    as a share of equity before the caps, at least, and `clear` that every check of the market alone
    lets its entry pass.
    """

    product: ProductId
    tier: int
    history: ProductHistory
    market: Quotes
    eligible: Bytes
    is_eligible: Bools
    membership: Membership
    codes: Bytes
    bare: Bytes
    triggers: Triggers
    share: Floats
    clear: Bools
    open_triggers: Ints
    """Which triggers a free product would come to, by their place among `triggers`."""
    open_at: Ints

    def is_open_at(self, at: int) -> bool:
        """Whether a free product would come to a trigger at a place."""
        place = int(self.open_at.searchsorted(at))
        return place < len(self.open_at) and self.open_at.item(place) == at


class Prospect:
    """The outlooks of all listed products, from `start` to `end`."""

    def __init__(
        self,
        policy: Policy,
        histories: Histories,
        *,
        start: int,
        end: int,
        kept: Kept | None = None,
    ) -> None:
        """`kept` may have some of it already."""
        self.policy = policy
        self.histories = histories
        self.start, self.end = start, end
        self.count = end - start + 1
        self.regime_at = self._regimes()
        self.outlooks: dict[ProductId, Outlook] = {}
        self.absent: dict[ProductId, int] = {}
        self.instruments = instruments = instruments_of(policy)
        self.rules: tuple[Rule, ...] = tuple(
            rule for each in instruments.rules.values() for rule in each
        )
        self.flash: Bools = np.zeros(self.count, dtype=bool)
        self.is_changed: Bools = np.zeros(self.count, dtype=bool)
        """Whether any membership is another one than at the place before."""
        self.changes: Ints = np.zeros(0, dtype=np.int64)
        self.crowded: Ints = np.zeros(0, dtype=np.int64)
        """The places at which more products trigger than a cycle takes."""
        assert peg_of(policy.quote_currency) is None, "a peg would have to be looked at each minute"
        listed = [each for each in policy.universe.products if str(each) in histories.products]
        self.needed = max(1, min(policy.universe.floors.products_min, len(listed)))
        for place, tier in enumerate(policy.universe.tiers):
            for product in tier.products:
                history = histories.products.get(str(product))
                if history is None:
                    self.absent[product] = self._absent_code(product)
                    continue
                market = market_of(history, start=start, end=end)
                eligible = eligibility_column(market, tier, policy, partial(self._exact, product))
                self._ban(product, eligible)
                untraded = np.arange(start, end + 1) <= history.first + history.first_row - 1
                eligible[untraded] = [
                    self._exact(product, at) for at in np.flatnonzero(untraded).tolist()
                ]
                make = partial(
                    readings_of,
                    history,
                    instruments,
                    self.rules,
                    tier=place,
                    regimes=REGIMES,
                    regime_at=self.regime_at,
                    start=start,
                    end=end,
                )
                readings = (
                    make()
                    if kept is None
                    else kept.readings(policy, history, make, tier=place, start=start, end=end)
                )
                floors = policy.universe.floors
                is_eligible = eligible == ELIGIBLE
                outlook = self.outlooks[product] = Outlook(
                    product=product,
                    tier=place,
                    history=history,
                    market=Quotes(
                        market.bid, float(market.mid.max()), is_scant(market, tier, policy)
                    ),
                    eligible=eligible,
                    is_eligible=is_eligible,
                    membership=membership_of(
                        is_eligible, enter=floors.enter_cycles, leave=floors.leave_cycles
                    ),
                    codes=readings.codes,
                    bare=readings.codes,
                    triggers=readings.triggers,
                    share=np.zeros(0),
                    clear=np.zeros(0, dtype=bool),
                    open_triggers=np.zeros(0, dtype=np.int64),
                    open_at=np.zeros(0, dtype=np.int64),
                )
                self._judge(outlook, market)
                limit = float(move_limit(product, policy).value) * 100.0
                jump = float(check_in(policy.checks, QuoteSanity).jump_pct_max.value)
                self.flash |= (market.moved > limit * (1 - 1e-9)) | (
                    market.jump * 100.0 > jump * (1 - 1e-9)
                )
        self.eligible_count = sum(
            (each.is_eligible.astype(np.int64) for each in self.outlooks.values()),
            start=np.zeros(self.count, dtype=np.int64),
        )
        for outlook in self.outlooks.values():
            self._finish(outlook)
        self._find_changes()

    def _finish(self, outlook: Outlook) -> None:
        """Lay crash and universe over the readings."""
        codes = outlook.codes
        crash = self.regime_at == REGIMES.index(CRASH)
        measured = (codes == TRIGGER) | (codes == CODES[Reason.NO_TRIGGER.value])
        codes[crash & measured] = CODES[Reason.REGIME_CRASH.value]
        outlook.bare = codes.copy()
        self._lay_universe(outlook, 0, self.count)

    def _judge(self, outlook: Outlook, market: Market) -> None:
        """Say which triggers are clear, and how large their sizes are at least."""
        at, tier = outlook.triggers.at, self.policy.universe.tiers[outlook.tier]
        multipliers = self._multipliers()[self.regime_at[at]]
        rules = np.array([float(getattr(each, "multiplier", 0)) for each in self.rules])
        risk = float(self.policy.sizing.risk_pct.fraction)
        usual = float(tier.base_position.fraction) * rules[outlook.triggers.rule] * multipliers
        # No stop is further than a quarter away: that bounds what risk may cut.
        outlook.share = np.minimum(usual, risk / 0.25) * (outlook.triggers.confidence / float(NANO))
        checks = self.policy.checks
        jump = float(check_in(checks, QuoteSanity).jump_pct_max.value)
        largest = float(check_in(checks, MaxOrder).quote_max.value) * 1.01
        multiple = float(check_in(checks, DepthMultiple).multiple)
        volume = float(check_in(checks, MarketVolume).volume_pct.fraction)
        collar = check_in(checks, Collar)
        bars = collar.bars
        off = float(collar.median_pct.fraction)
        rows = at + self.start - outlook.history.first
        lowest = outlook.history.close[np.maximum(rows - 1, 0)]
        for back in range(2, bars + 1):
            lowest = np.minimum(lowest, outlook.history.close[np.maximum(rows - back, 0)])
        outlook.clear = (
            outlook.triggers.is_sure
            & (rows > bars)
            & (market.jump[at] * 100 < jump * 0.999)
            & (market.bid[at] < lowest * (1 + off * 0.99))
            & (market.depth_low[at] > multiple * largest)
            & (market.volume[at] * volume > largest)
        )

    def _multipliers(self) -> Floats:
        regime = self.policy.regime
        return np.array(
            [
                float(regime.bull_multiplier),
                float(regime.bear_multiplier),
                float(regime.chop_multiplier),
                0.0,
            ]
        )

    def _lay_universe(self, outlook: Outlook, begin: int, end: int) -> None:
        """Write the universe's own reasons over a product's codes at some places."""
        span = slice(begin, end)
        outlook.codes[span] = outlook.bare[span]
        codes = outlook.codes[span]
        small = self.eligible_count[span] < self.needed
        codes[small] = CODES[Reason.UNIVERSE_TOO_SMALL.value]
        codes[~outlook.membership.is_member[span]] = CODES[Reason.WAITING_TO_ENTER.value]
        objected = outlook.eligible[span] != ELIGIBLE
        codes[objected] = outlook.eligible[span][objected]
        at = outlook.triggers.at
        first, last = np.searchsorted(at, [begin, end])
        is_open = outlook.codes[at[first:last]] == TRIGGER
        found = first + np.flatnonzero(is_open)
        outlook.open_triggers = patched(outlook.open_triggers, int(first), int(last), found)
        outlook.open_at = patched(outlook.open_at, begin, end, at[found])

    def _absent_code(self, product: ProductId) -> int:
        instant = Instant(0) + self.start * MINUTE
        view = ProductView(None, None, None, None, trouble="the venue does not list it")
        return _code(product, view, self._snapshot(instant, {product: view}), self.policy)

    def _ban(self, product: ProductId, eligible: Bytes) -> None:
        """Flags of people and stablecoins come before everything, while they last."""
        times = {0}
        for flag in self.policy.universe.red_flags:
            if flag.product == product:
                over = -(-(flag.banned_at + flag.expires_after).us // 60_000_000) - self.start
                times.add(min(max(over, 0), self.count))
        edges = [*sorted(times), self.count]
        for begin, end in pairwise(edges):
            now = Instant(0) + (self.start + begin) * MINUTE
            ban = never_traded(product, now, self.policy)
            if ban is not None and begin < end:
                eligible[begin:end] = CODES[ban.reason.value]

    def _exact(self, product: ProductId, at: int) -> int:
        """What a cycle says of a product's eligibility at a place."""
        now = Instant(0) + (self.start + at) * MINUTE
        view = self.view_at(product, at)
        return _code(product, view, self._snapshot(now, {product: view}), self.policy)

    def view_at(self, product: ProductId, at: int) -> ProductView:
        """What the first cycle of a place sees of a product that is listed and not traded there."""
        history = self.histories.products[str(product)]
        minute = self.start + at
        listed = Listed(history.listing)
        before = history.last_before(minute)
        if before is not None:
            listed.matching.crowd = Crowd(
                price=before.close, spread=before.spread, depth=before.depth
            )
        listed.begin(history.bar(minute))
        listed.pass_point(0)
        now = Instant(0) + minute * MINUTE
        return view_of(product, history, lambda: listed, now, is_reference=False)

    def _snapshot(self, now: Instant, views: dict[ProductId, ProductView]) -> Snapshot:
        return Snapshot(cycle=1, time=now, views=views, clock_skew=now - now, unreachable="")

    def _regimes(self) -> Bytes:
        """Which regime each minute has, by its place in `REGIMES`."""
        chop = REGIMES.index(CHOP)
        history = self.histories.products.get(str(self.policy.regime.reference))
        minutes = np.arange(self.start, self.end + 1)
        if history is None:
            return np.full(self.count, chop, dtype=np.uint8)
        hours = np.arange(self.start // 60, self.end // 60 + 1)
        known = self._certain(history, hours)
        for place in np.flatnonzero(known == _DOUBTFUL).tolist():
            known[place] = self._regime_at(history, int(hours[place]))
        result: Bytes = known[minutes // 60 - hours[0]]
        return result

    def _regime_at(self, history: ProductHistory, hour: int) -> int:
        """The regime of an hour, as a cycle finds it."""
        hourly = history.hourly(hour * 60)
        view = ProductView(None, None, None, None, hourly=hourly)
        now = Instant(0) + hour * 60 * MINUTE
        snapshot = self._snapshot(now, {self.policy.regime.reference: view})
        return REGIMES.index(regime_of(snapshot, self.policy.regime).name)

    def _certain(self, history: ProductHistory, hours: Ints) -> Bytes:
        """The regimes of hours, `_DOUBTFUL` where floats cannot tell them for certain."""
        result = np.full(len(hours), REGIMES.index(CHOP), dtype=np.uint8)
        first = (history.first + history.first_row) // 60 + HOURS
        is_known = hours >= first
        if history.first_row == len(history) or not is_known.any():
            return result
        ends = np.arange(first - HOURS + 1, int(hours[-1]) + 1) * 60 - 1 - history.first
        closes = history.close[np.minimum(ends, len(history) - 1)].astype(np.float64)
        is_absurd = closes <= 0
        closes[is_absurd] = 1.0
        windows = np.lib.stride_tricks.sliding_window_view
        returns = np.diff(closes) / closes[:-1]
        trend = (closes[HOURS - 1 :] / closes[: len(closes) - HOURS + 1] - 1) * 100
        volatility = windows(returns, HOURS - 1).std(axis=1) * np.sqrt(8760.0) * 100
        regime = self.policy.regime
        crash = float(regime.crash_trend_pct.value), float(regime.crash_volatility_pct.value)
        bull = float(regime.bull_trend_pct.value), float(regime.bull_volatility_pct.value)
        bear = float(regime.bear_trend_pct.value)
        found = np.full(len(trend), REGIMES.index(CHOP), dtype=np.uint8)
        found[trend <= bear] = REGIMES.index(BEAR)
        found[(trend >= bull[0]) & (volatility < bull[1])] = REGIMES.index(BULL)
        found[(trend < crash[0]) | (volatility > crash[1])] = REGIMES.index(CRASH)
        doubt = windows(is_absurd, HOURS).any(axis=1)
        for limit in (crash[0], bull[0], bear):
            doubt |= np.abs(trend - limit) < 1e-4
        for limit in (crash[1], bull[1]):
            doubt |= np.abs(volatility - limit) < 1e-3
        found[doubt] = _DOUBTFUL
        result[is_known] = found[hours[is_known] - first]
        return result

    def leaves_at(self, product: ProductId, at: int, most: int) -> int:
        """The first place after one at which a product is in the universe no more, or `most`."""
        out = first_of(~self.outlooks[product].membership.is_member[at + 1 : most])
        return most if out is None else at + 1 + out

    def _find_changes(self, begin: int = 0, end: int | None = None) -> None:
        """Of some places, those at which any membership is another one than before; and more."""
        end = self.count if end is None else end
        changed = np.zeros(end - begin, dtype=bool)
        triggering = np.zeros(end - begin, dtype=np.int64)
        first = max(begin - 1, 0)
        skipped = begin - first
        for each in self.outlooks.values():
            known = each.membership
            standing = known.is_member[first:end] * 64 + known.streak[first:end]
            changed[1 - skipped :] |= standing[1:] != standing[:-1]
            left, right = np.searchsorted(each.open_at, [begin, end])
            triggering[each.open_at[left:right] - begin] += 1
        self.is_changed[begin:end] = changed
        self.changes = patched(self.changes, begin, end, begin + np.flatnonzero(changed))
        is_crowded = triggering > self.policy.triggers.triggers_max
        self.crowded = patched(self.crowded, begin, end, begin + np.flatnonzero(is_crowded))

    def universe_at(self, at: int) -> dict[ProductId, book.Membership]:
        """Where every listed product stands after the cycle at a place."""
        found: dict[ProductId, book.Membership] = {}
        for product in self.policy.universe.products:
            outlook = self.outlooks.get(product)
            if outlook is None:
                found[product] = book.Membership(is_member=False)
                continue
            standing = outlook.membership
            found[product] = book.Membership(bool(standing.is_member[at]), int(standing.streak[at]))
        return found

    def realign(self, at: int, universe: Mapping[ProductId, book.Membership]) -> None:
        """Go on from where the universe really stands after the cycles of a place."""
        floors = self.policy.universe.floors
        agreed = at
        for product, outlook in self.outlooks.items():
            stands = universe[product]
            known = outlook.membership
            standing = stands.is_member, stands.streak
            if (bool(known.is_member[at]), int(known.streak[at])) == standing:
                continue
            end = go_on_from(
                known,
                outlook.is_eligible,
                at,
                standing,
                enter=floors.enter_cycles,
                leave=floors.leave_cycles,
            )
            self._lay_universe(outlook, at + 1, end)
            agreed = max(agreed, end)
        if agreed > at:
            self._find_changes(at, min(agreed + 1, self.count))


def _code(product: ProductId, view: ProductView, snapshot: Snapshot, policy: Policy) -> int:
    objection = eligibility(product, view, snapshot, policy)
    return ELIGIBLE if objection is None else CODES[objection.reason.value]


assert MOVE_MINUTES == 5, "the column of moves looks five minutes back"
