"""An order under our name that is listed as another one than was sent."""

from __future__ import annotations

from collections.abc import Callable

from tests.truth.story import Story, said

Part = Callable[[Story], object]
BUY = "t247-a-1-1"


def in_doubt(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    number = story.send(BUY)
    story.create(BUY)
    story.answer(number, None)
    story.settle(BUY, {"is": "Unknown", "detail": "no answer"})


def listed(story: Story) -> None:
    story.tell("otherwise", orders=[BUY])


def right_again(story: Story) -> None:
    story.tell("otherwise", orders=[])


def halts(story: Story) -> None:
    story.settle(BUY, {"is": "Unknown", "detail": "price 50500", "latch": True})
    story.journal(("halt_latched", {"name": "invariant", "cause": "price 50500"}))
    story.halts.append("invariant")


def reads(story: Story) -> None:
    story.wait(60)
    story.cycle()
    story.fold()


def is_taken(*parts: Part) -> bool:
    return any("and was taken for ours" in each for each in said(*parts))


def goes_on(*parts: Part) -> bool:
    return any("was sent, and nothing is halted" in each for each in said(*parts))


def takes(story: Story) -> None:
    story.take(BUY)


def test_what_is_listed_as_another_order_is_not_taken_for_ours() -> None:
    assert is_taken(in_doubt, listed, takes)
    assert not is_taken(in_doubt, takes)
    assert not is_taken(in_doubt, listed, right_again, takes)


def test_it_halts_everything_within_three_readings() -> None:
    assert goes_on(in_doubt, listed, *[reads] * 4)
    assert not goes_on(in_doubt, listed, *[reads] * 3)
    assert not goes_on(in_doubt, listed, halts, *[reads] * 6)
    assert not goes_on(in_doubt, *[reads] * 6)
    assert not goes_on(in_doubt, listed, right_again, *[reads] * 6)


def test_to_say_so_is_no_lie_however_the_order_stands() -> None:
    lie = "was found to be another order than the one that it is"
    assert any(lie in each for each in said(in_doubt, halts))
    assert not any(lie in each for each in said(in_doubt, listed, halts))
