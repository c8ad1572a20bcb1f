"""What people are told is on disk, and an order that may rest under a stop is told of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.truth.story import Story, judged, time_text

BUY = "t247-a-1-1"
CODE = "orders_not_ended"


def texts(part: Callable[[Story], object]) -> list[str]:
    return [each.text for each in judged(part)]


def test_an_alert_is_handed_over_once_its_event_is_kept() -> None:
    def handed_over(ahead: int) -> bool:
        def part(story: Story) -> None:
            story.cycle()
            story.tell(
                "alert", what="raised", id=story.seq + ahead, code="halt", severity="critical",
                text="so",
            )  # fmt: skip

        return any("before its event was kept" in each for each in texts(part))

    assert not handed_over(0)
    assert handed_over(1)


def in_doubt(
    story: Story, *, halt: str = "kill_switch", cycles: int = 5, minutes: float = 1,
    is_told: bool = False, is_answered: bool = False,
) -> None:  # fmt: skip
    """An order of unknown fate under a halt, for so many cycles."""
    story.cycle()
    story.record(BUY)
    story.settle(BUY, {"is": "Unknown", "detail": ""})
    if is_answered:
        story.create(BUY)
        story.take(BUY)
    story.journal(("halt_latched", {"name": halt, "cause": "so"}))
    if is_told:
        alert = {"code": CODE, "severity": "CRITICAL", "text": "so", "at": time_text(story.now_us)}
        story.journal(("alert_raised", alert))
    for _ in range(cycles):
        story.wait(60 * minutes)
        story.cycle()


def is_unheard(**how: Any) -> bool:
    found = texts(lambda story: in_doubt(story, **how))
    return any("nobody heard of it" in each for each in found)


def test_an_order_of_unknown_fate_under_a_stop_is_told_of() -> None:
    assert is_unheard()
    assert not is_unheard(is_told=True)
    assert is_unheard(is_told=True, cycles=20), "once in a quarter of an hour"
    assert not is_unheard(cycles=3)
    assert not is_unheard(minutes=0.1, cycles=5)
    assert not is_unheard(is_answered=True)
    assert not is_unheard(halt="daily_stop"), "what allows sales ends none of them"
