"""How trades are distributed: what they returned, and how long they were held."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from trader247.report.charts.chart import GAIN, LOSS, Chart, Table, axis, layout, rounded, wholes
from trader247.report.charts.money import figure
from trader247.report.report import Report
from trader247.report.trades import Trade

BINS_MOST = 40
POINTS_MOST = 1_500


def distribution_chart(report: Report) -> Chart | None:
    """How many trades returned how much; None without one."""
    returns = _returns(report)
    if not len(returns):
        return None
    low, high = float(returns.min()), float(returns.max())
    width = _round_width(
        max(high - low, 0.1) / min(BINS_MOST, max(8, int(len(returns) ** 0.5) * 2))
    )
    edges = np.arange(np.floor(low / width), np.floor(high / width) + 2) * width
    counts, _ = np.histogram(returns, bins=edges)
    middles = (edges[:-1] + edges[1:]) / 2
    bars = {
        "type": "bar", "x": rounded(middles, 5), "y": counts.tolist(), "width": width * 0.92,
        "marker": {"color": [GAIN if each >= 0 else LOSS for each in middles.tolist()]},
        "customdata": [
            f"{a:.2f} to {b:.2f} %" for a, b in pairwise(edges.tolist())
        ],
        "hovertemplate": "%{customdata}: %{y} trades<extra></extra>",
    }  # fmt: skip
    quantiles = [0, 5, 25, 50, 75, 95, 100]
    values = np.percentile(returns, quantiles)
    names = ("least", "5 %", "quarter", "median", "three quarters", "95 %", "greatest")
    return Chart(
        id="distribution",
        title="Distribution of trades",
        label="How many closed trades returned how much of their cost, after all fees.",
        traces=(bars,),
        layout=layout(
            xaxis=axis(title={"text": "return of a trade"}, ticksuffix=" %", zeroline=True),
            yaxis=axis(
                title={"text": "trades"},
                rangemode="tozero",
                **wholes(counts.tolist()),
            ),
            bargap=0.05,
        ),
        height=280,
        table=Table(
            ("quantile", "return"),
            tuple(
                (name, figure(float(value), "%", is_signed=True))
                for name, value in zip(names, values, strict=True)
            ),
        ),
        note=f"Half of the trades returned more than {figure(float(np.median(returns)), '%')}."
        if len(returns) > 1
        else "",
    )


def holding_chart(report: Report) -> Chart | None:
    """What trades returned against how long they were held; None without one."""
    trades = [
        each for each in report.story.trades if not each.is_open and each.return_pct is not None
    ]
    if not trades:
        return None
    shown = trades[-POINTS_MOST:]
    traces = []
    for name, color, symbol, is_won in (
        ("won", GAIN, "circle", True),
        ("lost", LOSS, "x", False),
    ):
        chosen = [each for each in shown if (each.pnl.value > 0) is is_won]
        held = [each.held.total_seconds() for each in chosen if each.held is not None]
        traces.append(
            {
                "type": "scatter", "mode": "markers", "name": name,
                "x": rounded([each / 3600 for each in held], 4),
                "y": rounded([_return(each) for each in chosen], 4),
                "text": [f"#{each.number} {each.product} {each.rule}" for each in chosen],
                "hovertemplate": "%{text}<br>%{x:.1f} h, %{y:.2f} %<extra></extra>",
                "marker": {"color": color, "symbol": symbol, "size": 7, "opacity": 0.75},
            }
        )  # fmt: skip
    hours = [each.held.total_seconds() / 3600 for each in trades if each.held]
    return Chart(
        id="holding",
        title="Time held",
        label="What each closed trade returned, against the hours it was held.",
        traces=tuple(traces),
        layout=layout(
            xaxis=axis(title={"text": "hours held"}, rangemode="tozero"),
            yaxis=axis(ticksuffix=" %", zeroline=True),
            hovermode="closest",
            showlegend=True,
        ),
        height=280,
        table=Table(
            ("quantile", "hours held"),
            tuple(
                (name, figure(float(np.percentile(hours, q)), digits=1))
                for name, q in (("least", 0), ("median", 50), ("95 %", 95), ("greatest", 100))
            ),
        ),
        note="" if len(shown) == len(trades) else f"The newest {POINTS_MOST:,} trades.",
    )


def _returns(report: Report) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = [each.return_pct for each in report.story.trades]
    return np.array([float(each.value) for each in found if each is not None])


def _return(trade: Trade) -> float:
    assert trade.return_pct is not None, "an open trade has no return yet"
    return float(trade.return_pct.value)


def _round_width(width: float) -> float:
    power = 10.0 ** np.floor(np.log10(width))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= width))
