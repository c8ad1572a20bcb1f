"""Doing something again and again beside the trading: drawing, which must never hold it up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from trader247.app.wiring.threads import background

_LAST_SECONDS = 1.0
"""How long the end waits for a call that is under way: a terminal may be stopped."""


class Beside:
    """Calls `task` every `period` in a thread of its own, until it is stopped or fails."""

    def __init__(self, task: Callable[[], None], *, period: timedelta) -> None:
        self._task = task
        self._seconds = period.total_seconds()
        self._ended = threading.Event()
        self._is_running = True
        self._finish = background([self._work], name="drawing")

    @property
    def is_running(self) -> bool:
        """Whether the task is still being called: one that raised is not."""
        return self._is_running

    def stop(self) -> None:
        """Call it no more; returns when it does not run, or after a second."""
        self._ended.set()
        self._finish(_LAST_SECONDS)

    def _work(self) -> None:
        try:
            self._task()
            while not self._ended.wait(self._seconds):
                self._task()
        finally:
            self._is_running = False


def repeat(task: Callable[[], None], *, period: timedelta) -> None:
    """Call `task` every `period` in this thread, until it raises or Ctrl-C."""
    never = threading.Event()
    task()
    while not never.wait(period.total_seconds()):
        task()
