"""Pieces of a page. Every text that comes from outside is escaped here, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from trader247.report.charts.chart import Chart, Table
from trader247.report.charts.money import MINUS
from trader247.report.page.style import SCRIPT, STYLE

_TEXT_HEADS = frozenset(
    {
        "product", "rule", "hour", "exit", "left by", "stage", "reason", "of", "name", "quantile",
        "day (UTC)", "opened (UTC)", "closed (UTC)", "halt", "cause", "since", "until", "month",
        "fill model", "chosen on", "judged on", "figure", "formula", "source", "label", "sha256",
        "parameter", "value", "run", "what", "part",
    }
)  # fmt: skip
_WIDE_HEADS = frozenset({"cause", "formula", "source"})
WRAPPED = "compare"
"""A table of figures beside each other: on a phone its cells break rather than leave the screen."""
_HASH_HEADS = frozenset({"sha256"})
_NAME_HEADS = frozenset({"name", "chosen on", "judged on"})
STACKED = "formulas"
"""A table of texts: on a phone each row is a paragraph, and its cells say their heads."""
FLOWED = "flowed"
"""A table of many figures: on a phone those of a row follow each other, each behind its head."""
_MANY = 5
"""Columns that are wider than a phone."""
SETTINGS = f"{STACKED} settings"
"""A table of settings, side by side: each breaks within its column, so that none hides another."""
_SIGNED_HEADS = frozenset({"profit", "return"})


def text(value: object) -> str:
    """Text for HTML, quotes escaped as well."""
    return escape(str(value), quote=True)


def table(found: Table, *, kind: str = "") -> str:
    """A table that scrolls by itself where it is too wide; one of many columns flows on a phone."""
    if len(found.heads) >= _MANY and not {STACKED, FLOWED, WRAPPED} & set(kind.split()):
        kind = f"{kind} {FLOWED}".strip()
    kinds = found.kinds or found.heads
    heads = "".join(
        f'<th scope="col"{_class(each)}>{text(head)}</th>'
        for head, each in zip(found.heads, kinds, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{_class(each, cell)}{_said(head, kind)}>{text(cell)}</td>"
            for head, each, cell in zip(found.heads, kinds, row, strict=True)
        )
        + "</tr>"
        for row in found.rows
    )
    named = f' class="{kind}"' if kind else ""
    return (
        f'<div class="scroll" tabindex="0"><table{named}><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _said(head: str, kind: str) -> str:
    return f' data-head="{text(head)}"' if {STACKED, FLOWED} & set(kind.split()) else ""


def _class(head: str, cell: str = "") -> str:
    names = []
    if head in _TEXT_HEADS:
        names.append("text")
    if cell and head in _WIDE_HEADS:
        names.append("wide")
    if cell and head in _HASH_HEADS:
        names.append("hash")
    if cell and head in _NAME_HEADS:
        names.append("name")
    if head in _SIGNED_HEADS and cell[:1] in (MINUS, "+"):
        names.append("loss" if cell[0] == MINUS else "gain")
    return f' class="{" ".join(names)}"' if names else ""


def figure_of(chart: Chart) -> str:
    """A chart in a card: title, picture, note, and the table for those who read."""
    note = f'<p class="note">{text(chart.note)}</p>' if chart.note else ""
    return (
        f'<figure class="card" id="{text(chart.id)}"><h3>{text(chart.title)}</h3>'
        f"<figcaption>{text(chart.label)}</figcaption>{plot(chart)}{note}"
        f'<details class="data"><summary>the same as a table</summary>{table(chart.table)}'
        "</details></figure>"
    )


def plot(chart: Chart) -> str:
    """The place where a chart is drawn."""
    return (
        f'<div class="plot" role="img" aria-label="{text(chart.label)}" '
        f'data-chart="{text(chart.id)}" style="min-height:{chart.height}px"></div>'
    )


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """Names with what they are."""
    inner = "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in rows)
    return f'<dl class="facts">{inner}</dl>'


def tile(name: str, value: str, note: str, tone: str = "") -> str:
    """One large figure."""
    return (
        f'<div class="card tile"><div class="name">{text(name)}</div>'
        f'<div class="value {tone}">{text(value)}</div><div class="note">{text(note)}</div></div>'
    )


def json_in_page(value: Any) -> str:
    """JSON that no text in it can end: neither the script nor a comment."""
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (
        plain.replace("&", "\\u0026")
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def document(title: str, body: str, charts: Sequence[Chart], *, library: str) -> str:
    """The whole page. `library` is the plotting library's own script; nothing else is loaded."""
    drawn = [
        {
            "id": each.id,
            "traces": list(each.traces),
            "layout": dict(each.layout),
            "height": each.height,
        }
        for each in charts
    ]
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "img-src data: blob:"
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<title>{text(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{body}
</main>
<noscript><p class="note">Pictures need scripts; each of them is a table here too.</p></noscript>
<script type="application/json" id="charts">{json_in_page(drawn)}</script>
<script>{library}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""
