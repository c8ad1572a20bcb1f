"""The options that commands share: one spelling, one environment variable, one help text."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from trader247.app.books.modes import Mode, VenueName
from trader247.app.durations import parse_duration
from trader247.app.figures import figure_of

DEFAULT_DATA = Path("data")
_SLOWEST = Decimal("0.01")

ConfigDir = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="DIR",
        envvar="TRADER247_CONFIG",
        help="Folder of app.yaml, policy.yaml, universe.yaml. "
        "Else ./config if it is there, else what the package ships.",
        show_default=False,
    ),
]
"""`--config DIR`; give it to `app.settings.load` as it is."""

DataDir = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DIR",
        envvar="TRADER247_DATA",
        help="Folder of journals, logs and the kill switch.",
    ),
]
"""`--data DIR`; its default is `DEFAULT_DATA`."""

DataDirInRuins = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="DIR",
        envvar="TRADER247_DATA",
        help="Folder of journals, logs and the kill switch.",
        # Whoever must act all the same finds out by itself what of it can be used.
        readable=False,
    ),
]
"""`--data DIR` for what has to work also where nobody may look into the folder."""

ModeChoice = Annotated[
    Mode | None,
    typer.Option(
        "--mode",
        metavar="MODE",
        envvar="TRADER247_MODE",
        parser=Mode.parse,
        help="dry_run sends nothing, paper trades on a simulated exchange, live sends orders. "
        "Else app.mode.",
        show_default=False,
    ),
]
"""`--mode MODE`; None means what app.yaml says."""

VenueChoice = Annotated[
    VenueName | None,
    typer.Option(
        "--venue",
        metavar="VENUE",
        envvar="TRADER247_VENUE",
        parser=VenueName.parse,
        help="sim needs no network and no key; coinbase is real market data. Else app.venue.",
        show_default=False,
    ),
]
"""`--venue VENUE`; None means what app.yaml says."""

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="PATH",
        envvar="CB_API_SECRET_FILE",
        help="The key file that Coinbase handed out (mode 0600, your own, no link). "
        "Else systemd's credential coinbase-key.",
        show_default=False,
    ),
]
"""`--key-file PATH`; give it to `Choice` as it is."""

Json = Annotated[
    bool,
    typer.Option("--json", help="One JSON object on stdout, of a stable shape, instead of text."),
]
"""`--json`."""

Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the record.")]
"""`--reason TEXT` of what a person does; empty where none is given."""

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
"""`--yes`: what cannot be undone is asked about otherwise."""


def span(text: str) -> timedelta:
    """A span of time as people type it, for an option's `parser`.

    Raises:
        typer.BadParameter: the text is none; it says what would be.
    """
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def speed_of(text: str, *, at_most: int, also: str = "") -> Decimal:
    """How much faster than real time a market's passes; `also` is what else may be said.

    Raises:
        typer.BadParameter: the text is no number that can be.
    """
    found = figure_of(text)
    if found is None or not _SLOWEST <= found <= at_most:
        words = f"{text!r} is not a number from {_SLOWEST} to {at_most}{also}"
        raise typer.BadParameter(words, param_hint="'--speed'")
    return found
