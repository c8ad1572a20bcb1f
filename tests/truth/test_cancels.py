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
