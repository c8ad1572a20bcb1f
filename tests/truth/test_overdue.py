"""An order that rests past its end is asked to end by the cycle that sees it so."""

from __future__ import annotations

from collections.abc import Callable

from tests.truth.story import Story, judged
from tests.truth.test_switch import BUY, wanted

Part = Callable[[Story], object]


def rests(life_s: int) -> Part:
    def part(story: Story) -> None:
        story.cycle()
        story.record(BUY)
        number = story.send(BUY)
        story.create(BUY, life_s=life_s)
        story.answer(number)
        story.take(BUY)

    return part


def cycle(story: Story) -> None:
    story.wait(30)
    story.cycle()


def is_overdue(*parts: Part) -> bool:
    found = judged(*parts)
    return any("rests past its end, and nobody asked" in each.text for each in found)


def ended(story: Story) -> None:
    story.see_end(BUY, "EXPIRED")


def test_what_rests_past_its_end_is_asked_to_end() -> None:
    assert is_overdue(rests(20), cycle, Story.fold)
    assert not is_overdue(rests(29), cycle, Story.fold), "its time is hardly over"
    assert not is_overdue(rests(20), cycle, wanted, Story.fold)
    assert not is_overdue(rests(20), cycle), "the cycle is not over yet"
    assert not is_overdue(rests(20), ended, cycle, Story.fold), "its end is known already"
    assert not is_overdue(rests(20), cycle, ended, Story.fold), "its end was read meanwhile"
