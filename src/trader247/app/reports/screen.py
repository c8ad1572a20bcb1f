"""What a terminal shows of a report: its types, its JSON, its curve in text."""

from __future__ import annotations

from typing import Any

from trader247.app.reports.files import Written
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Money
from trader247.report import plain
from trader247.report.groups import Group
from trader247.report.made import Row, shown
from trader247.report.report import Report
from trader247.report.scorecard import Metric
from trader247.report.sketch import sketch

__all__ = ["Group", "Metric", "Report", "Row", "Written"]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A curve in rows of text, with the values at its top and bottom and the days at its ends."""

    rows: tuple[str, ...]
    high: Money
    low: Money
    first: str
    last: str


def json_body(report: Report) -> dict[str, Any]:
    """report.json, as JSON types."""
    return plain.as_json(report)


def made_rows(report: Report) -> tuple[Row, ...]:
    """What the period made, in parts that add up."""
    return shown(report.story.made)


def equity_drawn(report: Report, *, width: int, height: int) -> Drawn | None:
    """The curve of equity; None where fewer than two values are known."""
    curve = report.curve
    if len(curve) < 2:
        return None
    rows = sketch(curve.times, curve.equity, width=width, height=height)
    story = report.story
    return Drawn(
        rows,
        Money.of(f"{curve.equity.max():.2f}"),
        Money.of(f"{curve.equity.min():.2f}"),
        str(story.begin)[:10],
        str(story.end)[:10],
    )
