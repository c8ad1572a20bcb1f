"""That nothing rests is said by whoever has looked since the switch was raised."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import LISTING, ORDERS, Story, said

Part = Callable[[Story], object]
BOOKS = (LISTING, f"{ORDERS}/historical/fills", "/api/v3/brokerage/accounts")


def raises(story: Story) -> None:
    story.wait(60)
    story.tell("kill", is_on=True, keeps_sales=False)


def reads(story: Story, *, paths: tuple[str, ...] = BOOKS, status: int | None = 200) -> None:
    for path in paths:
        story.wait(1)
        story.answer(story.ask("GET", path), status)


def is_told(story: Story) -> None:
    story.wait(5)
    story.tell("cleared", kept=0)


def is_unproven(*parts: Part) -> bool:
    return any("nothing is said to rest" in each for each in said(*parts))


def test_a_ledger_that_knows_of_no_order_is_no_proof() -> None:
    assert is_unproven(raises, is_told)
    assert is_unproven(reads, raises, is_told), "that was before"
    assert not is_unproven(raises, reads, is_told)
    assert not is_unproven(reads, is_told), "no switch is raised"


def test_what_was_not_answered_was_not_read() -> None:
    assert is_unproven(raises, partial(reads, status=None), is_told)
    assert is_unproven(raises, partial(reads, status=503), is_told)
    for path in BOOKS:
        others = tuple(each for each in BOOKS if each != path)
        assert is_unproven(raises, partial(reads, paths=others), is_told), path


def test_who_begins_under_a_raised_switch_may_have_it_from_the_one_before() -> None:
    def begins(story: Story) -> None:
        story.die()
        story.start()

    assert not is_unproven(raises, reads, begins, is_told)


CYCLES, APART_S = 9, 30


def is_waited_for(story: Story, *, cycles: int = CYCLES) -> None:
    for _ in range(cycles):
        story.wait(APART_S)
        story.cycle()
        story.fold()


def is_silent(*parts: Part) -> bool:
    return any("nobody is told so" in each for each in said(*parts))


def test_who_raised_the_switch_is_told_once_nothing_rests() -> None:
    assert is_silent(raises, reads, is_waited_for)
    assert not is_silent(raises, reads, is_told, is_waited_for)
    assert not is_silent(raises, reads, partial(is_waited_for, cycles=5)), "it takes its time"
    assert not is_silent(reads, is_waited_for), "no switch is raised"


def test_who_lets_it_go_and_raises_it_again_waits_for_another_word() -> None:
    def lets_go(story: Story) -> None:
        story.tell("kill", is_on=False)

    assert is_silent(raises, reads, is_told, lets_go, raises, reads, is_waited_for)
    assert not is_silent(raises, reads, lets_go, is_waited_for)


def test_while_something_rests_or_a_process_is_new_nobody_waits_for_it() -> None:
    def rests(story: Story) -> None:
        story.cycle()
        story.record("t247-a-1-1")
        number = story.send("t247-a-1-1")
        story.create("t247-a-1-1")
        story.answer(number)
        story.take("t247-a-1-1")

    def begins(story: Story) -> None:
        story.die()
        story.start()

    half = partial(is_waited_for, cycles=4)
    assert not is_silent(rests, raises, reads, is_waited_for)
    assert not is_silent(raises, reads, half, begins, half)
