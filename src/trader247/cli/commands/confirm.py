"""`trader247 confirm`: a person's yes to one of the first trades."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode
from trader247.app.granting import confirming
from trader247.app.granting.confirming import Waiting
from trader247.cli import figures
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, VenueChoice
from trader247.cli.output import Column, emit_json, show, show_table
from trader247.cli.views.standing import answered
from trader247.domain.stage import ASKED_FOR
from trader247.domain.words import counted


def confirm(
    id: Annotated[
        str,
        typer.Argument(
            metavar="[ID]",
            help="What the alert named, like 17-BTC-USD; without it, what waits is listed.",
        ),
    ] = "",
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Allow a live entry that waits for a person, or list what waits.

    The first 20 trades of a live book are asked for by an alert. A yes is good for that product
    and side, up to that notional, for ten minutes, in which the trader decides afresh: if the
    market has moved on, nothing is bought. No answer is a no. Exits never wait.

    Examples:

      trader247 confirm

      trader247 confirm 17-BTC-USD --venue sim

    Exit codes: 0 done; 1 no such question is open, or the trader did not answer; 2 no such book
    yet; 8 storage failed.
    """
    choice = Choice(config, data, Mode.LIVE, venue)
    if not id:
        _tell(confirming.waiting(choice), as_json=as_json)
        return ExitCode.DONE
    answers = confirming.confirm(choice, id)
    return answered(answers, as_json=as_json)


def _tell(found: Waiting, *, as_json: bool) -> None:
    if as_json:
        emit_json(
            {
                "book": found.book,
                "market": found.label,
                "time": found.time,
                "trades": found.trades,
                "waiting": [
                    {
                        "id": each.id,
                        "product": str(each.product),
                        "side": each.side.value,
                        "notional": each.notional,
                        "asked": each.asked,
                        "until": each.asked + ASKED_FOR,
                    }
                    for each in found.questions
                ],
            }
        )
        return
    show(f"{found.label} · {found.book}: {counted(found.trades, 'trade')} so far")
    if not found.questions:
        show("nothing waits for a yes")
        return
    columns = [Column("id"), Column("wish"), Column("up to", is_figure=True), Column("until")]
    show_table(
        columns,
        [
            [
                each.id,
                f"{each.side.value} {each.product}",
                f"{each.notional.value:,.2f}",
                figures.moment(each.asked + ASKED_FOR),
            ]
            for each in found.questions
        ],
    )
