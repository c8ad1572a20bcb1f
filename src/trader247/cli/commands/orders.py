"""`trader247 orders`: what of ours is under way, and what just ended."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.people.by_hand import orders as orders_of
from trader247.cli.exits import ExitCode
from trader247.cli.options import (
    DEFAULT_DATA,
    ConfigDir,
    DataDir,
    Json,
    KeyFile,
    ModeChoice,
    VenueChoice,
)
from trader247.cli.output import emit_json, show
from trader247.cli.views.standing import tell

if TYPE_CHECKING:
    from trader247.app.venue.orders import VenueOrder


def orders(
    *,
    limit: Annotated[
        int, typer.Option("--limit", min=0, help="How many that ended within a day are shown.")
    ] = 10,
    at_venue: Annotated[
        bool,
        typer.Option(
            "--at-venue", help="Ask the venue what lives there, other people's orders included."
        ),
    ] = False,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> ExitCode:
    """Our own orders: those under way, and the latest that ended.

    As the ledger knows them, also beside a running trader. What the venue says otherwise is a
    difference: trader247 reconcile. Older ones: trader247 state show orders.

    With --at-venue the venue is asked: all that lives in the account, of the last 30 days, beside
    what the ledger thinks of it. Foreign orders are marked, and left alone; what only the ledger
    knows is marked too. It only looks, also beside a running trader.

    Examples:

      trader247 orders

      trader247 orders --limit 0 --json

      trader247 orders --at-venue

    Exit codes: 0 shown, 1 no key to ask with, 2 no such book yet, 4 venue unreachable,
    6 configuration invalid, 8 storage failed.
    """
    if at_venue:
        return _at_venue(Choice(config, data, mode, venue, key_file), as_json=as_json)
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
    from trader247.cli.views import ledger as ledger_tables

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


def _at_venue(choice: Choice, *, as_json: bool) -> ExitCode:
    from trader247.app.venue.orders import orders_at_venue

    view = orders_at_venue(choice)
    source = view.source
    if as_json:
        emit_json(
            {
                "mode": source.mode.value,
                "venue": source.venue.value,
                "market": source.market,
                "seed": source.seed,
                "time": source.time,
                "at_venue": [_body(each) for each in view.orders],
            }
        )
        return ExitCode.DONE
    from trader247.cli.views import ledger as ledger_tables

    show(f"{source.market} · {source.mode.value} on {source.venue.value}")
    show(f"at the venue: {sum(each.state is not None for each in view.orders)} orders")
    if view.orders:
        ledger_tables.at_venue(view.orders)
        for each in view.orders:
            tell(f"{each.side} {each.product}: {each.client_order_id or each.order_id}")
    if any(each.state is None for each in view.orders):
        show("what the venue does not list may be on its way: trader247 reconcile")
    return ExitCode.DONE


def _body(order: VenueOrder) -> dict[str, object]:
    found = {each.name: getattr(order, each.name) for each in fields(order)}
    return {**found, "whose": order.whose.value}
