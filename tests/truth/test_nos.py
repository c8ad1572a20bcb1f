"""A no has its reason: what is said to keep a product from being bought does so, and ends."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from tests.truth.story import LIMITS, Story, judged, time_text

Part = Callable[[Story], object]
BUY = "t247-a-1-1"


def texts(*parts: Part) -> list[str]:
    more = {
        "breaker_cycles": 2, "breaker_s": 300, "losses_s": 3_600, "entries_per_cycle": 1,
        "entries_per_minute": 6, "entries_per_hour": 4, "entries_per_day": 10,
        "product_pause_s": 60, "fill_pause_s": 60, "loss_pause_s": 120, "stop_pause_s": 240,
        "stops_pause_s": 3_600,
    }  # fmt: skip

    def limited(story: Story) -> None:
        story.told[0]["limits"] = {**LIMITS, **more}

    return [each.text for each in judged(limited, *parts)]


def ends(word: str, *, minutes: float = 1, product: str = "ETH-USD") -> Part:
    def cycle(story: Story) -> None:
        story.wait(60 * minutes)
        story.cycle(dict.fromkeys(story.positions, "50000"))
        payload = story.told[-1]["events"][0]["payload"]
        payload["endings"] = {product: {"reason": word, "detail": ""}}
        payload["tripped"] = []

    return cycle


def is_false(word: str, *parts: Part) -> bool:
    return any(word in each and each.startswith("ETH-USD ends in") for each in texts(*parts))


def said(kind: str, **payload: Any) -> Part:
    def say(story: Story) -> None:
        at = {"ban_latched": {"cause": "c"}}.get(kind, {})
        story.journal((kind, {**payload, **at}))

    return say


HALT = said("halt_latched", name="daily_stop", cause="lost")
DISK = said("breaker_opened", name="disk")
BAN = said("ban_latched", control="repetition", scope="momentum247")


@pytest.mark.parametrize(
    ("word", "cause"), [("trading_state", HALT), ("breaker_open", DISK), ("banned", BAN)]
)
def test_what_is_said_to_stand_does(word: str, cause: Part) -> None:
    assert is_false(word, ends(word))
    assert not is_false(word, cause, ends(word))

    def together(story: Story) -> None:
        ends(word)(story)
        cause(story)
        story.join()

    assert not is_false(word, together), "what a cycle finds binds it"


def test_a_breaker_that_closed_keeps_nothing_back() -> None:
    closes = said("breaker_closed", name="disk")
    assert is_false("breaker_open", DISK, closes, ends("breaker_open"))


def test_who_waits_to_enter_enters() -> None:
    waits = ends("waiting_to_enter")
    assert is_false("waited", *[waits] * 5)
    assert not is_false("waited", *[waits] * 4)
    assert not is_false("waited", *[waits] * 4, ends("no_quote"), waits)


def test_a_pause_after_orders_that_would_not_have_rested_ends() -> None:
    def declined(story: Story) -> None:
        story.cycle()
        story.record(BUY, product="ETH-USD")
        code = "INVALID_LIMIT_PRICE_POST_ONLY"
        story.settle(BUY, {"is": "Declined", "code": code, "message": "", "is_sent": True})

    assert not is_false("declined", declined, ends("declined_by_venue", minutes=10))
    assert is_false("declined", declined, ends("declined_by_venue", minutes=12))
    assert is_false("declined", ends("declined_by_venue"))


def enters(story: Story, *, number: int = 1) -> None:
    story.cycle()
    story.record(f"t247-a-1-{number}", product="ETH-USD" if number == 1 else "BTC-USD")
    declined = {"is": "Declined", "code": "not_sent", "message": "", "is_sent": False}
    story.settle(f"t247-a-1-{number}", declined)


def test_paces_end() -> None:
    assert not is_false("no entries", enters, ends("pace"))
    assert is_false("no entries", enters, ends("pace", minutes=2))
    many = [partial(enters, number=number) for number in range(2, 5)]
    assert not is_false("no entries", *many, ends("pace", minutes=50)), "one more is of its cycle"
    assert is_false("no entries", *many, ends("pace", minutes=62))
    assert is_false("no entries", *many[:2], ends("pace", minutes=50))


def test_a_product_that_was_not_traded_does_not_cool_down() -> None:
    def bought(story: Story) -> None:
        story.bought()

    cools = partial(ends, "cooldown", product="BTC-USD")

    def is_cold(*parts: Part) -> bool:
        return any("nothing of it was traded" in each for each in texts(*parts))

    assert not is_cold(bought, cools(minutes=59))
    assert is_cold(bought, cools(minutes=62))
    assert is_cold(cools())


def test_what_is_told_is_known_and_who_is_armed_is_armed() -> None:
    def armed(story: Story) -> None:
        until = time_text(story.now_us + 3_600_000_000)
        event = {"until": until, "largest": "250", "ladder_since": time_text(story.now_us)}
        story.journal(("armed", event))

    unknown = ends("equity_known")
    assert any("equity is not known" in each for each in texts(unknown))

    def untold(story: Story) -> None:
        unknown(story)
        story.told[-1]["events"][0]["payload"]["equity"] = None

    assert not any("equity is not known" in each for each in texts(untold))
    assert is_false("is armed", armed, ends("arming"))
    assert not is_false("is armed", armed, ends("arming", minutes=61))
    assert not is_false("is armed", armed, said("disarmed", cause="c"), ends("arming"))
