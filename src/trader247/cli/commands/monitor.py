"""`trader247 monitor`: a second process that watches the account and stops the trader."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.figures import figure_of
from trader247.app.monitoring.monitor import Look, Monitor, Stopped, watched
from trader247.cli.exits import ExitCode
from trader247.cli.figures import moment
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
from trader247.cli.outlets import wait_for_no_reader
from trader247.cli.output import emit_json, say, show
from trader247.domain.errors import UsageError

_EVERY = timedelta(seconds=10)
_COINS_BEYOND = Decimal(10) ** 16
"""Nobody has so many coins: whoever says so made a mistake, and would watch none of them."""


def monitor(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Look once, stop nothing: exit 0 if all is well.")
    ] = False,
    every: Annotated[
        timedelta | None,
        typer.Option(
            parser=span,
            metavar="SPAN",
            help="Pause between two looks. Else 10s.",
            show_default=False,
        ),
    ] = None,
    limits: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Its own limits. Else monitor.yaml of the configuration folder, else the "
            "shipped ones: a fifth above the trader's ceilings.",
            show_default=False,
        ),
    ] = None,
    foreign: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COIN=AMOUNT",
            help="Coins of the account that are not the trader's, as BTC=0.5.",
            show_default=False,
        ),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> ExitCode:
    """Watch the account from a process of its own, and stop the trader where it is over a limit.

    It computes what is at risk from the venue's balances, open orders and prices alone, by limits
    of its own: 6 % in one product, 18 % in all, 300 an order, 16 minutes an order's age, 3.6 % lost
    in a UTC day. Over one of them in two looks, it raises the kill switch, cancels every order of
    ours at the venue, tells the channels of app.yaml, and ends with exit code 1. A heartbeat older
    than 300 s, a price that cannot be read and a venue that does not answer stop nothing; once
    that has lasted 300 s the channels are told of it, once.

    Run it beside `trader247 run`, under a user and a key of its own: one that may trade, because it
    cancels. It takes no lock and sends no order.

    Examples:

      trader247 monitor --data /home/me/data
      trader247 monitor --once --json        for cron, or an outside check

    Exit codes: 0 looked once and all is well, 1 over a limit or not known, 2 wrong usage, 6
    configuration invalid, 7 stopped but not proven at the venue, 130 interrupted.
    """
    watch = Monitor(
        Choice(config, data, mode, venue, key_file), limits=limits, foreign=_foreign(foreign or [])
    )
    if once:
        look = watch.look()
        _tell(look, as_json=as_json)
        return ExitCode.DONE if look.is_well else ExitCode.REFUSED
    wait_for_no_reader()
    stopped = watched(
        watch, every=every or _EVERY, on_look=lambda look: _tell(look, as_json=as_json), on_news=say
    )
    _tell_stopped(stopped, as_json=as_json)
    return ExitCode.REFUSED if stopped.kill.is_proven else ExitCode.STOP_UNPROVEN


def _foreign(words: list[str]) -> dict[str, Decimal]:
    found = {}
    for word in words:
        coin, _, figure = word.partition("=")
        name = coin.strip().upper()
        amount = figure_of(figure)
        if amount is None or not 0 <= amount < _COINS_BEYOND or not name.isalnum() or name in found:
            raise UsageError(
                f"--foreign {word[:60]!r} is no coin with an amount of zero or more, each once",
                hint="write BTC=0.5",
            )
        found[name] = amount
    return found


def _tell(look: Look, *, as_json: bool) -> None:
    if as_json:
        emit_json(_body(look))
        return
    judged = look.judged
    if judged is None:
        show(f"UNKNOWN: {look.trouble}")
        return
    equity = "UNKNOWN" if judged.equity is None else f"{judged.equity.value:,.2f}"
    at_risk = "UNKNOWN" if judged.at_risk is None else f"{judged.at_risk.value:,.2f}"
    word = "well" if judged.is_well else ("OVER A LIMIT" if judged.breaches else "NOT WELL")
    show(f"{moment(judged.time)}  {word}: equity {equity}, at risk {at_risk}")
    for each in judged.findings:
        show(f"  {each.id}: {each.text}")


def _body(look: Look) -> dict[str, object]:
    judged = look.judged
    if judged is None:
        return {"well": False, "time": None, "equity": None, "at_risk": None, "findings": []} | {
            "trouble": look.trouble
        }
    return {
        "well": judged.is_well,
        "time": judged.time,
        "equity": judged.equity,
        "at_risk": judged.at_risk,
        "findings": [
            {"id": each.id, "text": each.text, "breach": each.is_breach} for each in judged.findings
        ],
        "trouble": "",
    }


def _tell_stopped(stopped: Stopped, *, as_json: bool) -> None:
    proof = stopped.kill.proof.value
    if as_json:
        emit_json({"stopped": True, "proof": proof, "told": stopped.told, "untold": stopped.untold})
        return
    show(f"KILL SWITCH ACTIVATED by the monitor: {proof}")
    if stopped.untold:
        say(f"not told: {', '.join(stopped.untold)}")
