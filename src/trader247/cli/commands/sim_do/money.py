"""`trader247 sim do`: what an operator does to the account's money and to what trading costs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trader247.app.serving.doing import read_schedule_file
from trader247.cli.commands.sim_do.deed import Fields, deed
from trader247.cli.lazy import new_app

app = new_app()

Currency = Annotated[str, typer.Argument(metavar="CURRENCY", help="USD, BTC.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="A decimal number.")]


@deed(app, "deposit")
def deposit(
    currency: Currency,
    amount: Amount,
) -> Fields:
    """Move money in: deposit USD 500."""
    return {"currency": currency, "amount": amount}


@deed(app, "withdraw")
def withdraw(
    currency: Currency,
    amount: Amount,
) -> Fields:
    """Move money out: withdraw BTC 0.1. What is on hold stays."""
    return {"currency": currency, "amount": amount}


@deed(app, "tier")
def tier(
    name: Annotated[str, typer.Argument(metavar="TIER", help="'VIP 1'; auto: by volume.")],
) -> Fields:
    """Charge by another fee tier from now on; live orders keep theirs."""
    return {"tier": name}


@deed(app, "promotion")
def promotion(
    maker: Annotated[str | None, typer.Argument(metavar="[MAKER]", help="0.001")] = None,
    taker: Annotated[str | None, typer.Argument(metavar="[TAKER]", help="0.002")] = None,
) -> Fields:
    """Charge promotional rates instead of the tier's: promotion 0 0.001. None ends it."""
    return {"maker": maker, "taker": taker}


@deed(app, "schedule")
def schedule(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help='JSON: [{"name": "One", "volume": "0", "maker": "0.002", "taker": "0.003"}, ...].',
        ),
    ] = None,
) -> Fields:
    """Charge by another schedule of tiers, or without a file by the one that ships."""
    tiers = None if file is None else read_schedule_file(file)
    return {"tiers": tiers}
