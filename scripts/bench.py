"""Speed, as ratios to a baseline that runs in turn with it, pinned to one core.

Absolute times hold for one machine and one hour; a ratio to a baseline of the same run does not
care. Each measure is one function that answers its rows; `MEASURES` is the list of them. Exit 1
if a ratio is over its limit.

    make bench                     everything
    scripts/bench.py help kill     some of it
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
REPETITIONS = 15

BARE_TYPER = '''
import typer
app = typer.Typer()
@app.command()
def buy(product: str, usd: float = 10.0):
    """Buy."""
@app.command()
def sell(product: str):
    """Sell."""
@app.command()
def hello():
    print("hi")
app()
'''


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing beside its baseline, in milliseconds, with the ratio that is allowed."""

    name: str
    ours_ms: float
    baseline_ms: float
    ratio_max: float

    @property
    def ratio(self) -> float:
        return self.ours_ms / self.baseline_ms

    @property
    def is_met(self) -> bool:
        return self.ratio <= self.ratio_max


def in_turn(ours: Callable[[], None], baseline: Callable[[], None]) -> tuple[float, float]:
    """Median milliseconds of both, run in turn after a warm-up of each."""
    times: tuple[list[float], list[float]] = ([], [])
    for repetition in range(REPETITIONS + 1):
        for kept, act in zip(times, (ours, baseline), strict=True):
            began = time.perf_counter()
            act()
            if repetition:
                kept.append((time.perf_counter() - began) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])


def command(line: Sequence[str], folder: str, *, codes: Sequence[int] = (0,)) -> Callable[[], None]:
    """A process to run in `folder`; any other exit code than `codes` ends the bench."""

    def act() -> None:
        done = subprocess.run(
            line,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode not in codes:
            sys.exit(f"{' '.join(line)} ended with {done.returncode}: {done.stderr.decode()}")

    return act


def bare_typer(folder: str, *arguments: str) -> Callable[[], None]:
    """The baseline: a Typer application of three commands that does nothing."""
    script = Path(folder) / "bare.py"
    script.write_text(BARE_TYPER, encoding="utf-8")
    return command([sys.executable, str(script), *arguments], folder)


def help_screen() -> Iterator[Row]:
    """`trader247 --help` beside a bare Typer application's."""
    with tempfile.TemporaryDirectory() as folder:
        ours = command([str(BIN / "trader247"), "--help"], folder)
        yield Row("trader247 --help", *in_turn(ours, bare_typer(folder, "--help")), 1.2)


def kill_switch() -> Iterator[Row]:
    """`trader247 kill on` beside a bare Typer command that prints a word."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").mkdir()
        # Without a trader to stop, the switch is raised and the exit says that nothing proves it.
        ours = command([str(BIN / "trader247"), "kill", "on"], folder, codes=(0, 7))
        yield Row("trader247 kill on", *in_turn(ours, bare_typer(folder, "hello")), 1.25)


MEASURES: dict[str, Callable[[], Iterator[Row]]] = {"help": help_screen, "kill": kill_switch}


def pin() -> str:
    """Stay on one core where the system can; says which."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned: this system cannot"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"core {core}"


def main(names: Sequence[str]) -> int:
    """Run the measures of those names, or all; 1 if one is over its limit."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    print(f"medians of {REPETITIONS}, {pin()}")
    print(f"{'measure':<34}{'ours ms':>10}{'baseline ms':>13}{'ratio':>8}{'limit':>8}")
    is_met = True
    for name in names or MEASURES:
        for row in MEASURES[name]():
            is_met = is_met and row.is_met
            print(
                f"{row.name:<34}{row.ours_ms:>10.1f}{row.baseline_ms:>13.1f}"
                f"{row.ratio:>8.2f}{row.ratio_max:>8.2f}  {'ok' if row.is_met else 'OVER'}"
            )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
