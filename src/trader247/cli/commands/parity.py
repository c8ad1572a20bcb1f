"""`trader247 parity`: a tape through backtest, PAPER and LIVE, compared to the last digit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.options import ConfigDir, Json
from trader247.cli.output import emit_json
from trader247.cli.progress import nothing_kept, progress_of
from trader247.cli.views.standing import tell


def parity(
    tape: Annotated[
        Path, typer.Argument(metavar="TAPE", help="A candle file, or a folder of them.")
    ],
    *,
    cycles: Annotated[int, typer.Option(min=1, help="How many cycles to compare.")] = 2000,
    policy: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another policy.yaml.", show_default=False),
    ] = None,
    is_live_too: Annotated[
        bool, typer.Option("--live/--no-live", help="Trade it live on the simulated exchange too.")
    ] = True,
    config: ConfigDir = None,
    as_json: Json = False,
) -> ExitCode:
    """Trade a tape by backtest, by paper and live, and say what comes out otherwise.

    Paper speaks the venue's dialect to the simulated exchange and keeps its journal on disk, in a
    folder of its own that is removed; the backtest does neither. Live signs its requests besides,
    with a key that the simulated exchange verifies, and sends by the permit, the watched app.yaml
    and the emergency file; only arming and the confirmation of the first trades are left out.

    Each cycle's decision is compared by its hash, orders, fills and trades to the last digit. Both
    ways of backtesting are held against it: the fast one, and the slow one that visits every
    minute.

    Examples:

      trader247 parity data/candles --cycles 5000

    Exit codes: 0 the same, 1 a difference, 2 the tape cannot be used or is too short, 6
    configuration or policy invalid, 130 interrupted.
    """
    from trader247.app.backtests.parity import parity as compared

    of = cycles * (1 + is_live_too)
    with nothing_kept(), progress_of("trading the tape", "cycles") as told_of:
        told_of(0, of)
        found = compared(
            tape,
            cycles,
            config=config,
            policy=policy,
            is_live_too=is_live_too,
            progress=lambda done: told_of(done, of),
        )
    if as_json:
        emit_json(found)
        return ExitCode.DONE if found.is_same else ExitCode.REFUSED
    counts = {
        "cycle": found.cycles,
        "order": found.orders,
        "fill": found.fills,
        "trade": found.trades,
    }
    told = ", ".join(f"{count:,} {name}{'s' * (count != 1)}" for name, count in counts.items())
    tell(f"{told} on {tape}, {found.label[:26]}")
    for each in found.differences:
        tell(f"DIFFERENCE in {each.what}:")
        tell(f"paper     {each.one[:400]}", indent="  ")
        tell(f"the other {each.other[:400]}", indent="  ")
    if found.is_same:
        tell("every decision, order and fill is the same")
        if not found.fills:
            tell("nothing was filled: a longer or livelier tape says more")
    return ExitCode.DONE if found.is_same else ExitCode.REFUSED
