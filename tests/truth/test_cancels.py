"""A cancel names orders of ours, and the journal says so before it leaves."""

from __future__ import annotations

import json

from tests.truth.story import LIMITS, Story, judged

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


def often(
    story: Story, *, apart_s: float, most: int = 30, is_killed: bool = False, dies: bool = False
) -> None:
    """Sixty requests for the end of one order."""
    story.told[0]["limits"] = {**LIMITS, "cancels_per_minute": most}
    resting(story)
    if is_killed:
        story.tell("kill", is_on=True)
    for number in range(60):
        if dies and number == 30:
            story.die()
            story.start()
        wish = {"client_order_id": BUY, "order_id": f"order of {BUY}", "cause": "in words"}
        story.journal(("cancel_requested", wish))
        story.answer(story.ask("POST", CANCELS, json.dumps({"order_ids": [wish["order_id"]]})))
        story.wait(apart_s)


def test_a_minute_has_no_more_cancels_than_it_may() -> None:
    def is_paced(*, apart_s: float = 0.1, **how: bool | int) -> bool:
        found = judged(lambda story: often(story, apart_s=apart_s, **how))  # type: ignore[arg-type]
        return not any("cancels more than" in each.text for each in found)

    assert not is_paced()
    assert is_paced(apart_s=1), "a minute's at once, and half of another minute's"
    assert is_paced(is_killed=True), "a stop waits for nothing"
    assert is_paced(dies=True), "who begins counts anew"
    assert is_paced(most=60)


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


def test_all_whose_end_is_wanted_at_once_are_named_at_once() -> None:
    def two(story: Story, *, names: int) -> None:
        resting(story)
        wishes = [
            ("cancel_requested", {"client_order_id": each, "order_id": each, "cause": "in words"})
            for each in (f"order of {BUY}", "another")
        ]
        story.journal(*wishes)
        order_ids = [f"order of {BUY}", "another"][:names]
        story.ask("POST", CANCELS, json.dumps({"order_ids": order_ids}))

    def is_left_out(names: int) -> bool:
        found = judged(lambda story: two(story, names=names))
        return any("was left out" in each.text for each in found)

    assert is_left_out(1)
    assert not is_left_out(2)


def test_who_is_over_since_is_not_left_out_of_what_is_asked_for() -> None:
    """The request for its end never left; the next one named another, half an hour later."""

    def later(story: Story, *, is_over: bool) -> None:
        resting(story)
        wish = {"client_order_id": BUY, "order_id": f"order of {BUY}", "cause": "in words"}
        story.journal(("cancel_requested", wish))
        if is_over:
            row = {**story.rows[BUY], "status": "EXPIRED"}
            story.exchange(orders=[row])
        story.ask("POST", CANCELS, json.dumps({"order_ids": ["another"]}))

    def is_left_out(*, is_over: bool) -> bool:
        found = judged(lambda story: later(story, is_over=is_over))
        return any("was left out" in each.text for each in found)

    assert is_left_out(is_over=False)
    assert not is_left_out(is_over=True)


def under_the_switch(story: Story, *, keeps_sales: bool = False, waits_s: int = 30) -> None:
    """A sale rests, nobody asked for its end, and the switch is raised."""
    story.bought()
    story.cycle({"BTC-USD": "50000"})
    story.record("t247-a-1-2", side="SELL", leg=1, decision="1:BTC-USD")
    story.answer(story.send("t247-a-1-2"))
    story.create("t247-a-1-2")
    story.take("t247-a-1-2")
    story.tell("kill", is_on=True, keeps_sales=keeps_sales)
    story.wait(waits_s)
    story.cycle({"BTC-USD": "50000"})


def test_a_sale_rests_under_the_switch_only_where_somebody_wished_it() -> None:
    def is_told(**how: bool | int) -> bool:
        found = judged(lambda story: under_the_switch(story, **how))  # type: ignore[arg-type]
        return any("nobody asked for its end" in each.text for each in found)

    assert is_told()
    assert not is_told(keeps_sales=True)
    assert not is_told(waits_s=5)
