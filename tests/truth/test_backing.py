"""Who was refused for asking too often waits; and what is sent goes the way that was recorded."""

from __future__ import annotations

import json

import pytest
from tests.truth.story import LISTING, ORDERS, Story, judged

from trader247.truth.promises.cancels import CANCELS

BUY = "t247-a-1-1"


def asked_again(
    story: Story, *, after_s: float, path: str = LISTING, dies: bool = False, wait_s: int = 0
) -> None:
    story.answer(story.ask("GET", LISTING), 429)
    if wait_s:
        story.told[-1]["wait_s"] = wait_s
    if dies:
        story.die()
        story.start()
    story.wait(after_s)
    method, body = ("POST", json.dumps({"order_ids": []})) if path == CANCELS else ("GET", "")
    story.ask(method, path, body)


def is_early(**how: float | str) -> bool:
    found = judged(lambda story: asked_again(story, **how))  # type: ignore[arg-type]
    return any("after a 429" in each.text for each in found)


def test_whoever_is_refused_for_asking_too_often_waits_a_second() -> None:
    assert is_early(after_s=0.2)
    assert not is_early(after_s=1)
    assert not is_early(after_s=0.2, path=CANCELS), "the end of an order waits for nothing"
    assert not is_early(after_s=0.2, dies=True), "the next process was refused nothing"


def test_whoever_is_asked_to_wait_waits_for_so_long() -> None:
    assert is_early(after_s=6, wait_s=7)
    assert not is_early(after_s=7, wait_s=7)
    assert not is_early(after_s=6, wait_s=7, path=CANCELS), "the end of an order waits for nothing"
    assert not is_early(after_s=15, wait_s=600), "nobody waits for ten minutes"


@pytest.mark.parametrize("kind", ["limit_limit_gtd", "sor_limit_ioc"])
def test_an_order_goes_the_way_that_was_recorded(kind: str) -> None:
    def sent(story: Story) -> None:
        story.cycle()
        payload = story.record(BUY)["intent"]
        body = json.loads(story.bodies[BUY])
        ((_, terms),) = body["order_configuration"].items()
        told = json.dumps({**body, "order_configuration": {kind: terms}})
        story.bodies[BUY] = payload["body"] = told
        story.ask("POST", ORDERS, told, touch={"bid": "49990", "ask": "50010"})

    found = [each.text for each in judged(sent)]
    is_another = any("by its record, and left as sor_limit_ioc" in each for each in found)
    assert is_another == (kind == "sor_limit_ioc"), found
