"""A run that is over, as the result that a report reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trader247.backtest.extremes import with_extremes
from trader247.backtest.history import ProductHistory
from trader247.backtest.result import (
    BacktestResult,
    Candles,
    DataRow,
    Exposure,
    FillRow,
    Held,
)
from trader247.backtest.run import Backtest
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.universe_policy import Cluster
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Money, total
from trader247.domain.orders import Side
from trader247.domain.time import MINUTE, Instant

_HOUR = 60


@dataclass(frozen=True, slots=True)
class Told:
    """What only whoever asked for the run knows of it."""

    settings: Mapping[str, str]
    data: tuple[DataRow, ...]
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]


def result_of(run: Backtest, told: Told) -> BacktestResult:
    """Everything that a run left behind."""
    setup, recorder, columns = run.setup, run.recorder, run.columns
    policy = setup.policy
    fills = recorder.fills
    histories = setup.histories.products
    return BacktestResult(
        kind="backtest",
        code_version=setup.code_version,
        quote_currency=policy.quote_currency,
        start=_instant(setup.start),
        end=_instant(setup.end),
        starting_equity=Money(setup.funding[policy.quote_currency]),
        final_equity=recorder.equity,
        trades=with_extremes(recorder.trades, histories, end=setup.end),
        orders=recorder.order_rows,
        fills=fills,
        equity=columns.equity(),
        exposure=_exposure(policy, histories, fills, start=setup.start, end=setup.end),
        days=recorder.days(columns.refusals(), columns.cycles_by_day(), columns.day_ends()),
        stops=recorder.stops,
        fees=total([each.fee for each in fills]),
        slippage=total([each.slippage for each in fills]),
        settings=told.settings,
        policy_hash=policy.hash,
        policy_text=policy.text,
        data=told.data,
        candles={
            name: _candles(each, start=setup.start, end=setup.end)
            for name, each in histories.items()
        },
        decision_hash=recorder.decision_hash,
        assumptions=told.assumptions,
        warnings=told.warnings,
        reference=_reference(policy, histories),
    )


def _instant(minute: int) -> Instant:
    return Instant(0) + minute * MINUTE


def _reference(policy: Policy, histories: Mapping[str, ProductHistory]) -> str:
    wanted = str(policy.regime.reference)
    return wanted if wanted in histories else next(iter(histories))


def _exposure(
    policy: Policy,
    histories: Mapping[str, ProductHistory],
    fills: Sequence[FillRow],
    *,
    start: int,
    end: int,
) -> Exposure:
    products: dict[str, Held] = {}
    for name, history in histories.items():
        own = [each for each in fills if str(each.product) == name]
        if own:
            products[name] = _held(history, own, start=start, end=end)
    caps = {
        "product": check_in(policy.checks, ProductExposure).pct_max.value,
        "total": check_in(policy.checks, TotalExposure).pct_max.value,
        **{each.name: each.cap.value for each in _clusters(policy)},
    }
    return Exposure(products, caps)


def _held(history: ProductHistory, fills: Sequence[FillRow], *, start: int, end: int) -> Held:
    at = np.array([each.time.us // 60_000_000 + 1 - start for each in fills])
    signs = (1 if each.side is Side.BUY else -1 for each in fills)
    moved = [float(each.quantity.value) * sign for each, sign in zip(fills, signs, strict=True)]
    is_within = at <= end - start
    steps = np.zeros(end - start + 1)
    np.add.at(steps, at[is_within], np.array(moved)[is_within])
    quantity = np.cumsum(steps)
    # What floats leave of a position that is gone is no position: no venue takes so little.
    held = np.flatnonzero(quantity > 1e-9)
    minute = held + start
    rows = np.clip(minute - history.first, 0, len(history) - 1)
    spread = history.spread[np.maximum(history.last_row[rows], 0)]
    bid = history.open[rows] - spread // 2
    cents = np.rint(quantity[held] * bid * float(history.tick.value) * 100)
    return Held(minute, cents.astype(np.int64))


def _clusters(policy: Policy) -> tuple[Cluster, ...]:
    return policy.universe.clusters


def _candles(history: ProductHistory, *, start: int, end: int) -> Candles:
    """The hours of a run; the first and the last may be cut short."""
    first = max(start, history.first + history.first_row) - history.first
    last = min(end, history.first + len(history) - 1) - history.first
    if first > last:
        nothing: NDArray[np.float64] = np.zeros(0, dtype=np.float64)
        return Candles(np.zeros(0, dtype=np.int64), nothing, nothing, nothing, nothing, nothing)
    minute = np.arange(first, last + 1) + history.first
    begins = np.flatnonzero(np.diff(minute // _HOUR, prepend=-1))
    tick = np.float64(history.tick.value)
    ends = np.append(begins[1:], len(minute)) - 1
    rows = slice(first, last + 1)
    return Candles(
        minute=minute[begins] // _HOUR * _HOUR,
        open=history.open[rows][begins] * tick,
        high=np.maximum.reduceat(history.high[rows], begins) * tick,
        low=np.minimum.reduceat(history.low[rows], begins) * tick,
        close=history.close[rows][ends] * tick,
        volume=np.add.reduceat(history.cents[rows], begins) / 100.0,
    )
