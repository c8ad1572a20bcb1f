"""`trader247 report`: what really happened on a book, in figures and pictures."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.durations import parse_since
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.progress import progress_of
from trader247.domain.time import Instant


def _since(text: str) -> Instant | timedelta:
    try:
        return parse_since(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def report(
    *,
    since: Annotated[
        Instant | None,
        typer.Option(
            parser=_since,
            metavar="TIME",
            help="Only from then on: 7d, 2026-01-05, 2026-01-05T14:30:00Z.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where report.json and report.html go. Else DATA/reports/MODE-VENUE.",
            show_default=False,
        ),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Show what really happened on a book, and write it down as report.json and report.html.

    Made from the journal alone: safe at any time, also beside a running trader. The page opens
    without a network. A figure that too few days or trades cannot carry is unknown, with the
    reason, and never zero. Days and hours are UTC; every profit is after all fees.

    With --json the whole of report.json goes to stdout, and files are written only with --out.

    Examples:

      trader247 report

      trader247 report --mode paper --since 30d --out /tmp/january

      trader247 report --json > report.json

    Exit codes: 0 shown, 2 no such book yet or nothing in the period, 6 configuration invalid,
    8 storage failed, 9 the folder is not yours.
    """
    from trader247.app.reports import reporting

    choice = Choice(config, data, mode, venue)
    with progress_of("reading the journal", "events") as told:
        found = reporting.reported(choice, since=since, progress=told)
    files = None if as_json and out is None else reporting.written(choice, found, out)
    from trader247.cli.views import report as report_view

    if as_json:
        report_view.emit(found)
        return ExitCode.DONE
    report_view.draw(found)
    if files is not None:
        report_view.tell_files(files)
    return ExitCode.DONE
