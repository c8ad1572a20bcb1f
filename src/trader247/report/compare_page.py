"""Reports side by side on one page: curves over each other, figures beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trader247.domain.time import Instant
from trader247.report.charts.chart import DASHES, SERIES, Chart, Table, axis, layout
from trader247.report.charts.money import MINUS, figure, moment
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
_TITLES = {"hour": "Profit by hour of entry"}


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
            _figures(comparison),
            _settings("Settings that differ", comparison.settings, names),
            _settings("Data that differs", comparison.data, names),
            _trades(comparison),
            f'<section><h2>Where</h2><div class="pair">{"".join(map(figure_of, charts[2:]))}</div>'
            "</section>",
        )
    )
    return document(f"comparison of {len(names)} reports", body, charts, library=library)


def _head(comparison: Comparison, bodies: Sequence[Body]) -> str:
    rows = [(name, _said(body)) for name, body in zip(comparison.names, bodies, strict=True)]
    warned: dict[str, list[str]] = {}
    for name, body in zip(comparison.names, bodies, strict=True):
        for each in body["cautions"]:
            warned.setdefault(each, []).append(name)
    cautions = "".join(
        f"<p>{text(', '.join(names))}: {text(each)}</p>" for each, names in warned.items()
    )
    return (
        f"<header><h1>Comparison: {text(comparison.headline)}</h1></header>"
        + (f'<div class="caution" role="note">{cautions}</div>' if cautions else "")
        + f'<div class="card rests"><h3>What is compared</h3>{facts(rows)}</div>'
    )


def _said(body: Body) -> str:
    title, market = str(body["title"]), str(body["market"])
    # A backtest's market says BACKTEST itself.
    whose = market if market.lower().startswith(title.lower()) else f"{title}, {market}"
    begin, end = (moment(Instant.parse(body["period"][each])) for each in ("begin", "end"))
    count = int(body["counts"]["trades"])
    return f"{whose}; {begin} to {end} UTC; {count:,} closed trade{'s' * (count != 1)}"


def _figures(comparison: Comparison) -> str:
    names = comparison.names
    shown = Table(
        ("name", *names),
        tuple(
            (row.name, *(each.replace("-", MINUS) for each in row.texts))
            for row in comparison.figures
        ),
        ("name", *("figures" for _ in names)),
    )
    inner = table(shown, kind=WRAPPED)
    return f'<section><h2>Figures</h2><div class="card long">{inner}</div></section>'


def _settings(title: str, rows: Sequence[Row], names: Sequence[str]) -> str:
    if not rows:
        return ""
    shown = Table(
        ("name", *names),
        tuple((row.name, *row.texts) for row in rows),
        ("name", *("value" for _ in names)),
    )
    inner = table(shown, kind=SETTINGS)
    return f'<section><h2>{title}</h2><div class="card long">{inner}</div></section>'


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
    unit, digits = ("%", 3) if key == "drawdown_pct" else ("", 5)
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
        ends = (values[-1], min(values), max(values))
        rows.append((name, *(figure(each, unit, digits=digits) for each in ends)))
    if not traces:
        return None
    return Chart(
        id=key,
        title=title,
        label=label,
        traces=tuple(traces),
        layout=layout(
            xaxis=axis(type="date", hoverformat="%Y-%m-%d %H:%M UTC"),
            yaxis=axis(ticksuffix=f" {unit}".rstrip()),
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
    return _grouped(
        f"pnl-{by}",
        _TITLES.get(by, f"Profit by {by}"),
        every,
        names,
        values,
        currency=str(bodies[0]["currency"]),
    )


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
    return _grouped("refused", "What stopped products", every, names, values)


def _grouped(
    id: str,
    title: str,
    every: Sequence[str],
    names: Sequence[str],
    values: Sequence[Sequence[float]],
    *,
    currency: str = "",
) -> Chart:
    """Bars of each report beside each other: amounts of a currency, else counts, on a log axis."""
    traces = tuple(
        {
            "type": "bar", "orientation": "h", "name": name, "x": list(column),
            "y": [each.replace("_", " ") for each in every],
            "marker": {
                "color": SERIES[index % len(SERIES)],
                "pattern": {"shape": ("", "/", "x", ".", "-", "|")[index % 6], "solidity": 0.35},
            },
            "hovertemplate": "%{y}: %{x:,.2f} " + currency if currency else "%{y}: %{x:,}",
        }
        for index, (name, column) in enumerate(zip(names, values, strict=True))
    )  # fmt: skip
    across = (
        axis(title={"text": currency}, zeroline=True, nticks=6, tickformat=",.2~f")
        if currency
        else axis(title={"text": "products in cycles, log scale"}, type="log", dtick=1)
    )
    return Chart(
        id=id,
        title=title,
        label=f"Profit after all fees of closed trades, in {currency}, report by report."
        if currency
        else "Why products were not bought, counted in cycles, report by report.",
        traces=traces,
        layout=layout(
            xaxis=across,
            yaxis=axis(type="category", autorange="reversed", dtick=1),
            barmode="group",
        ),
        height=130 + 16 * len(every) * max(len(names), 2),
        table=Table(
            ("name", *names),
            tuple(
                (
                    name,
                    *(
                        figure(column[at], digits=2 if currency else 0, is_signed=bool(currency))
                        for column in values
                    ),
                )
                for at, name in enumerate(every)
            ),
            ("name", *("figures" for _ in names)),
        ),
    )


def differences_told(comparison: Comparison) -> list[str]:
    """The first trades that only one of two reports has, a line each."""
    return [
        f"only in {comparison.names[each.only_in]}: {each}"
        for each in comparison.differences[:DIFFERENCES_SHOWN]
    ]
