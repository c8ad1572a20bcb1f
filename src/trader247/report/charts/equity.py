"""Equity with the trades on it, drawdown under it, and what doing nothing would have made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from trader247.domain.time import Instant
from trader247.report.charts.chart import (
    BLUE,
    GAIN,
    LOSS,
    PLAIN,
    Chart,
    Table,
    axis,
    layout,
    millis,
    rounded,
)
from trader247.report.charts.money import amount, figure
from trader247.report.curve import daily_closes, thinned, under_water
from trader247.report.report import Report
from trader247.report.trades import Trade

POINTS_MOST = 1_600
MARKS_MOST = 240
ROWS_MOST = 120


def equity_chart(report: Report) -> Chart | None:
    """None where fewer than two values are known."""
    curve, currency = report.curve, report.story.origin.currency
    if len(curve) < 2:
        return None
    kept = thinned(curve.nav, POINTS_MOST)
    times, depth = curve.times, under_water(curve.nav) * 100.0
    trades, note = _marked(report.story.trades)
    held = _held(report)
    if any(each["visible"] == "legendonly" for each in held):
        far = f"{held[0]['name']} is far from this curve: a click on its name shows it."
        note = f"{note} {far[0].upper()}{far[1:]}".strip()
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines", "name": "equity", "x": millis(times[kept]),
            "y": rounded(curve.equity[kept]), "line": {"color": BLUE, "width": 2},
            "hovertemplate": "%{y:,.2f} " + currency + "<extra>equity</extra>",
        },
        *held,
        *_exits(report, trades),
        {
            "type": "scatter", "mode": "lines", "name": "drawdown", "x": millis(times[kept]),
            "y": rounded(depth[kept], 4), "yaxis": "y2", "showlegend": False,
            "line": {"color": LOSS, "width": 1.5}, "fill": "tozeroy",
            "fillcolor": "rgba(217,98,43,0.18)",
            "hovertemplate": "%{y:.2f} %<extra>drawdown</extra>",
        },
    ]  # fmt: skip
    return Chart(
        id="equity",
        title="Equity, drawdown and trades",
        label="Equity over time with each closed trade at its exit, and the drawdown below it.",
        traces=tuple(traces),
        layout=layout(
            xaxis=axis(type="date", anchor="y2", hoverformat="%Y-%m-%d %H:%M UTC"),
            yaxis=axis(domain=[0.32, 1.0], title={"text": currency}, tickformat=",.2~f"),
            yaxis2=axis(domain=[0.0, 0.25], title={"text": "drawdown"}, ticksuffix=" %"),
            hovermode="x unified",
        ),
        height=460,
        table=_table(report),
        note=note,
    )


def _held(report: Report) -> list[dict[str, Any]]:
    held, curve = report.held, report.curve
    if held is None:
        return []
    start = float(curve.equity[0])
    kept = thinned(held.nav, POINTS_MOST)
    name = "buy and hold" if len(held.products) > 1 else f"hold {held.products[0]}"
    # Far from the curve it would flatten it: then it waits in the legend.
    reach = float(np.ptp(curve.equity)) or 1.0
    is_far = float(np.abs(held.nav * start - start).max()) > 6.0 * reach
    return [
        {
            "type": "scatter", "mode": "lines", "name": name, "x": millis(held.times[kept]),
            "y": rounded(held.nav[kept] * start),
            "line": {"color": PLAIN, "width": 1.5, "dash": "dot"},
            "visible": "legendonly" if is_far else True,
            "hovertemplate": "%{y:,.2f}<extra>" + name + "</extra>",
        },
    ]  # fmt: skip


def _marked(trades: Sequence[Trade]) -> tuple[Sequence[Trade], str]:
    if len(trades) <= MARKS_MOST:
        return trades, ""
    largest = sorted(trades, key=lambda each: (-abs(each.pnl.value), each.number))[:MARKS_MOST]
    return sorted(largest, key=lambda each: each.number), (
        f"Of {len(trades):,} trades the {MARKS_MOST} that moved most are marked."
    )


def _exits(report: Report, trades: Sequence[Trade]) -> list[dict[str, Any]]:
    curve = report.curve
    result = []
    for name, color, symbol, chosen in (
        ("trade won", GAIN, "triangle-up", [each for each in trades if each.pnl.value > 0]),
        ("trade lost", LOSS, "triangle-down", [each for each in trades if each.pnl.value <= 0]),
    ):
        ends = np.array([each.closed.us for each in chosen if each.closed], dtype=np.int64)
        at = np.clip(np.searchsorted(curve.times, ends), 0, len(curve) - 1)
        result.append(
            {
                "type": "scatter", "mode": "markers", "name": name, "x": millis(ends),
                "y": rounded(curve.equity[at]),
                "marker": {
                    "color": color, "symbol": symbol, "size": 10,
                    "line": {"width": 1, "color": "#ffffff"},
                },
                "text": [
                    f"{each.product} {amount(each.pnl, is_signed=True)} {each.exit_cause}"
                    for each in chosen
                ],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )  # fmt: skip
    return result


def _table(report: Report) -> Table:
    curve = report.curve
    days, closes = daily_closes(curve.times, curve.equity)
    _, navs = daily_closes(curve.times, curve.nav)
    depth = under_water(navs)
    step = max(1, -(-(len(days) - 1) // ROWS_MOST))
    rows = [
        (
            str(Instant(int(days[at]) * 86_400_000_000))[:10],
            figure(float(closes[at])),
            figure(float(navs[at] / navs[at - 1] - 1.0) * 100.0, "%", is_signed=True),
            figure(float(depth[at]) * 100.0, "%"),
        )
        for at in range(1, len(days), step)
    ]
    return Table(("day (UTC)", "equity", "return", "below peak"), tuple(rows))
