"""A wish that comes once more within ten minutes is one that was sent again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import Story, said

Part = Callable[[Story], object]
FIRST, NEXT = "t247-a-1-1", "t247-a-1-2"
NO = {"is": "Declined", "code": "INSUFFICIENT_FUND", "message": "", "is_sent": True}


def ended(story: Story) -> None:
    """An order that came to nothing."""
    story.rests(FIRST)
    story.see_end(FIRST, "CANCELLED")


def refused(story: Story) -> None:
    story.cycle()
    story.record(FIRST)
    story.settle(FIRST, NO)


def wishes(
    story: Story, *, after_s: float = 60, size: str = "0.004", product: str = "BTC-USD"
) -> None:
    story.wait(after_s)
    story.cycle()
    story.record(NEXT, size=size, product=product)


def is_doubled(*parts: Part, told_s: int = 600) -> bool:
    return any("once more" in each for each in said(*parts, same_size_s=told_s))


def test_a_wish_of_about_the_same_size_is_the_first_one_again() -> None:
    assert is_doubled(ended, wishes)
    assert is_doubled(ended, partial(wishes, size="0.0042")), "a twentieth more"
    assert is_doubled(ended, partial(wishes, after_s=598))


def test_another_size_product_or_time_is_another_wish() -> None:
    assert not is_doubled(ended, partial(wishes, size="0.00421"))
    assert not is_doubled(ended, partial(wishes, product="ETH-USD"))
    assert not is_doubled(ended, partial(wishes, after_s=601))
    assert not is_doubled(ended, wishes, told_s=0), "nobody told for how long"


def test_what_the_exchange_turned_down_at_once_was_no_order() -> None:
    assert not is_doubled(refused, wishes)


def test_what_was_lost_and_taken_back_doubles_nothing() -> None:
    def taken_back(story: Story) -> None:
        ended(story)
        story.wait(60)
        story.cycle()
        story.bodies[NEXT] = story.bodies[FIRST].replace(FIRST, NEXT)
        story.create(NEXT)
        story.record(NEXT)

    assert not is_doubled(taken_back)
