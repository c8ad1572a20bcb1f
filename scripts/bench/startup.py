"""Commands that must feel instant, beside a bare Typer application."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scripts.bench.measure import Row, Target, in_turn

BIN = Path(sys.executable).parent
ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
"""A person's program starts from bytecode: what is measured is not the compiling of it anew."""

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


def help_screen() -> Iterator[Row]:
    """`trader247 --help` beside a bare Typer application's."""
    with tempfile.TemporaryDirectory() as folder:
        ours = command([str(BIN / "trader247"), "--help"], folder)
        yield _row("trader247 --help", ours, _bare_typer(folder, "--help"), 1.2)


def kill_switch() -> Iterator[Row]:
    """`trader247 kill on` beside a bare Typer command that prints a word."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").mkdir()
        # Without a trader to stop, the switch is raised and the exit says that nothing proves it.
        ours = command([str(BIN / "trader247"), "kill", "on"], folder, codes=(0, 7))
        yield _row("trader247 kill on", ours, _bare_typer(folder, "hello"), 1.25)


def _row(name: str, ours: Callable[[], None], baseline: Callable[[], None], limit: float) -> Row:
    return Row.paired(name, "ms", in_turn(ours, baseline), Target.RATIO_AT_MOST, limit)


def command(line: Sequence[str], folder: str, *, codes: Sequence[int] = (0,)) -> Callable[[], None]:
    """A process to run in `folder`; any other exit code than `codes` ends the bench."""

    def act() -> None:
        done = subprocess.run(
            line,
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode not in codes:
            sys.exit(f"{' '.join(line)} ended with {done.returncode}: {done.stderr.decode()}")

    return act


def _bare_typer(folder: str, *arguments: str) -> Callable[[], None]:
    """The baseline: a Typer application of three commands that does nothing."""
    script = Path(folder) / "bare.py"
    script.write_text(BARE_TYPER, encoding="utf-8")
    return command([sys.executable, str(script), *arguments], folder)
