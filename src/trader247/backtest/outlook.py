"""What each minute holds for a product that is neither held nor worked, as one column.

The reason in which its cycle ends is found for the whole past at once: by its eligibility, by the
guards, by its signals. Where something triggers the column says so, and a cycle has to look.
What a float cannot tell for certain (a spread exactly at its limit) is asked of the very function
that a cycle asks. So the column says what the cycles would say, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trader247.backtest.columns import CODES
from trader247.backtest.history import ProductHistory
from trader247.core.market.instruments import Instruments
from trader247.core.policy import Policy
from trader247.core.rules.rule import Rule, Setting
from trader247.core.signals.columns import Columns
from trader247.core.signals.evaluate import SignalColumns, evaluate
from trader247.core.signals.series import NANO
from trader247.core.signals.signal import Gauge, Signal
from trader247.core.universe import DEPTH_BAND_BPS
from trader247.core.universe_policy import Tier
from trader247.domain.money import Percent
from trader247.domain.reasons import Reason

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]

ELIGIBLE = 255
TRIGGER = 254
_CLOSE = 1e-9
"""Two floats nearer than this, as a share, are taken to be equal: what is exact has to tell."""
_DAY = 1440
_ANY_SHARE = Percent.of(100)


@dataclass(slots=True)
class Market:
    """A product's market at the first instant of each minute, where cycles look at it.

    `bid` in ticks; `mid` and `volume` (of 24 hours) in quote currency, `spread_bps` over the mid.
    `depth_low` and `depth_high` bound what rests within 20 bps on the lesser side. `moved` is the
    greatest move of five minutes in bps, unsigned.
    """

    bid: Ints
    mid: Floats
    spread_bps: Floats
    volume: Floats
    depth_low: Floats
    depth_high: Floats
    moved: Floats
    jump: Floats


@dataclass(slots=True)
class Quotes:
    """What a run goes on asking of a market's columns: `bid` in ticks, and the highest mid.

    `is_scant` is where what rests is so little less than asked for that a bid of ours among others
    makes it enough.
    """

    bid: Ints
    mid_most: float
    is_scant: Bools


def quoted(history: ProductHistory, *, start: int, end: int) -> tuple[Ints, Ints, Ints]:
    """Bid and spread in ticks, and depth in lots, at the first instant of each minute."""
    span = slice(start - history.first, end + 1 - history.first)
    is_whole = bool(history.traded[span].all())
    last = span if is_whole else np.maximum(history.last_row[span], 0)
    price = history.open[span]
    if not is_whole:
        price = np.where(history.traded[span], price, history.close[span])
    spread = history.spread[last]
    return np.maximum(price - spread // 2, 1), spread, history.depth[last]


def market_of(history: ProductHistory, *, start: int, end: int) -> Market:
    """The market columns of the minutes from `start` to `end`."""
    rows = np.arange(start - history.first, end + 1 - history.first)
    bid, spread, depth = quoted(history, start=start, end=end)
    tick, lot = float(history.tick.value), float(history.listing.base_increment)
    mid_ticks = bid + spread * 0.5
    mid = mid_ticks * tick
    spread_bps = spread / mid_ticks * 10_000.0
    rests = depth * lot
    is_in_band = spread_bps < 2 * DEPTH_BAND_BPS
    depth_high = np.where(is_in_band, rests * bid * tick, 0.0)
    before = history.close[np.maximum(rows - 1, 0)]
    base = history.close[np.maximum(rows - 6, 0)].astype(np.float64)
    base = np.maximum(base, 1.0)
    moved = np.maximum(np.abs(before - base), np.abs(mid_ticks - base)) / base * 10_000.0
    return Market(
        bid=bid,
        mid=mid,
        spread_bps=spread_bps,
        volume=_day_volume(history, rows),
        depth_low=depth_high * 0.9975,
        depth_high=depth_high * 1.0005,
        moved=moved,
        jump=np.abs(mid_ticks - before) / np.maximum(before, 1),
    )


def _day_volume(history: ProductHistory, rows: Ints) -> Floats:
    """The venue's 24 h volume in quote currency, before it is rounded to hundredths."""
    high, low = history.turnover_sums
    begin = np.maximum(rows - _DAY, 0)
    turnover = (high[rows] - high[begin]).astype(np.float64) * float(1 << 20)
    turnover += (low[rows] - low[begin]).astype(np.float64)
    step = float(history.listing.price_increment * history.listing.base_increment)
    return turnover * step


def is_scant(market: Market, tier: Tier, policy: Policy) -> Bools:
    """Where a bid of ours beside others may make a market deep enough.

    The bids are the lesser side by a spread, and no more than that is told on account of ours.
    """
    depth_min = float(max(tier.depth_min, policy.universe.floors.depth_min).value)
    found: Bools = (market.depth_low < depth_min) & (market.depth_high * 1.005 >= depth_min)
    return found


Exact = Callable[[int], int]
"""The code of a minute's eligibility, by the function that a cycle asks; `ELIGIBLE` for none."""


def eligibility_column(market: Market, tier: Tier, policy: Policy, exact: Exact) -> Bytes:
    """For each minute the code of what speaks against a product, or `ELIGIBLE`."""
    floors = policy.universe.floors
    volume_min = float(max(tier.volume_24h_min, floors.volume_24h_min).value)
    spread_max = float(min(tier.spread_bps_max, floors.spread_bps_max).value)
    depth_min = float(max(tier.depth_min, floors.depth_min).value)
    codes = np.full(len(market.mid), ELIGIBLE, dtype=np.uint8)
    codes[market.depth_high < depth_min] = CODES[Reason.DEPTH_LOW.value]
    codes[market.spread_bps > spread_max] = CODES[Reason.SPREAD_WIDE.value]
    codes[market.volume < volume_min] = CODES[Reason.VOLUME_LOW.value]
    is_unclear = (
        (np.abs(market.volume - volume_min) <= 0.02 + volume_min * _CLOSE)
        | (np.abs(market.spread_bps - spread_max) <= spread_max * _CLOSE)
        | ((market.depth_low < depth_min) & (market.depth_high >= depth_min))
        | (np.abs(market.spread_bps - 2 * DEPTH_BAND_BPS) <= 1e-3)
    )
    for at in np.flatnonzero(is_unclear).tolist():
        codes[at] = exact(at)
    return codes


@dataclass(slots=True)
class Triggers:
    """The minutes at which something triggers, oldest first, and the strongest of each.

    `score` and `confidence` are in billionths; `rule` is counted in, and where not `is_sure` it has
    to be asked itself. `target` is the trade's, as a share of its price; no number where unknown.
    """

    at: Ints
    score: Ints
    confidence: Ints
    rule: Ints
    is_sure: Bools
    target: Floats


@dataclass(slots=True)
class Readings:
    """The guards and signals of one product: a code a minute, and its triggers.

    The codes are those of bars alone: missing, outlier, volatility, trigger, nothing.
    """

    codes: Bytes
    triggers: Triggers


def readings_of(
    history: ProductHistory,
    instruments: Instruments,
    rules: tuple[Rule, ...],
    *,
    tier: int,
    regimes: list[str],
    regime_at: Bytes,
    start: int,
    end: int,
) -> Readings:
    """Measure a product for every minute; `regime_at` says which of `regimes` each one has."""
    begin = min(history.first_row, len(history))
    columns = Columns(
        end=history.first + len(history) - 1,
        high=history.high[begin:],
        low=history.low[begin:],
        close=history.close[begin:],
        volume=history.cents[begin:],
        filled=history.filled[begin:],
        has_figures=False,
    )
    # A cycle at a minute sees the bars up to the one before it.
    at = np.arange(start, end + 1) - 1 - history.first - begin
    count = len(at)
    missing = CODES[Reason.BARS_MISSING.value]
    if not len(columns) or at[-1] < 0:
        nothing = np.zeros(0, dtype=np.int64)
        empty = Triggers(nothing, nothing, nothing, nothing, nothing == 1, np.zeros(0))
        return Readings(np.full(count, missing, dtype=np.uint8), empty)
    triggers = instruments.triggers
    score_min = int(triggers.score_min * NANO)
    is_any_measured = np.zeros(count, dtype=bool)
    best = np.full(count, -1, dtype=np.int64)
    confidence = np.zeros(count, dtype=np.int64)
    chosen = np.full(count, -1, dtype=np.int64)
    sure = np.ones(count, dtype=bool)
    target = np.full(count, np.nan)
    for signal in instruments.signals:
        found = _measured(signal, columns, triggers.missing_pct_max)
        if found is None:
            continue
        measured, triggered = _flags(found.is_measured, at), _flags(found.is_triggered, at)
        score, own = _numbers(found.score, at), _numbers(found.confidence, at)
        is_any_measured |= measured
        candidate = triggered & (score >= score_min) & measured
        for rule in instruments.rules.get(signal.id, ()):
            allowed = np.array([rule.applies(Setting(tier, name)) for name in regimes])[regime_at]
            # A rule that may decline leaves open which trigger wins: it has to be asked.
            is_better = candidate & allowed & (score > best)
            is_sure, targets = _sure(rule, signal, columns, at, is_better)
            is_chosen, is_open = is_better & is_sure, is_better & ~is_sure
            best[is_chosen] = score[is_chosen]
            confidence[is_chosen] = own[is_chosen]
            chosen[is_chosen] = rules.index(rule)
            target[is_chosen] = targets[is_sure[is_better]]
            candidate = candidate & ~(allowed & is_sure)
            sure &= ~is_open
            chosen[is_open & (chosen < 0)] = rules.index(rule)
    outlier = _measured(instruments.outlier, columns, _ANY_SHARE)
    volatility = _measured(instruments.volatility, columns, _ANY_SHARE)
    codes = np.full(count, CODES[Reason.NO_TRIGGER.value], dtype=np.uint8)
    codes[chosen >= 0] = TRIGGER
    if outlier is None or volatility is None:
        codes[:] = missing
    else:
        codes[_flags(volatility.is_triggered, at)] = CODES[Reason.VOLATILITY_HIGH.value]
        codes[_flags(outlier.is_triggered, at)] = CODES[Reason.OUTLIER.value]
        is_measured = _flags(outlier.is_measured, at) & _flags(volatility.is_measured, at)
        codes[~(is_measured & is_any_measured)] = missing
    places = np.flatnonzero(codes == TRIGGER)
    return Readings(
        codes,
        Triggers(
            at=places,
            score=np.maximum(best[places], score_min),
            confidence=confidence[places],
            rule=chosen[places],
            is_sure=sure[places],
            target=target[places],
        ),
    )


def _sure(
    rule: Rule, signal: Signal, columns: Columns, at: Ints, where: Bools
) -> tuple[Bools, Floats]:
    """Of the places `where` a rule may act on its signal: those at which it is certain to.

    And the target of the trade at each of the places `where`.
    """
    places = np.flatnonzero(where)
    result = np.zeros(len(where), dtype=bool)
    targets = np.full(len(places), np.nan)
    if not len(places):
        return result, targets
    gauges: list[Gauge] = []

    def figure(name: str) -> Ints:
        if not gauges:
            gauges.extend(signal.measure(columns.shown_whole(), at[places]).gauges)
        found = next(each.nanos for each in gauges if each.name == name)
        assert isinstance(found, np.ndarray), "columns answer with arrays"
        return found

    result[places] = rule.surely_wishes(figure)
    target = rule.sure_target(figure)
    if target is not None:
        targets[:] = target
        targets /= NANO
    return result, targets


def _measured(signal: Signal, columns: Columns, missing_max: Percent) -> SignalColumns | None:
    if len(columns) < signal.bars_needed:
        return None
    return evaluate(signal, columns, missing_max=missing_max)


def _flags(column: Bools, at: Ints) -> Bools:
    """A column at places that follow each other; no before its first. Not to be written to."""
    if at[0] >= 0:
        return column[at[0] : at[-1] + 1]
    return column.take(np.maximum(at, 0)) & (at >= 0)


def _numbers(column: Ints, at: Ints) -> Ints:
    """A column at places that follow each other; nothing before its first. Not to be written to."""
    if at[0] >= 0:
        return column[at[0] : at[-1] + 1]
    return column.take(np.maximum(at, 0)) * (at >= 0)
