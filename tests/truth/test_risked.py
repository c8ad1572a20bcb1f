"""What an entry may lose, what nobody may buy, and where a stop that trails has followed to."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from tests.truth.story import LIMITS, PLAN, Row, Story, judged


def texts(story_of: Any) -> list[str]:
    return [each.text for each in judged(story_of)]


def bought(story: Story, *, pct: str | None = None, forbidden: tuple[str, ...] = ()) -> None:
    """200 of BTC, with a stop two per cent below: four of 100,000 may be lost."""
    (begun,) = [each for each in story.told if each["kind"] == "begun"]
    begun["limits"] = LIMITS if pct is None else {**LIMITS, "risk_pct": pct}
    begun["forbidden"] = list(forbidden)
    story.bought()


@pytest.mark.parametrize(("pct", "is_wrong"), [(None, False), ("0.004", False), ("0.0039", True)])
def test_an_entry_loses_no_more_at_its_stop_than_its_share(pct: str | None, is_wrong: bool) -> None:
    found = texts(lambda story: bought(story, pct=pct))
    assert any("would lose" in each for each in found) is is_wrong


@pytest.mark.parametrize(("product", "is_wrong"), [("BTC-USD", True), ("ETH-USD", False)])
def test_what_its_owner_forbids_is_not_bought(product: str, is_wrong: bool) -> None:
    found = texts(lambda story: bought(story, forbidden=(product,)))
    assert any("which its owner forbids" in each for each in found) is is_wrong


def trailed(story: Story, *marks: str, stop: str, was_dust: bool = False) -> None:
    """Bought at 50,000, stopped two per cent below and one below the highest bid since."""
    plan: Row = {**PLAN, "trailing_fraction": "0.01"}
    story.cycle()
    story.record("t247-a-1-1")
    story.told[-1]["events"][0]["payload"]["intent"]["plan"] = plan
    story.create("t247-a-1-1")
    story.take("t247-a-1-1")
    story.book("t247-a-1-1", story.fill("t247-a-1-1"))
    if was_dust:
        for kind in ("dust_set_aside", "dust_taken_back"):
            story.journal((kind, {"product": "BTC-USD", "quantity": "0.004"}))
    for mark in marks:
        story.cycle({"BTC-USD": mark})
    (told,) = story.fold()["portfolio"]["positions"]
    target = Fraction(50_000) * Fraction(104, 100)
    told |= {
        "stop": stop, "target": str(int(target)),
        "leaves_us": story.now_us + plan["longest_hold"],
    }  # fmt: skip


def is_wrong(*marks: str, stop: str, **how: Any) -> bool:
    found = texts(lambda story: trailed(story, *marks, stop=stop, **how))
    return any("the trader's at" in each for each in found)


def test_a_stop_that_trails_follows_the_highest_bid_and_never_back() -> None:
    assert not is_wrong("50000", stop="49500")
    assert not is_wrong("51000", "50000", stop="50490")
    assert is_wrong("51000", "50000", stop="49500"), "it followed back"
    assert is_wrong("51000", stop="49000"), "it did not follow"
    assert is_wrong("50000", stop="48999"), "it is deeper than where it began"


def test_of_what_was_dust_nobody_knows_the_highest_bid() -> None:
    assert not is_wrong("51000", stop="49500", was_dust=True)
    assert is_wrong("51000", stop="48999", was_dust=True)
