"""RFC 3339 and back: microseconds since 1970, UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PATTERN = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)\Z"
)


@lru_cache(maxsize=1024)
def _whole(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def text(us: int) -> str:
    """RFC 3339, the fraction of six digits only where there is one."""
    seconds, fraction = divmod(us, 1_000_000)
    return f"{_whole(seconds)}.{fraction:06d}Z" if fraction else f"{_whole(seconds)}Z"


def nanos(us: int) -> str:
    """RFC 3339 with nine digits of fraction."""
    seconds, fraction = divmod(us, 1_000_000)
    return f"{_whole(seconds)}.{fraction:06d}000Z"


def parse(written: str) -> int:
    """Read RFC 3339 with 0 to 9 fractional digits; those past the sixth are cut.

    Raises:
        ValueError: it is no such time.
    """
    match = _PATTERN.match(written)
    if match is None:
        raise ValueError(f"not an RFC 3339 time: {written!r}")
    day, clock, fraction, zone = match.groups()
    offset = "+00:00" if zone in "Zz" else zone
    whole = _seconds(f"{day}T{clock}{offset}")
    return whole * 1_000_000 + int((fraction or "").ljust(6, "0")[:6])


@lru_cache(maxsize=1024)
def _seconds(written: str) -> int:
    return (datetime.fromisoformat(written) - _EPOCH) // timedelta(seconds=1)
