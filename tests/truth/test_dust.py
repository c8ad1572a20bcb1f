"""What the venue does not sell, set aside: the judge keeps it, and holds the trader to that."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from tests.truth.story import Story, broken, judged
from tests.truth.test_restraint import bought_next

Part = Callable[[Story], object]
SELL, AGAIN = "t247-a-1-2", "t247-a-1-3"
LEFT = "0.00001"
BTC = "BTC-USD"


def bids(bid: str) -> Part:
    touch = {"bid": bid, "ask": bid}
    return lambda story: story.tell("quotes", touches={BTC: touch})


def sold_but_a_little(story: Story, *, price: str = "48000", cause: str = "stop") -> None:
    """0.004 were bought at 50000; all but 0.00001 leaves, and no more of the order."""
    story.bought()
    story.cycle({BTC: price}, word="exit_sent")
    story.record(SELL, side="SELL", price=price, leg=1, decision="1:BTC-USD", cause=cause)
    number = story.send(SELL, bid=price, ask=price)
    story.create(SELL, status="CANCELLED")
    fill = story.fill(SELL, "0.00399")
    story.answer(number)
    story.take(SELL)
    story.book(SELL, fill)
    story.see_end(SELL, "CANCELLED")
    story.wait(60)


def aside(story: Story, quantity: str = LEFT) -> None:
    told = {"product": BTC, "quantity": quantity, "cause": "too little"}
    story.journal(("dust_set_aside", told))
    story.dust.add(BTC)
    story.fold()


def back(story: Story, quantity: str = LEFT) -> None:
    told = {"product": BTC, "quantity": quantity, "cause": "enough"}
    story.journal(("dust_taken_back", told))
    story.dust.discard(BTC)
    story.fold()


def cycle(word: str, *, bid: str = "48000") -> Part:
    return lambda story: story.cycle({BTC: bid}, word=word)


def bought_again(story: Story, *, price: str = "48000", stop: str = "47040") -> None:
    """Another entry takes it along: its own plan, of its own price."""
    story.wait(86_400)
    story.cycle({BTC: price}, word="entry_sent")
    story.record(AGAIN, price=price, decision="9:BTC-USD")
    number = story.send(AGAIN, bid="47990", ask="48010")
    story.create(AGAIN)
    story.answer(number)
    story.take(AGAIN)
    story.wait(20)
    story.book(AGAIN, story.fill(AGAIN))
    story.see_end(AGAIN, "FILLED")
    story.dust.discard(BTC)
    (position,) = story.fold()["portfolio"]["positions"]
    position |= {"stop": stop, "target": "49920", "leaves_us": story.now_us + 3_600_000_000}


def _cheaper(story: Story) -> None:
    quantity, cost = story.positions[BTC]
    story.positions[BTC] = quantity, cost - quantity


def _too_early(story: Story) -> None:
    story.told[0]["limits"] |= {"stop_pause_s": 3_600}
    story.wait(3_000)
    story.cycle({BTC: "48000"}, word="entry_sent")
    story.record(AGAIN, price="48000", decision="9:BTC-USD")


def listed(story: Story) -> None:
    """The exchange says what it sells: at least a dollar's worth."""
    (begun,) = [each for each in story.told if each["kind"] == "begun"]
    for each in begun["products"]:
        each |= {"base_min": "0.00000001", "quote_min": "1"}


def cycles(count: int, bid: str) -> Part:
    def told(story: Story) -> None:
        for _ in range(count):
            story.wait(60)
            bids(bid)(story)
            story.cycle({BTC: bid}, word="no_trigger")

    return told


FINE: dict[str, tuple[Part, ...]] = {
    "it waits for no stop": (bids("48000"), aside, cycle("no_trigger")),
    "it counts in the end": (aside, Story.end),
    "it is back, and may leave": (aside, back, cycle("exit_sent", bid="53000")),
    "it is worth a little less than a sale": (listed, bids("100400"), aside),
    "it is hardly worth one again": (listed, bids("48000"), aside, cycles(9, "110000")),
    "it is worth one for three cycles": (listed, bids("48000"), aside, cycles(3, "120000")),
    "it goes with the next entry": (aside, bought_again, cycle("holding", bid="48001"), Story.fold),
}

BROKEN: dict[str, tuple[str, tuple[Part, ...]]] = {
    "it is worth much": ("I17", (bids("600000"), aside)),
    "it is worth a sale": ("I17", (listed, bids("101000"), aside)),
    "it is worth one again": ("I17", (listed, bids("48000"), aside, cycles(4, "120000"))),
    "it is another quantity": ("I8", (lambda story: aside(story, "0.00002"),)),
    "it is set aside twice": ("I8", (aside, aside)),
    "what was not set aside comes back": ("I8", (back,)),
    "the trader forgets that it is": ("I7", (aside, lambda story: story.dust.clear(), Story.fold)),
    "the trader forgets what it cost": ("I8", (aside, _cheaper, Story.fold)),
    "the trader forgets it": (
        "I7", (aside, lambda story: story.positions.clear(), Story.fold),
    ),
    "it is back, and held over its target": ("I17", (aside, back, cycle("holding", bid="600000"))),
    "the next entry's stop is of what both cost": (
        "I17", (aside, lambda story: bought_again(story, stop="47044.8882793")),
    ),
    "an entry comes within a stop's pause": ("I15", (aside, _too_early)),
}  # fmt: skip


@pytest.mark.parametrize("parts", FINE.values(), ids=FINE)
def test_what_is_set_aside_breaks_nothing(parts: tuple[Part, ...]) -> None:
    assert [each.text for each in judged(sold_but_a_little, *parts)] == []


@pytest.mark.parametrize(("promise", "parts"), BROKEN.values(), ids=BROKEN)
def test_what_is_not_so_is_named(promise: str, parts: tuple[Part, ...]) -> None:
    assert promise in broken(sold_but_a_little, *parts)


@pytest.mark.parametrize(("price", "streak"), [("48000", 1), ("51000", 0)])
def test_a_position_of_which_dust_is_left_has_closed_with_what_it_made(
    price: str, streak: int
) -> None:
    sold = partial(sold_but_a_little, price=price)

    def found(*parts: Part, counted: int) -> list[str]:
        next_one = partial(bought_next, losing_streak=str(counted), turnover="600")
        texts = [each.text for each in judged(sold, *parts, next_one)]
        return [each for each in texts if "losing_streak counted" in each]

    assert not found(aside, counted=streak)
    assert bool(found(aside, counted=0)) == (streak > 0)

    def late(story: Story) -> None:
        story.wait(3_600)
        aside(story)

    assert not found(late, counted=0), "whoever forgot the sale cannot tell"


def test_an_order_that_works_may_make_it_more() -> None:
    def works(story: Story) -> None:
        story.cycle({BTC: "48000"}, word="entry_sent")
        story.record(AGAIN, price="48000", decision="9:BTC-USD")
        number = story.send(AGAIN, bid="47990", ask="48010")
        story.create(AGAIN)
        story.answer(number)

    found = judged(sold_but_a_little, works, aside)
    assert any("was set aside while" in each.text for each in found)
