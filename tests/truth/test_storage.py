"""A disk that fails, or soon will: what rests is ended, and nothing is bought."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial

from tests.truth.story import ORDERS, Story, said

Part = Callable[[Story], object]
BUY, CANCELS = "t247-a-1-1", f"{ORDERS}/batch_cancel"
FAILED = "StorageError: cannot append to the journal"


def ends_it(story: Story, order_id: str = f"order of {BUY}") -> None:
    story.answer(story.ask("POST", CANCELS, json.dumps({"order_ids": [order_id]})))


def wishes(story: Story) -> None:
    story.journal(("cancel_requested", {"client_order_id": BUY, "cause": "asked"}))


def fails(story: Story, cause: str = FAILED, what: str = "failed") -> None:
    story.tell("process", what=what, cause=cause)


def is_left(*parts: Part) -> bool:
    return any("did not ask for its end" in each for each in said(*parts))


def test_whose_disk_failed_has_asked_for_the_end_of_all_that_rests() -> None:
    assert is_left(Story.rests, fails)
    assert not is_left(Story.rests, ends_it, fails)
    assert is_left(Story.rests, partial(ends_it, order_id="another"), fails)
    assert is_left(Story.rests, wishes, ends_it, Story.cycle, fails), "that was before"
    assert not is_left(Story.rests, partial(fails, cause="EpochLost: another process has it"))
    assert not is_left(Story.rests, partial(fails, what="died"))
    assert not is_left(Story.rests, partial(fails, what="power"))


def test_where_no_connection_could_be_made_to_have_tried_is_enough() -> None:
    def tries(story: Story) -> None:
        story.tell("unsent", method="POST", path=CANCELS)

    def reads(story: Story) -> None:
        story.tell("unsent", method="GET", path=ORDERS)

    assert not is_left(Story.rests, tries, fails)
    assert is_left(Story.rests, reads, fails)


def test_who_never_came_to_trade_or_had_ended_has_nothing_to_do() -> None:
    def never_begins(story: Story) -> None:
        story.die()
        story.tell("process", what="started")
        fails(story)

    def ended(story: Story) -> None:
        story.journal(("session_ended", {"epoch": story.epoch, "cause": "SIGTERM"}))

    assert not is_left(Story.rests, never_begins)
    assert not is_left(Story.rests, ended, fails)
    assert not is_left(
        Story.rests, partial(fails, cause="StorageError: cannot close data/live-sim.db")
    )

    def filled(story: Story) -> None:
        story.fill(BUY)

    assert not is_left(Story.rests, filled, fails), "nothing of it rests"


def room(megabytes: int | None, story: Story) -> None:
    story.tell("room", megabytes=megabytes)


def cycle(story: Story, *tripped: str, regime: str = "chop") -> None:
    story.wait(60)
    story.cycle(equity="100000")
    story.told[-1]["events"][0]["payload"] |= {"tripped": list(tripped), "regime": regime}


def says(story: Story) -> None:
    cycle(story, "disk")


def buys(story: Story) -> None:
    story.record(BUY)


little, unknown, much = partial(room, 999), partial(room, None), partial(room, 5_000)


def texts(*parts: Part) -> list[str]:
    return said(*parts, room_mb=1_000)


def is_bought(*parts: Part) -> bool:
    return any(" buys with " in each for each in texts(*parts))


def is_silent(*parts: Part) -> bool:
    return any("does not say so" in each for each in texts(*parts))


def test_with_little_room_or_with_room_that_nobody_can_tell_nothing_is_bought() -> None:
    assert is_bought(little, cycle, says, buys)
    assert is_bought(unknown, cycle, says, buys)
    assert not is_bought(little, cycle, buys), "the first cycle may have decided before"
    assert not is_bought(partial(room, 1_000), cycle, cycle, buys)
    assert not is_bought(little, cycle, much, cycle, buys)
    assert is_bought(little, cycle, unknown, says, buys), "either way"
    assert not is_bought(little, cycle, partial(cycle, regime="exits"), buys), "no whole cycle"
    untold = said(unknown, cycle, cycle, buys)
    assert not any("room" in each for each in untold), "nobody told which room is little"


def test_the_second_cycle_says_why() -> None:
    assert is_silent(unknown, cycle, cycle)
    assert is_silent(little, cycle, says, cycle)
    assert not is_silent(little, cycle, says, says)
    assert not is_silent(little, cycle, much, cycle)


def is_taken_at_last(story: Story, *, is_plain: bool = True) -> None:
    """It hears that its order is taken, and its disk takes nothing more."""
    story.cycle()
    story.record(BUY)
    number = story.send(BUY)
    story.create(BUY)
    more = {"order_id": f"order of {BUY}"} if is_plain else {}
    story.tell("answer", id=number, status=200, **more)


def test_what_was_taken_and_could_not_be_written_down_is_ended_too() -> None:
    unclear = partial(is_taken_at_last, is_plain=False)

    assert is_left(is_taken_at_last, fails)
    assert not is_left(is_taken_at_last, ends_it, fails)
    assert not is_left(unclear, fails), "nobody told it so"
    assert not is_left(unclear, Story.cycle, fails)
