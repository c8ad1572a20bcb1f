"""`trader247 arm`: a person lets real orders be sent."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.granting import arming
from trader247.app.granting.arming import Arming
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
from trader247.cli.output import emit_json, say


def arm(
    *,
    yes_i_mean: Annotated[
        str,
        typer.Option(
            "--yes-i-mean",
            metavar="PORTFOLIO",
            help="The portfolio's name or id, instead of typing it when asked: for scripts.",
            show_default=False,
        ),
    ] = "",
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    key_file: KeyFile = None,
    as_json: Json = False,
) -> ExitCode:
    """Let LIVE send orders to one account, for 30 days.

    Shows mode, account and limits, then asks for the portfolio's name to be typed. Needs all that
    LIVE needs but the arming itself. It falls with any limit that is loosened and with a new
    version, and `trader247 disarm` takes it back. Sends no order.

    Examples:

      trader247 arm --mode live --venue sim

      trader247 arm --mode live --key-file key.json --yes-i-mean Default

    Exit codes: 0 armed; 1 something is missing, or another account was typed; 2 not in LIVE;
    4 venue unreachable; 5 a trader runs on the folder; 6 configuration invalid; 8 storage failed;
    9 unsafe key file.
    """

    def typed(armed: Arming) -> str:
        tell(armed)
        return yes_i_mean or _asked()

    done = arming.arm(Choice(config, data, mode, venue, key_file), typed)
    if as_json:
        emit_json(body_of(done))
    else:
        say(f"armed until {done.until}; trader247 disarm takes it back")
        say(f"next: trader247 run --mode live --venue {done.places.venue.slug}")
    return ExitCode.DONE


def tell(armed: Arming) -> None:
    """What a person should read before they arm."""
    places, currency, policy = armed.places, armed.currency, armed.policy
    say(f"mode      {places.mode.value} on {places.venue.value}, {armed.label}")
    say(f"account   {armed.account_name} ({armed.account})")
    say(f"equity    {armed.equity.value:,.2f} {currency}")
    stage = "canary stage, one position at a time" if armed.is_canary else "shares of equity"
    say(f"largest   {armed.largest.value:,.2f} {currency} an order ({stage})")
    stops = policy.stops
    say(f"stops     {stops.daily_pct} % a day, {stops.weekly_pct} % a week")
    say(f"          and {stops.drawdown_pct} % under the highest equity so far")
    say(f"valid     until {armed.until}")


def body_of(armed: Arming) -> dict[str, object]:
    """The arming as `--json` shows it."""
    return {
        "mode": armed.places.mode.value,
        "venue": armed.places.venue.value,
        "market": armed.label,
        "account": armed.account,
        "account_name": armed.account_name,
        "equity": armed.equity,
        "largest": armed.largest,
        "is_canary": armed.is_canary,
        "until": armed.until,
    }


def _asked() -> str:
    if not sys.stdin.isatty():
        return ""
    answer: str = typer.prompt(
        "type the account's name to arm it", default="", show_default=False, err=True
    )
    return answer
