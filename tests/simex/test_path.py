from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.simex.scripted import bar

from trader247.simex.path import MINUTE_US, POINTS, prices, reached, share, so_far


def test_a_bar_that_rises_goes_low_first_and_one_that_falls_high_first() -> None:
    assert prices(bar(10, 15, 8, 12)) == (10, 8, 15, 12)
    assert prices(bar(10, 15, 8, 10)) == (10, 8, 15, 10)
    assert prices(bar(10, 15, 8, 9)) == (10, 15, 8, 9)


@given(st.integers(0, 10**12))
def test_the_legs_share_out_the_whole_volume(volume: int) -> None:
    assert sum(share(volume, point) for point in range(POINTS)) == volume


def test_the_points_are_reached_at_0_20_40_and_59_seconds() -> None:
    start = 1000 * MINUTE_US
    seconds = (0, 19.999999, 20, 39, 40, 58.999999, 59)
    assert [reached(start + round(each * 1_000_000)) for each in seconds] == [1, 1, 2, 2, 3, 3, 4]


def test_a_bar_in_progress_shows_nothing_of_its_future() -> None:
    minute = bar(10, 15, 8, 12, volume=8)
    assert so_far(minute, 1) == (10, 10, 10, 10, 2)
    assert so_far(minute, 2) == (10, 10, 8, 8, 4)
    assert so_far(minute, 3) == (10, 15, 8, 15, 6)
    assert so_far(minute, 4) == (10, 15, 8, 12, 8)
