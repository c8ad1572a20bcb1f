"""Time in a simulation: it passes where somebody waits, and what is due happens in its order.

The exchange's clock is the true one. What was put on the timeline happens at its moment whoever
waits for whatever meanwhile: a request arrives, a person raises a stop, a process is killed.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Protocol

Act = Callable[[], None]


class Clock(Protocol):
    """What says what time it is."""

    @property
    def now_us(self) -> int: ...


class Market(Clock, Protocol):
    """Whose time it is."""

    def drift(self, to_us: int) -> None:
        """Let time pass."""


class Timeline:
    """The one row of everything that is still to happen."""

    def __init__(self, market: Market, clock: Clock | None = None) -> None:
        """`clock` is what the market itself reads, where that is another: it is asked a thousand
        times a minute."""
        self._market = market
        self._clock = market if clock is None else clock
        self._due: list[tuple[int, int, Act]] = []
        self._count = 0

    @property
    def now_us(self) -> int:
        """The true time."""
        return self._clock.now_us

    def at(self, when_us: int, act: Act) -> None:
        """Let `act` happen at a moment; what is past happens next."""
        self._count += 1
        heapq.heappush(self._due, (max(when_us, self._clock.now_us), self._count, act))

    def after(self, span_us: int, act: Act) -> None:
        """Let `act` happen in a while."""
        self.at(self._clock.now_us + span_us, act)

    def step(self, to_us: int) -> None:
        """Let time pass until the next thing that happens, or to `to_us` if nothing does before.

        Raises whatever that raises: a process may end in the middle of a wait.
        """
        due = self._due
        if due and due[0][0] <= to_us:
            when_us, _, act = heapq.heappop(due)
            self._market.drift(max(when_us, self._clock.now_us))
            act()
        else:
            self._market.drift(max(to_us, self._clock.now_us))

    def run_to(self, to_us: int) -> None:
        """Let time pass to `to_us`, and everything happen that is due by then."""
        while self._due and self._due[0][0] <= to_us:
            self.step(to_us)
        if to_us > self.now_us:
            self.step(to_us)

    @property
    def next_us(self) -> int | None:
        """When the next thing happens, as far as is known; None where nothing is to."""
        return self._due[0][0] if self._due else None
