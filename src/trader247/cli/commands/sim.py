"""`trader247 sim`: the simulated exchange, its own books and its server."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import typer

from trader247.app.books.choice import Choice
from trader247.app.serving.books import Listing, SimBooks, sim_books
from trader247.cli.commands.sim_do.group import app as do
from trader247.cli.commands.sim_faults import faults
from trader247.cli.commands.sim_serve import serve
from trader247.cli.exits import ExitCode
from trader247.cli.lazy import new_app
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json, ModeChoice, VenueChoice
from trader247.cli.output import Cell, Column, Tone, emit_json, show, show_table
from trader247.domain.money import CONTEXT, plain

app = new_app(help="The simulated exchange: its own books, and its server.")

_FEE_SHOWN = Decimal("0.0001")
"""Fees have up to sixteen decimals: --json has all of them."""

_STATUS_TONES = {"FILLED": Tone.GOOD, "OPEN": Tone.WARN}


@app.callback()
def _group() -> None:
    """The simulated exchange: its own books, its server, and acting on it."""


app.command("serve")(serve)
app.command("faults")(faults)
app.add_typer(do, name="do")


@app.command("show")
def show_books(
    listing: Annotated[Listing, typer.Argument(help="Which of its books.")],
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    as_json: Json = False,
) -> ExitCode:
    """Show what the simulated exchange itself has: accounts, orders or fills, newest first.

    The exchange keeps its own books; the ledger (trader247 state show) is the trader's. Where the
    two differ, trader247 reconcile finds a break. Reads only, also beside a running trader.

    --json is the body that Coinbase would answer with, all pages as one; figures are text.

    Examples:

      trader247 sim show accounts

      trader247 sim show fills --json | jq '.fills[0]'

    Exit codes: 0 shown, 2 no such book yet, 6 configuration invalid, 8 storage failed.
    """
    books = sim_books(Choice(config, data, mode, venue), listing)
    if as_json:
        emit_json({"market": books.label, "seed": books.seed, "time": books.time, **books.body})
    else:
        _draw(books)
    return ExitCode.DONE


def _draw(books: SimBooks) -> None:
    show(f"{books.label}, at {books.time}")
    columns, row = {
        Listing.ACCOUNTS: (_ACCOUNTS, _account),
        Listing.ORDERS: (_ORDERS, _order),
        Listing.FILLS: (_FILLS, _fill),
    }[books.listing]
    if books.rows:
        show_table(columns, [row(each) for each in books.rows])
    show(f"{len(books.rows)} {books.listing.value}")


_ACCOUNTS = (
    Column("currency"),
    Column("available", is_figure=True),
    Column("hold", is_figure=True),
    Column("total", is_figure=True),
)


def _account(row: Mapping[str, Any]) -> list[str | Cell]:
    available, hold = row["available_balance"]["value"], row["hold"]["value"]
    total = CONTEXT.add(Decimal(available), Decimal(hold))
    return [row["currency"], available, hold, plain(total)]


_ORDERS = (
    Column("created"),
    Column("product"),
    Column("side"),
    Column("limit", is_figure=True),
    Column("size", is_figure=True),
    Column("filled", is_figure=True),
    Column("status"),
)


def _order(row: Mapping[str, Any]) -> list[str | Cell]:
    (terms,) = row["order_configuration"].values()
    status = row["status"]
    return [
        _moment(row["created_time"]),
        row["product_id"],
        row["side"],
        terms.get("limit_price", "-"),
        terms.get("base_size") or terms.get("quote_size", "-"),
        f"{row['completion_percentage']} %",
        Cell(status, _STATUS_TONES.get(status, Tone.PLAIN)),
    ]


_FILLS = (
    Column("time"),
    Column("product"),
    Column("side"),
    Column("price", is_figure=True),
    Column("size", is_figure=True),
    Column("fee", is_figure=True),
    Column("role"),
)


def _fill(row: Mapping[str, Any]) -> list[str | Cell]:
    return [
        _moment(row["trade_time"]),
        row["product_id"],
        row["side"],
        row["price"],
        row["size"],
        plain(Decimal(row["commission"]).quantize(_FEE_SHOWN)),
        row["liquidity_indicator"],
    ]


def _moment(text: str) -> str:
    """Month, day and time to the second: the year is in the heading."""
    return text[5:19].replace("T", " ")
