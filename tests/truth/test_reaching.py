"""A sale that is due reaches as deep as its collar lets it."""

from __future__ import annotations

import pytest
from tests.truth.story import Story, said

SALE = "t247-a-1-2"


def sold(story: Story, price: str, *shown: str) -> None:
    for bid in shown:
        touch = {"bid": bid, "ask": str(int(bid) + 20)}
        story.tell("quotes", touches={"BTC-USD": touch})
    story.bought()
    story.cycle({"BTC-USD": "49990"})
    story.record(SALE, side="SELL", price=price, reference="50000", cause="stop", leg=1)


def found(price: str, *shown: str) -> list[str]:
    wrong = said(lambda story: sold(story, price, *shown))
    return [each for each in wrong if "may reach down to" in each]


def test_a_sale_down_to_its_collar_is_fine() -> None:
    assert found("49750", "49990") == []
    assert found("49700", "49990") == []


@pytest.mark.parametrize("price", ["49760", "49990", "50000"])
def test_one_that_takes_less_than_it_may_is_named(price: str) -> None:
    (text,) = found(price, "49990")
    assert SALE in text


def test_where_prices_have_fallen_nothing_is_asked() -> None:
    assert found("49990", "50600", "49990") == []


def test_where_no_price_was_shown_nothing_is_asked() -> None:
    assert found("49990") == []
