"""Amounts are finite, whatever they are made of."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException

import pytest

from trader247.domain.money import Money, Percent, Price, Quantity


@pytest.mark.parametrize("factor", [Decimal(each) for each in ("NaN", "Infinity", "-Infinity")])
@pytest.mark.parametrize(
    "made",
    [
        lambda factor: Money.of(1) * factor,
        lambda factor: Price.of(1) * factor,
        lambda factor: Quantity.of(1) * factor,
        lambda factor: Money.of(1).rounded_up(factor),
        lambda factor: Money.of(1).rounded_down(factor),
        Percent.from_fraction,
    ],
)
def test_no_amount_is_made_of_what_is_no_number(
    made: Callable[[Decimal], object], factor: Decimal
) -> None:
    with pytest.raises((ValueError, DecimalException)):
        made(factor)
