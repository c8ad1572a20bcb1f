"""A cycle tells of failed requests where some failed since the cycle before, and only then."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from tests.truth.story import LISTING, Story, said

Part = Callable[[Story], object]


def cycle(story: Story, **counts: int) -> None:
    story.wait(60)
    story.cycle()
    story.told[-1]["events"][0]["payload"].update(counts)


def answered(story: Story, status: int | None = 200) -> None:
    story.answer(story.ask("GET", LISTING), status)


def unsent(story: Story) -> None:
    story.tell("unsent", method="GET", path=LISTING)


def unanswered(story: Story) -> None:
    story.ask("GET", LISTING)


def illegible(story: Story) -> None:
    story.tell("answer", id=story.ask("GET", LISTING), status=200, is_legible=False)


def ordered(story: Story) -> None:
    story.record("t247-a-1-1")
    story.answer(story.send("t247-a-1-1"))


def erring(story: Story, *between: Part, **counts: int) -> None:
    """Two cycles, and what is between them."""
    cycle(story, errors=3)
    for part in (*between, answered):
        part(story)
    cycle(story, **counts)


def found(*between: Part, **counts: int) -> list[str]:
    told = said(lambda story: erring(story, *between, **counts))
    return [each for each in told if "none has failed" in each]


@pytest.mark.parametrize("what", ["errors", "rate_limited", "errors_running"])
def test_what_failed_before_the_last_cycle_is_not_told_again(what: str) -> None:
    assert len(found(**{what: 3})) == 1
    assert found(**{what: 0}) == []


@pytest.mark.parametrize(
    "between",
    [
        unsent,
        illegible,
        ordered,
        lambda story: answered(story, 503),
        lambda story: answered(story, 404),
        lambda story: answered(story, None),
        lambda story: story.tell("slept", span_us=1),
    ],
)
def test_what_failed_since_then_is(between: Part) -> None:
    assert found(between, errors=1, errors_running=1) == []


def test_a_row_goes_on_where_nothing_was_asked() -> None:
    """Our own budget of requests was used up: nothing left, and nothing ended the row."""

    def silent(story: Story) -> None:
        cycle(story, errors=3, errors_running=3)
        cycle(story, errors=0, errors_running=3)

    assert [each for each in said(silent) if "none has failed" in each] == []


def test_what_another_process_met_is_its_own() -> None:
    def again(story: Story) -> None:
        story.die("ended")
        story.start()

    assert found(again, errors=2) == []


def test_a_request_that_was_on_its_way_at_the_cycle_may_fail_in_it() -> None:
    def late(story: Story) -> None:
        unanswered(story)
        cycle(story, errors=2)
        answered(story)
        cycle(story, errors=1)

    assert [each for each in said(late) if "none has failed" in each] == []


def test_a_cycle_tells_of_each_error_of_the_exchange_since_the_one_before() -> None:
    def untold(*statuses: int | None, errors: int = 0) -> bool:
        between = [partial(answered, status=status) for status in statuses]
        told = said(lambda story: erring(story, *between, errors=errors))
        return any("were told" in each for each in told)

    assert untold(500)
    assert untold(500, 502, errors=1)
    assert not untold(500, 502, errors=2)
    assert not untold(503, 404, 429, None), "those have words of their own, or may have none"
