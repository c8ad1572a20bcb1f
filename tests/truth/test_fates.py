"""An order whose end was seen does not work again because an older listing says so."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import Story, said

Part = Callable[[Story], object]
BUY = "t247-a-1-1"


def is_seen(story: Story, state: str, filled: str) -> None:
    order = {
        "client_order_id": BUY, "order_id": f"order of {BUY}", "state": state, "filled": filled,
    }  # fmt: skip
    story.journal(("order_seen", {"order": order}))


def goes_back(*parts: Part) -> bool:
    return any("by an older word" in each for each in said(*parts))


CANCELLED = partial(is_seen, state="CANCELLED", filled="0.001")


def test_an_older_word_takes_no_end_back() -> None:
    assert goes_back(Story.rests, CANCELLED, partial(is_seen, state="OPEN", filled="0"))
    assert goes_back(Story.rests, CANCELLED, partial(is_seen, state="OPEN", filled="0.001"))
    assert goes_back(
        Story.rests, CANCELLED, CANCELLED, partial(is_seen, state="PENDING", filled="0")
    ), "an end that is told twice is one"


def test_what_was_never_over_or_has_more_filled_is_news() -> None:
    assert not goes_back(Story.rests, partial(is_seen, state="OPEN", filled="0"), CANCELLED)
    assert not goes_back(Story.rests, CANCELLED, partial(is_seen, state="OPEN", filled="0.002"))
    assert not goes_back(Story.rests, CANCELLED, partial(is_seen, state="FILLED", filled="0.004"))
