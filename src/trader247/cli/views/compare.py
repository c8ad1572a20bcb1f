"""Reports side by side in the terminal, and what a baseline says of a run."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from trader247.app.reports import comparing
from trader247.cli.layout import Field, columns, fits, flowed
from trader247.cli.output import Cell, Tone, clean, emit_json, say, show, show_rows, width_of
from trader247.cli.views.standing import tell

if TYPE_CHECKING:
    from trader247.app.reports.comparing import Comparison, Gate, Row
    from trader247.app.reports.files import Written

_SETTINGS_SHOWN = 20
_VALUE_WIDTH = 24


def draw(found: Comparison) -> None:
    """What is alike and what is not."""
    tell(found.headline)
    show()
    _rows(found, found.figures)
    for title, rows in (
        ("settings that differ", found.settings),
        ("data that differs", found.data),
    ):
        if rows:
            show()
            show(title)
            _settings(found, rows[:_SETTINGS_SHOWN])
            if len(rows) > _SETTINGS_SHOWN:
                tell(f"and {len(rows) - _SETTINGS_SHOWN} more; --json has them all")
    if found.differences:
        show()
        for line in comparing.differences_told(found):
            tell(line)
        hidden = len(found.differences) - len(comparing.differences_told(found))
        if hidden > 0:
            tell(f"and {hidden} more; --out DIR draws them, --json has them all")


def emit(found: Comparison) -> None:
    """The comparison as JSON."""
    emit_json(
        {
            "reports": found.names,
            "is_decided_alike": found.is_decided_alike,
            "figures": [_row(each) for each in found.figures],
            "settings": [_row(each) for each in found.settings],
            "data": [_row(each) for each in found.data],
            "differences": [
                {"only_in": found.names[each.only_in], "fields": each.fields, "trade": each.trade}
                for each in found.differences
            ],
        }
    )


def emit_run(body: Mapping[str, object], files: Written | None, gate: Gate | None) -> None:
    """A run as JSON, with its files and what the baseline says."""
    emit_json({**body, "files": files, "gate": gate})


def tell_gate(gate: Gate) -> None:
    """What a baseline says of a run."""
    sys.stdout.flush()
    for line in gate.differences:
        say(line)
    if gate.is_decided_alike:
        say(f"as {gate.baseline}: every decision is the same")
        return
    share = f"{gate.differing_pct:.2f} % of the trades differ from {gate.baseline}"
    allowed = f"at most {gate.tolerance_pct} % may"
    if gate.tolerance_pct == 0:
        allowed = "with --tolerance 0 every decision must be the same"
    say(f"{'passed' if gate.is_passed else 'REFUSED'}: {share}; {allowed}")


def _row(each: Row) -> dict[str, object]:
    return {"name": each.name, "unit": each.unit, "values": each.values}


def _settings(found: Comparison, rows: tuple[Row, ...]) -> None:
    """Side by side where they fit, else whole, one under the other."""
    if all(len(each or "") <= _VALUE_WIDTH for row in rows for each in row.values):
        _rows(found, rows)
        return
    for row in rows:
        show(clean(row.name))
        for name, value in zip(found.names, row.values, strict=True):
            tell(f"  {name}: {'unknown' if value is None else value}")


def _rows(found: Comparison, rows: tuple[Row, ...]) -> None:
    fields = [Field("", tuple(Cell(clean(row.name)[:38]) for row in rows), is_figure=False)]
    for index, name in enumerate(found.names):
        fields.append(Field(clean(name)[-_VALUE_WIDTH:], tuple(_cell(row, index) for row in rows)))
    if fits(fields, width_of()):
        show_rows(columns(fields, width_of()))
        return
    # What is compared is what the table is for: rather several lines a figure than a report less.
    named, *reports = fields
    for at, figure in enumerate(named.cells):
        parts = [(Cell(f"{each.title} ", Tone.DIM), each.cells[at]) for each in reports]
        show_rows(flowed([(figure,), *parts], width_of(), indent=2))


def _cell(row: Row, index: int) -> Cell:
    return Cell(clean(row.texts[index])[:_VALUE_WIDTH], Tone.PLAIN if row.is_alike else Tone.WARN)
