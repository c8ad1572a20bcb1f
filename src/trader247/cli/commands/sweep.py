"""`trader247 sweep`: many settings tried on the past, and how much of the best is luck."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from trader247.cli.exits import ExitCode
from trader247.cli.options import DEFAULT_DATA, ConfigDir, DataDir, Json
from trader247.cli.output import say
from trader247.cli.progress import progress_of
from trader247.domain.errors import UsageError
from trader247.domain.words import counted


def sweep(
    space: Annotated[
        Path, typer.Argument(metavar="SPACE.yaml", help="What is tried; the form is above.")
    ],
    *,
    trials: Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="In all.")] = 100,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=1024,
            metavar="N",
            help="Workers on this machine. Else one for each core.",
            show_default=False,
        ),
    ] = None,
    ray: Annotated[
        str,
        typer.Option(metavar="ADDRESS", help="A Ray cluster's, instead: auto, local, host:port."),
    ] = "",
    sampler: Annotated[
        str, typer.Option(metavar="NAME", help="random draws evenly and blindly; tpe learns.")
    ] = "random",
    seed: Annotated[int, typer.Option(min=0, help="What the sampler begins from.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where sweep.json and sweep.html go. Else the sweep's own folder.",
            show_default=False,
        ),
    ] = None,
    config: ConfigDir = None,
    data: DataDir = DEFAULT_DATA,
    as_json: Json = False,
) -> ExitCode:
    """Try settings of the policy on the candles in DATA/candles, and judge what came of it.

    Each trial is a whole backtest by the code that trades live. Settings are chosen on in-sample
    days and judged on later ones, after a gap (walk-forward); the last are judged on all that is
    left. Beside the best stand the deflated
    Sharpe ratio and the probability of backtest overfitting, with all trials counted that were
    ever made on the same data: DATA/sweeps/journal.jsonl keeps the number.

    What was broken off goes on with the same command. SPACE.yaml:

      objective: sharpe                      # or sortino, return, calmar
      backtest: {from: 2026-01-01, equity: 100000, fees: Intro}
      walk_forward: {in_sample_days: 90, out_of_sample_days: 30, gap_days: 5}
      parameters:
        policy.rules.breakout.stop_pct: {from: 3, to: 9, step: 0.5}
        policy.triggers.score_min: {choices: [0.2, 0.3, 0.4]}

    Examples:

      trader247 sweep space.yaml --trials 200 --jobs 2

      trader247 sweep space.yaml --trials 2000 --ray auto --sampler tpe

    Exit codes: 0 done, 1 a worker died (what ended is kept), 2 no candles, no optuna or wrong
    usage, 5 another process runs it, 6 space, configuration or policy invalid, 8 storage failed,
    130 interrupted (what ended is kept).
    """
    from trader247.app.reports.files import made_ready
    from trader247.app.sweeps import reporting
    from trader247.cli.views import sweep as sweep_view

    if ray and jobs is not None:
        raise UsageError("--jobs is for this machine and --ray for a cluster", hint="choose one")
    wanted = reporting.wanted(
        space,
        config=config,
        data=data,
        trials=trials,
        jobs=jobs or os.cpu_count() or 1,
        ray=ray,
        sampler=sampler,
        seed=seed,
    )
    if out is not None:
        made_ready(out)
    try:
        with _bar(is_shown=not as_json) as told:
            report = reporting.swept_report(wanted, told, say)
    except KeyboardInterrupt:
        say("interrupted: every trial that ended is kept; the same command goes on")
        raise
    files = reporting.write(report, out)
    if as_json:
        sweep_view.emit(report)
    else:
        sweep_view.draw(report)
        sweep_view.tell_files(files)
    return ExitCode.DONE


@contextmanager
def _bar(*, is_shown: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr, where there is a terminal; what an earlier sitting made is told first."""
    is_first = True

    def told_first(done: int) -> None:
        nonlocal is_first
        if is_first and done:
            say(f"goes on after {counted(done, 'trial')} from before")
        is_first = False

    if not is_shown:
        yield lambda done, _of: told_first(done)
        return
    with progress_of("sweeping", "trials") as draw:

        def told(done: int, of: int) -> None:
            told_first(done)
            draw(done, of)

        yield told
