"""What has given up its stop for a sale does not wait for its turn."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.truth.story import LISTING, Story, judged
from tests.truth.test_covering import STOP, stop

Part = Callable[[Story], object]


def asked_to_end(cause: str = "longest_hold is due") -> Part:
    def part(story: Story) -> None:
        story.bought()
        stop(story)
        story.cycle({"BTC-USD": "50000"}, word="order_working")
        wish = {"client_order_id": STOP, "order_id": f"order of {STOP}", "cause": cause}
        story.journal(("cancel_requested", wish))

    return part


def looked(after_s: float) -> Part:
    def part(story: Story) -> None:
        story.wait(after_s)
        story.answer(story.ask("GET", LISTING))

    return part


def is_idle(*parts: Part) -> bool:
    found = judged(*parts)
    return any("to make way for its sale, and nobody looked" in each.text for each in found)


def test_who_asks_a_stop_to_end_for_a_sale_looks_soon_whether_it_has() -> None:
    assert is_idle(asked_to_end(), looked(31))
    assert not is_idle(asked_to_end(), looked(29), looked(29))
    assert not is_idle(asked_to_end("the stop has moved from 1 to 2"), looked(31))


@pytest.mark.parametrize(
    "between",
    [
        lambda story: story.cycle({"BTC-USD": "50000"}, word="exit_sent"),
        lambda story: story.tell("slept", span_us=60_000_000),
        lambda story: story.tell("stalled", span_us=60_000_000),
        lambda story: story.tell("kill", is_on=True, keeps_sales=False),
        Story.die,
    ],
    ids=["the next cycle", "slept", "stalled", "the switch is raised", "the process died"],
)
def test_what_comes_between_ends_the_hurry(between: Part) -> None:
    assert not is_idle(asked_to_end(), between, looked(31))


def test_whoever_is_waiting_for_an_answer_is_not_idle() -> None:
    def slow(story: Story) -> None:
        number = story.ask("GET", LISTING)
        story.wait(40)
        story.answer(number, None)

    assert not is_idle(asked_to_end(), slow, looked(1))
