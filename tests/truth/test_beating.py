"""Cycles come, one an interval, whatever a clock was set to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.truth.story import Story, judged


def silences(part: Callable[[Story], None], *, interval_s: int = 60) -> list[str]:
    def with_limits(story: Story) -> None:
        story.told[0]["limits"] = {**story.told[0]["limits"], "interval_s": interval_s}
        part(story)

    return [each.text for each in judged(with_limits) if "no cycle was decided" in each.text]


def apart(seconds: float, meanwhile: Callable[[Story], Any] = lambda _: None) -> list[str]:
    def part(story: Story) -> None:
        story.cycle()
        meanwhile(story)
        story.wait(seconds)
        story.cycle()

    return silences(part)


def answered(story: Story, status: int | None = None) -> None:
    story.answer(story.ask("GET", "/api/v3/brokerage/products"), status)


def killed(story: Story) -> None:
    story.tell("kill", is_on=True)


def test_cycles_come_an_interval_apart() -> None:
    assert apart(127) == ["no cycle was decided for 127 s"]
    assert not apart(126)


def test_who_is_not_answered_sleeps_or_hangs_is_excused_for_as_long() -> None:
    assert not apart(141, answered)
    assert apart(142, answered)
    assert apart(127, lambda story: answered(story, 200))
    assert not apart(156, lambda story: story.tell("slept", span_us=30_000_000))
    assert not apart(156, lambda story: story.tell("stalled", span_us=30_000_000))
    assert not apart(141, lambda story: story.tell("unsent", method="GET", path=""))


def test_under_a_raised_switch_that_comes_first() -> None:
    assert not apart(300, killed)


def test_one_that_is_not_there_decides_none() -> None:
    def part(story: Story) -> None:
        story.cycle()
        story.die()
        story.wait(600)
        story.start()
        story.wait(100)
        story.cycle()

    assert not silences(part)


def test_who_ends_has_decided_them_until_then() -> None:
    def ended(what: str) -> list[str]:
        def part(story: Story) -> None:
            story.cycle()
            story.wait(600)
            story.die(what)

        return silences(part)

    assert ended("ended") == ["no cycle was decided for 600 s"]
    assert not ended("died")
