from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.simex.feeds.splitting import in_minutes
from trader247.simex.feeds.tape import Tape

Bar = tuple[int, int, int, int, int]


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    low = draw(st.integers(1, 10**12))
    high = low + draw(st.integers(0, 50) | st.integers(0, 10**12))
    inside = st.integers(low, high)
    return draw(inside), high, low, draw(inside), draw(st.integers(1, 10**12))


def tape(interval: int, *coarse: Bar, base_decimals: int = 3) -> Tape:
    columns = [np.array(column, dtype=np.int64) for column in zip(*coarse, strict=True)]
    minute = np.arange(len(coarse), dtype=np.int64) * interval
    return Tape("BTC-USD", interval, 2, base_decimals, minute, *columns)


def minutes(split: Tape) -> list[Bar]:
    columns = (split.open, split.high, split.low, split.close, split.volume)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_a_bar_that_rose_goes_open_low_high_close() -> None:
    split = in_minutes(tape(4, (10, 16, 8, 14, 40)))
    assert minutes(split) == [
        (10, 10, 8, 9, 1000),
        (9, 12, 9, 12, 1000),
        (12, 15, 12, 15, 1000),
        (15, 16, 14, 14, 1000),
    ]
    assert split.minute.tolist() == [0, 1, 2, 3]


def test_a_bar_that_fell_goes_open_high_low_close() -> None:
    assert [bar[:4] for bar in minutes(in_minutes(tape(4, (14, 16, 8, 10, 40))))] == [
        (14, 16, 14, 15),
        (15, 15, 12, 12),
        (12, 12, 9, 9),
        (9, 10, 8, 10),
    ]


def test_a_bar_that_stood_still_stands_still() -> None:
    assert minutes(in_minutes(tape(5, (7, 7, 7, 7, 5)))) == [(7, 7, 7, 7, 100)] * 5


def test_a_tape_of_minutes_is_left_as_it_is() -> None:
    given_tape = tape(1, (10, 16, 8, 14, 40))
    assert in_minutes(given_tape) is given_tape


@given(st.lists(bars(), min_size=1, max_size=5), st.integers(2, 60))
def test_the_minutes_of_a_bar_add_up_to_it(coarse: list[Bar], interval: int) -> None:
    split = minutes(in_minutes(tape(interval, *coarse)))
    assert len(split) == len(coarse) * interval
    for at, (first, high, low, last, volume) in enumerate(coarse):
        parts = split[at * interval : (at + 1) * interval]
        assert (parts[0][0], parts[-1][3]) == (first, last)
        assert max(part[1] for part in parts) == high
        assert min(part[2] for part in parts) == low
        assert sum(part[4] for part in parts) == volume * 100
        for before, after in pairwise(parts):
            assert before[3] == after[0]
        for part in parts:
            assert part[2] <= min(part[0], part[3]) <= max(part[0], part[3]) <= part[1]


@given(bars(), st.integers(2, 60))
def test_the_volumes_of_a_bar_are_equal_to_one_lot(bar: Bar, interval: int) -> None:
    volumes = [part[4] for part in minutes(in_minutes(tape(interval, bar)))]
    assert max(volumes) - min(volumes) <= 1


@pytest.mark.parametrize(("before", "after"), [(0, 2), (3, 5), (7, 8), (8, 8)])
def test_lots_become_finer_but_not_finer_than_a_market_has(before: int, after: int) -> None:
    split = in_minutes(tape(5, (10, 16, 8, 14, 40), base_decimals=before))
    assert split.base_decimals == after
    assert int(split.volume.sum()) == 40 * 10 ** (after - before)
