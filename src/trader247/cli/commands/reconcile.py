"""`trader247 reconcile`: the ledger against the venue."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.venue.reconciling import Reconciliation
from trader247.app.venue.reconciling import accept as accepted
from trader247.app.venue.reconciling import reconcile as reconciled
from trader247.cli.exits import ExitCode
from trader247.cli.options import (
    DEFAULT_DATA,
    ConfigDir,
    DataDir,
    Json,
    KeyFile,
    ModeChoice,
    VenueChoice,
    span,
)
from trader247.cli.output import Cell, Column, Tone, emit_json, say, show, show_table


def reconcile(
    *,
    lookback: Annotated[
        timedelta | None,
        typer.Option(
            parser=span,
            metavar="SPAN",
            help="Read orders and fills this far back: 90s, 5m, 2h, 1d. Else what the policy says.",
            show_default=False,
        ),
    ] = None,
    accept: Annotated[
        bool,
        typer.Option(
            "--accept",
            help="Book money or coins that you moved yourself as capital, with --reason.",
        ),
    ] = False,
    price: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PRODUCT=PRICE",
            help="With --accept: what our own coins went for, where no fill of the venue tells.",
            show_default=False,
        ),
    ] = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why: kept in the journal.", show_default=False)
    ] = "",
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> ExitCode:
    """Book what is new at the venue, then compare orders, fills, cash and holdings.

    Where nobody trades it takes the guard, and a difference that no order in flight explains is a
    break at once: it latches, and only exits are allowed until a person clears it. Doing it twice
    does nothing twice.

    Beside a running trader it only reads, and says so: the trader books by itself. What is
    younger than 120 s, or what an order in flight explains, is pending and no break.

    With --accept, a deposit, a withdrawal or coins from elsewhere are booked as capital, never as
    profit. Coins of the trader's own that a person sold are booked as sold: at what the venue's
    fills say, or at --price. The halt stays until it is cleared. What is held of a product that
    has no price, one that the venue has delisted say, becomes yours, at --price. An order that has
    ended, and whose missing fills were all set aside before, ends with them: coins of the trader's
    own count as sold, all else is foreign coins and capital. Fills that are late are waited for.

    Examples:

      trader247 reconcile

      trader247 reconcile --lookback 2h --json

      trader247 reconcile --accept --reason "sold" --price BTC-USD=64000

    Exit codes: 0 they agree (or what differs is pending), 2 no such book yet, 3 a break,
    4 venue unreachable, 6 configuration invalid, 8 storage failed.

    After a break: look at both sides, mend the difference or accept it, then
    trader247 unlock halt reconciliation_break --reason TEXT
    """
    choice = Choice(config, data, mode, venue, key_file)
    if (reason or price) and not accept:
        raise typer.BadParameter("--reason and --price belong to --accept")
    if accept:
        for sentence in accepted(choice, reason, price or []):
            say(f"accepted: {sentence}")
    report = reconciled(choice, lookback)
    if as_json:
        emit_json(_body(report))
    else:
        _draw(report)
    if report.collected.error:
        say(f"error: {report.collected.error}")
        return ExitCode.UNREACHABLE
    return ExitCode.BREAK if report.collected.breaks else ExitCode.DONE


def _draw(report: Reconciliation) -> None:
    collected = report.collected
    show(f"{report.label} · {report.places.mode.value} on {report.places.venue.value}")
    if report.is_read_only:
        show(f"read only: the books are kept by {report.trader}")
    if report.note:
        show(f"note: {report.note}")
    if not collected.error:
        show(collected.sentence(report.currency))
    rows: list[list[str | Cell]] = [
        [each.key, each.ledger, each.venue, str(each.since), Cell(word, tone)]
        for differences, word, tone in (
            (collected.breaks, "BREAK", Tone.BAD),
            (collected.pending, "pending", Tone.WARN),
        )
        for each in differences
    ]
    if rows:
        titles = ("what", "ledger", "venue", "since", "")
        show_table([Column(title) for title in titles], rows)
    show(f"{len(collected.breaks)} breaks, {len(collected.pending)} pending")
    for told in report.foreseen:
        show(f"set aside, and never booked by itself: {told}")
    if report.foreseen:
        show("to accept that, and end the order: trader247 reconcile --accept --reason TEXT")
    if collected.breaks:
        show(f"trading state: {report.trading_state.value}; only exits are allowed while it stands")
        show("next: mend it, then trader247 unlock halt reconciliation_break --reason TEXT")


def _body(report: Reconciliation) -> dict[str, object]:
    collected = report.collected
    return {
        "mode": report.places.mode.value,
        "venue": report.places.venue.value,
        "market": report.label,
        "seed": report.seed,
        "time": report.time,
        "read_only": report.is_read_only,
        "trading_state": report.trading_state,
        "fills": collected.fills,
        "orders_updated": collected.orders_updated,
        "fees": collected.fees,
        "breaks": collected.breaks,
        "pending": collected.pending,
        "set_aside": [
            {"client_order_id": each.client_order_id, "fills": each.fills}
            for each in report.acceptable
        ],
        "error": collected.error or None,
    }
