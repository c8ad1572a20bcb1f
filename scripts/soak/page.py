"""A soak as one page that loads nothing: six pictures over simulated days, each a table too."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.soak.bounds import Finding
from scripts.soak.sample import Sample

from trader247.report.charts.chart import DASHES, SERIES, Chart, Table, axis, layout, rounded
from trader247.report.page.parts import document, figure_of, table, text

HEADS = ("what", "first", "last", "gained", "allowed", "bounded")


def rows(findings: Sequence[Finding]) -> tuple[tuple[str, ...], ...]:
    """The findings as text."""
    return tuple(
        (
            each.name,
            f"{each.first:.4g} {each.unit}".strip(),
            f"{each.last:.4g} {each.unit}".strip(),
            f"{each.gained:+.3g} {each.unit}".strip(),
            f"{each.allowed:.3g} {each.unit}".strip(),
            "yes" if each.is_bounded else "NO",
        )
        for each in findings
    )


def page(
    samples: Sequence[Sample],
    findings: Sequence[Finding],
    *,
    begun: float,
    headline: str,
    library: str,
) -> str:
    """The page. `begun` is the day from which the findings are judged."""
    days = [each.days for each in samples]
    charts = [
        _chart(
            name, title, unit, begun, days, {of: list(map(float, ys)) for of, ys in lines.items()}
        )
        for name, title, unit, lines in (
            (
                "memory", "Resident memory", "MB",
                {
                    "trader": [each.trader.rss_mb for each in samples],
                    "exchange": [each.exchange.rss_mb for each in samples],
                },
            ),
            (
                "descriptors", "File descriptors", "",
                {
                    "trader": [each.trader.descriptors for each in samples],
                    "exchange": [each.exchange.descriptors for each in samples],
                },
            ),
            (
                "threads", "Threads", "",
                {
                    "trader": [each.trader.threads for each in samples],
                    "exchange": [each.exchange.threads for each in samples],
                },
            ),
            (
                "record", "The record", "MB",
                {
                    "journal": [each.journal_mb for each in samples],
                    "segments": [each.segments_mb for each in samples],
                },
            ),
            (
                "write-ahead", "Write-ahead log of the journal", "MB",
                {"log": [each.wal_mb for each in samples]},
            ),
            (
                "rest", "Backups and logs", "MB",
                {
                    "backups": [each.backups_mb for each in samples],
                    "logs": [each.logs_mb for each in samples],
                },
            ),
        )
    ]  # fmt: skip
    body = (
        f"<header><h1>Soak: {text(headline)}</h1></header>"
        f'<div class="card"><h3>Bounds</h3>{table(Table(HEADS, rows(findings)))}</div>'
        f"<section>{''.join(map(figure_of, charts))}</section>"
    )
    return document("soak", body, charts, library=library)


def _chart(
    name: str,
    title: str,
    unit: str,
    begun: float,
    days: Sequence[float],
    lines: dict[str, list[float]],
) -> Chart:
    traces = tuple(
        {
            "type": "scatter", "mode": "lines", "name": line, "x": rounded(days), "y": rounded(ys),
            "line": {"color": SERIES[index], "dash": DASHES[index]},
        }
        for index, (line, ys) in enumerate(lines.items())
    )  # fmt: skip
    of = f" in {unit}" if unit else ""
    shape = {
        "type": "line", "xref": "x", "yref": "paper", "x0": begun, "x1": begun, "y0": 0, "y1": 1,
        "line": {"dash": "dot", "width": 1},
    }  # fmt: skip
    return Chart(
        id=name,
        title=title,
        label=f"{title}{of} over simulated days; judged right of the dotted line",
        traces=traces,
        layout=layout(
            xaxis=axis(title={"text": "simulated days"}),
            yaxis=axis(title={"text": unit}, rangemode="tozero"),
            shapes=[shape],
        ),
        height=260,
        table=Table(
            ("simulated days", *lines),
            tuple(
                (f"{day:.2f}", *(f"{ys[index]:.4g}" for ys in lines.values()))
                for index, day in enumerate(days)
            ),
        ),
    )
