"""A product's prices with entries, exits, stops and targets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trader247.domain.ids import ProductId
from trader247.report.charts.chart import (
    BLUE,
    GAIN,
    GOLD,
    LOSS,
    PLAIN,
    VIOLET,
    Chart,
    Table,
    axis,
    layout,
    millis,
    rounded,
)
from trader247.report.charts.money import amount, figure, moment, price
from trader247.report.curve import Floats, Ints
from trader247.report.report import Report
from trader247.report.story import PriceBars
from trader247.report.trades import Trade

TRADES_MOST = 120

_EXITS = (
    ("stop", "stop", LOSS, "x"),
    ("target", "target", GAIN, "star"),
    ("longest_hold", "longest hold", VIOLET, "square"),
    ("trailing_stop", "trailing stop", GOLD, "diamond"),
)


def price_charts(report: Report) -> tuple[Chart, ...]:
    """A chart for each product that was traded and whose prices are known, most trades first."""
    story = report.story
    trades: dict[ProductId, list[Trade]] = {}
    for trade in (*story.trades, *story.still_open):
        trades.setdefault(trade.product, []).append(trade)
    order = sorted(trades, key=lambda product: (-len(trades[product]), product))
    return tuple(
        _chart(product, story.prices[product], trades[product])
        for product in order
        if product in story.prices
    )


_HEADS = (
    "#", "product", "rule", "opened (UTC)", "closed (UTC)", "entry", "exit", "stop", "target",
    "left by", "profit", "return", "fees", "slippage",
)  # fmt: skip


def trade_table(trades: Sequence[Trade]) -> Table:
    """Trades as rows."""
    return Table(
        _HEADS,
        tuple(
            (
                str(each.number),
                str(each.product),
                each.rule,
                moment(each.opened),
                moment(each.closed),
                price(each.entry_price),
                "\u2013" if each.exit_price is None else price(each.exit_price),
                price(each.stop),
                price(each.target),
                (each.exit_cause or "open").replace("_", " "),
                # What nothing was sold of has made nothing yet, and not zero.
                "\u2013" if each.exit_price is None else amount(each.pnl, is_signed=True),
                "\u2013"
                if each.return_pct is None
                else figure(float(each.return_pct.value), "%", is_signed=True),
                amount(each.fees),
                amount(each.slippage),
            )
            for each in trades
        ),
        # An exit is a price here, and not what a group is called by.
        tuple("price" if head == "exit" else head for head in _HEADS),
    )  # fmt: skip


def _chart(product: ProductId, bars: PriceBars, trades: Sequence[Trade]) -> Chart:
    shown = trades[-TRADES_MOST:]
    ends = bars.times + bars.minutes * 60_000_000
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines", "name": "close", "x": millis(ends),
            "y": rounded(bars.close), "line": {"color": PLAIN, "width": 1.3},
            "hovertemplate": "%{y}<extra>close</extra>",
        },
        _levels("stop", shown, LOSS, "dot", int(ends[-1])),
        _levels("target", shown, GAIN, "dash", int(ends[-1])),
        _points("entry", shown, BLUE, "triangle-up", is_entry=True),
    ]  # fmt: skip
    for cause, name, color, symbol in _EXITS:
        chosen = [each for each in shown if each.exit_cause == cause]
        if chosen:
            traces.append(_points(f"exit: {name}", chosen, color, symbol, is_entry=False))
    known = {cause for cause, *_ in _EXITS}
    rest = [each for each in shown if each.exit_cause and each.exit_cause not in known]
    if rest:
        traces.append(_points("exit: other", rest, PLAIN, "circle", is_entry=False))
    hidden = len(trades) - len(shown)
    across, along = _room(shown, ends, bars.close) if hidden > 0 else ({}, {})
    return Chart(
        id=f"price-{product}",
        title=str(product),
        label=f"{product}: closes of {bars.minutes}-minute bars, with each trade's entry, exit, "
        "stop and target.",
        traces=tuple(traces),
        layout=layout(
            xaxis=axis(type="date", hoverformat="%Y-%m-%d %H:%M UTC", **across),
            yaxis=axis(tickformat=",.6~g", **along),
            hovermode="closest",
        ),
        height=380,
        table=trade_table(shown),
        note=f"The newest {len(shown)} of {len(trades):,} trades are drawn, and their days; a "
        "double click shows all days."
        if hidden > 0
        else "",
    )


def _room(
    trades: Sequence[Trade], times: Ints, closes: Floats
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Ranges of both axes that hold some trades: a month of them is no more than a stain on a year.

    With what each of them came to stand between, and the price of those days.
    """
    first = trades[0].opened.us
    last = max((each.closed.us for each in trades if each.closed is not None), default=first)
    margin = max((last - first) // 20, 3_600_000_000)
    begin, end = first - margin, min(last + margin, int(times[-1]))
    prices = [*closes[(times >= begin) & (times <= end)].tolist()]
    for each in trades:
        prices += [
            float(one.value) for one in (each.entry_price, each.exit_price) if one is not None
        ]
    low, high = min(prices), max(prices)
    room = (high - low) * 0.08 or high * 0.01
    return (
        {"range": [begin // 1000, max(end, begin + margin) // 1000]},
        {"range": rounded([low - room, high + room])},
    )


def _levels(name: str, trades: Sequence[Trade], color: str, dash: str, end: int) -> dict[str, Any]:
    x: list[int | None] = []
    y: list[float | None] = []
    for each in trades:
        level = float((each.stop if name == "stop" else each.target).value)
        until = end if each.closed is None else each.closed.us
        x += [each.opened.us // 1000, until // 1000, None]
        y += [*rounded([level, level]), None]
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y,
        "line": {"color": color, "width": 1.4, "dash": dash}, "hoverinfo": "skip",
        "connectgaps": False,
    }  # fmt: skip


def _points(
    name: str, trades: Sequence[Trade], color: str, symbol: str, *, is_entry: bool
) -> dict[str, Any]:
    times, prices, texts = [], [], []
    for each in trades:
        time = each.opened if is_entry else each.closed
        level = each.entry_price if is_entry else each.exit_price
        if time is None or level is None:
            continue
        times.append(time.us // 1000)
        prices.append(float(level.value))
        made = "" if is_entry else f"<br>{amount(each.pnl, is_signed=True)} after fees"
        texts.append(f"#{each.number} {each.rule} at {price(level)}{made}")
    return {
        "type": "scatter", "mode": "markers", "name": name, "x": times, "y": rounded(prices),
        "text": texts, "hovertemplate": "%{text}<extra>" + name + "</extra>",
        "marker": {
            "color": color, "symbol": symbol, "size": 9,
            "line": {"width": 0.5, "color": "rgba(255,255,255,0.7)"},
        },
    }  # fmt: skip
