"""Candles as text again: all of them, or what is needed of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.backtest.markets import named, walk

from trader247.app.candles.store import Source, Stored, write
from trader247.app.candles.text import replayable
from trader247.simex.feeds.replay import WARM_UP_MINUTES, ReplayFeed

MINUTES = WARM_UP_MINUTES + 1_000
LATER = WARM_UP_MINUTES + 500


def test_of_a_long_tape_no_more_is_read_than_is_traded(tmp_path: Path) -> None:
    # Ten cycles of five months of three products took minutes to begin: all was read, four times.
    whole = walk(5, MINUTES)
    later = named(walk(6, 400), "ETH-USD")
    later = replace(later, minute=later.minute + LATER)
    for each in (whole, later):
        stored = Stored(each, tmp_path, Source("coinbase"), "", {})
        write(tmp_path / "candles", stored, stored.source)
    candles = tmp_path / "candles"
    all_of_it = replayable(candles, tmp_path / "all")
    part = replayable(candles, tmp_path / "part", minutes=WARM_UP_MINUTES + 60)
    rows = {
        path.name: len((folder / path.name).read_text().splitlines()) - 1
        for folder in (part,)
        for path in folder.iterdir()
    }
    assert rows == {"BTC-USD.csv": WARM_UP_MINUTES + 60, "ETH-USD.csv": 60}
    feeds = ReplayFeed(all_of_it), ReplayFeed(part)
    assert feeds[0].start_minute == feeds[1].start_minute
    assert [each.product_id for each in feeds[0].listings] == [
        each.product_id for each in feeds[1].listings
    ]
    long = replayable(candles, tmp_path / "long", minutes=MINUTES + 1)
    assert (long / "BTC-USD.csv").read_text() == (all_of_it / "BTC-USD.csv").read_text()
