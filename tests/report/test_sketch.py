"""A curve in text says what the curve does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.report.stories import BEGIN, story

from trader247.app.reports.screen import equity_drawn
from trader247.report.report import report_of
from trader247.report.sketch import sketch


def test_a_rising_line_runs_from_the_lower_left_to_the_upper_right() -> None:
    rows = sketch(np.arange(5), np.arange(5.0), width=2, height=1)
    assert len(rows) == 1
    assert rows[0][0] in "⣀⣠⡠⢠⡄⣄"
    top = sketch(np.arange(3), np.array([0.0, 0.0, 9.0]), width=4, height=2)[0]
    assert top[:3] == "⠀⠀⠀"
    assert top[3] != "⠀"


def test_a_flat_line_is_drawn_and_nothing_where_there_is_nothing() -> None:
    rows = sketch(np.array([1, 2]), np.array([7.0, 7.0]), width=3, height=1)
    assert set(rows[0]) != {"⠀"}
    assert sketch(np.array([], dtype=np.int64), np.array([]), width=3, height=1) == ()


@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=200),
    st.integers(1, 30),
    st.integers(1, 5),
)
def test_every_column_has_a_dot_and_every_row_its_width(
    values: list[float], width: int, height: int
) -> None:
    rows = sketch(np.arange(len(values)), np.array(values), width=width, height=height)
    assert [len(row) for row in rows] == [width] * height
    assert all(any(row[at] != "⠀" for row in rows) for at in range(width))


def test_a_curve_of_one_day_says_from_when_until_when() -> None:
    # Both of its ends were the same day.
    drawn = equity_drawn(report_of(story(days=1)), width=40, height=4)
    assert drawn is not None
    assert (drawn.first, drawn.last) == ("2026-01-05", "2026-01-06")
    within = replace(story(days=1), end=BEGIN + timedelta(hours=23, minutes=59))
    drawn = equity_drawn(report_of(within), width=40, height=4)
    assert drawn is not None
    assert (drawn.first, drawn.last) == ("2026-01-05 00:00", "23:59")
