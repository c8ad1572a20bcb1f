"""No sale leaves what the exchange does not sell."""

from __future__ import annotations

from typing import Any

from tests.truth.story import Story, said

SELL = "t247-a-1-2"


def sells(
    story: Story, size: str, *, quote_min: str = "10", has_gone: bool = False, rests: bool = False
) -> None:
    """0.004 of BTC are held, at 50,000; ten dollars' worth is the least: 0.0002."""
    (begun,) = [each for each in story.told if each["kind"] == "begun"]
    for each in begun["products"]:
        each |= {"base_min": "0.00000001", "quote_min": quote_min}
    story.bought()
    if has_gone:
        told = {"key": "base:BTC", "ledger": "0.004", "venue": "0.003", "is_break": False}
        story.journal(("difference_found", told))
    story.cycle({"BTC-USD": "50000"}, word="exit_sent")
    payload = story.record(SELL, side="SELL", size=size, leg=1, decision="1:BTC-USD")
    if rests:
        payload["intent"] |= {"order_type": "stop_limit_gtd", "stop_price": "49000"}


def is_named(size: str, **how: Any) -> bool:
    return any("leaves" in each for each in said(lambda story: sells(story, size, **how)))


def test_what_a_sale_leaves_is_sold_as_well() -> None:
    assert is_named("0.0039")
    assert is_named("0.00380001"), "a step less than the least is left"
    assert not is_named("0.0038"), "the least is left"
    assert not is_named("0.004"), "nothing is left"


def test_where_no_more_could_be_left_nothing_is_asked() -> None:
    assert not is_named("0.0039", quote_min="101"), "two of the least are more than is held"
    assert is_named("0.0039", quote_min="100")


def test_what_is_not_all_there_or_only_waits_leaves_what_it_may() -> None:
    assert not is_named("0.003", quote_min="100", has_gone=True)
    assert not is_named("0.0039", rests=True)
