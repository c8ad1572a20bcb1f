"""`trader247 why`: why a product did or did not trade, and what would have changed it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.durations import parse_since
from trader247.cli.brief import uncollected
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import emit_json
from trader247.domain.errors import UsageError
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant


def _product(text: str) -> ProductId:
    try:
        return ProductId.parse(text.strip().upper())
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _time(text: str) -> Instant:
    try:
        when = parse_since(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if isinstance(when, timedelta):
        raise typer.BadParameter(f"{text!r} is a span; a time is like 2026-01-05T14:30:00Z")
    return when


def why(
    product: Annotated[
        ProductId, typer.Argument(parser=_product, metavar="PRODUCT", help="Like BTC-USD.")
    ],
    *,
    cycle: Annotated[
        int | None, typer.Option("--cycle", min=1, metavar="ID", help="Of this cycle.")
    ] = None,
    at: Annotated[
        Instant | None,
        typer.Option(
            "--at", parser=_time, metavar="TIME", help="Of the last cycle at or before this time."
        ),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Tell why a product did or did not trade in a cycle: the last one, or the one named.

    The cycle is decided again from the journal, so every figure is the one that was decided on:
    universe, signals with their thresholds, rule, size with the floor and the cap that bound it,
    every check, what was sent and what came back. It ends in the one reason, and in what would
    have changed it: each such input was changed and the cycle decided again to find out.

    Examples:

      trader247 why BTC-USD

      trader247 why DOGE-USD --at 2026-01-05T14:30:00Z

      trader247 why ETH-USD --cycle 812 --json

    Exit codes: 0 told, 2 no such book, cycle or product, 6 configuration invalid, 8 storage failed.
    """
    if cycle is not None and at is not None:
        raise UsageError("--cycle and --at name the same thing twice", hint="leave one of them out")
    with uncollected():
        from trader247.app.past.explaining import body_of, explained

        found = explained(Choice(config, data, mode, venue), product, cycle=cycle, at=at)
        if as_json:
            emit_json(body_of(found))
        else:
            from trader247.cli.views.why import tell_why

            tell_why(found)
    return ExitCode.DONE
