"""What is traded of the period that was asked for, and that it is told where it is not all."""

from __future__ import annotations

from pathlib import Path

import pytest

from trader247.app.backtests.backtesting import Asked, backtested, read_time

HOURS = 28
FIRST = 1_767_571_200
"""2026-01-05 00:00 UTC."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A product's candles over 28 hours."""
    (tmp_path / "candles").mkdir()
    rows = [f"{FIRST + 60 * at},100,101,99,100,9" for at in range(HOURS * 60)]
    lines = ["time,open,high,low,close,volume", *rows]
    (tmp_path / "candles" / "BTC-USD.csv").write_text("\n".join(lines))
    return tmp_path


def test_what_was_asked_for_beyond_the_candles_is_told(data: Path) -> None:
    asked = Asked(None, data, begin=read_time("2026-01-05"), end=read_time("2026-02-01"))
    first, last, *_ = backtested(asked).warnings
    assert first == (
        "asked for from 2026-01-05T00:00:00Z, traded from 2026-01-06T02:00:00Z: the first 26 h of "
        "candles are warm-up"
    )
    assert last == (
        "asked for until 2026-02-01T00:00:00Z, traded until 2026-01-06T04:00:00Z: there the "
        "candles end"
    )


def test_what_is_all_there_is_told_nothing_of(data: Path) -> None:
    asked = Asked(
        None, data, begin=read_time("2026-01-06T02:00"), end=read_time("2026-01-06T04:00")
    )
    assert not [each for each in backtested(asked).warnings if "asked" in each]
    assert not [each for each in backtested(Asked(None, data)).warnings if "asked" in each]
