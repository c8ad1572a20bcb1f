from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from trader247.adapters.coinbase.bars import FILLED_REREAD, REREAD, ROWS_MAX, BarWindow
from trader247.adapters.coinbase.candles import Row, TickScale
from trader247.domain.money import Price

SCALE = TickScale(Price.of("0.01"))


def row(close: int) -> Row:
    return Row(close, close + 1, close - 1, close, 5)


def window(rows: dict[int, Row], closed: int, size: int = 10) -> BarWindow:
    fresh = BarWindow(SCALE, size=size)
    fresh.absorb(rows, closed)
    return fresh


def closes(bars: BarWindow) -> list[int]:
    assert bars.bars is not None
    return list(bars.bars.close)


def filled(bars: BarWindow) -> list[int]:
    assert bars.bars is not None
    return list(bars.bars.filled)


def test_the_first_read_asks_for_the_whole_window_in_bounded_requests() -> None:
    chunks = BarWindow(SCALE, size=1560).wanted(10_000)
    assert len(chunks) == 6
    assert chunks[-1][1] == 10_000
    assert all(last - first < ROWS_MAX for first, last in chunks)
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(chunks))


def test_a_hole_repeats_the_last_close_without_volume() -> None:
    bars = window({5: row(100), 7: row(300)}, 8)
    assert closes(bars) == [100, 100, 300, 300]
    assert filled(bars) == [0, 1, 0, 1]
    assert bars.bars is not None
    assert list(bars.bars.volume) == [5, 0, 5, 0]
    assert (bars.bars.open[1], bars.bars.high[1], bars.bars.low[1]) == (100, 100, 100)
    assert bars.bars.end == 8


def test_nothing_is_invented_before_the_first_trade() -> None:
    assert closes(window({7: row(300)}, 8)) == [300, 300]
    assert BarWindow(SCALE, size=10).bars is None
    assert window({}, 8).bars is None


def test_the_bar_in_progress_is_never_taken() -> None:
    assert closes(window({7: row(300), 8: row(400)}, 7)) == [300]


def test_the_next_read_asks_for_what_is_new_and_the_last_two_again() -> None:
    bars = window({minute: row(minute) for minute in range(1, 6)}, 5)
    assert bars.wanted(5) == []
    assert bars.wanted(4) == []
    assert bars.wanted(6) == [(5 - REREAD + 1, 6)]


def test_nothing_new_keeps_the_same_object() -> None:
    bars = window({5: row(100)}, 6)
    before = bars.bars
    assert bars.wanted(6) == [(5, 6)]
    bars.absorb({5: row(100)}, 6)
    assert bars.bars is before


def test_a_late_bar_fills_its_hole() -> None:
    bars = window({5: row(100)}, 6)
    bars.absorb({5: row(100), 6: row(200)}, 6)
    assert closes(bars) == [100, 200]
    assert filled(bars) == [0, 0]


def test_a_revised_bar_is_revised_and_what_repeats_it_too() -> None:
    bars = window({4: row(90), 5: row(100)}, 6)
    old = bars.bars
    bars.absorb({5: row(111)}, 7)
    assert closes(bars) == [90, 111, 111, 111]
    assert old is not None
    assert list(old.close) == [90, 100, 100]


def test_a_bar_once_seen_does_not_vanish() -> None:
    bars = window({4: row(90), 5: row(100)}, 5)
    bars.absorb({6: row(120)}, 6)
    assert closes(bars) == [90, 100, 120]


def test_the_window_keeps_its_size() -> None:
    bars = window({minute: row(minute) for minute in range(50, 81)}, 80, size=10)
    assert closes(bars) == list(range(71, 81))
    bars.absorb({80: row(80), 81: row(81)}, 81)
    assert closes(bars) == list(range(72, 82))


def test_after_a_gap_longer_than_the_window_it_begins_anew() -> None:
    bars = window({5: row(5)}, 5, size=10)
    bars.absorb({100: row(100)}, 101)
    assert closes(bars) == [100, 100]


def test_a_clock_that_goes_back_has_all_of_it_read_again() -> None:
    """What was filled in for minutes to come would stand in the way until they are over."""
    bars = window({5: row(5), 6: row(6)}, 7)
    assert bars.wanted(6) == [(6 + 1 - ROWS_MAX, 6)]
    bars.absorb({5: row(9)}, 6)
    assert (closes(bars), filled(bars)) == ([9, 9], [0, 1])


def test_minutes_that_a_clock_ahead_filled_in_are_read_again_until_they_came() -> None:
    bars = window({5: row(5)}, 9)
    assert filled(bars) == [0, 1, 1, 1, 1]
    assert bars.wanted(10) == [(6, 10)]
    bars.absorb({6: row(6), 7: row(7)}, 10)
    assert (closes(bars), filled(bars)) == ([5, 6, 7, 7, 7, 7], [0, 0, 0, 1, 1, 1])


def test_a_product_without_trades_is_read_again_for_four_hours_at_most() -> None:
    bars = window({5: row(5)}, 505, size=600)
    assert bars.wanted(506) == [(506 - FILLED_REREAD, 506)]


@given(
    trades=st.sets(st.integers(0, 60)),
    looks=st.lists(st.tuples(st.integers(1, 7), st.integers(-9, 15)), min_size=1, max_size=12),
)
def test_however_the_clock_was_off_all_is_as_it_was_traded(
    trades: set[int], looks: list[tuple[int, int]]
) -> None:
    """The venue shows what is over by its own time; ours runs ahead and behind, and is right."""
    base, size = 1_000, 20
    rows = {base + minute: row(1_000 + minute) for minute in trades | set(range(-size, 1))}
    truth, grown = base, BarWindow(SCALE, size=size)
    for step, off in [*looks, (1, 0), (1, 0)]:
        truth += step
        asked = grown.wanted(truth + off)
        grown.absorb(
            {
                minute: found
                for minute, found in rows.items()
                if minute <= truth and any(first <= minute <= last for first, last in asked)
            },
            truth + off,
        )
    assert grown.bars is not None
    at_once = window({minute: each for minute, each in rows.items() if minute <= truth}, truth, 99)
    assert at_once.bars is not None
    count = len(grown.bars)
    assert count > min(size, 2)
    assert grown.bars.end == truth
    assert list(grown.bars.close) == list(at_once.bars.close)[-count:]
    assert list(grown.bars.filled) == list(at_once.bars.filled)[-count:]


@given(
    trades=st.sets(st.integers(0, 60), min_size=1),
    steps=st.lists(st.integers(1, 7), min_size=1, max_size=12),
)
def test_growing_step_by_step_ends_as_reading_at_once(trades: set[int], steps: list[int]) -> None:
    base = 1_000
    rows = {base + minute: row(1_000 + minute) for minute in trades | {0}}
    closed = base + 1
    grown = BarWindow(SCALE, size=20)
    for step in [0, *steps]:
        closed += step
        asked = grown.wanted(closed)
        seen = {
            minute: found
            for minute, found in rows.items()
            if any(first <= minute <= last for first, last in asked)
        }
        grown.absorb(seen, closed)
    at_once = window(rows, closed, size=20)
    assert grown.bars is not None
    assert at_once.bars is not None
    assert grown.bars == at_once.bars
