"""`trader247 cancel`: end orders of ours that are under way."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.people import by_hand
from trader247.cli.exits import ExitCode
from trader247.cli.options import (
    DEFAULT_DATA,
    ConfigDir,
    DataDir,
    Json,
    KeyFile,
    ModeChoice,
    Reason,
    VenueChoice,
)
from trader247.cli.output import emit_json, show
from trader247.cli.views.standing import answers_body, tell_answers


def cancel(
    *,
    orders: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ORDER...",
            help="Our name of an order or the venue's: how it begins, or how ours ends.",
            show_default=False,
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every order of ours under way.")] = False,
    reason: Reason = "",
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> ExitCode:
    """Ask the venue to end orders of ours; fills that came first are booked.

    A running trader is asked and answers at once; where none runs, this command does it. The
    trader may buy again in its next cycle: trader247 pause keeps it from that. To end everything
    and send nothing more: trader247 kill on.

    Examples:

      trader247 cancel --all

      trader247 cancel 914f5e2b

    Exit codes: 0 asked, or there was nothing; 1 not done, with why; 2 no such order, no such
    book; 4 venue unreachable; 8 storage failed.
    """
    if bool(orders) == all_:
        raise typer.BadParameter("name orders, or say --all: one of the two")
    choice = Choice(config, data, mode, venue, key_file)
    answer = by_hand.cancel(choice, orders or [], is_all=all_, reason=reason)
    answers = () if answer is None else (answer,)
    if as_json:
        emit_json(answers_body(answers))
    elif answer is None:
        show("nothing of ours is under way")
    else:
        tell_answers(answers)
    return ExitCode.DONE if answer is None or answer.is_done else ExitCode.REFUSED
