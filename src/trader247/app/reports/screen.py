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
    """A curve in rows of text, with the values at its top and bottom and the times at its ends.

    The times are days, and minutes where it begins and ends on the same day.
    """

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
    first, last = (str(each) for each in (report.story.begin, report.story.end))
    ends = first[:10], last[:10]
    if ends[0] == ends[1]:
        ends = f"{first[:10]} {first[11:16]}", last[11:16]
    return Drawn(
        rows,
        Money.of(f"{curve.equity.max():.2f}"),
        Money.of(f"{curve.equity.min():.2f}"),
        *ends,
    )
