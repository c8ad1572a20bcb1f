"""`trader247 status`: everything on one screen."""

from __future__ import annotations

from typing import Annotated

import typer

from trader247.app.books import made
from trader247.app.books.choice import Choice
from trader247.app.books.status import Status, status_of
from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import emit_json
from trader247.domain.errors import UsageError


def status(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Refresh each second until Ctrl-C, beside the trader.")
    ] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show one book on one screen: equity, losses, exposure, positions, orders, reasons, stops.

    Reads only, and locks nothing: safe at any time, also beside a running trader, and when none
    runs. It says how old the figures are and whether a trader lives.

    Examples:

      trader247 status

      trader247 status --watch --data /home/me/data

    Exit codes: 0 shown, 2 no such book yet, 6 configuration invalid, 8 storage failed.
    """
    if watch and as_json:
        raise UsageError("--watch is for people and --json for programs", hint="choose one")
    choice = Choice(config, data, mode, venue)
    found = status_of(choice)
    if as_json:
        emit_json(_body(found))
        return ExitCode.DONE
    from trader247.cli.views import status as status_view

    if watch:
        status_view.follow(choice)
    else:
        status_view.draw(found)
    return ExitCode.DONE


def _body(found: Status) -> dict[str, object]:
    view, life = found.overview, found.life
    holder = life.holder
    return {
        "book": found.places.book,
        "mode": view.mode,
        "venue": view.venue,
        "market": view.market,
        "seed": view.seed,
        "quote_currency": view.quote_currency,
        "cycle": view.cycle,
        "time": view.time,
        "regime": view.regime or None,
        "trading_state": view.trading_state,
        "pnl": view.pnl,
        "made": made.body(view.made),
        "exposures": view.exposures,
        "stops": view.stops,
        "positions": view.positions,
        "dust": view.dust,
        "orders": view.orders,
        "products": view.decisions,
        "breakers": view.breakers,
        "differences": view.differences,
        "halts": view.halts,
        "trader": {
            "is_alive": found.is_traded if life.is_alive is not None else None,
            "pid": None if holder is None else holder.pid,
            "host": None if holder is None else holder.host,
            "since": None if holder is None else holder.since,
            "command": None if holder is None else holder.command,
            "heartbeat": life.beat_at,
            "heartbeat_age_s": life.age,
            "is_fresh": life.is_fresh,
            "next_cycle_s": life.next_in,
            "ended": life.ended or None,
        },
        "remarks": found.remarks,
    }
