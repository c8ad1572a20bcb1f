from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.simex.wire import times


@given(st.integers(0, 4_000_000_000_000_000))
def test_what_is_written_reads_back(us: int) -> None:
    assert times.parse(times.text(us)) == us


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T00:00:01.5Z", 1_500_000),
        ("1970-01-01T00:00:01.123456789Z", 1_123_456),
        ("1970-01-01T01:00:01+01:00", 1_000_000),
    ],
)
def test_every_precision_is_read(text: str, us: int) -> None:
    assert times.parse(text) == us


@pytest.mark.parametrize("text", ["", "now", "1970-01-01", "1970-13-01T00:00:00Z"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"RFC 3339|month"):
        times.parse(text)
