"""Spans of time as people type them: `90s`, `5m`, `2h`, `1d`."""

from __future__ import annotations

import re
from datetime import timedelta

from trader247.domain.time import Instant

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_SPAN = re.compile(r"(\d{1,7})\s*([smhd]?)\Z", re.ASCII)


def parse_duration(text: str) -> timedelta:
    """Read a span: a whole number and s, m, h or d; a bare number is seconds.

    Raises:
        ValueError: the text is no such span, or it is zero.
    """
    match = _SPAN.match(text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is no span of time; examples: 90s, 5m, 2h, 1d")
    span = int(match[1]) * _UNITS[match[2] or "s"]
    if not span:
        raise ValueError(f"{text!r} is no time at all; examples: 90s, 5m, 2h, 1d")
    return span


def parse_since(text: str) -> Instant | timedelta:
    """Read a time, `2026-01-05T14:30:00Z`, a day, `2026-01-05`, or a span back from now, `2h`.

    Raises:
        ValueError: the text is none of them.
    """
    trimmed = text.strip()
    if _DAY.match(trimmed):
        trimmed += "T00:00:00Z"
    try:
        return Instant.parse(trimmed) if "T" in trimmed.upper() else parse_duration(trimmed)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; examples: 2h, 2026-01-05, 2026-01-05T14:30:00Z"
        ) from None


def in_words(span: timedelta) -> str:
    """A span for people: `6 h 12 m`, `45 s`."""
    seconds = int(span.total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, left = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (left, "s")]
    shown = [f"{count} {unit}" for count, unit in parts if count][:2]
    return " ".join(shown) or "0 s"
