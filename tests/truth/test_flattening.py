"""What a person wants sold leaves and is not bought on, and what failed is not written to; nothing
is bought once an arming was taken back.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.truth.story import LISTING, SECOND_US, Story, judged, time_text
from tests.truth.test_switch import resting, wanted

Part = Callable[[Story], object]


def flattened(products: str = "", *, is_ended: bool = False, cycles: int = 3) -> Part:
    """Somebody wants all sold while a buy of BTC rests, or what is named."""

    def part(story: Story) -> None:
        resting(story)
        arguments = {"products": products} if products else {}
        story.tell("asked", what="flatten", arguments=arguments)
        if is_ended:
            wanted(story, "by hand: its product is being sold")
        for _ in range(cycles):
            story.wait(30)
            story.cycle()

    return part


def wished(
    products: str = "", *, is_heard: bool = True, cycles: int = 3, word: str = "exit_sent",
    asked_s: int = 900, wait_s: float = 30,
) -> Part:  # fmt: skip
    """Somebody wants all that is held sold, or what is named, and cycles have this word for it."""

    def part(story: Story) -> None:
        story.bought()
        story.tell("asked", what="flatten", arguments={"products": products} if products else {})
        if is_heard:
            until = time_text(story.now_us + asked_s * SECOND_US)
            told = {"product": "BTC-USD", "until": until, "reason": "", "operator": ""}
            story.journal(("flatten_asked", told))
            story.answer(story.ask("GET", LISTING))  # what follows begins at once
        for _ in range(cycles):
            story.wait(wait_s)
            story.cycle({"BTC-USD": "50000"}, word=word)

    return part


def halted(story: Story) -> None:
    """It is asked for just before all is halted, and then nobody sells by a wish."""
    story.bought()
    story.tell("asked", what="flatten", arguments={})
    halt = {"name": "key", "cause": "x", "keeps_sales": False}
    alert = {"severity": "CRITICAL", "code": "key", "text": "x"}
    story.journal(("halt_latched", halt), ("alert_raised", alert))
    story.halts.append("key")
    story.told_of("tried", "CRITICAL key", "CRITICAL key: x")
    for _ in range(4):
        story.wait(20)
        story.cycle({"BTC-USD": "50000"})


def disarmed(*, is_heard: bool = True, cycles: int = 0, is_anew: bool = False) -> Part:
    """Somebody takes the arming back; some cycles later a buy is recorded."""

    def part(story: Story) -> None:
        armed = {"largest": "250", "ladder_since": time_text(story.now_us)}
        story.journal(("armed", armed))
        story.cycle()
        story.tell("asked", what="disarm", arguments={})
        if is_heard:
            story.journal(("disarmed", {"cause": "", "operator": ""}))
        if is_anew:
            story.journal(("armed", armed))
        for _ in range(cycles):
            story.wait(30)
            story.cycle()
        if is_heard and not cycles:
            story.record("t247-a-1-1")

    return part


def written_on(*, is_so: bool) -> Part:
    def part(story: Story) -> None:
        story.tell("process", what="failed", cause="StorageError: x", wrote_on=is_so)

    return part


FINE = {
    "its end is wanted": flattened(is_ended=True),
    "another product is to be sold": flattened("ETH-USD"),
    "soon after it was asked for": flattened(cycles=2),
    "what is held leaves": wished(),
    "soon after it was to be sold": wished(is_heard=False, cycles=2, word="holding"),
    "something that is not held was to be sold as well": wished("BTC-USD ETH-USD", is_heard=False),
    "the wish is over": wished(asked_s=20, word="holding"),
    "all is halted": halted,
    "an arming is taken back": disarmed(cycles=5),
    "the book is armed anew": disarmed(is_anew=True),
    "soon after it was to be taken back": disarmed(is_heard=False, cycles=2),
    "nothing is written after it": written_on(is_so=False),
}  # fmt: skip
BROKEN = {
    "all is to be sold": ("I17", flattened()),
    "this is to be sold": ("I17", flattened("ETH-USD BTC-USD")),
    "it is held on to": ("I17", wished(cycles=1, word="holding")),
    "its sale is refused": ("I17", wished(cycles=4, word="cooldown")),
    "nobody took notice": ("I17", wished(is_heard=False)),
    "nobody took notice of one": ("I17", wished("BTC-USD", is_heard=False)),
    "something is bought after it": ("I2", disarmed()),
    "nobody took it back": ("I2", disarmed(is_heard=False, cycles=3)),
    "a journal that failed is written to": ("I10", written_on(is_so=True)),
}  # fmt: skip


@pytest.mark.parametrize("part", FINE.values(), ids=FINE)
def test_what_is_done_passes(part: Part) -> None:
    assert judged(part) == []


@pytest.mark.parametrize(("promise", "part"), BROKEN.values(), ids=BROKEN)
def test_what_is_not_is_named(promise: str, part: Part) -> None:
    assert {each.invariant for each in judged(part)} == {promise}


def test_nothing_is_sold_by_a_wish_that_is_over() -> None:
    def sold(after_s: float, cause: str = "flatten") -> bool:
        def part(story: Story) -> None:
            story.wait(after_s)
            story.cycle({"BTC-USD": "50000"}, word="exit_sent")
            story.record("t247-a-9-9", side="SELL", price="49900", leg=1, cause=cause)

        found = judged(wished(cycles=1), part)
        return any("by a wish that was over" in each.text for each in found)

    assert sold(900)
    assert not sold(860)
    assert not sold(900, "longest_hold")


def test_nothing_is_bought_once_the_time_is_over_for_which_the_book_was_armed() -> None:
    def bought(after_s: float, *, is_anew: bool = False, side: str = "BUY") -> bool:
        def part(story: Story) -> None:
            def armed() -> None:
                until = time_text(story.now_us + 600 * SECOND_US)
                told = {"largest": "250", "ladder_since": time_text(story.now_us)}
                story.journal(("armed", {**told, "until": until}))

            armed()
            story.bought()
            if is_anew:
                armed()
            story.wait(after_s)
            story.cycle({"BTC-USD": "50000"})
            story.record("t247-a-9-9", side=side, leg=1)

        return any("the time is over for which" in each.text for each in judged(part))

    assert bought(600)
    assert not bought(500)
    assert not bought(600, side="SELL"), "what is held can leave"
    assert not bought(590, is_anew=True)
