"""An order's end is found out, and one that was seen is not taken back by an older listing."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import LISTING, Story, said

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


def ended(story: Story) -> None:
    story.wait(300)
    story.rows[BUY].update(status="EXPIRED", updated_us=story.now_us)
    story.exchange(orders=[story.rows[BUY]])
    story.wait(121)


def unlisted(story: Story, *, status: int = 200) -> None:
    """A reading whose listing leaves it out, and a cycle."""
    number = story.ask("GET", LISTING)
    story.tell("leftout", orders=[BUY])
    story.answer(number, status)
    story.wait(10)
    story.cycle()


def is_never_asked(*parts: Part) -> bool:
    return any("did not ask what became of it" in each for each in said(*parts))


def test_what_ended_in_no_listing_is_asked_for_by_its_id() -> None:
    four = (unlisted,) * 4
    assert is_never_asked(Story.rests, ended, *four)
    assert not is_never_asked(Story.rests, ended, *four[1:])
    assert not is_never_asked(Story.rests, *four), "its time is not over"
    assert not is_never_asked(Story.rests, lambda story: story.wait(421), *four), "it rests on"
    seen = partial(Story.see_end, name=BUY, state="EXPIRED")
    assert not is_never_asked(Story.rests, ended, seen, *four)


def test_who_cannot_read_does_not_find_out() -> None:
    two, unread = (unlisted,) * 2, partial(unlisted, status=503)
    assert not is_never_asked(Story.rests, ended, *two, unread, *two)
    assert is_never_asked(Story.rests, ended, unread, *two, *two)

    def refused(story: Story) -> None:
        story.answer(story.ask("GET", LISTING.replace("batch", "an-id")), 500)

    assert not is_never_asked(Story.rests, ended, *two, refused, *two)
    assert not is_never_asked(
        Story.rests,
        ended,
        *two,
        lambda story: story.tell("unsent", method="GET", path=LISTING),
        *two,
    )

    def listed(story: Story) -> None:
        story.wait(91)
        story.cycle()

    assert not is_never_asked(Story.rests, ended, *two, listed, *two), "a listing had it meanwhile"
