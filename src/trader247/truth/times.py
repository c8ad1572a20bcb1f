"""The trader's written times as whole microseconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
WEEK_US = 7 * DAY_US
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST_MONDAY_US = 4 * DAY_US


def instant_us(text: str) -> int:
    """A time as RFC 3339 has it."""
    return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND


def right_us(cycle: Mapping[str, Any]) -> int:
    """When a cycle was: by the trader's clock, or by the exchange's where it says that they differ.

    `promises/clocks.py` holds it to that.
    """
    return instant_us(cycle["at"]) + (cycle.get("skew") or 0)


def earlier_us(cycle: Mapping[str, Any]) -> int:
    """The same by the clock by which less is over."""
    return min(instant_us(cycle["at"]), right_us(cycle))


def day_of(at_us: int) -> int:
    """Which UTC day a time is in."""
    return at_us // DAY_US


def week_of(at_us: int) -> int:
    """Which week, from Monday 00:00 UTC, a time is in."""
    return (at_us - _FIRST_MONDAY_US) // WEEK_US
