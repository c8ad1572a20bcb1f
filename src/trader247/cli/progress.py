"""How far something long has come, on one line of stderr, where somebody looks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from trader247.cli.output import say

if TYPE_CHECKING:
    from rich.progress import Progress

_STEPS = 1_000
"""A bar is drawn anew at most so often, however often it is told."""


class Told(Protocol):
    """Told how many of how many are done, and what else is worth a word."""

    def __call__(self, done: int, of: int, remark: str = "") -> None: ...


def is_watched() -> bool:
    """Whether somebody looks: stderr is a terminal."""
    return sys.stderr.isatty()


@contextmanager
def progress_of(name: str, unit: str) -> Iterator[Told]:
    """A bar that is gone when all is done, and stays where it came to when it was broken off."""
    if not is_watched():
        yield _unseen
        return
    bar = _bar()
    task = bar.add_task(name, total=0, unit=unit, remark="")
    step = -1

    def told(done: int, of: int, remark: str = "") -> None:
        nonlocal step
        bar.update(task, completed=done, total=of, remark=remark and f", {remark}")
        now = _STEPS * done // max(of, 1)
        if now != step or done == of:
            bar.refresh() if bar.live.is_started else bar.start()
            step = now

    try:
        yield told
    except BaseException:
        bar.live.transient = False
        raise
    finally:
        bar.stop()


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Around what leaves nothing behind when it is broken off: whoever breaks it off is told so."""
    try:
        yield
    except KeyboardInterrupt:
        say("interrupted: nothing was written")
        raise


def _unseen(done: int, of: int, remark: str = "") -> None:
    """Nobody looks."""


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    counted = "{task.completed:,.0f} of {task.total:,.0f} {task.fields[unit]}{task.fields[remark]}"
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn(counted, markup=False),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
        console=Console(stderr=True),
        # No thread of its own: processes are forked beside it.
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
    )
