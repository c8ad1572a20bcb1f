"""A run that is over, as the result that a report reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trader247.backtest.extremes import with_extremes
from trader247.backtest.history import ProductHistory
from trader247.backtest.holes import fills_in_holes
from trader247.backtest.outlook import quoted
from trader247.backtest.recorder import Move
from trader247.backtest.result import BacktestResult, Candles, DataRow, Exposure, Held, Hold
from trader247.backtest.run import Backtest
from trader247.core.figures.steps import step_for
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.universe_policy import Cluster
from trader247.core.valuation import pnl_figures, selling_fee
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, Money, total
from trader247.domain.time import MINUTE, Instant


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
    book = pnl_figures(run.ledger.portfolio)
    exposure = _exposure(policy, histories, recorder.moves, start=setup.start, end=setup.end)
    return BacktestResult(
        kind="backtest",
        code_version=setup.code_version,
        quote_currency=policy.quote_currency,
        start=_instant(setup.start),
        end=_instant(setup.end),
        starting_equity=Money(setup.funding[policy.quote_currency]),
        final_equity=recorder.equity,
        trades=with_extremes(recorder.trades, histories, exposure.products),
        orders=recorder.order_rows,
        fills=fills,
        equity=columns.equity(),
        exposure=exposure,
        days=recorder.days(columns.refusals(), columns.cycles_by_day(), columns.day_ends()),
        stops=recorder.stops,
        fees=total([each.fee for each in fills]),
        slippage=total([each.slippage for each in fills]),
        realised=book.realised,
        unrealised=book.unrealised,
        selling_fee=selling_fee(run.ledger.portfolio, policy),
        settings=told.settings,
        policy_hash=policy.hash,
        policy_text=policy.text,
        data=told.data,
        candles={
            name: _candles(each, start=setup.start, end=setup.end)
            for name, each in histories.items()
        },
        hold=_hold(histories, start=setup.start, end=setup.end),
        decision_hash=recorder.decision_hash,
        assumptions=told.assumptions,
        warnings=(*told.warnings, *filter(None, [fills_in_holes(fills, histories)])),
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
    moves: Sequence[Move],
    *,
    start: int,
    end: int,
) -> Exposure:
    products: dict[str, Held] = {}
    for name, history in histories.items():
        own = [each for each in moves if str(each.product) == name]
        if own:
            products[name] = _held(history, own, start=start, end=end)
    caps = {
        "product": check_in(policy.checks, ProductExposure).pct_max.value,
        "total": check_in(policy.checks, TotalExposure).pct_max.value,
        **{each.name: each.cap.value for each in _clusters(policy)},
    }
    return Exposure(products, caps)


def _held(history: ProductHistory, moves: Sequence[Move], *, start: int, end: int) -> Held:
    lot = history.listing.base_increment
    steps = np.zeros(end - start + 1, dtype=np.int64)
    for each in moves:
        if each.minute <= end:
            steps[each.minute - start] += int(CONTEXT.divide(each.quantity, lot))
    lots = np.cumsum(steps)
    held = np.flatnonzero(lots > 0)
    bids, _, _ = quoted(history, start=start, end=end)
    worth = float(CONTEXT.multiply(history.tick.value, lot)) * 100
    cents = np.rint(lots[held] * bids[held] * worth)
    return Held(held + start, cents.astype(np.int64))


def _clusters(policy: Policy) -> tuple[Cluster, ...]:
    return policy.universe.clusters


def _hold(histories: Mapping[str, ProductHistory], *, start: int, end: int) -> Hold | None:
    """None where no product had traded a minute before the last cycle."""
    begins = {}
    for name, history in histories.items():
        traded = np.flatnonzero(history.traded[start - history.first : end - history.first])
        if len(traded):
            begins[name] = start + int(traded[0])
    if not begins:
        return None
    begin = max(begins.values())
    nav = np.zeros(end - begin)
    for name in begins:
        history = histories[name]
        at = begin - history.first
        paid = history.open[at] if history.traded[at] else history.close[at]
        nav += history.close[at : end - history.first] / float(paid)
    minutes = np.arange(begin, end + 1)
    return Hold(tuple(begins), minutes, np.concatenate(([1.0], nav / len(begins))))


def _candles(history: ProductHistory, *, start: int, end: int) -> Candles:
    """The bars of a run, finer where it is short; the first and the last may be cut short."""
    step = step_for((end - start) * MINUTE)
    first = max(start, history.first + history.first_row) - history.first
    last = min(end, history.first + len(history) - 1) - history.first
    if first > last:
        nothing: NDArray[np.float64] = np.zeros(0, dtype=np.float64)
        return Candles(
            step, np.zeros(0, dtype=np.int64), nothing, nothing, nothing, nothing, nothing
        )
    minute = np.arange(first, last + 1) + history.first
    begins = np.flatnonzero(np.diff(minute // step, prepend=-1))
    tick = np.float64(history.tick.value)
    ends = np.append(begins[1:], len(minute)) - 1
    rows = slice(first, last + 1)
    return Candles(
        minutes=step,
        minute=minute[begins] // step * step,
        open=history.open[rows][begins] * tick,
        high=np.maximum.reduceat(history.high[rows], begins) * tick,
        low=np.minimum.reduceat(history.low[rows], begins) * tick,
        close=history.close[rows][ends] * tick,
        volume=np.add.reduceat(history.cents[rows], begins) / 100.0,
    )
