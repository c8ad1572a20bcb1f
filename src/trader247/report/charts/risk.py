"""Exposure against its caps, and the funnel: how far products came and what stopped the rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from trader247.report.charts.chart import (
    BLUE,
    DASHES,
    LOSS,
    PLAIN,
    SERIES,
    Chart,
    Table,
    axis,
    layout,
    log_room,
    millis,
    rounded,
)
from trader247.report.charts.money import figure
from trader247.report.curve import Curve, Floats
from trader247.report.exposure import by_cluster, share_of_all, shares
from trader247.report.report import Report

POINTS_MOST = 450
REASONS_MOST = 14
CLUSTERS_MOST = 4
_NEAR = 4.0


def exposure_chart(report: Report) -> Chart | None:
    """Exposure over time in per cent of equity; None where nothing was ever held."""
    story = report.story
    if len(story.curve) < 2 or not story.holdings:
        return None
    whole = share_of_all(story)
    traces = [_line(story.curve, whole, "all", BLUE, "solid", is_filled=True)]
    clusters = sorted(by_cluster(story).items(), key=lambda item: -float(np.nanmax(item[1])))
    for index, (name, values) in enumerate(clusters[:CLUSTERS_MOST]):
        dash = DASHES[1 + index % (len(DASHES) - 1)]
        traces.append(_line(story.curve, values, name, SERIES[1 + index], dash))
    most = float(np.nanmax(whole)) if np.isfinite(whole).any() else 0.0
    shapes: list[dict[str, object]] = []
    named: list[dict[str, object]] = []
    notes = []
    caps = story.caps
    if caps is not None:
        cap = float(caps.total.value)
        if cap <= most * _NEAR:
            shapes, named = [_cap(cap)], [_cap_named(cap)]
            notes = [f"The grey line is the cap of {cap:g} % on all together."]
            most = max(most, cap)
        else:
            notes = [f"The cap of {cap:g} % on all together is far above this picture."]
    return Chart(
        id="exposure",
        title="Exposure against the caps",
        label="The most that was held at the bid at a time, in per cent of equity, in all and by "
        "cluster.",
        traces=tuple(traces),
        layout=layout(
            xaxis=axis(type="date", hoverformat="%Y-%m-%d %H:%M UTC"),
            yaxis=axis(ticksuffix=" %", range=[0, most * 1.08 or 1]),
            hovermode="x unified",
            shapes=shapes,
            annotations=named,
        ),
        height=300,
        table=Table(
            ("of", "name", "most", "mean", "cap", "time held"),
            tuple(
                (
                    each.of,
                    each.name,
                    figure(each.most, "%"),
                    figure(each.mean, "%"),
                    "none" if each.cap is None else figure(each.cap, "%", digits=1),
                    figure(each.time, "%", digits=0),
                )
                for each in shares(story)
            ),
        ),
        note=" ".join(notes),
    )


def caps_chart(report: Report) -> Chart | None:
    """How much of each cap was used at the most; None where nothing was held or capped."""
    known = [
        (each.name if each.of != "all" else "all together", 100.0 * each.most / each.cap)
        for each in shares(report.story)
        if each.most is not None and each.cap
    ]
    shown = sorted(known, key=lambda item: -item[1])[:REASONS_MOST]
    if not report.story.holdings or not shown:
        return None
    values = rounded([value for _, value in shown], 4)
    bars = {
        "type": "bar", "orientation": "h", "x": values, "y": [name for name, _ in shown],
        "marker": {"color": [LOSS if value > 100 else BLUE for _, value in shown]},
        "text": [_part(value / 100.0) for _, value in shown], "textposition": "outside",
        "cliponaxis": False, "hovertemplate": "%{y}: %{x:.1f} % of its cap<extra></extra>",
    }  # fmt: skip
    return Chart(
        id="caps",
        title="How much of each cap was used",
        label="The greatest exposure as a share of its cap. Prices may carry what is held above "
        "a cap; then nothing is added.",
        traces=(bars,),
        layout=layout(
            xaxis=axis(ticksuffix=" %", range=[0, max(100.0, shown[0][1]) * 1.18], nticks=6),
            yaxis=axis(type="category", autorange="reversed", dtick=1),
            shapes=[_full(100.0)],
        ),
        height=90 + 24 * len(shown),
        table=Table(
            ("name", "of its cap"), tuple((name, figure(value, "%")) for name, value in known)
        ),
        note="The dashed line is the whole cap.",
    )


def funnel_chart(report: Report) -> Chart | None:
    """How far products came, cycle by cycle, up to an entry that traded."""
    days = report.story.funnel
    if not days:
        return None
    stages = list(days[0].counts)
    counts = [sum(each.counts[stage] for each in days) for stage in stages]
    names = [stage.value for stage in stages]
    if sum(counts) == 0:
        return None
    names.append("filled")
    counts.append(sum(each.filled for each in days))
    first = counts[0] or 1
    bars = {
        "type": "bar", "orientation": "h", "x": counts, "y": names,
        "marker": {"color": BLUE}, "text": [f"{each:,}" for each in counts],
        "textposition": "outside", "cliponaxis": False,
        "customdata": [f"{100 * each / first:.2f} %" for each in counts],
        "hovertemplate": "%{y}: %{x:,} (%{customdata} of those considered)<extra></extra>",
    }  # fmt: skip
    return Chart(
        id="funnel",
        title="How far products came",
        label="Products in cycles: how many reached each stage on the way to an entry.",
        traces=(bars,),
        layout=layout(
            xaxis=_counted(counts),
            yaxis=axis(type="category", autorange="reversed", dtick=1),
        ),
        height=280,
        table=Table(
            ("stage", "products in cycles", "of those considered"),
            tuple(
                (name, f"{count:,}", f"{100 * count / first:.2f} %")
                for name, count in zip(names, counts, strict=True)
            ),
        ),
    )


def _counted(counts: Sequence[int]) -> dict[str, object]:
    """The axis along which products in cycles are counted."""
    return axis(
        type="log",
        title={"text": "products in cycles, log scale"},
        dtick=1,
        range=log_room(counts),
    )


def _part(share: float, *, places: int = 1) -> str:
    """A share in per cent: what is little is not nothing."""
    least = 10.0**-places
    if 0.0 < share * 100.0 < least / 2:
        return f"< {least:.{places}f} %"
    return f"{share * 100.0:.{places}f} %"


def refusal_chart(report: Report) -> Chart | None:
    """What stopped the others, most frequent first."""
    counts = list(report.story.refusals.items())
    if not counts:
        return None
    whole = sum(count for _, count in counts)
    shown = counts[:REASONS_MOST]
    bars = {
        "type": "bar", "orientation": "h", "x": [count for _, count in shown],
        "y": [name.replace("_", " ") for name, _ in shown], "marker": {"color": PLAIN},
        "text": [_part(count / whole) for _, count in shown], "textposition": "outside",
        "cliponaxis": False, "hovertemplate": "%{y}: %{x:,} (%{text})<extra></extra>",
    }  # fmt: skip
    hidden = len(counts) - len(shown)
    return Chart(
        id="refusals",
        title="What stopped the others",
        label="Why products were not bought, counted in cycles; a log scale.",
        traces=(bars,),
        layout=layout(
            xaxis=_counted([count for _, count in shown]),
            yaxis=axis(type="category", autorange="reversed", dtick=1),
        ),
        height=90 + 24 * len(shown),
        table=Table(
            ("reason", "products in cycles", "share"),
            tuple((name, f"{count:,}", _part(count / whole, places=2)) for name, count in counts),
        ),
        note=f"{hidden} rarer reasons are in the table." if hidden > 0 else "",
    )


def _line(
    curve: Curve, values: Floats, name: str, color: str, dash: str, *, is_filled: bool = False
) -> dict[str, object]:
    # The greatest of each stretch: what is held for hours comes and goes, and the caps bind tops.
    starts = np.arange(0, len(values), -(-len(values) // POINTS_MOST))
    tops = np.fmax.reduceat(values, starts)
    filled = {"fill": "tozeroy", "fillcolor": "rgba(59,130,196,0.15)"} if is_filled else {}
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": millis(curve.times[starts]),
        "y": rounded(tops, 4),
        "line": {"color": color, "width": 1.6, "dash": dash, "shape": "hv"},
        "hovertemplate": "%{y:.2f} %<extra>" + name + "</extra>", **filled,
    }  # fmt: skip


def _full(at: float) -> dict[str, object]:
    return {
        "type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": at, "x1": at,
        "line": {"color": LOSS, "width": 1.5, "dash": "dash"},
    }  # fmt: skip


def _cap(at: float) -> dict[str, object]:
    """A line that none of the clusters' looks like."""
    return {
        "type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at,
        "line": {"color": PLAIN, "width": 2.5},
    }  # fmt: skip


def _cap_named(at: float) -> dict[str, object]:
    return {
        "text": f"cap {at:g} %", "xref": "paper", "x": 1, "xanchor": "right", "y": at,
        "yanchor": "top", "showarrow": False,
    }  # fmt: skip
