"""`trader247 state export`: the ledger as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import emit_json, show

if TYPE_CHECKING:
    from trader247.app.books.exporting import Form


def _form(text: str) -> Form:
    from trader247.app.books.exporting import Form

    try:
        return Form(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is none of csv, json") from None


def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")],
    *,
    form: Annotated[
        str, typer.Option("--format", metavar="csv|json", help="json: one object a line.")
    ] = "csv",
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Write events, orders, fills, positions, pnl and tax lots to files; read only.

    Figures are exact, times UTC, unknown is empty. tax_lots has each sale lot by lot, first bought
    first: cost with the buy's fee, proceeds less the sale's, and the gain; the gains add up to the
    ledger's realised profit. Whether that is what your tax office wants is for you to find out.

    In csv, a text that a spreadsheet would take for a formula begins with an apostrophe.

    Examples:

      trader247 state export books-2026

      trader247 state export /tmp/books --format json

    Exit codes: 0 written; 2 no such book yet, or the folder is not empty; 6 configuration invalid;
    8 storage failed.
    """
    from trader247.app.books import exporting
    from trader247.app.books.choice import Choice

    done = exporting.export(Choice(config, data, mode, venue), folder, _form(form))
    if as_json:
        emit_json(
            {
                "folder": done.folder,
                "files": done.files,
                "seq": done.seq,
                "head_hash": done.head_hash,
            }
        )
        return ExitCode.DONE
    for name, rows in done.files.items():
        show(f"{name:<16} {rows:>8} rows")
    show(f"in {done.folder}, up to event {done.seq}, hash {done.head_hash[:16]}")
    return ExitCode.DONE
