"""What is critical and told in vain for minutes halts buying, whichever process began to tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.truth.story import Story, said

Part = Callable[[Story], object]


def raised(story: Story, code: str = "storage", severity: str = "critical") -> None:
    story.journal(("alert_raised", {"code": code, "severity": severity, "text": "look at it"}))


def told(story: Story, *, is_taken: bool = False, code: str = "storage") -> None:
    title = f"CRITICAL {code} (live-coinbase)"
    story.tell("message", title=title, body="look at it", is_taken=is_taken)


def minutes(story: Story, count: int = 1) -> None:
    for _ in range(count):
        story.wait(60)
        story.cycle()


def again(story: Story) -> None:
    story.die()
    story.start()
    told(story)


def found(*parts: Part) -> list[str]:
    return [each for each in said(*parts) if "and buying goes on" in each]


def in_vain(story: Story) -> None:
    raised(story)
    told(story)
    minutes(story)


def test_it_halts_within_minutes() -> None:
    assert len(found(in_vain, lambda story: minutes(story, 9))) == 1
    assert found(in_vain, lambda story: minutes(story, 5)) == []


def test_a_start_between_does_not_begin_it_anew() -> None:
    def again_and_again(story: Story) -> None:
        for _ in range(2):
            minutes(story, 4)
            again(story)
        minutes(story, 4)

    assert len(found(in_vain, again_and_again)) == 1


def halted(story: Story) -> None:
    raised(story, "alerts")
    told(story, code="alerts")
    story.journal(("halt_latched", {"name": "alerts", "cause": "c", "keeps_sales": False}))
    story.halts.append("alerts")


@pytest.mark.parametrize(
    "between",
    [
        halted,
        lambda story: told(story, is_taken=True),
        lambda story: story.journal(
            ("alert_acknowledged", {"codes": ["storage"], "operator": "o"})
        ),
        lambda story: story.tell("slept", span_us=1),
    ],
    ids=["halted", "taken", "known", "slept"],
)
def test_who_halted_was_heard_or_slept_is_fine(between: Part) -> None:
    parts = in_vain, lambda story: minutes(story, 4), between, lambda story: minutes(story, 5)
    assert found(*parts) == []


def test_what_was_tried_just_before_an_end_may_be_forgotten_by_it() -> None:
    def at_once(story: Story) -> None:
        raised(story)
        told(story)
        story.die()
        story.start()
        minutes(story, 9)

    assert found(at_once) == []


def test_a_warning_halts_nobody() -> None:
    def warned(story: Story) -> None:
        raised(story, severity="warning")
        story.tell("message", title="WARNING storage (live)", body="look at it", is_taken=False)
        minutes(story, 10)

    assert found(warned) == []
