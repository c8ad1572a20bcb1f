"""A backtest's result as a story, so that one report shows what was and what would have been."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import numpy as np

from trader247.app.backtests.backtesting import Asked, backtested
from trader247.app.candles.store import UNSAID
from trader247.backtest import result as past
from trader247.backtest.history import BOOK, HARSH, OPTIMISTIC
from trader247.backtest.result import BacktestResult, DataRow
from trader247.core.figures.funnel import FunnelDay, funnel_day
from trader247.core.valuation import PnlFigures
from trader247.domain.fills import Fill
from trader247.domain.ids import EntryId, OrderId, ProductId
from trader247.domain.money import CONTEXT, NO_MONEY, Money, Percent, total
from trader247.domain.orders import Side
from trader247.report.curve import Curve
from trader247.report.listening import refusals_of
from trader247.report.made import NOTHING, Standing, made_between
from trader247.report.metrics import Missing, max_drawdown
from trader247.report.report import Report, report_of
from trader247.report.story import (
    Assumption,
    Caps,
    DataFile,
    Held,
    Holdings,
    Origin,
    PriceBars,
    Stop,
    Story,
    Variant,
)
from trader247.report.trades import Trade, TradeFill

_MINUTE_US = 60_000_000
_HARSHNESS = (HARSH.name, BOOK.name, OPTIMISTIC.name)
_FILES = "candles of "
_UNSAID = "candles whose source is not said"
_NAMED = ("fees", "fills", "history", "decisions", "an operator")


def reported(result: BacktestResult, others: Sequence[Variant] = ()) -> Report:
    """The report of a run; `others` are the same one under other models of fills."""
    story = story_of(result)
    if others:
        runs = sorted(
            (_variant(result, is_shown=True), *others),
            key=lambda each: _HARSHNESS.index(each.name),
        )
        story = replace(story, variants=tuple(runs))
    return report_of(story)


def other_models(asked: Asked) -> tuple[Asked, ...]:
    """The same run under every other model of fills."""
    return tuple(replace(asked, slippage=name) for name in _HARSHNESS if name != asked.slippage)


def as_variant(asked: Asked) -> Variant:
    """What a report says of a run beside the one that it shows. Raises as `backtested` does."""
    return _variant(backtested(asked), is_shown=False)


def _variant(result: BacktestResult, *, is_shown: bool) -> Variant:
    nav = result.equity.cents / 100.0 / float(result.starting_equity.value)
    fall = max_drawdown(nav)
    return Variant(
        name=_model(result),
        trades=sum(not each.is_open for each in result.trades),
        total_return=float(nav[-1] - 1.0) if len(nav) else None,
        max_drawdown=None if isinstance(fall, Missing) else fall,
        fees=result.fees,
        slippage=result.slippage,
        is_shown=is_shown,
    )


def _model(result: BacktestResult) -> str:
    return result.settings["slippage"]


def story_of(result: BacktestResult) -> Story:
    """Everything of a run, as a report reads it."""
    trades = tuple(_trade(each) for each in result.trades)
    closed = tuple(each for each in trades if not each.is_open)
    buys = [each for each in result.fills if each.side is Side.BUY]
    sells = [each for each in result.fills if each.side is Side.SELL]
    funnel = _funnel(result)
    curve, holdings = _columns(result)
    return Story(
        origin=_origin(result),
        begin=result.start,
        end=result.end,
        cycles=sum(each.cycles for each in result.days),
        opening=result.starting_equity,
        trades=closed,
        still_open=tuple(each for each in trades if each.is_open),
        curve=curve,
        holdings=holdings,
        clusters={each.product: each.cluster for each in result.trades if each.cluster},
        caps=_caps(result),
        pnl=_pnl(result),
        made=made_between(
            NOTHING,
            Standing(result.realised, result.unrealised, result.selling_fee),
            result=None
            if result.final_equity is None
            else result.final_equity - result.starting_equity,
        ),
        bought=total([each.price * each.quantity for each in buys]),
        sold=total([each.price * each.quantity for each in sells]),
        fees=result.fees,
        slippage=result.slippage,
        flows=NO_MONEY,
        entries_sent=sum(each.entries for each in result.days),
        orders_sent=len(result.orders),
        fills=len(result.fills),
        funnel=funnel,
        refusals=refusals_of(funnel),
        stops=tuple(
            Stop(each.name, each.cause, each.since, each.ended)
            for each in result.stops
            if each.kind in ("halt", "ban")
        ),
        policy_hash=result.policy_hash,
        settings=json.loads(result.policy_text) if result.policy_text else {},
        decisions=result.decision_hash,
        assumptions=assumptions_of(result.data, result.assumptions, result.warnings),
        data=tuple(
            DataFile(each.product, each.label or each.source, each.checksum) for each in result.data
        ),
        prices={
            ProductId.parse(name): bars
            for name, each in result.candles.items()
            if (bars := _bars(each)) is not None
        },
        held=_held(result),
        parameters=dict(result.settings),
    )


def _held(result: BacktestResult) -> Held | None:
    if result.hold is None:
        return None
    products = tuple(ProductId.parse(each) for each in result.hold.products)
    return Held(products, result.hold.minute * _MINUTE_US, result.hold.nav)


def _origin(result: BacktestResult) -> Origin:
    return Origin(
        title=result.kind,
        market=f"BACKTEST on {'; '.join(origins_of(result.data))}",
        currency=result.quote_currency,
        code_version=result.code_version,
    )


def origin_of(row: DataRow) -> str:
    """Where the candles of one product come from, in words."""
    return row.label or (_UNSAID if row.source == UNSAID else row.source)


def origins_of(data: Sequence[DataRow]) -> list[str]:
    """Where candles come from, each origin once: many files of one are told by their number."""
    of_files: dict[str, set[str]] = {}
    for each in data:
        label = origin_of(each)
        # So an import labels them: by the file, then by what a person said of it.
        file, said, rest = label.rpartition(f" ({each.source})")
        is_file = file.startswith(_FILES)
        of_files.setdefault(f"{said}{rest}" if is_file else label, set()).add(label)
    return [
        f"{_FILES}{len(labels)} files{end}" if len(labels) > 1 else labels.pop()
        for end, labels in sorted(of_files.items())
    ]


def assumptions_of(
    data: Sequence[DataRow], said: Sequence[str], warnings: Sequence[str]
) -> tuple[Assumption, ...]:
    """What runs over the past rest on, each with its name, warnings first."""
    products = ", ".join(each.product for each in data)
    labels = {each.label or each.source for each in data}
    found = [Assumption("data", f"{products}: {'; '.join(origins_of(data))}")]
    for each in said:
        if each in labels:
            continue
        name = next((word for word in _NAMED if each.startswith(word)), "")
        text = each.removeprefix(name).strip() if name not in ("", "an operator") else each
        found.append(Assumption(name.removeprefix("an ") or "besides", text))
    return (*(Assumption("warning", each, is_warning=True) for each in warnings), *found)


def _trade(each: past.Trade) -> Trade:
    return Trade(
        number=each.number,
        product=each.product,
        cluster=each.cluster,
        strategy=each.strategy,
        rule=each.rule,
        decision_id=each.decision_id,
        opened=each.opened,
        closed=each.closed,
        quantity=each.quantity,
        entry_price=each.entry_price,
        exit_price=each.exit_price,
        stop=each.stop,
        target=each.target,
        longest_hold=each.leaves_at - each.opened,
        exit_cause=None if each.closed is None or each.cause is None else each.cause.value,
        cost=each.bought + each.entry_fee,
        pnl=each.realised,
        fees=each.fees,
        slippage=each.slippage,
        lowest=each.lowest,
        highest=each.highest,
        fills=tuple(
            _fill(fill, "entry" if fill.side is Side.BUY else str(each.cause and each.cause.value))
            for fill in each.fills
        ),
    )


def _fill(each: past.FillRow, cause: str) -> TradeFill:
    fill = Fill(
        entry_id=EntryId(f"{each.client_order_id}@{each.time}"),
        trade_id="",
        order_id=OrderId(""),
        product=each.product,
        side=each.side,
        price=each.price,
        quantity=each.quantity,
        fee=each.fee,
        liquidity=each.liquidity,
        time=each.time,
        sequence_time=each.time,
    )
    return TradeFill(fill, each.client_order_id, cause, each.reference)


def _funnel(result: BacktestResult) -> tuple[FunnelDay, ...]:
    return tuple(
        funnel_day(
            str(each.day)[:10], cycles=each.cycles, reasons=each.refusals, filled=each.filled
        )
        for each in result.days
    )


def _columns(result: BacktestResult) -> tuple[Curve, Mapping[ProductId, Holdings]]:
    """Equity and what was held, of each minute; unknown where something held had no mark."""
    first = result.start.minute
    minutes = np.arange(first, result.end.minute + 1)
    equity = np.full(len(minutes), np.nan)
    equity[result.equity.minute - first] = result.equity.cents / 100.0
    start = float(result.starting_equity.value)
    whole = np.where(np.isnan(equity), np.nan, 0.0)
    holdings: dict[ProductId, Holdings] = {}
    for name, held in sorted(result.exposure.products.items()):
        worth = held.cents / 100.0
        whole[held.minute - first] += worth
        if len(worth):
            holdings[ProductId.parse(name)] = Holdings(held.minute - first, worth)
    return Curve(minutes * _MINUTE_US, equity, equity / start, whole), holdings


def _caps(result: BacktestResult) -> Caps | None:
    caps = {name: Percent(value) for name, value in result.exposure.caps.items()}
    if "product" not in caps or "total" not in caps:
        return None
    product, whole = caps.pop("product"), caps.pop("total")
    return Caps(product, whole, caps)


def _pnl(result: BacktestResult) -> PnlFigures:
    cash = result.starting_equity
    for fill in result.fills:
        worth = fill.price * fill.quantity
        cash = cash - fill.fee + (worth if fill.side is Side.SELL else -worth)
    peak = _peak(result)
    return PnlFigures(
        realised=result.realised,
        unrealised=result.unrealised,
        fees=result.fees,
        flows=NO_MONEY,
        equity=result.final_equity,
        cash=cash,
        day=None,
        week=None,
        high_water_mark=peak,
        drawdown_pct=None
        if peak is None or result.final_equity is None
        else Percent.from_fraction(CONTEXT.divide((peak - result.final_equity).value, peak.value)),
    )


def _peak(result: BacktestResult) -> Money | None:
    """The greatest equity that a cycle saw, to the hundredth, or the last one."""
    if not len(result.equity.cents):
        return None
    greatest = Money(Decimal(int(result.equity.cents.max())).scaleb(-2))
    return greatest if result.final_equity is None else max(greatest, result.final_equity)


def _bars(candles: past.Candles) -> PriceBars | None:
    if not len(candles.minute):
        return None
    return PriceBars(
        minutes=candles.minutes,
        times=candles.minute * _MINUTE_US,
        open=candles.open,
        high=candles.high,
        low=candles.low,
        close=candles.close,
    )
