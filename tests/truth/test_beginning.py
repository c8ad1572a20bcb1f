"""While there is little money, each order is small, and one position is all there is."""

from __future__ import annotations

import pytest
from tests.truth.story import LIMITS, Story, judged

FIRST, SECOND = "t247-a-1-1", "t247-a-1-2"
STAGE = {"small_below": 1_250, "small_max": 25, "small_positions_max": 1}


def said(equity: str | None, *orders: tuple[str, str, str]) -> list[str]:
    """What is said of orders that a cycle of this equity decides: product, price, size."""

    def part(story: Story) -> None:
        story.told[0]["limits"] = {**LIMITS, **STAGE}
        story.cycle(equity=equity)
        for name, (product, price, size) in zip((FIRST, SECOND), orders, strict=False):
            story.record(name, product=product, price=price, size=size)

    return [each.text for each in judged(part) if "in the first stage" in each.text]


@pytest.mark.parametrize("equity", ["200", "1249.99", None])
def test_an_order_is_no_larger_than_the_first_stage_allows(equity: str | None) -> None:
    assert said(equity, ("BTC-USD", "50000", "0.0005")) == []
    assert said(equity, ("BTC-USD", "50000", "0.000501"))


def test_from_its_end_on_shares_alone_bind() -> None:
    assert said("1250", ("BTC-USD", "50000", "0.004"), ("ETH-USD", "2000", "0.1")) == []


def test_nothing_is_bought_beside_what_is_being_bought() -> None:
    both = ("BTC-USD", "50000", "0.0005"), ("ETH-USD", "2000", "0.01")
    (found,) = said("1000", *both)
    assert found.startswith("2 products are at risk")
