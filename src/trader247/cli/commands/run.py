"""`trader247 run`: trade, cycle after cycle, until Ctrl-C."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trader247.app.books.choice import Choice
from trader247.app.running import trading
from trader247.app.running.plan import Plan
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
    speed_of,
)
from trader247.cli.output import say
from trader247.cli.views import cycle as cycle_view
from trader247.cli.views.run_lines import Lines
from trader247.domain.errors import UsageError

if TYPE_CHECKING:
    from trader247.cli.views.dashboard import Screen


def _speed(text: str) -> Decimal | None:
    if text.strip().lower() == "max":
        return None
    return speed_of(text, at_most=100_000, also=", or max")


def run(
    *,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    mode: ModeChoice = None,
    venue: VenueChoice = None,
    key_file: KeyFile = None,
    interval: Annotated[
        int | None,
        typer.Option(min=10, max=3600, help="Seconds between cycles. Else run.interval_seconds."),
    ] = None,
    cycles: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="End after N cycles.")
    ] = None,
    span: Annotated[
        timedelta | None,
        typer.Option(
            "--for", parser=span, metavar="SPAN", help="End after 90s, 30m, 2h, 1d of market time."
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**63 - 1, help="The simulated market, for a new book."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="PATH", help="Replay candle files (CSV, CSV.GZ) as the market."),
    ] = None,
    speed: Annotated[
        str, typer.Option(metavar="X", help="Market time over real time: 1, 60, max (sim only).")
    ] = "1",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Archive this book and begin anew.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="One refreshing screen instead of a line a cycle.")
    ] = False,
    live: Annotated[bool, typer.Option("--live", hidden=True)] = False,
    as_json: Json = False,
) -> ExitCode:
    """Trade until Ctrl-C, --cycles or --for: one line a cycle, news under it.

    Without a network and a key it trades on a simulated market (--venue sim, the default). Ctrl-C
    and SIGTERM end it in order: no new order, working orders cancelled, books read, exit 0.

    Examples:

      trader247 run --mode paper --speed 60        a market hour each minute
      trader247 run --mode paper --speed max --cycles 300
      trader247 run --mode paper --replay candles/ --fresh
      trader247 run --mode dry_run --venue coinbase

    Stop it from another shell: trader247 kill on, or touch data/KILL_SWITCH.

    Exit codes: 0 ended in order, 1 refused, 2 wrong usage, 4 venue unreachable, 5 another instance
    is running, 6 configuration invalid, 8 storage failed, 9 unsafe file or key permission.
    """
    if live:
        raise UsageError(
            "--live could mean two things, so it means neither",
            hint="--watch is the refreshing screen; --mode live is real money",
        )
    if watch and as_json:
        raise UsageError("--watch is for people and --json for programs", hint="choose one")
    choice = Choice(config, data, mode, venue, key_file)
    plan = Plan(
        interval=None if interval is None else timedelta(seconds=interval),
        cycles=cycles,
        span=span,
        seed=seed,
        replay=replay,
        speed=_speed(speed),
        is_fresh=fresh,
    )
    view = _view(is_watched=watch, as_json=as_json)
    try:
        with view:
            ended = trading.run(choice, plan, on_opening=view.opening, on_report=view.report)
    except KeyboardInterrupt:
        say("ended: interrupted while starting; nothing was sent")
        return ExitCode.DONE
    for each in cycle_view.ended_lines(ended, data):
        say(each)
    return ExitCode.DONE


def _view(*, is_watched: bool, as_json: bool) -> Screen | Lines:
    if not is_watched:
        return Lines(as_json=as_json)
    from trader247.cli.page import is_possible
    from trader247.cli.views.dashboard import Screen

    if is_possible():
        return Screen()
    say("this terminal cannot show a refreshing screen: a line a cycle instead")
    return Lines(as_json=False)
