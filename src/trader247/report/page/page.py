"""report.html: what was assumed and what came of it on the first screen, the rest below."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from trader247.report.charts.chart import Chart, Table
from trader247.report.charts.equity import equity_chart
from trader247.report.charts.groups import group_charts
from trader247.report.charts.money import amount, figure, moment
from trader247.report.charts.prices import price_charts, trade_table
from trader247.report.charts.risk import caps_chart, exposure_chart, funnel_chart, refusal_chart
from trader247.report.charts.spread import distribution_chart, holding_chart
from trader247.report.formulas import FORMULAS
from trader247.report.made import shown
from trader247.report.page.months import month_table
from trader247.report.page.parts import (
    FLOWED,
    STACKED,
    WRAPPED,
    document,
    facts,
    figure_of,
    plot,
    table,
    text,
    tile,
)
from trader247.report.report import Report
from trader247.report.scorecard import Metric, by_id

PRODUCTS_MOST = 20
TRADES_MOST = 400
OPEN_AT_FIRST = 1


def page(report: Report, *, hash: str, library: str) -> str:
    """The page of a report. `library` is the plotting library's own script."""
    charts: list[Chart] = []
    imprint = (
        f"report {text(hash)}, trader247 {text(report.story.origin.code_version)}. "
        "Times are UTC. What was is no promise of what will be."
    )
    below = "".join(
        (
            _section(
                "equity-and-trades",
                "Equity",
                _figures(charts, [equity_chart(report)]) + _made(report),
            ),
            _months(report),
            _section("where", "Where it was made", _pairs(charts, group_charts(report))),
            _prices(charts, report),
            _section(
                "spread",
                "Trades",
                _pairs(charts, [distribution_chart(report), holding_chart(report)]),
            ),
            _trades(report),
            _section(
                "risk", "Risk", _figures(charts, [exposure_chart(report), caps_chart(report)])
            ),
            _halts(report),
            _section(
                "why-not",
                "Why not more",
                _pairs(charts, [funnel_chart(report), refusal_chart(report)]),
            ),
            _all_figures(report),
            _made_from(report, imprint),
            f'<footer class="screen">{imprint}</footer>',
        )
    )
    body = _first_screen(report, below) + below
    title = f"{report.story.origin.title}, {str(report.story.begin)[:10]} to "
    return document(title + str(report.story.end)[:10], body, charts, library=library)


def _first_screen(report: Report, below: str) -> str:
    """What the figures rest on, the figures, and the way to each section that is `below`."""
    story = report.story
    kind = "badge real" if story.origin.is_real_money else "badge"
    cautions = "".join(f"<p>{text(each)}</p>" for each in report.cautions)
    rows = [
        ("period", f"{moment(story.begin)} to {moment(story.end)} UTC, {story.cycles:,} cycles"),
        (
            "trades",
            f"{len(story.trades):,} closed, {len(story.still_open):,} open, "
            f"{story.orders_sent:,} order{'s' * (story.orders_sent != 1)} sent, "
            f"{story.fills:,} fill{'s' * (story.fills != 1)}",
        ),
        *((each.name, each.text) for each in report.assumptions),
    ]
    links = (
        ("equity-and-trades", "equity"),
        ("where", "where"),
        ("prices", "prices"),
        ("trades", "trades"),
        ("risk", "risk"),
        ("why-not", "why not more"),
        ("figures", "figures and formulas"),
        ("made-from", "settings and data"),
    )
    nav = "".join(f'<a href="#{at}">{name}</a>' for at, name in links if f'id="{at}"' in below)
    return (
        f'<header><div class="{kind}">{text(story.origin.market)}</div>'
        f"<h1>{text(story.origin.title)}: {text(_headline(report))}</h1>"
        f"<p>{text(moment(story.begin))} to {text(moment(story.end))} UTC, "
        f"{len(story.trades):,} closed trade{'' if len(story.trades) == 1 else 's'}</p>"
        "</header>"
        + (f'<div class="caution" role="note">{cautions}</div>' if cautions else "")
        + f'<div class="card rests"><h3>What this rests on</h3>{facts(rows)}'
        + f"{_variants(report)}</div>"
        + f'<div class="tiles">{_tiles(report)}</div>'
        + f'<nav aria-label="sections">{nav}</nav>'
    )


def _variants(report: Report) -> str:
    """How far the model of fills moves the result."""
    if not report.story.variants:
        return ""
    rows = tuple(
        (
            f"{each.name}{' (this report)' if each.is_shown else ''}",
            _share(each.total_return, is_signed=True),
            _share(each.max_drawdown),
            f"{each.trades:,}",
            amount(each.fees),
            amount(each.slippage),
        )
        for each in report.story.variants
    )
    heads = ("fill model", "return", "max drawdown", "trades", "fees", "slippage")
    beside = table(Table(heads, rows), kind=FLOWED)
    return f"<h3>If fills were harsher, or kinder</h3>{beside}"


def _share(value: float | None, *, is_signed: bool = False) -> str:
    return figure(None if value is None else value * 100.0, "%", is_signed=is_signed)


def _headline(report: Report) -> str:
    total = by_id(report.metrics, "total_return")
    if total.value is None:
        return "result unknown"
    return f"{figure(total.value, '%', is_signed=True)} after all fees"


def _tiles(report: Report) -> str:
    story, currency = report.story, report.story.origin.currency
    total, hold = (by_id(report.metrics, id) for id in ("total_return", "hold_return"))
    win, drawdown = (by_id(report.metrics, id) for id in ("win_rate", "max_drawdown"))
    longest = by_id(report.metrics, "longest_drawdown")
    interval = report.win_interval
    likely = (
        ""
        if interval is None
        else f"95\u00a0% interval {interval[0] * 100:.0f} to {interval[1] * 100:.0f}\u00a0%"
    )
    against = f"buy and hold {figure(hold.value, '%', is_signed=True)}, cash 0\u00a0%"
    factor, hope = (by_id(report.metrics, id) for id in ("profit_factor", "expectancy"))
    return "".join(
        (
            _tile("return", total, against, is_signed=True),
            _tile("max drawdown", drawdown, f"longest {figure(longest.value, 'days', digits=1)}"),
            _tile("Sharpe, yearly", by_id(report.metrics, "sharpe"), "risk-free rate 0"),
            _tile("win rate", win, likely),
            _tile("profit factor", factor, "won over lost, after fees"),
            _tile(f"a trade, {currency}", hope, "mean, after fees", is_signed=True),
            tile(f"fees, {currency}", amount(story.fees), _drag(report)),
            _tile("time in market", by_id(report.metrics, "time_in_market"), _exposure(report)),
        )
    )


def _drag(report: Report) -> str:
    drag = by_id(report.metrics, "fee_drag")
    return f"{figure(drag.value, '%')} of equity; slippage {amount(report.story.slippage)}"


def _exposure(report: Report) -> str:
    return f"mean exposure {figure(by_id(report.metrics, 'mean_exposure').value, '%')}"


def _tile(name: str, metric: Metric, note: str, *, is_signed: bool = False) -> str:
    if metric.value is None:
        return tile(name, "unknown", metric.reason, "unknown")
    unit = metric.unit if metric.unit in ("%", "days") else ""
    tone = ("gain" if metric.value >= 0 else "loss") if is_signed else ""
    return tile(name, figure(metric.value, unit, is_signed=is_signed), note, tone)


def _section(id: str, title: str, inner: str) -> str:
    return f'<section id="{id}"><h2>{text(title)}</h2>{inner}</section>' if inner else ""


def _figures(charts: list[Chart], found: Sequence[Chart | None]) -> str:
    known = [each for each in found if each is not None]
    charts += known
    return "".join(figure_of(each) for each in known)


def _pairs(charts: list[Chart], found: Sequence[Chart | None]) -> str:
    inner = _figures(charts, found)
    return f'<div class="pair">{inner}</div>' if inner else ""


def _made(report: Report) -> str:
    rows = tuple(
        (each.name, amount(each.amount, is_signed=True), each.note)
        for each in shown(report.story.made)
    )
    heads = ("part", report.story.origin.currency, "of")
    return f'<div class="card"><h3>What it made</h3>{table(Table(heads, rows), kind=WRAPPED)}</div>'


def _months(report: Report) -> str:
    if not report.months:
        return ""
    inner = f'<div class="card">{month_table(report.months)}</div>'
    return _section("months", "Monthly returns", inner)


def _prices(charts: list[Chart], report: Report) -> str:
    found = price_charts(report)
    story = report.story
    counts = Counter(str(each.product) for each in (*story.trades, *story.still_open))
    charts += found[:PRODUCTS_MOST]
    parts = []
    for index, chart in enumerate(found[:PRODUCTS_MOST]):
        is_open = " open" if index < OPEN_AT_FIRST else ""
        count = counts[chart.title]
        note = f'<p class="note">{text(chart.note)}</p>' if chart.note else ""
        parts.append(
            f'<details class="card product"{is_open}><summary>{text(chart.title)} '
            f"<span>{count:,} {'trade' if count == 1 else 'trades'}</span></summary>"
            f"<figcaption>{text(chart.label)}</figcaption>"
            f"{plot(chart)}{note}</details>"
        )
    hidden = len(found) - len(parts)
    if hidden > 0:
        parts.append(f'<p class="note">{hidden} products with fewer trades are not drawn.</p>')
    return _section("prices", "Prices, entries and exits", "".join(parts))


def _trades(report: Report) -> str:
    trades = report.story.trades
    if not trades and not report.story.still_open:
        return ""
    shown = [*report.story.still_open[::-1], *trades[::-1]][:TRADES_MOST]
    hidden = len(trades) + len(report.story.still_open) - len(shown)
    note = f'<p class="note">{hidden:,} older trades are in report.json.</p>' if hidden else ""
    said = "the newest trades" if hidden else "every trade, newest first"
    return (
        f'<section id="trades"><details class="card long"><summary>{said} '
        f"({len(shown):,})</summary>{table(trade_table(shown), kind='trades')}{note}"
        "</details></section>"
    )


def _halts(report: Report) -> str:
    if not report.story.stops:
        return ""
    rows = tuple(
        (
            each.name,
            moment(each.since),
            "stands" if each.cleared is None else moment(each.cleared),
            each.cause,
        )
        for each in report.story.stops
    )
    inner = table(Table(("halt", "since", "until", "cause"), rows))
    return f'<div class="card"><h3>Halts</h3>{inner}</div>'


def _all_figures(report: Report) -> str:
    rows = tuple(
        (
            each.name,
            figure(each.value, each.unit, digits=3)
            if each.value is not None
            else f"unknown: {each.reason}",
            FORMULAS[each.formula].text,
            FORMULAS[each.formula].source,
        )
        for each in report.metrics
    )
    inner = table(Table(("figure", "value", "formula", "source"), rows), kind=STACKED)
    return _section("figures", "Figures and formulas", f'<div class="card long">{inner}</div>')


def _made_from(report: Report, imprint: str) -> str:
    story = report.story
    data = table(
        Table(
            ("name", "label", "sha256"),
            tuple((each.name, each.label, each.sha256) for each in story.data),
        ),
        kind=STACKED,
    )
    settings = json.dumps(story.settings, indent=1, ensure_ascii=False)
    rows = {"policy_hash": story.policy_hash, "decisions": story.decisions, **story.parameters}
    if story.origin.seed is not None:
        rows["seed"] = str(story.origin.seed)
    asked = facts([(name.replace("_", " "), value) for name, value in sorted(rows.items())])
    return (
        '<section id="made-from"><h2>Settings and data</h2><div class="card long">'
        f'<p class="paper">{imprint}</p>{asked}<h3>Data</h3>{data}'
        f"<details><summary>every setting</summary><pre>{text(settings)}</pre></details>"
        "</div></section>"
    )
