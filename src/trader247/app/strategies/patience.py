"""How long a signal is asked, and who hears how far it has come.

A signal is asked thousands of times. One that reads a file whenever it is asked, or that counts
bar by bar, takes minutes over it: whoever waits is told, and what is refused in any case is not
waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from trader247.adapters.clock import SystemClock
from trader247.app.strategies.bars import BarColumns
from trader247.app.strategies.looking import Fresh
from trader247.app.strategies.subjects import Answer, Subject

Asked = Callable[[str, int, float], None]
"""Told of a signal how often it was asked, and the seconds since it was first."""


class OutOfTime(Exception):
    """It was asked for as long as it may be."""


class Patience:
    """One signal's time; an answer that has begun is waited for."""

    def __init__(self, name: str, seconds_most: float, on_asked: Asked) -> None:
        self._name = name
        self._most = seconds_most
        self._on_asked = on_asked
        self._clock = SystemClock()
        self._begin = self._clock.monotonic()
        self._count = 0

    @property
    def seconds(self) -> float:
        """Since it began."""
        return (self._clock.monotonic() - self._begin).total_seconds()

    def of(self, fresh: Fresh) -> Fresh:
        """The same signal, which takes its time from here.

        Raises, when it is made or asked:
            OutOfTime: there is none left.
        """

        def timed() -> Subject:
            self._spend()
            subject = fresh()
            answer = subject.answer

            def answered(bars: BarColumns) -> Answer:
                self._spend()
                self._count += 1
                found = answer(bars)
                self._on_asked(self._name, self._count, self.seconds)
                return found

            return replace(subject, answer=answered)

        return timed

    def _spend(self) -> None:
        if self._count and self.seconds > self._most:
            raise OutOfTime
