"""A raised switch is answered at once, by who was there, and aloud where something outlives it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.truth.story import Story, judged

Part = Callable[[Story], object]
BUY = "t247-a-1-1"
CANCELS = "/api/v3/brokerage/orders/batch_cancel"


def resting(story: Story) -> None:
    """A buy that rests."""
    story.cycle()
    story.record(BUY)
    number = story.send(BUY)
    story.create(BUY, life_s=890)
    story.answer(number)
    story.take(BUY)


def raised(story: Story) -> None:
    story.tell("kill", is_on=True, keeps_sales=False)
    story.journal(
        ("halt_latched", {"name": "kill_switch", "cause": "x", "keeps_sales": False}),
        ("alert_raised", {"severity": "critical", "code": "kill_switch", "text": "stopped"}),
    )
    story.halts = ["kill_switch"]
    story.told_of("tried", "CRITICAL kill_switch", "stopped")


def wanted(story: Story, cause: str = "kill switch") -> None:
    order = f"order of {BUY}"
    wish = {"client_order_id": BUY, "order_id": order, "cause": cause}
    story.journal(("cancel_requested", wish))


def asked(story: Story) -> None:
    body = json.dumps({"order_ids": [f"order of {BUY}"]})
    story.answer(story.ask("POST", CANCELS, body))


def ended(*, wait_s: float = 0, late_s: float = 0, is_unsent: bool = False) -> Part:
    """The switch is raised, and the end of what rests is asked for so long after it was wanted;
    or the switch came so late itself.
    """

    def part(story: Story) -> None:
        resting(story)
        if not late_s:
            raised(story)
        wanted(story, "its time ended" if late_s else "kill switch")
        story.wait(late_s)
        if late_s:
            story.tell("kill", is_on=True, keeps_sales=False)
        story.wait(wait_s)
        if is_unsent:
            story.tell("unsent", method="POST", path=CANCELS)
        asked(story)

    return part


def failed(cause: str) -> Part:
    def part(story: Story) -> None:
        resting(story)
        raised(story)
        story.tell("process", what="failed", cause=cause)

    return part


def outlived(*told_at: int, minutes: int = 5, keeps_sales: bool = False) -> Part:
    """It rests under the switch for so many cycles of a minute; at these it is told of."""

    def part(story: Story) -> None:
        resting(story)
        if keeps_sales:
            story.tell("kill", is_on=True, keeps_sales=True)
        else:
            raised(story)
        for minute in range(minutes):
            wanted(story)
            asked(story)
            story.list_orders()
            story.cycle()
            if minute in told_at:
                text = f"it is not known that BUY BTC-USD has ended {minute}"
                alert = {"severity": "critical", "code": "orders_not_ended", "text": text}
                story.journal(("alert_raised", alert))
                story.told_of("delivered", "CRITICAL orders_not_ended", text)
            story.told_of("tried", "CRITICAL kill_switch", "stopped")
            story.wait(60)

    return part


FINE = {
    "at once": ended(),
    "a while": ended(wait_s=0.4),
    "before it is raised there is a pace": ended(late_s=2),
    "no connection was made before": ended(wait_s=5, is_unsent=True),
    "told of again and again": outlived(1, 3),
    "over before anybody need be told": outlived(minutes=3),
}  # fmt: skip
BROKEN = {
    "its end waits its turn": ("I2", ended(wait_s=0.6)),
    "it waits after the switch too": ("I2", ended(late_s=1, wait_s=0.7)),
    "the switch ends the process": ("I2", failed("ReadAborted: a stop was raised")),
    "nobody is told": ("I18", outlived()),
    "told of once": ("I18", outlived(1, minutes=8)),
}  # fmt: skip


@pytest.mark.parametrize("part", FINE.values(), ids=FINE)
def test_a_switch_that_is_answered_passes(part: Part) -> None:
    assert judged(part) == []


@pytest.mark.parametrize(("promise", "part"), BROKEN.values(), ids=BROKEN)
def test_a_switch_that_is_not_is_named(promise: str, part: Part) -> None:
    assert {each.invariant for each in judged(part)} == {promise}


def test_another_end_is_no_end_by_the_switch() -> None:
    assert judged(failed("VenueError: it does not answer")) == []


LISTING = "/api/v3/brokerage/orders/historical/batch"
ACCOUNTS = "/api/v3/brokerage/accounts"


def read(story: Story, times: int = 1, *, apart_s: float = 2) -> None:
    for _ in range(times):
        story.wait(apart_s)
        for path in (LISTING, ACCOUNTS, ACCOUNTS):
            story.answer(story.ask("GET", path))


def is_left_alone(*parts: Part) -> bool:
    return any("nobody asked for its end" in each.text for each in judged(resting, *parts))


def often(story: Story) -> None:
    read(story, 15)


def test_what_rests_is_asked_to_end_again_between_two_cycles() -> None:
    assert is_left_alone(raised, wanted, asked, often)
    assert not is_left_alone(raised, wanted, asked, lambda story: read(story, 9))
    assert not is_left_alone(raised, wanted, asked, lambda story: read(story, 15, apart_s=1))


@pytest.mark.parametrize(
    "between",
    [
        asked,
        lambda story: story.tell("unsent", method="POST", path=CANCELS),
        lambda story: story.see_end(BUY, "CANCELLED"),
        lambda story: story.tell("slept", span_us=1),
        lambda story: story.tell("otherwise", orders=[BUY]),
    ],
    ids=["asked again", "tried", "seen to have ended", "slept", "listed otherwise"],
)
def test_who_asks_or_may_not_know_that_it_rests_is_fine(between: Part) -> None:
    def reading(story: Story) -> None:
        read(story, 10)
        between(story)
        read(story, 10)

    assert is_left_alone(raised, wanted, asked, lambda story: read(story, 20))
    assert not is_left_alone(raised, wanted, asked, reading)


def test_no_switch_and_no_end_need_no_asking() -> None:
    assert not is_left_alone(often)


def test_it_is_asked_to_end_soon_after_a_reading() -> None:
    def is_seldom(wait_s: float, *, status: int | None = 200) -> bool:
        def part(story: Story) -> None:
            asked(story)
            read(story)
            story.answer(story.requests, status)
            story.wait(wait_s)
            asked(story)

        found = judged(resting, raised, part)
        return any("s after a reading" in each.text for each in found)

    assert is_seldom(16)
    assert not is_seldom(15)
    assert not is_seldom(16, status=None), "who is not answered has something to wait for"


def test_its_halt_stands_for_as_long_as_the_switch_is_on() -> None:
    def is_cleared_under_it(*, is_off: bool) -> bool:
        def part(story: Story) -> None:
            raised(story)
            if is_off:
                story.tell("kill", is_on=False)
            story.journal(("halt_cleared", {"name": "kill_switch", "accepted_peak": None}))

        return any("cleared while the switch is on" in each.text for each in judged(part))

    assert is_cleared_under_it(is_off=False)
    assert not is_cleared_under_it(is_off=True)
