"""A quote that makes no sense: nobody buys on what is shown of that product for a while."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import SECOND_US, Story, said, time_text

Part = Callable[[Story], object]
BUY = "t247-a-1-1"
CROSSED = "bid 50010 is not below ask 49990"


def cycle(story: Story, *, is_crossed: bool = False, minutes: float = 1, by: Part | None = None,
          regime: str = "chop") -> None:  # fmt: skip
    """A cycle that sees a crossed quote, maybe; `by` tells what else is written with it."""
    story.wait(60 * minutes)
    story.cycle(equity="100000")
    (event,) = story.told[-1]["events"]
    event["payload"]["regime"] = regime
    if is_crossed:
        event["payload"]["endings"] = {"BTC-USD": {"reason": "crossed_quote", "detail": CROSSED}}
    if by is not None:
        by(story)
        story.told[-2]["events"] += story.told.pop()["events"]


def doubts(story: Story, *, minutes: float = 5, level: str | None = None, prints: int = 0) -> None:
    until = time_text(story.now_us + int(minutes * 60 * SECOND_US))
    told = {
        "product": "BTC-USD", "cause": "the quote is 50010/49990", "until": until,
        "level": level, "prints": prints, "last_print": None,
    }  # fmt: skip
    story.journal(("product_doubted", told))


seen: Part = partial(cycle, is_crossed=True, by=doubts)
plainly: Part = cycle


def buys(story: Story, product: str = "BTC-USD") -> None:
    story.record(BUY, product=product)


def is_believed(*parts: Part) -> bool:
    return any("and it is not in doubt" in each for each in said(*parts, doubt_s=300))


def is_early(*parts: Part) -> bool:
    return any("too early" in each for each in said(*parts, doubt_s=300))


def test_who_sees_a_crossed_quote_doubts_it_in_the_same_breath() -> None:
    assert is_believed(partial(cycle, is_crossed=True))
    assert is_believed(partial(cycle, is_crossed=True), doubts), "too late"
    assert not is_believed(seen)
    assert not is_believed(partial(cycle, is_crossed=True, regime="exits")), "no whole cycle"
    assert not is_believed(plainly)


def test_for_five_minutes_it_is_not_bought() -> None:
    assert is_early(seen, plainly, buys)
    assert is_early(partial(cycle, is_crossed=True), plainly, buys), "whether doubted or not"
    assert is_early(seen, partial(cycle, minutes=4), buys)
    assert not is_early(seen, partial(cycle, minutes=5), buys)
    for_a_minute = partial(cycle, is_crossed=True, by=partial(doubts, minutes=1))
    assert is_early(for_a_minute, partial(cycle, minutes=2), buys), "however long it is doubted"
    assert not is_early(seen, plainly, partial(buys, product="ETH-USD"))
    assert is_early(seen, partial(cycle, minutes=4, is_crossed=True, by=doubts),
                    partial(cycle, minutes=4), buys)  # fmt: skip


def test_no_doubt_begins_that_is_shorter() -> None:
    def is_short(how: Part) -> bool:
        return any("s alone" in each for each in said(plainly, how, doubt_s=300))

    assert is_short(partial(doubts, minutes=4))
    assert is_short(partial(doubts, minutes=4, level="50000"))
    assert not is_short(partial(doubts, minutes=5))
    assert not is_short(partial(doubts, minutes=4, level="50000", prints=1)), "it began before"


def test_until_when_the_journal_doubts_a_product_it_is_not_bought() -> None:
    def dies(story: Story) -> None:
        story.die()
        story.start()

    def trusts(story: Story) -> None:
        story.journal(("product_trusted", {"product": "BTC-USD"}))

    jumped = partial(doubts, level="50000")
    assert is_early(plainly, jumped, plainly, buys)
    assert is_early(plainly, jumped, dies, plainly, buys)
    assert is_early(plainly, jumped, plainly, trusts, buys), "its time is not over"
    confirmed = partial(doubts, level="50000", prints=3)
    assert not is_early(plainly, jumped, plainly, confirmed, plainly, buys)
    assert not is_early(plainly, jumped, partial(cycle, minutes=6), buys)
