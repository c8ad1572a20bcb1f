"""A book that is streamed otherwise than the exchange has it is found out within some cycles."""

from __future__ import annotations

from collections.abc import Callable

from tests.truth.story import Story, judged

Part = Callable[[Story], object]


def marked(mark: str, *, cycles: int = 9, is_otherwise: bool = True) -> Part:
    """Streams say for so many cycles that the bid is 49,000, and what is held is marked at this."""

    def part(story: Story) -> None:
        touch = {"bid": "49000", "ask": "49010"}
        for _ in range(cycles):
            story.wait(60)
            shown = {**touch, "time_us": story.now_us}
            if is_otherwise:
                shown["is_otherwise"] = True
            story.tell("quotes", touches={"BTC-USD": shown})
            story.cycle({"BTC-USD": mark})

    return part


def is_believed(*parts: Part) -> bool:
    found = judged(Story.bought, *parts)
    return any("as streams alone say" in each.text for each in found)


def test_what_streams_alone_say_is_not_believed_for_long() -> None:
    assert is_believed(marked("49000"))
    assert not is_believed(marked("50000"))
    assert not is_believed(marked("49000", cycles=8))
    assert not is_believed(marked("49000", is_otherwise=False)), "the exchange says so as well"
    assert not is_believed(
        marked("49000", cycles=5), lambda story: story.wait(121), marked("49000", cycles=5)
    ), "that is another time"
