"""A process that only waits hears at once of a switch, and of what somebody asks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.truth.story import Story, judged

Part = Callable[[Story], object]
LISTING = "/api/v3/brokerage/orders/historical/batch"


def read(story: Story) -> None:
    story.answer(story.ask("GET", LISTING))


def is_deaf(*parts: Part) -> bool:
    """Whether a switch that is raised in the middle of these parts is heard too late."""
    return any("nothing was heard for" in each.text for each in judged(*parts))


def on(story: Story) -> None:
    story.tell("kill", is_on=True, keeps_sales=False)


def latched(story: Story) -> None:
    cause = {"name": "kill_switch", "cause": "x", "keeps_sales": False}
    story.journal(("halt_latched", cause))


def later(seconds: float) -> Part:
    return lambda story: story.wait(seconds)


def test_who_only_waits_hears_of_a_switch_within_seconds() -> None:
    assert is_deaf(Story.cycle, on, later(16), latched)
    assert is_deaf(Story.cycle, on, later(16), read)
    assert not is_deaf(Story.cycle, on, later(15), latched)
    assert not is_deaf(Story.cycle, on, later(1), latched, later(60), Story.cycle)


@pytest.mark.parametrize(
    "between",
    [
        lambda story: story.tell("slept", span_us=1),
        lambda story: story.tell("stalled", span_us=1),
        lambda story: story.tell("kill", is_on=False),
        lambda story: story.tell("process", what="failed", cause="x"),
    ],
    ids=["slept", "stalled", "let go of", "ended"],
)
def test_who_could_not_hear_of_it_or_need_not_is_fine(between: Part) -> None:
    assert not is_deaf(Story.cycle, on, later(1), between, later(60), Story.start)


def test_a_switch_that_is_raised_before_is_heard_of_already() -> None:
    assert not is_deaf(Story.cycle, on, latched, on, later(60), Story.cycle)


def wanted(what: str) -> Part:
    return lambda story: story.tell("asked", what=what, arguments={})


def sold(story: Story) -> None:
    """Somebody wants something sold, and that is written down."""
    payload = {"product": "BTC-USD", "until": "2026-01-05T01:00:00Z", "reason": "", "operator": ""}
    story.journal(("flatten_asked", payload))


@pytest.mark.parametrize("part", [wanted("pause"), wanted("alert_test"), sold])
def test_who_only_waits_hears_of_people_within_seconds(part: Part) -> None:
    assert is_deaf(Story.cycle, part, later(16), read)
    assert not is_deaf(Story.cycle, part, later(15), read, later(60), read)


def refused(story: Story) -> None:
    story.answer(story.ask("GET", LISTING), 429)


@pytest.mark.parametrize(
    "before", [refused, on, latched], ids=["refused", "switched off", "halted"]
)
def test_who_keeps_his_pace_or_is_halted_may_take_longer(before: Part) -> None:
    assert not is_deaf(Story.cycle, before, read, wanted("alert_test"), later(60), read)


def test_what_need_not_be_answered_by_an_event_is_not_waited_for() -> None:
    assert not is_deaf(Story.cycle, wanted("release_kill"), later(60), read)
