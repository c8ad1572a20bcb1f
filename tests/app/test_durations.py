"""Times and spans as people type them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from trader247.app.durations import in_words, parse_duration, parse_since
from trader247.domain.time import Instant


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("90", timedelta(seconds=90)),
        (" 5 M ", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
    ],
)
def test_a_span_is_a_number_and_a_unit(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span
    assert parse_since(text) == span


@pytest.mark.parametrize("text", ["٣", "३d", "２h"])  # noqa: RUF001 - other scripts' digits
def test_digits_of_other_scripts_are_no_span(text: str) -> None:
    with pytest.raises(ValueError, match="is no span of time"):
        parse_duration(text)
    with pytest.raises(ValueError, match="is no time"):
        parse_since(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-05", "2026-01-05T00:00:00Z"),
        ("2026-01-05T14:30:00Z", "2026-01-05T14:30:00Z"),
        ("2026-01-05T14:30:00.25Z", "2026-01-05T14:30:00.25Z"),
    ],
)
def test_a_time_is_a_day_or_an_instant_in_utc(text: str, time: str) -> None:
    assert parse_since(text) == Instant.parse(time)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-05", "2026-01-05T14:30", "0h", "-2h", "14:30"]
)
def test_what_is_neither_is_said_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="is no time; examples"):
        parse_since(text)


def test_a_span_reads_in_its_two_largest_parts() -> None:
    assert in_words(timedelta(hours=6, minutes=12, seconds=5)) == "6 h 12 m"
    assert in_words(timedelta(0)) == "0 s"
