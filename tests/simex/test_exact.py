from __future__ import annotations

from decimal import Decimal, Inexact

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.simex.exact import EXACT, Grid, plain

increments = st.sampled_from(["0.01", "0.00000001", "1", "0.05", "10", "0.000025"])


@given(increments, st.integers(0, 10**16))
def test_text_and_steps_are_each_other_s_inverse(increment: str, steps: int) -> None:
    grid = Grid(Decimal(increment))
    text = grid.text(steps)
    assert "E" not in text
    assert grid.steps(Decimal(text)) == steps
    assert Decimal(text) == grid.decimal(steps)
    assert text == plain(grid.decimal(steps))
    assert grid.texts([steps, 0, 10 * steps]) == [text, "0", grid.text(10 * steps)]


def test_what_lies_between_two_steps_is_off_the_grid() -> None:
    grid = Grid(Decimal("0.05"))
    assert grid.steps(Decimal("0.06")) is None
    assert grid.steps(Decimal("0.10")) == 2


def test_an_inexact_result_is_a_crash_not_a_rounding() -> None:
    with pytest.raises(Inexact):
        EXACT.divide(Decimal(1), Decimal(3))


def test_small_numbers_have_no_exponent() -> None:
    assert plain(Decimal("1E-8")) == "0.00000001"
    assert plain(Decimal("-0")) == "0"
    assert plain(Decimal("9939.70")) == "9939.7"
