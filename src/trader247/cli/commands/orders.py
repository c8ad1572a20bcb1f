"""`trader247 orders`: what of ours is under way, and what just ended."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.app.by_hand import orders as orders_of
from trader247.app.choice import Choice
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import emit_json, show


def orders(
    *,
    limit: Annotated[
        int, typer.Option("--limit", min=0, help="How many that ended within a day are shown.")
    ] = 10,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Our own orders: those under way, and the latest that ended.

    As the ledger knows them, also beside a running trader. What the venue says otherwise is a
    difference: trader247 reconcile. Older ones: trader247 state show orders.

    Examples:

      trader247 orders

      trader247 orders --limit 0 --json

    Exit codes: 0 shown, 2 no such book yet, 6 configuration invalid, 8 storage failed.
    """
    view = orders_of(Choice(config, data, mode, venue), limit=limit)
    source = view.source
    if as_json:
        emit_json(
            {
                "mode": source.mode.value,
                "venue": source.venue.value,
                "market": source.market,
                "seed": source.seed,
                "time": source.time,
                "orders": list(view.live),
                "ended": list(view.ended),
            }
        )
        return ExitCode.DONE
    from trader247.cli import ledger_tables

    show(f"{source.market} · {source.mode.value} on {source.venue.value}")
    show(f"under way: {len(view.live)}")
    if view.live:
        ledger_tables.orders(view.live)
        for each in view.live:
            show(f"{each.side} {each.product}: {each.client_order_id}")
        show("next: trader247 cancel ORDER, or cancel --all")
    if view.ended:
        show(f"ended within a day: the latest {len(view.ended)}")
        ledger_tables.orders(view.ended)
    return ExitCode.DONE
