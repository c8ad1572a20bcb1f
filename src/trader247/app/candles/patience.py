"""Asking a venue again where it did not answer: a year of candles is hours of requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from trader247.domain.errors import (
    KeyRejected,
    RateLimited,
    VenueError,
    VenueMaintenance,
    VenueUnreachable,
)
from trader247.ports import Clock

T = TypeVar("T")

PAUSES = tuple(timedelta(seconds=each) for each in (1, 2, 4, 8, 16, 30))
"""Between tries of one request: a router that restarts is back within a minute."""
_OF_A_NO = 2
"""Tries more of a request that was answered with an error, or with what cannot be read."""


def patiently(ask: Callable[[], T], *, clock: Clock, pauses: Sequence[timedelta] = PAUSES) -> T:
    """The answer, asked for again after each pause where none came.

    After a 429 the rate budget holds the next request off by itself.

    Raises:
        VenueError: it did not come in time, or the venue says no.
    """
    for failed, pause in enumerate(pauses):
        try:
            return ask()
        except RateLimited:
            continue
        except VenueError as error:
            is_passing = isinstance(error, VenueUnreachable | VenueMaintenance)
            if isinstance(error, KeyRejected) or not (is_passing or failed < _OF_A_NO):
                raise
            clock.wait_until(clock.now() + pause, _never)
    return ask()


def _never() -> bool:
    return False
