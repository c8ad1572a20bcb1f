from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.simex.feeds.tape_numbers import (
    NO_NUMBER,
    OUT_OF_BOUNDS,
    PRICE_DECIMALS_MAX,
    PRICE_MAX,
    common_step,
    scaled,
    times,
)

NUMBERS = st.decimals(0, 10**7, places=8).map(str) | st.integers(0, 10**7).map(str)
JANUARY = 1_767_571_200_000


def prices(*cells: str) -> tuple[list[int], int]:
    columns, decimals = scaled([cells], decimals_max=PRICE_DECIMALS_MAX, number_max=PRICE_MAX)
    return columns[0].tolist(), decimals


@given(st.lists(NUMBERS, min_size=1))
def test_numbers_are_kept_exactly(cells: list[str]) -> None:
    numbers, decimals = prices(*cells)
    assert [Decimal(number).scaleb(-decimals) for number in numbers] == [Decimal(c) for c in cells]


@given(st.lists(NUMBERS, min_size=1))
def test_the_step_is_the_finest_decimal_that_is_needed(cells: list[str]) -> None:
    needed = max(-int(Decimal(c).normalize().as_tuple().exponent) for c in cells)
    assert prices(*cells)[1] == max(needed, 0)


def test_columns_share_their_step() -> None:
    columns, decimals = scaled([["1.5"], ["2.25"]], decimals_max=8, number_max=PRICE_MAX)
    assert [column.tolist() for column in columns] == [[150], [225]]
    assert decimals == 2


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0.30000000000000004", ([3], 1)),
        ("110754.28999999999", ([11075429], 2)),
        ("1e-05", ([1], 5)),
        ("1.5E+3", ([1500], 0)),
        (" +7.50 ", ([75], 1)),
        (".5", ([5], 1)),
        ("5.", ([5], 0)),
    ],
)
def test_what_floats_write_is_read(cell: str, expected: tuple[list[int], int]) -> None:
    assert prices(cell) == expected


@pytest.mark.parametrize(
    "cell", ["", " ", "nan", "inf", "-inf", "1_000", "1,5", "0x10", "١٢", "1e", ".", "--1", "1e999"]
)
def test_what_is_no_number_is_none(cell: str) -> None:
    assert prices(cell)[0] == [NO_NUMBER]


@pytest.mark.parametrize("cell", ["-1", "-0.01", "1" * 25, "1e30"])
def test_what_no_market_holds_is_out_of_bounds(cell: str) -> None:
    assert prices(cell)[0] == [OUT_OF_BOUNDS]


@pytest.mark.parametrize(
    "cell",
    [
        "1767571200",
        "1767571200000",
        "1767571200000000",
        "1767571200000000000",
        "1767571200.0",
        "1.7675712e9",
        "2026-01-05T00:00:00Z",
        "2026-01-05 00:00:00",
        "2026-01-05T01:00:00+01:00",
        "2026-01-05",
    ],
)
def test_times_are_seconds_finer_or_iso(cell: str) -> None:
    assert times([cell]).tolist() == [JANUARY]
    assert times([cell, "x"]).tolist() == [JANUARY, NO_NUMBER]


@pytest.mark.parametrize("cell", ["", "soon", "nan", "2026-13-01"])
def test_what_is_no_time_is_none(cell: str) -> None:
    assert times([cell, "60"]).tolist() == [NO_NUMBER, 60_000]


@pytest.mark.parametrize("cell", ["-60", "9" * 30, "1e40", "1950-01-01T00:00:00Z"])
def test_a_time_of_no_calendar_is_out_of_bounds(cell: str) -> None:
    assert times([cell]).tolist() == [OUT_OF_BOUNDS]


def test_the_common_step_is_the_coarsest_that_holds_all() -> None:
    columns, decimals = scaled([["1.10"], ["2.5"], ["0.001"]], decimals_max=8, number_max=10**9)
    assert common_step(columns[:2], decimals)[1] == 1
    assert common_step(columns, decimals)[1] == 3
    assert common_step(columns[:0], 2)[1] == 0
