"""A process that kills itself at its N-th touch of the disk.

A statement of SQL, a commit, a write, a sync, a rename: each one counts, and before the N-th the
process gets the signal that nothing can catch.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw


class Countdown:
    """Counts touches; ends the process at the one that was asked for."""

    def __init__(self, last: int) -> None:
        self._last = last
        self.count = 0

    def touch(self) -> None:
        self.count += 1
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)


def install(countdown: Countdown) -> None:
    """Let the countdown see everything that may leave the disk half-way."""

    def before_statement(*_: Any) -> bool:
        countdown.touch()
        return True

    def on_commit(*_: Any) -> bool:
        countdown.touch()
        return False

    def on_connection(connection: apsw.Connection) -> None:
        connection.exec_trace = before_statement
        connection.set_commit_hook(on_commit)

    def counted(act: Callable[..., Any]) -> Callable[..., Any]:
        def touched(*arguments: Any, **options: Any) -> Any:
            countdown.touch()
            return act(*arguments, **options)

        return touched

    apsw.connection_hooks.append(on_connection)
    for name in ("fsync", "fdatasync", "pwrite", "ftruncate", "rename", "replace", "unlink"):
        setattr(os, name, counted(getattr(os, name)))
    for name in ("replace", "rename", "unlink"):
        setattr(Path, name, counted(getattr(Path, name)))
