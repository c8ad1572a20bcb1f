"""What an order says, and whether what it sells is there."""

from __future__ import annotations

import json
from typing import Any

from tests.truth.story import Story, judged

SALE = "t247-a-1-2"
ACCOUNTS = "/api/v3/brokerage/accounts"


def texts(*parts: Any) -> list[str]:
    return [each.text for each in judged(*parts)]


def gone(story: Story, *, left: str = "0.001", readings: int = 2, apart_s: float = 25) -> None:
    """What was bought is taken away by hand, and sold all the same after so many readings."""
    story.bought()
    story.exchange(wallets=[{"currency": "BTC", "total": left, "hold": "0"}])
    for _ in range(readings):
        story.wait(apart_s)
        story.answer(story.ask("GET", ACCOUNTS))
    story.cycle({"BTC-USD": "51000"})
    story.record(SALE, side="SELL", price="51000", leg=1, decision="1:BTC-USD")
    story.send(SALE, bid="51000", ask="51000")


def test_what_was_taken_away_is_not_sold_once_it_was_read_twice() -> None:
    def is_told(**how: Any) -> bool:
        return any("which was gone" in each for each in texts(lambda story: gone(story, **how)))

    assert is_told()
    assert not is_told(left="0.004")
    assert not is_told(readings=1)
    assert not is_told(apart_s=5)


def test_a_reading_that_was_not_answered_tells_nothing() -> None:
    def part(story: Story) -> None:
        gone(story)
        for each in story.told:
            if each["kind"] == "answer" and each["id"] != 1:
                each["status"] = 500

    assert not any("which was gone" in each for each in texts(part))


def test_all_orders_name_one_owner() -> None:
    def named(*owners: str | None) -> bool:
        def part(story: Story) -> None:
            story.cycle()
            for number, owner in enumerate(owners):
                name = f"t247-a-1-{number}"
                story.record(name, decision=f"{number}:BTC-USD")
                body = json.loads(story.bodies[name])
                story.bodies[name] = json.dumps({**body, "self_trade_prevention_id": owner})
                story.send(name)

        return any("as its owner" in each for each in texts(part))

    assert not named("a", "a", "a")
    assert named("a", "b")
    assert named("a", None)


def test_a_stop_waits_for_a_price_below() -> None:
    def waits(direction: str) -> bool:
        def part(story: Story) -> None:
            story.bought()
            story.cycle({"BTC-USD": "50000"})
            story.record(SALE, side="SELL", price="48900", leg=1, decision="1:BTC-USD")
            body = json.loads(story.bodies[SALE])
            (terms,) = body["order_configuration"].values()
            terms |= {"stop_price": "49000", "stop_direction": f"STOP_DIRECTION_STOP_{direction}"}
            body["order_configuration"] = {"stop_limit_stop_limit_gtd": terms}
            story.bodies[SALE] = json.dumps(body)
            story.send(SALE)

        return any("waits for a price above" in each for each in texts(part))

    assert waits("UP")
    assert not waits("DOWN")
