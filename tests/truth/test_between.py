"""What falls due between two cycles is looked at then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import Story, said

Part = Callable[[Story], object]
UNDER, FINE = "48000", "50000"


def hears(story: Story, bid: str = UNDER, *, after_s: float = 1) -> None:
    """A stream tells a bid of what was bought at 50,000, with its stop at 49,000."""
    story.wait(after_s)
    story.tell("quotes", touches={"BTC-USD": {"bid": bid, "ask": "51000"}})


def judges(story: Story, word: str = "exit_sent") -> None:
    story.cycle({"BTC-USD": UNDER}, word=word)
    story.told[-1]["events"][0]["payload"]["regime"] = "exits"


def ends(story: Story) -> None:
    story.die()


LATER = partial(hears, after_s=11)
HEARD = (Story.bought, hears)


def is_late(*parts: Part, told_s: int = 10) -> bool:
    limits = {"hears_s": told_s} if told_s else {}
    return any("nobody has looked" in each for each in said(*parts, **limits))


def test_what_a_stream_shows_to_be_due_is_looked_at_within_seconds() -> None:
    assert is_late(*HEARD, LATER)
    assert not is_late(*HEARD, partial(hears, after_s=9)), "within them"
    assert not is_late(*HEARD, judges, LATER), "it was, and could not be sold"
    assert is_late(*HEARD, judges, partial(hears, after_s=32), LATER), "it is looked at again"
    assert not is_late(*HEARD, LATER, told_s=0), "nobody said that all is heard"


def test_what_another_position_was_looked_at_for_is_none_of_its_business() -> None:
    assert is_late(Story.bought, partial(judges, word="holding"), hears, LATER)


def test_what_is_not_due_any_more_or_cannot_leave_is_not_looked_at() -> None:
    assert not is_late(*HEARD, partial(hears, bid=FINE), LATER)
    assert not is_late(*HEARD, ends, LATER)
    assert not is_late(hears, LATER), "nothing is held"


def test_what_was_looked_at_too_late_is_late_though_nothing_was_shown_meanwhile() -> None:
    assert is_late(*HEARD, lambda story: story.wait(11), judges)
    assert not is_late(*HEARD, lambda story: story.wait(9), judges)
