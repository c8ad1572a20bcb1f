"""`trader247 flatten`: sell what is held."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.people import by_hand, estimating
from trader247.app.people.estimating import Estimate
from trader247.cli.exits import ExitCode
from trader247.cli.figures import UNKNOWN, money, price
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
from trader247.cli.output import Cell, Column, emit_json, show, show_table
from trader247.cli.views.standing import answered, tell


def flatten(
    *,
    products: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PRODUCT]...", help="BTC-USD, or BTC. Else all positions.", show_default=False
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show price, fee and slippage; send nothing.")
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
    """Sell own positions, through the same checks and the same protocol as every exit.

    A running trader does it in a cycle that begins at once; where none runs, this command runs
    cycles of its own, in which only exits are sent. A position above the largest order leaves in
    slices. Whatever is bought of the same products is cancelled first. What has not left after
    15 min is no longer tried. The trader may buy again later: trader247 pause keeps it from that.

    Examples:

      trader247 flatten --dry-run

      trader247 flatten BTC-USD --yes --reason "news"

    Exit codes: 0 done or asked; 1 refused, with why; 2 wrong usage, no such book; 4 venue
    unreachable; 8 storage failed; 130 not confirmed.
    """
    choice = Choice(config, data, mode, venue, key_file)
    if dry_run or not yes:
        estimates = estimating.estimates(choice, products or [])
        if dry_run and as_json:
            emit_json({"positions": estimates})
            return ExitCode.DONE
        if not as_json:
            _draw(estimates)
        if dry_run:
            return ExitCode.DONE
        typer.confirm("sell them?" if estimates else _NOTHING_HELD, abort=True, err=True)
    answer = by_hand.flatten(choice, products or [], reason=reason)
    return answered((answer,), as_json=as_json)


_NOTHING_HELD = "end what is being bought, and sell what fills of it?"


def _draw(estimates: tuple[Estimate, ...]) -> None:
    if not estimates:
        show("nothing is held")
        return
    columns = [
        Column("product"),
        Column("quantity", is_figure=True),
        Column("price", is_figure=True),
        Column("at worst", is_figure=True),
        Column("fee", is_figure=True),
        Column("slippage bps", is_figure=True),
        Column("orders", is_figure=True),
    ]
    rows: list[list[str | Cell]] = [
        [
            str(each.product),
            str(each.quantity),
            price(each.price),
            price(each.worst),
            money(each.fee),
            _text(each.slippage_bps),
            _text(each.orders),
        ]
        for each in estimates
    ]
    show_table(columns, rows)
    for each in estimates:
        if each.trouble:
            tell(f"{each.product}: {each.trouble}")


def _text(figure: object) -> str:
    return UNKNOWN if figure is None else str(figure)
