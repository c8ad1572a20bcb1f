"""Profit and loss by product, rule, hour and exit, as bars."""

from __future__ import annotations

from collections.abc import Sequence

from trader247.report.charts.chart import (
    GAIN,
    LOSS,
    Chart,
    Table,
    axis,
    layout,
    room_for_text,
    rounded,
)
from trader247.report.charts.money import amount
from trader247.report.groups import Group
from trader247.report.report import Report

_TITLES = {
    "product": "Profit by product",
    "rule": "Profit by rule",
    "hour": "Profit by hour of entry",
    "exit": "Profit by exit",
}


def group_charts(report: Report) -> tuple[Chart, ...]:
    """One chart for each grouping that has trades."""
    return tuple(
        _chart(by, title, report.groups[by], report.story.origin.currency)
        for by, title in _TITLES.items()
        if report.groups[by]
    )


def group_table(groups: Sequence[Group], head: str) -> Table:
    """Groups as rows."""
    return Table(
        (head, "trades", "won", "profit", "fees", "slippage"),
        tuple(
            (
                each.name,
                f"{each.trades:,}",
                f"{100 * each.wins / each.trades:.0f} %" if each.trades else "\u2013",
                amount(each.pnl, is_signed=True),
                amount(each.fees),
                amount(each.slippage),
            )
            for each in groups
        ),
    )


def _chart(by: str, title: str, groups: Sequence[Group], currency: str) -> Chart:
    is_hour = by == "hour"
    shown = list(groups) if is_hour else sorted(groups, key=lambda each: each.pnl.value)
    values = rounded([float(each.pnl.value) for each in shown])
    names = [each.name for each in shown]
    common = {
        "type": "bar", "marker": {"color": [GAIN if (v or 0) >= 0 else LOSS for v in values]},
        "text": [amount(each.pnl, is_signed=True) for each in shown],
        "customdata": [f"{each.trades:,} trades, {each.wins:,} won" for each in shown],
        "cliponaxis": False,
    }  # fmt: skip
    if is_hour:
        traces = {
            **common, "x": names, "y": values, "textposition": "none",
            "hovertemplate": f"%{{x}}:00 UTC: %{{text}} {currency}<br>%{{customdata}}"
            "<extra></extra>",
        }  # fmt: skip
        made = layout(
            xaxis=axis(type="category", title={"text": "hour (UTC)"}, nticks=24),
            yaxis=axis(title={"text": currency}, zeroline=True, tickformat=",.2~f"),
        )
        height = 260
    else:
        traces = {
            **common, "x": values, "y": [each.replace("_", " ") for each in names],
            "orientation": "h", "textposition": "outside",
            "hovertemplate": "%{y}: %{text} " + currency + "<br>%{customdata}<extra></extra>",
        }  # fmt: skip
        made = layout(
            xaxis=axis(
                zeroline=True,
                title={"text": currency},
                range=room_for_text(values),
                nticks=6,
                tickformat=",.2~f",
            ),
            yaxis=axis(type="category", dtick=1),
        )
        height = 90 + 26 * max(len(shown), 2)
    return Chart(
        id=f"by-{by}",
        title=title,
        label=f"Profit after all fees of closed trades, in {currency}.",
        traces=(traces,),
        layout=made,
        height=height,
        table=group_table(groups, by),
    )
