"""When the last order left is kept before it leaves, and nobody goes round in one moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import ORDERS, Story, said, time_text

Part = Callable[[Story], object]
BUY = "t247-a-1-1"
_SECOND_US = 1_000_000


def leaves(story: Story, *, after_s: float = 0, is_kept: bool = True) -> None:
    story.cycle()
    story.record(BUY)
    at = time_text(story.now_us + int(after_s * _SECOND_US)) if is_kept else None
    story.wait(1)
    touch = {"bid": "49990", "ask": "50010"}
    story.ask("POST", ORDERS, story.bodies[BUY], touch=touch, kept=at)


def is_unkept(*parts: Part) -> bool:
    return any("the folder says" in each for each in said(*parts))


def test_an_order_leaves_once_its_moment_is_kept() -> None:
    assert not is_unkept(leaves)
    assert not is_unkept(partial(leaves, after_s=3)), "it waited for its connection"
    assert is_unkept(partial(leaves, is_kept=False))
    assert is_unkept(partial(leaves, after_s=-60)), "that was the order before"
    assert is_unkept(partial(leaves, after_s=60)), "nobody knows the time ahead"


def test_where_nobody_looks_into_the_folder_nothing_is_said_of_it() -> None:
    def leaves_unseen(story: Story) -> None:
        story.cycle()
        story.record(BUY)
        story.send(BUY)

    assert not is_unkept(leaves_unseen)


def test_who_begins_does_not_forget_that_an_order_left() -> None:
    def begins(story: Story, *, kept: str | None, what: str = "died") -> None:
        story.die(what)
        story.start()
        story.told[-1]["kept"] = kept

    def is_forgotten(*parts: Part) -> bool:
        return any("says that none ever did" in each for each in said(*parts))

    another = time_text(Story().now_us)
    assert is_forgotten(leaves, partial(begins, kept=None))
    assert not is_forgotten(leaves, partial(begins, kept=another)), "of one that was kept back"
    assert not is_forgotten(leaves, partial(begins, kept=None, what="power"))
    assert not is_forgotten(partial(begins, kept=None)), "none has left yet"


def test_who_waits_for_what_is_past_again_and_again_has_hung() -> None:
    def is_stuck(story: Story) -> None:
        story.tell("stuck")

    assert any("no time passes" in each for each in said(is_stuck))
    assert not any("no time passes" in each for each in said(leaves))


def test_a_switch_that_the_command_raised_is_there_after_a_power_cut() -> None:
    def raises(story: Story, **more: bool) -> None:
        story.tell("kill", is_on=True, keeps_sales=False, **more)

    def may_be_lost(*parts: Part) -> bool:
        return any("may take it back" in each for each in said(*parts))

    assert may_be_lost(partial(raises, is_synced=False))
    assert not may_be_lost(partial(raises, is_synced=True))
    assert not may_be_lost(raises), "a file that somebody touched"


def test_a_journal_that_was_gone_back_to_is_there_after_a_power_cut() -> None:
    def goes_back(story: Story, **more: bool) -> None:
        story.tell("backed_up", seq=story.seq)
        story.tell("process", what="killed", cause="x")
        story.tell("restored", seq=story.seq, hash=story.hash, **more)

    def may_be_lost(part: Part) -> bool:
        return any("journal's place" in each for each in said(part))

    assert may_be_lost(partial(goes_back, is_synced=False))
    assert not may_be_lost(partial(goes_back, is_synced=True))
    assert not may_be_lost(goes_back), "where nobody looked"
