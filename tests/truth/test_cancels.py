"""A cancel names orders of ours, and the journal says so before it leaves."""

from __future__ import annotations

import json

from tests.truth.story import Story, judged

from trader247.truth.promises.cancels import CANCELS

BUY = "t247-a-1-1"


def resting(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    number = story.send(BUY)
    story.create(BUY)
    story.answer(number)
    story.take(BUY)


def cancelled(story: Story, *, says_so: bool, order_id: str = f"order of {BUY}") -> None:
    resting(story)
    if says_so:
        wish = {"client_order_id": BUY, "order_id": order_id, "cause": "in words"}
        story.journal(("cancel_requested", wish))
    story.answer(story.ask("POST", CANCELS, json.dumps({"order_ids": [order_id]})))


def test_a_cancel_that_the_journal_names_is_fine() -> None:
    assert judged(lambda story: cancelled(story, says_so=True)) == []


def test_a_cancel_of_another_order_than_the_journal_names_is_told_of() -> None:
    def unsaid(story: Story) -> None:
        cancelled(story, says_so=False)
        story.cycle()

    (broken,) = judged(unsaid)
    assert (broken.invariant, broken.text) == (
        "I3",
        f"the end of {BUY} was asked for, and the journal never said so",
    )


def test_whoever_cannot_write_any_more_may_end_all_that_rests() -> None:
    def failed(story: Story) -> None:
        cancelled(story, says_so=False)
        story.die("failed")
        story.start()

    assert judged(failed) == []


def test_an_order_of_somebody_else_is_never_ended() -> None:
    (broken,) = judged(lambda story: cancelled(story, says_so=True, order_id="theirs"))
    assert broken.text == "the end of theirs was asked for, which is none of ours"


def left_out(story: Story, *, asks: bool, reads: bool = True) -> None:
    """Seven cycles after its end was asked for, and it rests."""
    cancelled(story, says_so=True)
    for _ in range(7):
        story.wait(60)
        if reads:
            story.list_orders()
        story.cycle()
        if asks:
            order_ids = json.dumps({"order_ids": [f"order of {BUY}"]})
            story.answer(story.ask("POST", CANCELS, order_ids))


def test_whose_end_was_asked_for_is_asked_for_again_until_it_is_over() -> None:
    def told(*, asks: bool, reads: bool = True) -> bool:
        found = judged(lambda story: left_out(story, asks=asks, reads=reads))
        return any("did not ask again" in each.text for each in found)

    assert told(asks=False)
    assert not told(asks=True)
    assert not told(asks=False, reads=False), "nobody knows what rests"
