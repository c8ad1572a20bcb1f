"""sweep.html: what luck makes of the best trial on the first screen, each parameter below."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np

from trader247.report.charts.chart import (
    BLUE,
    GOLD,
    LOSS,
    PLAIN,
    Chart,
    Table,
    axis,
    layout,
    rounded,
    wholes,
)
from trader247.report.charts.money import figure
from trader247.report.curve import DAY_US
from trader247.report.metrics import Measure, Missing
from trader247.report.page.parts import (
    FLOWED,
    STACKED,
    document,
    facts,
    figure_of,
    table,
    text,
    tile,
)
from trader247.report.sweep import FORMULAS, SweepReport, SweepTrial, day_of, stands_on

TRIALS_MOST = 50
_NAMED_MOST = 9
"""Values that a phone has room to name, side by side."""


def sweep_page(report: SweepReport, *, hash: str, library: str) -> str:
    """The page of a sweep."""
    charts = [
        chart
        for chart in (
            _later_curve(report),
            _scores(report),
            *(_parameter(report, name) for name in report.story.parameters),
        )
        if chart is not None
    ]
    top = [each for each in charts if each.id in ("later", "scores")]
    rest = [each for each in charts if each not in top]
    body = "".join(
        (
            _first_screen(report),
            f"<section><h2>Walk-forward</h2>{''.join(map(figure_of, top[:1]))}"
            f"{_folds(report)}</section>",
            f"<section><h2>Each parameter</h2>{''.join(map(figure_of, top[1:]))}"
            f'<div class="pair">{"".join(map(figure_of, rest))}</div></section>',
            _trials(report),
            _formulas(),
            f"<footer>sweep {text(hash)}, policy {text(report.story.policy_hash)}. "
            "Times are UTC. What was is no promise of what will be.</footer>",
        )
    )
    return document(f"sweep of {len(report.story.trials)} trials", body, charts, library=library)


def _first_screen(report: SweepReport) -> str:
    story = report.story
    cautions = "".join(f"<p>{text(each)}</p>" for each in report.cautions)
    best = report.ranked[0] if report.ranked else None
    values = "" if best is None else _values(best.trial)
    tiles = "".join(
        (
            _tile(
                "deflated Sharpe ratio", report.deflated, "%", "probability that it is no luck", 1
            ),
            _tile(
                "overfitting",
                report.overfitting,
                "%",
                "likely that the best is luck of its days",
                1,
            ),
            # The return itself is one tile and not two.
            *(
                ()
                if story.objective == "return"
                else (
                    _tile(
                        f"out of sample, {story.measure}",
                        report.later,
                        "",
                        "chosen before, judged after",
                    ),
                )
            ),
            _tile("out of sample, return", report.later_return, "%", "all folds together"),
            _tile(
                f"best in hindsight, {story.measure}",
                Missing("there is no trial") if best is None else best.score,
                story.unit,
                values,
            ),
            _tile(
                "the luckiest of nothing",
                report.luckiest,
                "",
                "yearly Sharpe that luck alone makes",
            ),
        )
    )
    return (
        '<header><div class="badge">BACKTESTS, MANY OF THEM</div>'
        f"<h1>Sweep: {text(_headline(report))}</h1></header>"
        + (f'<div class="caution" role="note">{cautions}</div>' if cautions else "")
        + f'<div class="card rests"><h3>What this rests on</h3>{facts(stands_on(story))}</div>'
        + f'<div class="tiles thirds">{tiles}</div>'
    )


def _headline(report: SweepReport) -> str:
    if isinstance(report.deflated, Missing) or isinstance(report.overfitting, Missing):
        return "too little to tell skill from luck"
    if report.deflated >= 0.95 and report.overfitting <= 0.2:
        return "the best is more than luck, as far as these days tell"
    return "the best cannot be told from luck"


def _tile(name: str, measure: Measure, unit: str, note: str, digits: int = 2) -> str:
    if isinstance(measure, Missing):
        return tile(name, "unknown", measure.reason, "unknown")
    shown = measure * 100.0 if unit == "%" else measure
    return tile(name, figure(shown, unit, digits=digits), note)


def _scored(report: SweepReport, score: Measure) -> str:
    """A score as it is shown, or why there is none."""
    if isinstance(score, Missing):
        return score.reason
    story = report.story
    return figure(story.shown(score), story.unit)


def _known(report: SweepReport) -> list[tuple[SweepTrial, float]]:
    """The trials that have a score, with it."""
    return [
        (each.trial, each.score) for each in report.ranked if not isinstance(each.score, Missing)
    ]


def _titled(report: SweepReport) -> str:
    story = report.story
    return f"{story.measure}, {story.unit}" if story.unit else story.measure


def _folds(report: SweepReport) -> str:
    story = report.story
    if not report.judged:
        return ""
    rows = tuple(
        (
            f"{day_of(each.fold.begin, story)} to {day_of(each.fold.until - 1, story)}",
            f"{day_of(each.fold.test, story)} to {day_of(each.fold.end - 1, story)}",
            str(story.trials[each.trial].number),
            _scored(report, each.inside),
            _scored(report, each.outside),
            _values(story.trials[each.trial]),
        )
        for each in report.judged
    )
    heads = ("chosen on", "judged on", "trial", "in sample", "out of sample", "what")
    return f'<div class="card long">{table(Table(heads, rows), kind=f"{STACKED} said")}</div>'


def _later_curve(report: SweepReport) -> Chart | None:
    story = report.story
    if not report.judged:
        return None
    begin = report.judged[0].fold.test
    # The curves begin with one, at the end of the day before the first that is judged.
    days = [(story.trials[0].days[begin] - 1) * DAY_US // 1000]
    nav = [1.0]
    rows = []
    for each in report.judged:
        for offset, value in enumerate(each.returns):
            days.append(story.trials[0].days[each.fold.test + offset] * DAY_US // 1000)
            nav.append(nav[-1] * (1.0 + value))
        rows.append((day_of(each.fold.end, story), f"{nav[-1]:.5f}"))
    best = report.ranked[0].trial
    hindsight = np.cumprod(np.concatenate([[1.0], 1.0 + np.array(best.returns[begin:])]))
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines", "name": "out of sample", "x": days,
            "y": rounded(nav), "line": {"color": BLUE, "width": 2.2},
        },
        {
            "type": "scatter", "mode": "lines", "name": "best in hindsight",
            "x": [days[0], *(day * DAY_US // 1000 for day in best.days[begin:])],
            "y": rounded(hindsight.tolist()),
            "line": {"color": PLAIN, "width": 1.4, "dash": "dot"},
        },
    ]  # fmt: skip
    return Chart(
        id="later",
        title="Chosen before, judged after",
        label="Growth of one over the out-of-sample days, beside the trial that is best in "
        "hindsight, which nobody could have chosen.",
        traces=tuple(traces),
        layout=layout(xaxis=axis(type="date"), yaxis=axis(), hovermode="x unified"),
        height=320,
        table=Table(("day (UTC)", "out of sample"), tuple(rows)),
    )


def _scores(report: SweepReport) -> Chart | None:
    shown = report.story.shown
    scores = [shown(score) for _, score in _known(report)]
    if len(scores) < 2:
        return None
    counts, edges = np.histogram(scores, bins=min(30, max(6, len(scores) // 6)))
    middles = (edges[:-1] + edges[1:]) / 2
    shapes = []
    note = ""
    if report.story.objective == "sharpe" and isinstance(report.luckiest, float):
        shapes.append(
            {
                "type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": report.luckiest,
                "x1": report.luckiest, "line": {"color": LOSS, "width": 2, "dash": "dash"},
            }
        )  # fmt: skip
        note = "The dashed line is what luck alone would make of so many trials."
    return Chart(
        id="scores",
        title="Scores of all trials",
        label=f"How many trials have which {report.story.measure} over the whole period.",
        traces=(
            {
                "type": "bar", "x": rounded(middles, 5), "y": counts.tolist(),
                "width": float(edges[1] - edges[0]) * 0.92, "marker": {"color": BLUE},
            },
        ),
        layout=layout(
            xaxis=axis(title={"text": _titled(report)}),
            yaxis=axis(title={"text": "trials"}, rangemode="tozero", **wholes(counts.tolist())),
            shapes=shapes,
            bargap=0.05,
        ),
        height=260,
        table=Table(
            ("from", "to", "trials"),
            tuple(
                (figure(float(a)), figure(float(b)), str(count))
                for a, b, count in zip(edges[:-1], edges[1:], counts.tolist(), strict=True)
            ),
        ),
        note=note,
    )  # fmt: skip


def _parameter(report: SweepReport, name: str) -> Chart | None:
    shown = report.story.shown
    known = [(trial, shown(score)) for trial, score in _known(report)]
    if not known:
        return None
    order = [v for v in report.story.parameters[name] if any(t.values[name] == v for t, _ in known)]
    is_number = all(map(_is_number, order))
    if is_number:
        order.sort(key=float)
    groups = [[score for trial, score in known if trial.values[name] == v] for v in order]
    medians = [float(np.median(group)) for group in groups]
    at = {value: float(value) if is_number else value for value in order}
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "markers", "name": "trials",
            "x": [at[trial.values[name]] for trial, _ in known],
            "y": rounded([score for _, score in known], 5),
            "text": [
                f"trial {trial.number}, {trial.trades:,} trades" for trial, _ in known
            ],
            "hovertemplate": "%{x}: %{y:.2f}<br>%{text}<extra></extra>",
            "marker": {"color": BLUE, "size": 7, "opacity": 0.8},
        },
        {
            # Between words there is nothing that a line could go through.
            "type": "scatter", "mode": "lines+markers" if is_number else "markers",
            "name": "median", "x": list(at.values()), "y": rounded(medians, 5),
            "hovertemplate": "%{x}: %{y:.2f}<extra>median</extra>",
            "line": {"color": GOLD, "width": 2},
            "marker": {"symbol": "diamond", "size": 7, "color": GOLD},
        },
    ]  # fmt: skip
    return Chart(
        id=f"parameter-{name}",
        title=_short(list(report.story.parameters))[list(report.story.parameters).index(name)],
        label=f"{name}: the {report.story.measure} of each trial by its value; a broad hill is "
        "worth more than a spike.",
        traces=tuple(traces),
        layout=layout(
            xaxis=_along([float(each) for each in order])
            if is_number
            else axis(type="category", categoryorder="array", categoryarray=order),
            yaxis=axis(title={"text": _titled(report)}),
            hovermode="closest",
        ),
        height=280,
        table=Table(
            ("value", "trials", "least", "median", "most"),
            tuple(
                (value, f"{len(group):,}", *map(figure, (min(group), median, max(group))))
                for value, group, median in zip(order, groups, medians, strict=True)
            ),
        ),
    )


def _along(values: Sequence[float]) -> dict[str, Any]:
    """The axis of a number that was tried: as far apart as it is, and named where there is room."""
    apart = [b - a for a, b in pairwise(values)]
    span = values[-1] - values[0]
    if apart and len(values) <= _NAMED_MOST and min(apart) * _NAMED_MOST >= span:
        return axis(type="linear", tickmode="array", tickvals=list(values))
    return axis(type="linear")


def _is_number(value: str) -> bool:
    try:
        return isfinite(float(value))
    except ValueError:
        return False


def _trials(report: SweepReport) -> str:
    names = list(report.story.parameters)
    rows = tuple(
        (
            str(each.trial.number),
            _scored(report, each.score),
            f"{each.trial.trades:,}",
            figure(each.trial.pnl, is_signed=True),
            ", ".join(each.trial.halts) or "\u2013",
            *(each.trial.values[name] for name in names),
        )
        for each in report.ranked[:TRIALS_MOST]
    )
    heads = ("trial", "score", "trades", "profit", "halts", *(_short(names)))
    return (
        '<section><h2>Trials, best in hindsight first</h2><div class="card long">'
        f"{table(Table(heads, rows), kind=f'{FLOWED} said')}</div></section>"
    )


def _values(trial: SweepTrial) -> str:
    """What was tried, in a line."""
    return ", ".join(
        f"{name} {value}"
        for name, value in zip(_short(list(trial.values)), trial.values.values(), strict=True)
    )


def _short(names: Sequence[str]) -> list[str]:
    last = [".".join(name.split(".")[-2:]) for name in names]
    return last if len(set(last)) == len(last) else list(names)


def _formulas() -> str:
    rows = tuple(
        (name.replace("_", " "), said, source) for name, (said, source) in FORMULAS.items()
    )
    inner = table(Table(("figure", "formula", "source"), rows), kind=STACKED)
    return f'<section><h2>Formulas</h2><div class="card long">{inner}</div></section>'
