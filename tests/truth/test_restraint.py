"""What keeps a buy back besides its size is counted once more, and so is what time it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.truth.story import LIMITS, LISTING, SECOND_US, Story, judged, time_text

Part = Callable[[Story], object]
AGAIN = "t247-a-1-5"
OURS = ("losing_streak counted", "turnover counted", "which is held", "by a clock")
"""How what is looked at here is put: stories are about one thing each, and break others."""


def said(**figures: str) -> dict[str, list[dict[str, Any]]]:
    """What a gate says that it counted, and nothing else."""
    return {
        "ETH-USD": [
            {"check": check, "value": value, "limit": "", "detail": "", "is_allowed": True}
            for check, value in figures.items()
        ]
    }


def bought_next(story: Story, **figures: str) -> None:
    """A buy of something else, after what was counted so far."""
    story.cycle(dict.fromkeys(story.positions, "50000"), verdicts=said(**figures))
    story.record(AGAIN, product="ETH-USD", price="2000", size="0.1", decision="9:ETH-USD")


def lost(story: Story) -> None:
    """Bought at 50000, and sold for less than its fees."""
    story.bought()
    story.sold(price="50100")


def counted(**figures: str) -> Part:
    return lambda story: bought_next(story, **figures)


def once_more(story: Story) -> None:
    """What is held is bought again, under a policy that knows how much may be held."""
    story.told[0]["limits"] = {**LIMITS, "positions_max": 5}
    story.cycle(dict.fromkeys(story.positions, "50000"))
    story.record(AGAIN, decision="9:BTC-USD")


def off(seconds: float, *, cycle_too: bool = True) -> Part:
    """A buy that is dated by a clock that is off, or that was told of after a pause."""

    def part(story: Story) -> None:
        story.cycle()
        late = time_text(story.now_us + int(seconds * SECOND_US))
        if cycle_too:
            story.told[-1]["events"][0]["time"] = late
        story.record(AGAIN)
        story.told[-1]["events"][0]["time"] = late

    return part


FINE: dict[str, tuple[Part, ...]] = {
    "one loss, counted": (lost, counted(losing_streak="1", turnover="400")),
    "a profit ends it": (Story.bought, Story.sold, counted(losing_streak="0", turnover="400")),
    "more is counted than was": (lost, counted(losing_streak="2", turnover="500")),
    "something else is bought": (Story.bought, counted(losing_streak="0", turnover="400")),
    "a clock is five seconds ahead": (off(5),),
    "it was told of late": (off(-90, cycle_too=False),),
}
BROKEN: dict[str, tuple[str, tuple[Part, ...]]] = {
    "a loss is forgotten": ("I15", (lost, counted(losing_streak="0", turnover="400"))),
    "what was bought is forgotten": ("I15", (lost, counted(losing_streak="1", turnover="399"))),
    "what is held is bought": ("I15", (Story.bought, once_more)),
    "a clock is ahead": ("I14", (off(17),)),
    "a clock is behind": ("I14", (off(-17),)),
}


@pytest.mark.parametrize("parts", FINE.values(), ids=FINE)
def test_what_is_counted_right_is_fine(parts: tuple[Part, ...]) -> None:
    assert {
        each.text for each in judged(*parts) if any(word in each.text for word in OURS)
    } == set()


@pytest.mark.parametrize(("id", "parts"), BROKEN.values(), ids=BROKEN)
def test_what_is_not_is_named(id: str, parts: tuple[Part, ...]) -> None:
    found = [each for each in judged(*parts) if any(word in each.text for word in OURS)]
    assert {each.invariant for each in found} == {id}


def refused(story: Story, *, count: int = 3, apart_s: int = 60, is_new: bool = False) -> None:
    """So many answers that it asks too often, a whole cycle, and a buy in the next one."""
    (begun,) = [each for each in story.told if each["kind"] == "begun"]
    begun["limits"] = {**LIMITS, "refusals_max": 3}
    for _ in range(count):
        story.answer(story.ask("GET", LISTING), 429)
    if is_new:
        story.die("ended")
        story.start()
    story.cycle()
    story.wait(apart_s)
    bought_next(story)


def test_whom_the_exchange_refuses_three_times_buys_nothing_for_five_minutes() -> None:
    def is_told(**how: Any) -> bool:
        found = judged(lambda story: refused(story, **how))
        return any("were refused within five minutes" in each.text for each in found)

    assert is_told()
    assert not is_told(count=2)
    assert not is_told(apart_s=300)
    assert not is_told(is_new=True)


def test_what_may_bring_the_fees_of_a_day_over_their_share_is_not_bought() -> None:
    """A dollar of 100,000 was paid; another buy of 200 may cost 1.80."""

    def is_over(pct: str, *, minutes: float = 0) -> bool:
        def limited(story: Story) -> None:
            story.told[0]["limits"] = {**LIMITS, "fees_pct": pct}
            story.bought()
            story.wait(60 * minutes)
            story.cycle(dict.fromkeys(story.positions, "50000"), verdicts=said(turnover="400"))
            told = story.record(AGAIN, product="ETH-USD", price="2000", size="0.1")
            told["intent"]["taker_fee_fraction"] = "0.009"

        return any("may bring the fees" in each.text for each in judged(limited))

    assert is_over("0.0026")
    assert not is_over("0.0029")
    assert not is_over("0.0026", minutes=24 * 60), "another day"
