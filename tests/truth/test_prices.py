"""What a cycle takes for a price: a young one, of a narrow book, after minutes that were read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import LIMITS, Story, judged

Part = Callable[[Story], object]
BUY = "t247-a-1-1"


def texts(*parts: Part, **spreads: str) -> list[str]:
    def limited(story: Story) -> None:
        more = {"quote_ahead_s": 5, "reads": 1}
        story.told[0].update(limits={**LIMITS, **more}, spreads={"BTC-USD": "10", **spreads})

    return [each.text for each in judged(limited, *parts)]


def shown(bid: str, ask: str, *, age_s: float = 0) -> Part:
    def show(story: Story) -> None:
        time_us = story.now_us - int(age_s * 1_000_000)
        touch = {"bid": bid, "ask": ask, "time_us": time_us}
        story.tell("quotes", touches={"BTC-USD": touch})

    return show


def marked(story: Story, mark: str = "50000") -> None:
    story.cycle({"BTC-USD": mark})


def is_old(*parts: Part) -> bool:
    return any("within half a minute" in each for each in texts(*parts))


def sent(story: Story, *, after_s: float = 0) -> None:
    story.cycle()
    story.record(BUY, reference="50005")
    story.wait(after_s)
    story.send(BUY)


def test_no_order_leaves_whose_quote_was_too_old_as_it_was_recorded() -> None:
    def is_named(*parts: Part) -> bool:
        return any("was sent on a quote" in each for each in texts(*parts))

    at = partial(shown, "50000", "50010")
    assert is_named(at(age_s=30.5), sent)
    assert not is_named(at(age_s=30), partial(sent, after_s=1)), "it was young enough then"
    assert not is_named(at(age_s=30.5), at(age_s=1), sent), "it was shown once more"
    assert not is_named(shown("40000", "40010", age_s=30.5), sent), "that is another one"
    assert not is_named(at(age_s=30.5), lambda story: story.record(BUY, reference="50005"))


def test_a_mark_is_a_bid_that_was_shown_with_a_young_time() -> None:
    at = partial(shown, "50000", "50010")
    assert not is_old(Story.bought, at(), marked)
    assert not is_old(Story.bought, at(age_s=30), marked)
    assert not is_old(Story.bought, at(age_s=-5), marked)
    assert is_old(Story.bought, at(age_s=33), marked)
    assert is_old(Story.bought, at(age_s=-8), marked)
    assert is_old(Story.bought, shown("50001", "50010"), marked)
    assert not is_old(Story.bought, at(age_s=70), at(age_s=2), marked), "the same was bid since"


def buys(story: Story) -> None:
    story.cycle()
    story.record(BUY, price="50000", reference="50010")


def is_wide(*parts: Part) -> bool:
    return any("bps wide" in each for each in texts(*parts))


def test_nothing_is_bought_in_a_book_that_is_wider_than_its_tier_allows() -> None:
    assert not is_wide(shown("50000", "50020"), buys)
    assert is_wide(shown("49980", "50040"), buys)
    assert not is_wide(shown("49980", "50040"), shown("50000", "50020"), buys), "it may be that"
    assert not is_wide(shown("49000", "52000"), buys), "another one's middle"


def asked_up_to(story: Story, beyond_s: float) -> None:
    """Candles are asked for up to a time so far beyond now, by the true clock."""
    until_us = story.now_us + int(beyond_s * 1_000_000)
    path = "/api/v3/brokerage/market/products/BTC-USD/candles"
    story.answer(story.ask("GET", path, until_us=until_us))


def test_no_candles_are_asked_for_whose_time_is_not_over() -> None:
    def is_named(*parts: Part) -> bool:
        return any("whose time is not over" in each for each in texts(*parts))

    def minute(story: Story, *, beyond_s: float = 40, ahead_s: float = 0) -> None:
        story.wait(60)
        asked_up_to(story, beyond_s)
        story.now_us += int(ahead_s * 1_000_000)
        story.cycle()
        story.told[-1]["at_us"] -= int(ahead_s * 1_000_000)
        story.now_us -= int(ahead_s * 1_000_000)

    over = partial(minute, beyond_s=-20)
    ahead = partial(minute, ahead_s=50)
    assert is_named(over, minute, minute, minute)
    assert not is_named(over, minute, minute, over, minute), "a clock was set, and set back"
    assert not is_named(over, over, over, over, over)
    assert not is_named(minute, ahead, ahead, ahead, ahead), "by that clock they are over"
    assert is_named(over, minute, minute, Story.cycle, minute), (
        "one that asks for none says nothing"
    )


def candles(story: Story, status: int | None = 200) -> None:
    number = story.ask("GET", "/api/v3/brokerage/market/products/BTC-USD/candles")
    story.answer(number, status)


def is_blind(*parts: Part) -> bool:
    return any("minutes could not be read" in each for each in texts(*parts))


def test_nothing_is_bought_whose_minutes_were_asked_for_in_vain() -> None:
    failed = partial(candles, status=None)
    assert not is_blind(candles, buys)
    assert is_blind(failed, buys)
    assert is_blind(partial(candles, status=503), buys)
    assert not is_blind(failed, candles, buys), "several may ask for hours as well"
    assert not is_blind(failed, Story.cycle, buys), "what the cycle before missed was read since"


def test_what_is_held_is_marked_where_a_young_price_of_it_is_shown() -> None:
    def cycles(story: Story, count: int, *, word: str, is_shown: bool = True) -> None:
        for _ in range(count):
            story.wait(62)
            if is_shown:
                shown("50000", "50010")(story)
            story.cycle({}, None, word=word)
            story.told[-1]["events"][0]["payload"]["endings"] = {
                "BTC-USD": {"reason": word, "detail": ""}
            }

    def is_unmarked(*parts: Part) -> bool:
        return any("was not marked" in each for each in texts(Story.bought, *parts))

    unmarked = partial(cycles, word="equity_known")
    assert is_unmarked(partial(unmarked, count=12))
    assert not is_unmarked(partial(unmarked, count=9)), "a price may be doubted for minutes"
    assert not is_unmarked(partial(unmarked, count=12, is_shown=False))
    assert not is_unmarked(partial(cycles, count=12, word="stale_quote"))
    assert not is_unmarked(partial(unmarked, count=9), marked, partial(unmarked, count=9))
    assert not is_unmarked(
        partial(unmarked, count=9), Story.die, Story.start, partial(unmarked, count=9)
    )
