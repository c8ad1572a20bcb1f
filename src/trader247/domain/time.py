"""An instant: whole microseconds since 1970-01-01 UTC, handed to whoever needs it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import overload

MICROSECOND = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_DAY_US = 86_400_000_000

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - as it is read: everything here is UTC
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|\+00:00)\Z", re.ASCII
)
_LEAP = "23:59:60"


@dataclass(frozen=True, slots=True, init=False)
class Instant:
    """A point in time, UTC, to the microsecond."""

    us: int

    def __init__(self, us: int) -> None:
        _set_us(self, us)

    # Instants are made and compared by the thousand: each by one figure, without a tuple around it.

    def __eq__(self, other: object) -> bool:
        if type(other) is not Instant:
            return NotImplemented
        return self.us == other.us

    def __hash__(self) -> int:
        return hash(self.us)

    def __lt__(self, other: Instant) -> bool:
        if type(other) is not Instant:
            return NotImplemented
        return self.us < other.us

    def __le__(self, other: Instant) -> bool:
        if type(other) is not Instant:
            return NotImplemented
        return self.us <= other.us

    def __gt__(self, other: Instant) -> bool:
        if type(other) is not Instant:
            return NotImplemented
        return self.us > other.us

    def __ge__(self, other: Instant) -> bool:
        if type(other) is not Instant:
            return NotImplemented
        return self.us >= other.us

    @staticmethod
    def parse(text: str) -> Instant:
        """Read RFC 3339 UTC with 0 to 9 fractional digits; digits past the sixth are cut.

        A leap second, 23:59:60, is the first one of the next day.

        Raises:
            ValueError: the text is no such time.
        """
        match = _RFC3339.match(text)
        if match is None:
            raise ValueError(f"not an RFC 3339 UTC time: {text!r}")
        whole, fraction = match.groups()
        if whole.endswith(_LEAP):
            return Instant.parse(text.replace(_LEAP, "23:59:59", 1)) + SECOND
        since = microseconds(datetime.fromisoformat(whole) - _EPOCH)
        return Instant(since + int(fraction.ljust(6, "0")[:6]) if fraction else since)

    @staticmethod
    def from_seconds(seconds: int) -> Instant:
        return Instant(seconds * 1_000_000)

    @property
    def seconds(self) -> int:
        """Whole seconds since 1970, rounded down."""
        return self.us // 1_000_000

    @property
    def minute(self) -> int:
        """Whole minutes since 1970, rounded down."""
        return self.us // 60_000_000

    @property
    def day_start(self) -> Instant:
        """00:00 UTC of this day."""
        return Instant(self.us - self.us % _DAY_US)

    @property
    def week_start(self) -> Instant:
        """Monday 00:00 UTC of this week."""
        # 1970-01-01 was a Thursday, so Mondays lie four days past a multiple of seven.
        return Instant(self.us - (self.us - 4 * _DAY_US) % (7 * _DAY_US))

    def begins_day_after(self, known: Instant) -> bool:
        """Whether another UTC day than that of `known` has begun.

        A clock that was set back over midnight begins none: the later day goes on. Where it had run
        more than a day ahead, the day that it told of never was, and the true one begins.
        """
        return known.us - known.us % _DAY_US < self.us - self.us % _DAY_US or self._is_far(known)

    def begins_week_after(self, known: Instant) -> bool:
        """Whether another week than that of `known` has begun, by the same measure."""
        return known.week_start < self.week_start or self._is_far(known)

    def _is_far(self, known: Instant) -> bool:
        return known.us - self.us > _DAY_US

    def __add__(self, span: timedelta) -> Instant:
        if not isinstance(span, timedelta):
            return NotImplemented
        return Instant(self.us + microseconds(span))

    @overload
    def __sub__(self, other: Instant) -> timedelta: ...
    @overload
    def __sub__(self, other: timedelta) -> Instant: ...
    def __sub__(self, other: Instant | timedelta) -> timedelta | Instant:
        if isinstance(other, Instant):
            return (self.us - other.us) * MICROSECOND
        if isinstance(other, timedelta):
            return Instant(self.us - microseconds(other))
        return NotImplemented

    def __str__(self) -> str:
        """RFC 3339 UTC; the fraction only where there is one."""
        second, fraction = divmod(self.us, 1_000_000)
        text = _second_text(second)
        return f"{text}.{fraction:06d}Z" if fraction else f"{text}Z"


def microseconds(span: timedelta) -> int:
    """A span in whole microseconds: `span // MICROSECOND`, in a third of its time."""
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


_set_us = Instant.__dict__["us"].__set__


@lru_cache(maxsize=1024)
def _second_text(second: int) -> str:
    """The whole second in text; what is written together mostly happened in a few of them."""
    return (_EPOCH + timedelta(seconds=second)).isoformat()
