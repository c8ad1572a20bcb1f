"""How long the venue takes to answer: what 95 % of the requests of the last minutes took."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta

from trader247.domain.time import MINUTE

WINDOW = 5 * MINUTE
REQUESTS_MAX = 2_000
"""Requests remembered, the latest: more than any budget allows within the window."""


class Latency:
    """Measures each request, answered or failed: a timeout is the longest answer of all."""

    def __init__(self, monotonic: Callable[[], timedelta]) -> None:
        self._monotonic = monotonic
        self._began = timedelta(0)
        self._took: deque[tuple[timedelta, timedelta]] = deque(maxlen=REQUESTS_MAX)

    def measured(self) -> Latency:
        """One request, from its beginning to its end, whatever that is: `with` it."""
        return self

    def __enter__(self) -> None:
        self._began = self._monotonic()

    def __exit__(self, *_: object) -> None:
        now = self._monotonic()
        self._took.append((now, now - self._began))

    def p95(self) -> timedelta | None:
        """The time within which 95 % of the window's requests ended; None where it has none."""
        since = self._monotonic() - WINDOW
        while self._took and self._took[0][0] <= since:
            self._took.popleft()
        if not self._took:
            return None
        took = sorted([span for _, span in self._took])
        rank = -(-95 * len(took) // 100)
        return took[rank - 1]
