"""Reports side by side on one page: curves over each other, figures beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trader247.domain.time import Instant
from trader247.report.charts.chart import DASHES, SERIES, Chart, Table, axis, layout
from trader247.report.charts.money import MINUS
from trader247.report.comparing import DIFFERENCES_SHOWN, Body, Comparison, Row
from trader247.report.page.parts import (
    SETTINGS,
    STACKED,
    WRAPPED,
    document,
    facts,
    figure_of,
    table,
    text,
)

REASONS_MOST = 14
ROWS_MOST = 60


def compare_page(comparison: Comparison, bodies: Sequence[Body], *, library: str) -> str:
    """The page of a comparison."""
    names = comparison.names
    charts = [
        chart
        for chart in (
            _curves("nav", "Growth of one", "Equity a unit, each from one.", names, bodies),
            _curves("drawdown_pct", "Drawdown", "How far below its peak each was.", names, bodies),
            *(_bars(by, names, bodies) for by in ("product", "rule", "hour", "exit", "month")),
            _refusals(names, bodies),
        )
        if chart is not None
    ]
    body = "".join(
        (
            _head(comparison, bodies),
            f"<section><h2>Curves</h2>{''.join(map(figure_of, charts[:2]))}</section>",
            _table("Figures", comparison.figures, names),
            _table("Settings that differ", comparison.settings, names, kind=SETTINGS),
            _table("Data that differs", comparison.data, names, kind=SETTINGS),
            _trades(comparison),
            f'<section><h2>Where</h2><div class="pair">{"".join(map(figure_of, charts[2:]))}</div>'
            "</section>",
        )
    )
    return document(f"comparison of {len(names)} reports", body, charts, library=library)


def _head(comparison: Comparison, bodies: Sequence[Body]) -> str:
    said = (
        "every decision is the same"
        if comparison.is_decided_alike
        else f"decisions differ; {len(comparison.differences)} trades are not in both of the first"
    )
    rows = [
        (
            name,
            f"{body['title']}, {body['market']}; {body['period']['begin'][:16]} to "
            f"{body['period']['end'][:16]}; {body['counts']['trades']} trades",
        )
        for name, body in zip(comparison.names, bodies, strict=True)
    ]
    cautions = [
        f"<p>{text(name)}: {text(each)}</p>"
        for name, body in zip(comparison.names, bodies, strict=True)
        for each in body["cautions"]
    ]
    return (
        f"<header><h1>{text(said)}</h1></header>"
        + (f'<div class="caution" role="note">{"".join(cautions)}</div>' if cautions else "")
        + f'<div class="card rests"><h3>What is compared</h3>{facts(rows)}</div>'
    )


def _table(title: str, rows: Sequence[Row], names: Sequence[str], *, kind: str = WRAPPED) -> str:
    if not rows:
        return ""
    shown = Table(
        ("name", *names),
        tuple((row.name, *(_shown(value, row.unit) for value in row.values)) for row in rows),
    )
    inner = table(shown, kind=kind)
    return f'<section><h2>{title}</h2><div class="card long">{inner}</div></section>'


def _shown(value: str | None, unit: str) -> str:
    if value is None:
        return "unknown"
    try:
        number = float(value)
    except ValueError:
        return value
    if not unit and "." not in value:
        return value
    # Money has its hundredths, whatever its size.
    is_money = unit not in ("", "%", "x", "days")
    digits = ",.2f" if is_money or abs(number) >= 1000 else ",.4g"
    return f"{number:{digits}} {unit}".rstrip().replace("-", MINUS)


def _trades(comparison: Comparison) -> str:
    if not comparison.differences:
        return ""
    names = comparison.names
    rows = tuple((names[each.only_in], str(each)) for each in comparison.differences[:ROWS_MOST])
    hidden = len(comparison.differences) - len(rows)
    note = f'<p class="note">and {hidden} more</p>' if hidden > 0 else ""
    inner = table(Table(("run", "what"), rows), kind=STACKED)
    return (
        f'<section><h2>Trades that only one has</h2><div class="card long">{inner}{note}</div>'
        "</section>"
    )


def _curves(
    key: str, title: str, label: str, names: Sequence[str], bodies: Sequence[Body]
) -> Chart | None:
    sign = -1.0 if key == "drawdown_pct" else 1.0
    traces, rows = [], []
    for index, (name, body) in enumerate(zip(names, bodies, strict=True)):
        points = [each for each in body["equity"] if each[key] is not None]
        if not points:
            continue
        base = float(points[0][key]) if key == "nav" else 1.0
        values = [sign * float(each[key]) / (base or 1.0) for each in points]
        traces.append(
            {
                "type": "scatter", "mode": "lines", "name": name,
                "x": [Instant.parse(each["time"]).us // 1000 for each in points],
                "y": [float(f"{value:.7g}") for value in values],
                "line": {
                    "color": SERIES[index % len(SERIES)], "width": 1.8,
                    "dash": DASHES[index % len(DASHES)],
                },
            }
        )  # fmt: skip
        rows.append((name, f"{values[-1]:.5g}", f"{min(values):.5g}", f"{max(values):.5g}"))
    if not traces:
        return None
    suffix = " %" if key == "drawdown_pct" else ""
    return Chart(
        id=key,
        title=title,
        label=label,
        traces=tuple(traces),
        layout=layout(
            xaxis=axis(type="date", hoverformat="%Y-%m-%d %H:%M UTC"),
            yaxis=axis(ticksuffix=suffix),
            hovermode="x unified",
        ),
        height=320,
        table=Table(("run", "last", "least", "most"), tuple(rows)),
    )


def _bars(by: str, names: Sequence[str], bodies: Sequence[Body]) -> Chart | None:
    groups = [{each["name"]: each for each in body["groups"].get(by, [])} for body in bodies]
    every = sorted({name for group in groups for name in group})
    if not every:
        return None
    values = [[_pnl(group, name) for name in every] for group in groups]
    return _grouped(f"pnl-{by}", f"Profit by {by}", every, names, values, is_log=False)


def _pnl(group: Mapping[str, Any], name: str) -> float:
    return float(group[name]["pnl"]) if name in group else 0.0


def _refusals(names: Sequence[str], bodies: Sequence[Body]) -> Chart | None:
    counts: dict[str, int] = {}
    for body in bodies:
        for reason, count in body["refusals"].items():
            counts[reason] = counts.get(reason, 0) + count
    every = sorted(counts, key=lambda each: (-counts[each], each))[:REASONS_MOST]
    if not every:
        return None
    values = [[float(body["refusals"].get(name, 0)) for name in every] for body in bodies]
    return _grouped("refused", "What stopped products", every, names, values, is_log=True)


def _grouped(
    id: str,
    title: str,
    every: Sequence[str],
    names: Sequence[str],
    values: Sequence[Sequence[float]],
    *,
    is_log: bool,
) -> Chart:
    traces = tuple(
        {
            "type": "bar", "orientation": "h", "name": name, "x": list(column),
            "y": [each.replace("_", " ") for each in every],
            "marker": {
                "color": SERIES[index % len(SERIES)],
                "pattern": {"shape": ("", "/", "x", ".", "-", "|")[index % 6], "solidity": 0.35},
            },
        }
        for index, (name, column) in enumerate(zip(names, values, strict=True))
    )  # fmt: skip
    return Chart(
        id=id,
        title=title,
        label=f"{title}, report by report.",
        traces=traces,
        layout=layout(
            xaxis=axis(type="log" if is_log else "linear", zeroline=not is_log),
            yaxis=axis(type="category", autorange="reversed", dtick=1),
            barmode="group",
        ),
        height=110 + 16 * len(every) * max(len(names), 2),
        table=Table(
            ("name", *names),
            tuple(
                (name, *(f"{column[at]:z,.2f}" for column in values))
                for at, name in enumerate(every)
            ),
        ),
    )


def differences_told(comparison: Comparison) -> list[str]:
    """The first trades that only one of two reports has, a line each."""
    return [
        f"only in {comparison.names[each.only_in]}: {each}"
        for each in comparison.differences[:DIFFERENCES_SHOWN]
    ]
