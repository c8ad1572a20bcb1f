"""How far something long has come, on one line of stderr, where somebody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Told = Callable[[int, int], None]
"""Told how many of how many are done."""
_WIDTH = 40


@contextmanager
def progress_of(name: str, unit: str) -> Iterator[Told]:
    """A bar that is gone when all is done, and stays where it came to when it was broken off."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    written = 0

    def told(done: int, of: int) -> None:
        nonlocal written
        filled = _WIDTH * min(done, of) // max(of, 1)
        bar = "#" * filled + "." * (_WIDTH - filled)
        text = f"{name} [{bar}] {done} of {of} {unit}"
        sys.stderr.write(f"\r{text:<{written}}")
        sys.stderr.flush()
        written = len(text)

    try:
        yield told
    except BaseException:
        sys.stderr.write("\n" if written else "")
        raise
    sys.stderr.write(f"\r{'':<{written}}\r")
    sys.stderr.flush()
