"""What the gate says that it measured is looked up in what the exchange showed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.truth.story import Story, judged, time_text
from tests.truth.test_gate import BUY, said, told

Part = Callable[[Story], object]
LIMITS = {"quote_ahead_s": 5, "depth_multiple": 10}
WEEK_S = 7 * 86_400
MEASURED = {
    "quote_age": ("0.5", "30"), "slippage": ("0", "50"), "depth_multiple": ("4999", "2000"),
    "new_positions": ("0", "2"),
}  # fmt: skip
BIDS = [("49990", "0.1"), ("49910", "0.2"), ("49890", "7")]
ASKS = [("50010", "0.2"), ("50090", "0.3"), ("50110", "9")]
"""Within 20 bps of 50,000, from 49,900 to 50,100, rest 14,981 and 25,029."""


def shown(story: Story, *, age_s: float = 0.5, bids: Any = None) -> None:
    """The exchange answers with a book around 50,000."""
    at_us = story.now_us - int(age_s * 1_000_000)
    sides = {"bids": bids or BIDS, "asks": ASKS}
    book = {
        key: [{"price": price, "size": size} for price, size in side]
        for key, side in sides.items()
    }  # fmt: skip
    touch = {"bid": book["bids"][0]["price"], "ask": "50010", "time_us": at_us}
    text = json.dumps({"pricebook": {"product_id": "BTC-USD", **book}})
    story.tell("quotes", touches={"BTC-USD": touch}, books={"BTC-USD": text})


def bought(*, price: str = "50000", missing: str = "", **figures: tuple[str, str]) -> Part:
    """A buy of 200 of which the gate says that."""

    def part(story: Story) -> None:
        told(story, **LIMITS)
        shown(story)
        said_of_it = said(figures={**MEASURED, **figures}, missing=missing)
        story.cycle(verdicts={"BTC-USD": said_of_it})
        story.record(BUY, price=price, reference="50000")

    return part


def streamed(story: Story) -> None:
    """A stream says the same, seconds earlier, and of more than an answer has room for."""
    told(story, **LIMITS)
    touch = {"bid": "49990", "ask": "50010", "time_us": story.now_us - 6_000_000}
    story.tell("quotes", touches={"BTC-USD": touch})
    bought(quote_age=("6", "30"), depth_multiple=("90000", "2000"))(story)


def sold(age: str) -> Part:
    """A sale on a price of that age."""

    def part(story: Story) -> None:
        told(story, **LIMITS)
        story.bought()
        free = {"buying_power": ("0.004", "0.004"), "quote_age": (age, "30")}
        story.cycle({"BTC-USD": "50000"}, verdicts={"BTC-USD": said(figures=free)})
        story.record("t247-a-1-2", side="SELL", leg=1, decision="1:BTC-USD")

    return part


def armed(
    limit: str = "250", *, after_s: float = 0, again: str = "", missing: str = ""
) -> Part:  # fmt: skip
    """A buy of a book that was armed a while ago with 250, or was once more since."""

    def part(story: Story) -> None:
        told(story)
        since = time_text(story.now_us)
        story.journal(("armed", {"largest": "250", "ladder_since": since}))
        story.wait(after_s)
        if again:
            since = time_text(story.now_us)
            story.journal(("armed", {"largest": again, "ladder_since": since}))
        said_of_it = said(figures={"ladder": ("200", limit)}, missing=missing)
        story.cycle(verdicts={"BTC-USD": said_of_it})
        story.record(BUY)

    return part


def counted(*counts: tuple[str, str]) -> Part:
    """Verdicts of one cycle: how many it approved before each, and how many entries it counted."""

    def part(story: Story) -> None:
        told(story)
        verdicts = {
            f"{number}-USD": said(
                figures={"new_positions": (before, "2"), "pace": (pace, "60/500")}, refused="pace"
            )
            for number, (before, pace) in enumerate(counts)
        }
        story.cycle(verdicts=verdicts)

    return part


def at_risk(claimed: str | None, *, is_shown: bool = True) -> Part:
    """What a cycle says is at risk beside a fifth of a hundredth that is held."""

    def part(story: Story) -> None:
        told(story)
        story.bought()
        for bid in ("49000", "50000") if is_shown else ():
            touch = {"bid": bid, "ask": "60000", "time_us": story.now_us}
            story.tell("quotes", touches={"BTC-USD": touch})
        verdict = said(refused="pace")
        for each in verdict:
            if each["check"] == "capital":
                each["value"] = claimed
        story.cycle({"BTC-USD": "50000"}, verdicts={"ETH-USD": verdict})

    return part


FINE = {
    "all is as it was shown": bought(depth_multiple=("14981", "2000")),
    "less rests than was shown": bought(),
    "a price that is ahead by five seconds": sold("-5"),
    "a stream says the same": streamed,
    "an order below the middle": bought(price="49900", slippage=("-20", "50")),
    "the ladder's first week": armed(after_s=WEEK_S - 1),
    "the ladder's second week": armed("300", after_s=WEEK_S),
    "the ladder after three weeks": armed("432", after_s=3 * WEEK_S + 5),
    "armed again as large": armed(again="250", after_s=60),
    "each that was approved counts": counted(("0", "3/4"), ("1", "4/5"), ("0", "3/4")),
    "nothing was approved before": counted(("0", "3/4"), ("0", "3/4")),
    "what is held is at risk": at_risk("396"),
    "what is held has no price": at_risk(None),
    "nobody showed what is held is worth": at_risk("1", is_shown=False),
}  # fmt: skip
BROKEN = {
    "more rests than was shown": ("I14", bought(depth_multiple=("14981.1", "2000"))),
    "the deeper side counts": ("I14", bought(depth_multiple=("25029", "2000"))),
    "less is asked for beside it": ("I14", bought(depth_multiple=("4999", "1999"))),
    "nobody looked at what rests": ("I14", bought(missing="depth_multiple")),
    "it is younger than it is": ("I14", bought(quote_age=("0.4", "30"))),
    "nobody looked at its age": ("I14", bought(missing="quote_age")),
    "it costs less than it does": ("I14", bought(slippage=("-1", "50"))),
    "nobody looked at what it costs": ("I14", bought(missing="slippage")),
    "a sale on a price ahead of the clock": ("I14", sold("-5.1")),
    "the ladder a week early": ("I1", armed("300", after_s=WEEK_S - 1)),
    "the ladder by the day": ("I1", armed("251", after_s=86_400)),
    "nobody looked at the ladder": ("I1", armed(missing="ladder")),
    "armed again with more": ("I1", armed("251", again="251", after_s=60)),
    "one that was approved does not count": ("I15", counted(("0", "3/4"), ("1", "3/4"))),
    "it counts in the hour alone": ("I15", counted(("0", "3/4"), ("1", "4/4"))),
    "two were approved, and one counts": ("I15", counted(("0", "3/4"), ("2", "4/5"))),
    "what is held counts for nothing": ("I1", at_risk("195")),
}  # fmt: skip


@pytest.mark.parametrize("part", FINE.values(), ids=FINE)
def test_figures_that_are_so_pass(part: Part) -> None:
    assert judged(part) == []


@pytest.mark.parametrize(("promise", "part"), BROKEN.values(), ids=BROKEN)
def test_a_figure_that_nobody_showed_is_named(promise: str, part: Part) -> None:
    assert {each.invariant for each in judged(part)} == {promise}
