"""`trader247 support`: a redacted bundle for whoever helps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import Cell, Column, Tone, emit_json, say, show_table

app = new_app(help="A redacted bundle for whoever helps you.")


@app.callback()
def _group() -> None:
    """A redacted bundle for whoever helps you."""


@app.command("bundle")
def write_bundle(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A new .tar.gz. Without it: only say what is in it."),
    ] = None,
    *,
    with_amounts: Annotated[
        bool, typer.Option("--with-amounts", help="Keep sums of money, prices and sizes.")
    ] = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Gather configuration, state, events and log into one file, without secrets or amounts.

    Keys, tokens, addresses of channels, mail addresses, names of people and of the machine are
    taken out, ids are replaced by others, and amounts are hidden unless you say otherwise. Read it
    before you send it: MANIFEST.txt says what is in it. It is also made where configuration or
    journal are broken; what cannot be had is named. Nothing is locked or changed, and nothing
    leaves the machine.

    Examples:

      trader247 support bundle                     what would be in it

      trader247 support bundle /tmp/t247.tar.gz

    Exit codes: 0 written or shown; 2 the file is there already; 8 the disk did not take it.
    """
    from trader247.app.support import bundling

    found = bundling.bundle(Choice(config, data, mode, venue), file, with_amounts=with_amounts)
    if as_json:
        emit_json(found)
        return ExitCode.DONE
    show_table(
        [Column("part"), Column("what", is_wide=True), Column("bytes", is_figure=True)],
        [
            [
                each.name,
                Cell(f"not there: {each.trouble}", Tone.WARN) if each.trouble else each.what,
                f"{each.size:,}",
            ]
            for each in found.parts
        ],
    )
    amounts = "kept" if found.with_amounts else "hidden"
    say(f"secrets, names and ids taken out; amounts {amounts}")
    say(f"written to {file}: read it before you send it" if file else "nothing was written")
    return ExitCode.DONE
