"""Garbage of a long run, which makes none: looking for it is a fifth of its time."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_collected(*, is_last: bool = False) -> Iterator[None]:
    """Look for no unreachable cycles of objects meanwhile: a run makes none, and keeps millions.

    Nor afterwards among what it keeps, where `is_last` says that the process ends soon: it looks
    through all that it has once more at its end, which was a thirty-fifth of a year's backtest. A
    run itself is in a cycle: where others follow it, it would stay in memory with all its columns.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_last:
            gc.freeze()
        if was_on:
            gc.enable()


def give_back() -> None:
    """Return to the system what was freed since: an allocator keeps it beside all that comes.

    Where the C library has no word for that nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
