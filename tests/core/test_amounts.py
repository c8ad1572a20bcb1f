"""Amounts are finite, whatever they are made of."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.domain.money import Money, Percent, Price, Quantity


@pytest.mark.parametrize("factor", [Decimal(each) for each in ("NaN", "Infinity", "-Infinity")])
@pytest.mark.parametrize(
    "made",
    [
        lambda factor: Money.of(1) * factor,
        lambda factor: Price.of(1) * factor,
        lambda factor: Quantity.of(1) * factor,
        Percent.from_fraction,
    ],
)
def test_no_amount_is_made_of_what_is_no_number(
    made: Callable[[Decimal], object], factor: Decimal
) -> None:
    with pytest.raises((ValueError, DecimalException)):
        made(factor)


@given(ticks=st.integers(1, 10**15), places=st.integers(0, 12))
def test_a_price_is_so_many_ticks(ticks: int, places: int) -> None:
    tick = Price(Decimal(1).scaleb(-places))
    assert tick.times(ticks) == Price(Decimal(ticks).scaleb(-places)) == tick * Decimal(ticks)


@pytest.mark.parametrize("ticks", [0, -1])
def test_no_price_is_no_ticks_or_fewer(ticks: int) -> None:
    with pytest.raises(ValueError, match="a price is above zero"):
        Price.of("0.01").times(ticks)


@given(
    level=st.integers(1, 10**12),
    gap=st.integers(-30, 30),
    tenths=st.integers(1, 300),
)
def test_a_price_is_near_another_up_to_the_very_share(level: int, gap: int, tenths: int) -> None:
    within = Percent(Decimal(tenths).scaleb(-1))
    reference = Price(Decimal(level * 1000).scaleb(-5))
    edge = reference * (1 + within.fraction)
    moved = Price(max(edge.value + Decimal(gap).scaleb(-9), Decimal("1E-9")))
    assert moved.is_near(reference, within) is (moved.percent_off(reference) <= within)
    assert edge.is_near(reference, within)
    assert (reference * (1 - within.fraction)).is_near(reference, within)
