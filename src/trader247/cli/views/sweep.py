"""A sweep in the terminal: the best, how it did later, and how much of it is luck."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from trader247.app.sweeps import reporting
from trader247.cli.layout import Field, columns
from trader247.cli.output import Cell, clean, say, show, show_rows, width_of
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
    story = report.story
    tell(
        f"{len(story.trials):,} of {story.combinations:,} combinations tried, judged by "
        f"{story.objective}; {story.tried_ever:,} trials ever on this data"
    )
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
    names = list(report.story.parameters)
    show_rows(
        columns(
            [
                Field("best in hindsight", tuple(Cell(f"trial {e.trial.number}") for e in shown)),
                Field("score", tuple(Cell(_score(e.score)) for e in shown)),
                Field("trades", tuple(Cell(str(e.trial.trades)) for e in shown)),
                *(
                    Field(
                        clean(".".join(name.split(".")[-2:])),
                        tuple(Cell(clean(e.trial.values[name])) for e in shown),
                        weight=1 + index,
                    )
                    for index, name in enumerate(names)
                ),
            ],
            width_of(),
        )
    )


def _score(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
