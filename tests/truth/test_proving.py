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
