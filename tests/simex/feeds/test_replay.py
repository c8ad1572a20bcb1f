from __future__ import annotations

import gzip
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trader247.simex.feeds.feed import Feed, FeedEnded, MinuteBar
from trader247.simex.feeds.replay import (
    SHORT_WARM_UP_MINUTES,
    TRADING_MINUTES_MIN,
    WARM_UP_MINUTES,
    ReplayFeed,
    TapeTooShort,
)
from trader247.simex.feeds.tape_file import ProductTwice

START = 1_767_571_200
FIRST = START // 60
SHORTEST = SHORT_WARM_UP_MINUTES + TRADING_MINUTES_MIN
SHARED = Path(
    os.environ.get("TRADER247_SHARED", Path(__file__).resolve().parents[4] / "shared"), "data"
)

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the shared candles are not here")


def candles(
    count: int, *, first: int = 0, minutes: int = 1, price: int = 100, holes: tuple[int, ...] = ()
) -> list[str]:
    """A market that climbs by a cent for fifty bars and falls for fifty."""
    lines = []
    for at in range(count):
        if at in holes:
            continue
        step = at % 100 if at % 100 < 50 else 100 - at % 100
        close = Decimal(price) + Decimal(step) / 100
        cells = (close, close + Decimal("0.02"), close - Decimal("0.02"), close, Decimal("12.5"))
        stamp = START + (first + at * minutes) * 60
        lines.append(",".join([str(stamp), *(str(cell) for cell in cells)]))
    return lines


def written(folder: Path, product: str, lines: list[str]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{product}.csv"
    path.write_text("\n".join(["time,open,high,low,close,volume", *lines, ""]))
    return path


def drained(feed: Feed) -> list[Mapping[str, MinuteBar]]:
    drawn = []
    while True:
        try:
            drawn.append(feed.next())
        except FeedEnded:
            return drawn


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two products: the second begins later, has holes and ends earlier."""
    folder = tmp_path_factory.mktemp("tapes") / "pair"
    written(folder, "BTC-USD", candles(SHORTEST, price=90_000))
    written(folder, "ETH-USD", candles(500, first=60, holes=(7, 8, 300)))
    return folder


def test_a_replay_gives_every_minute_of_the_tape_and_ends(two: Path) -> None:
    feed: Feed = ReplayFeed(two)
    drawn = drained(feed)
    assert feed.first_minute == FIRST
    assert feed.last_minute == FIRST + SHORTEST - 1
    assert len(drawn) == SHORTEST
    with pytest.raises(FeedEnded):
        feed.next()


def test_a_product_is_absent_before_its_first_bar_in_its_holes_and_after_its_last(
    two: Path,
) -> None:
    present = [at for at, minute in enumerate(drained(ReplayFeed(two))) if "ETH-USD" in minute]
    assert present == [60 + at for at in range(500) if at not in {7, 8, 300}]


def test_bars_are_the_tapes_own_in_ticks_and_lots(two: Path) -> None:
    feed = ReplayFeed(two)
    bitcoin, ether = feed.listings
    assert (bitcoin.product_id, bitcoin.base, bitcoin.quote) == ("BTC-USD", "BTC", "USD")
    assert bitcoin.price_increment == ether.price_increment == Decimal("0.01")
    # A tenth of a coin is worth 9,000: nothing could be bought for 200, so its lots are finer.
    assert bitcoin.base_increment == bitcoin.base_min == Decimal("0.00001")
    assert bitcoin.quote_min == 1
    assert bitcoin.listed_at < START - 86_400 * 365
    bar = drained(feed)[10]["BTC-USD"]
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (
        *(9_000_010, 9_000_012, 9_000_008, 9_000_010),
        1_250_000,
    )


def test_spread_and_depth_are_modelled_from_the_bar(two: Path) -> None:
    first = ReplayFeed(two).next()["BTC-USD"]
    # 4 bps of 90,000.00 are 3,600 ticks; the range of 4 ticks adds nothing whole.
    assert first.spread == 3_600
    assert first.depth == 5 * 1_250_000


def test_every_bar_is_sane(two: Path) -> None:
    for minute in drained(ReplayFeed(two)):
        for bar in minute.values():
            assert 1 <= bar.low <= min(bar.open, bar.close)
            assert bar.high >= max(bar.open, bar.close)
            assert min(bar.volume, bar.spread, bar.depth) >= 1


@pytest.mark.parametrize(
    ("minutes", "warm_up"),
    [
        (SHORTEST, SHORT_WARM_UP_MINUTES),
        (WARM_UP_MINUTES + TRADING_MINUTES_MIN - 1, SHORT_WARM_UP_MINUTES),
        (WARM_UP_MINUTES + TRADING_MINUTES_MIN, WARM_UP_MINUTES),
    ],
)
def test_the_warm_up_is_8_days_or_26_hours_on_a_shorter_tape(
    tmp_path: Path, minutes: int, warm_up: int
) -> None:
    feed = ReplayFeed(written(tmp_path, "BTC-USD", candles(minutes)))
    assert feed.start_minute - feed.first_minute == warm_up
    assert feed.minutes_available == minutes - warm_up
    assert feed.minutes_total == minutes
    assert feed.is_warmed_up == (warm_up == WARM_UP_MINUTES)


def test_a_tape_under_27_hours_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    path = written(tmp_path, "BTC-USD", candles(SHORTEST - 7))
    with pytest.raises(TapeTooShort, match=r"found 1613 minutes; allowed: 27 h .* 7 are missing"):
        ReplayFeed(path)


def test_two_files_of_one_product_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "BTC-USD", candles(SHORTEST))
    (tmp_path / "BTC-USD.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(ProductTwice):
        ReplayFeed(tmp_path)


def test_a_coarse_tape_is_split_and_labelled(tmp_path: Path) -> None:
    written(tmp_path / "coarse", "BTC-USD", candles(400, minutes=5))
    feed = ReplayFeed(tmp_path / "coarse")
    assert feed.label == "SIMULATED MARKET replay of coarse (INTERPOLATED)"
    assert feed.minutes_total == 2000
    drawn = [minute["BTC-USD"] for minute in drained(feed)]
    assert len(drawn) == 2000
    # 12.5 a bar in lots of 0.00001.
    assert [bar.volume for bar in drawn[:5]] == [250_000] * 5
    assert drawn[0].open == drawn[4].close == 10_000
    assert (min(bar.low for bar in drawn[:5]), max(bar.high for bar in drawn[:5])) == (9998, 10002)


def test_a_tape_of_minutes_is_labelled_by_its_name_alone(two: Path) -> None:
    assert ReplayFeed(two).label == "SIMULATED MARKET replay of pair"


def test_the_identity_is_the_content_and_not_the_file(two: Path, tmp_path: Path) -> None:
    other = tmp_path / "spelled otherwise"
    other.mkdir()
    for file in two.iterdir():
        header, *lines = file.read_text().split()
        cells = [line.split(",") for line in lines]
        text = "\n".join(
            [
                f"extra,{header}",
                *(f"x,{t}000,{o}e0,{h}00,{low},{c}e0,{v}" for t, o, h, low, c, v in cells[::-1]),
            ]
        )
        (other / f"{file.name}.gz").write_bytes(gzip.compress(text.encode()))
    assert ReplayFeed(other).identity == ReplayFeed(two).identity
    assert ReplayFeed(two).identity.startswith("replay:v2:")
    assert ReplayFeed(two / "BTC-USD.csv").identity != ReplayFeed(two).identity


def test_another_price_is_another_identity(two: Path, tmp_path: Path) -> None:
    lines = candles(SHORTEST)
    one = ReplayFeed(written(tmp_path, "BTC-USD", lines))
    lines[800] = lines[800].replace(",12.5", ",12.6")
    assert ReplayFeed(written(tmp_path, "BTC-USD", lines)).identity != one.identity


def test_the_reports_say_what_was_found(two: Path) -> None:
    assert [str(report) for report in ReplayFeed(two).reports] == [
        "BTC-USD: 1620 minutes; clean",
        "ETH-USD: 497 minutes; 3 holes (line 8: 2 min missing after it)",
    ]


@pytest.fixture(scope="module")
def pair(two: Path) -> list[tuple[ReplayFeed, bytes]]:
    """Two feeds of one tape, each with its first state."""
    return [(feed, feed.state()) for feed in (ReplayFeed(two), ReplayFeed(two))]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, SHORTEST))
def test_a_restored_feed_goes_on_equally(pair: list[tuple[ReplayFeed, bytes]], at: int) -> None:
    (feed, begin), (other, _) = pair
    feed.restore(begin)
    for _ in range(at):
        feed.next()
    state = feed.state()
    expected = [feed.next() for _ in range(min(5, SHORTEST - at))]
    other.restore(state)
    assert other.state() == state
    assert [other.next() for _ in expected] == expected


def test_a_state_of_another_tape_is_refused(two: Path) -> None:
    feed = ReplayFeed(two)
    with pytest.raises(ValueError, match="another market"):
        feed.restore(ReplayFeed(two / "BTC-USD.csv").state())
    with pytest.raises(ValueError, match="another market"):
        feed.restore(b"")


@needs_shared
@pytest.mark.parametrize(
    ("tape", "products", "is_warmed_up", "is_interpolated"),
    [
        ("alts_1m", 5, True, False),
        ("majors_5m", 2, True, True),
        ("coinbase_btc_1m", 1, False, False),
    ],
)
def test_real_candles_replay(
    tape: str, products: int, is_warmed_up: bool, is_interpolated: bool
) -> None:
    feed = ReplayFeed(SHARED / tape)
    assert len(feed.listings) == products
    assert feed.is_warmed_up == is_warmed_up
    assert feed.label.endswith(" (INTERPOLATED)") == is_interpolated
    for minute in (feed.next() for _ in range(2_000)):
        for bar in minute.values():
            assert 1 <= bar.low <= min(bar.open, bar.close)
            assert bar.high >= max(bar.open, bar.close)
            assert 4 <= 10_000 * bar.spread / bar.close < 100
            assert min(bar.volume, bar.depth) >= 1
