from __future__ import annotations

from typing import Any

import pytest
from tests.core.risk.risk_values import (
    BTC,
    a_context,
    a_product,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.increments import Increments
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import OrderType

CHECK = Increments()


@pytest.mark.parametrize(
    ("changes", "is_allowed"),
    [
        ({"price": Price.of("99.95")}, True),
        ({"price": Price.of("99.955")}, False),
        ({"quantity": Quantity.of("0.0002")}, True),
        ({"quantity": Quantity.of("0.00015")}, False),
        ({"quantity": Quantity.of("0")}, False),
    ],
)
def test_both_sides_stay_on_the_grid(changes: dict[str, Any], is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(**changes), a_context()).is_allowed is is_allowed
    assert CHECK.judge(an_exit(**changes), a_context()).is_allowed is is_allowed


@pytest.mark.parametrize(("price", "is_allowed"), [("99.95", True), ("99.955", False)])
def test_what_a_stop_waits_for_lies_on_the_grid_too(price: str, is_allowed: bool) -> None:
    waiting = an_exit(order_type=OrderType.STOP_LIMIT_GTD, stop_price=Price.of(price))
    assert CHECK.judge(waiting, a_context()).is_allowed is is_allowed


@pytest.mark.parametrize(
    ("rules", "is_allowed"),
    [
        ({"base_min": Quantity.of("1")}, True),
        ({"base_min": Quantity.of("1.0001")}, False),
        ({"base_max": Quantity.of("1")}, True),
        ({"base_max": Quantity.of("0.9999")}, False),
        ({"quote_max": Money.of("99.95")}, True),
        ({"quote_max": Money.of("99.94")}, False),
    ],
)
def test_the_venues_sizes_hold_to_the_unit(rules: dict[str, Any], is_allowed: bool) -> None:
    view = a_view(product=a_product(BTC, **rules))
    context = a_context(snapshot=a_snapshot(BTC=view))
    assert CHECK.judge(an_entry(), context).is_allowed is is_allowed


def test_an_unknown_grid_is_a_no() -> None:
    assert not CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert not CHECK.judge(an_exit(), unknown_context()).is_allowed
