"""`trader247 adopt`: make coins that came from elsewhere a position."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.figures import figure_of
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
    Yes,
)
from trader247.cli.output import say
from trader247.cli.views.standing import answered
from trader247.domain.ids import ProductId


def _expect_figure(option: str, text: str) -> None:
    """Refuse what is no figure before a person is asked about it."""
    figure = figure_of(text)
    if figure is None or figure < 0:
        raise typer.BadParameter(f"{text!r} is no figure; like 61000.5", param_hint=f"'{option}'")


def _product(text: str) -> ProductId:
    try:
        return ProductId.parse(text.strip().upper())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def adopt(
    product: Annotated[
        ProductId, typer.Argument(parser=_product, metavar="PRODUCT", help="Like BTC-USD.")
    ],
    *,
    cost: Annotated[str, typer.Option("--cost", metavar="PRICE", help="What one coin cost.")],
    quantity: Annotated[
        str,
        typer.Option(
            "--quantity", metavar="N", help="So many coins. Else all that is not ours yet."
        ),
    ] = "",
    fee: Annotated[
        str, typer.Option("--fee", metavar="MONEY", help="What buying them cost beside that.")
    ] = "0",
    stop_pct: Annotated[
        str, typer.Option("--stop-pct", metavar="PCT", help="Sold so far under the cost.")
    ] = "12",
    target_pct: Annotated[
        str, typer.Option("--target-pct", metavar="PCT", help="Sold so far over the cost.")
    ] = "25",
    hours: Annotated[
        int, typer.Option("--hours", min=1, max=720, help="Sold after so long, whatever the price.")
    ] = 720,
    may_sell: Annotated[
        bool, typer.Option("--may-sell", help="Also if that would sell them at once.")
    ] = False,
    yes: Yes = False,
    reason: Reason = "",
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> ExitCode:
    """Hand foreign coins over to the trader: from then on it may sell them.

    Coins that no order of ours bought are never touched, until a person adopts them at a cost
    that they state. The cost is booked as capital; profit and loss count from it, and no stop
    sees what they gained or lost before. Coins that just came are accepted first:
    trader247 reconcile --accept. Nothing is bought or sold by this command.

    Examples:

      trader247 adopt BTC-USD --cost 61000 --yes

      trader247 adopt ETH-USD --cost 2400 --quantity 0.5 --stop-pct 20

    Exit codes: 0 adopted; 1 refused, with why; 2 wrong usage, no such book; 4 venue unreachable;
    8 storage failed; 130 not confirmed.
    """
    for option, text in (
        ("--cost", cost),
        ("--quantity", quantity or "1"),
        ("--fee", fee),
        ("--stop-pct", stop_pct),
        ("--target-pct", target_pct),
    ):
        _expect_figure(option, text)
    if not yes:
        say(
            f"{product} at {cost} becomes a position: it is sold {stop_pct} % under that, "
            f"{target_pct} % over it, or after {hours} h"
        )
        typer.confirm("adopt it?", abort=True, err=True)
    arguments = {
        "product": str(product),
        "price": cost,
        "quantity": quantity,
        "fee": fee,
        "stop_pct": stop_pct,
        "target_pct": target_pct,
        "hours": str(hours),
        "may_sell": "yes" if may_sell else "",
        "reason": reason,
    }
    answer = by_hand.adopt(Choice(config, data, mode, venue, key_file), arguments)
    return answered((answer,), as_json=as_json)
