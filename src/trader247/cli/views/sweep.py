"""A sweep in the terminal: the best, how it did later, and how much of it is luck."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from trader247.app.sweeps import reporting
from trader247.cli.layout import Field, columns, fits, flowed, plain_row
from trader247.cli.output import Cell, Tone, clean, say, show, show_rows, width_of
from trader247.cli.views.report import emit_body, tell_labelled, warn
from trader247.cli.views.standing import tell

if TYPE_CHECKING:
    from trader247.app.sweeps.reporting import SweepFiles, SweepReport

_TRIALS_SHOWN = 10


def emit(report: SweepReport) -> None:
    """Print sweep.json on one line."""
    emit_body(reporting.json_body(report))


def draw(report: SweepReport) -> None:
    """The summary."""
    for name, text in reporting.rows(report):
        tell_labelled(name, text)
    for caution in report.cautions:
        warn(caution)
    show()
    for name, value, note in reporting.luck(report):
        tell_labelled(name, f"{value}{note}")
    lines = reporting.fold_lines(report)
    if lines:
        show()
    for each in lines:
        tell(each)
    if report.ranked:
        show()
        _trials(report)


def tell_files(files: SweepFiles) -> None:
    """Where the sweep was written."""
    sys.stdout.flush()
    say(f"wrote {files.json}, hash {files.hash[:16]}")
    if files.html is not None:
        say(f"wrote {files.html}: open it in a browser; it needs no network")
    else:
        say(f"no sweep.html: {files.trouble}")


def _trials(report: SweepReport) -> None:
    shown = report.ranked[:_TRIALS_SHOWN]
    head = "best in hindsight"
    fields = [
        Field(head, tuple(Cell(f"trial {each.trial.number}") for each in shown)),
        Field("score", tuple(Cell(reporting.scored(report, each.score)) for each in shown)),
        Field("trades", tuple(Cell(f"{each.trial.trades:,}") for each in shown)),
        *(
            Field(
                clean(".".join(name.split(".")[-2:])),
                tuple(Cell(clean(each.trial.values[name])) for each in shown),
            )
            for name in report.story.parameters
        ),
    ]
    if fits(fields, width_of()):
        show_rows(columns(fields, width_of()))
        return
    # What was tried is what the table is for: rather several lines a trial than a column less.
    show_rows([plain_row(head, Tone.DIM)])
    for at in range(len(shown)):
        first, *others = fields
        parts = [(Cell(f"{each.title} ", Tone.DIM), each.cells[at]) for each in others]
        show_rows(flowed([(first.cells[at],), *parts], width_of(), indent=2))
