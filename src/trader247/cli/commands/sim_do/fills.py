"""`trader247 sim do`: fills that are taken back, corrected or doubled."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.cli.commands.sim_do.deed import Fields, deed
from trader247.cli.lazy import new_app

app = new_app()


Entry = Annotated[str, typer.Argument(metavar="ENTRY", help="The fill's entry_id.")]


@deed(app, "reverse")
def reverse(
    entry: Entry,
) -> Fields:
    """Take a fill back, with all that it did: a row of type REVERSAL."""
    return {"entry_id": entry}


@deed(app, "correct")
def correct(
    entry: Entry,
    price: Annotated[str, typer.Argument(metavar="PRICE", help="What it should have been.")],
) -> Fields:
    """Take a fill back, and book it again at another price: REVERSAL and CORRECTION."""
    return {"entry_id": entry, "price": price}


@deed(app, "synthetic")
def synthetic(
    entry: Entry,
) -> Fields:
    """Add a row of type SYNTHETIC like a fill's: bookkeeping that moves nothing."""
    return {"entry_id": entry}
