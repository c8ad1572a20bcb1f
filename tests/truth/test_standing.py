"""What stands in the trader's books is what was said, and what is over ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from tests.truth.story import LIMITS, SECOND_US, Story, judged, time_text

Part = Callable[[Story], object]
BUY = "t247-a-1-1"
BREAKERS = {"breaker_cycles": 2, "breaker_s": 300, "losses_s": 3_600}


def texts(*parts: Part, **limits: object) -> list[str]:
    def limited(story: Story) -> None:
        story.told[0]["limits"] = {**LIMITS, **limits}

    return [each.text for each in judged(limited, *parts)]


def said(kind: str, **payload: Any) -> Part:
    return lambda story: story.journal((kind, payload))


def folded(**told: list[str]) -> Part:
    def fold(story: Story) -> None:
        story.cycle()
        row = story.fold()
        row["portfolio"].update({"breakers": [], "bans": [], "doubts": [], "arming": []}, **told)

    return fold


def halts(story: Story) -> None:
    story.halts.append("daily_stop")
    story.journal(("halt_latched", {"name": "daily_stop", "cause": "lost"}))


STANDS = [
    (said("breaker_opened", name="disk"), {"breakers": ["disk"]}),
    (
        said("ban_latched", control="collar", scope="BTC-USD", cause="c"),
        {"bans": ["collar:BTC-USD"]},
    ),
    (
        said(
            "product_doubted", product="BTC-USD", cause="c", until="2026-01-05T01:00:00Z",
            level=None, prints=0, last_print=None,
        ),
        {"doubts": ["BTC-USD"]},
    ),
    (
        said(
            "armed", largest="250", ladder_since="2026-01-05T00:00:00Z", account="",
            until="2026-02-05T00:00:00Z",
        ),
        {"arming": ["armed"]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("word", "books"), STANDS)
def test_what_was_said_stands_in_the_books_until_its_end_is_said(
    word: Part, books: dict[str, list[str]]
) -> None:
    def is_wrong(*parts: Part) -> bool:
        return any("by its books" in each for each in texts(*parts))

    assert not is_wrong(Story.cycle, word, folded(**books), folded(**books))
    assert is_wrong(Story.cycle, word, folded()), "it was forgotten"
    assert is_wrong(Story.cycle, folded(**books)), "nobody said so"


ENDS = [
    said("breaker_closed", name="disk"),
    said("ban_cleared", control="collar", scope="BTC-USD"),
    said("product_trusted", product="BTC-USD"),
    said("disarmed", cause="by hand"),
]


@pytest.mark.parametrize(("stands", "end"), [*zip(STANDS, ENDS, strict=True)])
def test_what_ended_stands_in_the_books_no_more(
    stands: tuple[Part, dict[str, list[str]]], end: Part
) -> None:
    word, books = stands
    after = {"arming": ["disarmed"]} if "arming" in books else {}

    def is_wrong(*parts: Part) -> bool:
        return any("by its books" in each for each in texts(Story.cycle, word, end, *parts))

    assert not is_wrong(folded(**after))
    assert is_wrong(folded(**books))


def test_a_halt_that_a_new_day_forgets_is_missed_in_the_books() -> None:
    def forgotten(story: Story) -> None:
        story.halts.clear()
        folded()(story)

    assert any("halts that stand are daily_stop" in each for each in texts(halts, forgotten))
    assert not any("halts that stand" in each for each in texts(halts, folded()))


def cycle(story: Story, *tripped: str, minutes: float = 1) -> None:
    story.wait(60 * minutes)
    story.cycle()
    story.told[-1]["events"][0]["payload"]["tripped"] = list(tripped)


def test_a_breaker_that_is_over_does_not_stay_open() -> None:
    begins: list[Part] = [partial(cycle, minutes=1), lambda story: cycle(story, "disk")]
    opens, closes = said("breaker_opened", name="disk"), said("breaker_closed", name="disk")
    over: list[Part] = [partial(cycle, minutes=3)] * 2

    def is_stuck(*parts: Part) -> bool:
        return any("stays open" in each for each in texts(*parts, **BREAKERS))

    assert is_stuck(*begins, opens, *over, *[partial(cycle, minutes=1.5)] * 5)
    assert not is_stuck(*begins, opens, *over, *[partial(cycle, minutes=1)] * 3, closes, *over)
    assert not is_stuck(*begins, opens, *[lambda story: cycle(story, "disk")] * 12)


def test_a_breaker_that_opened_as_the_clock_was_set_back_is_over_no_sooner() -> None:
    """Its time runs by the exchange's clock: by the trader's own it had opened an hour before."""

    def behind(story: Story, *tripped: str) -> None:
        cycle(story, *tripped)
        event = story.told[-1]["events"][0]
        event["time"] = event["payload"]["at"] = time_text(story.now_us - 3_600 * SECOND_US)
        event["payload"]["skew"] = 3_600 * SECOND_US

    def is_stuck(cycles: int) -> bool:
        begins: list[Part] = [Story.cycle, partial(cycle, minutes=1)]
        opens: list[Part] = [
            lambda story: behind(story, "disk"),
            said("breaker_opened", name="disk"),
        ]
        found = texts(*begins, *opens, *[behind] * cycles, **BREAKERS)
        return any("stays open" in each for each in found)

    assert not is_stuck(10)
    assert is_stuck(11)


def rests(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    number = story.send(BUY)
    story.create(BUY, life_s=900)
    story.answer(number)
    story.take(BUY)


def test_a_buy_does_not_rest_on_under_any_halt() -> None:
    asked = said("cancel_requested", client_order_id=BUY, order_id=f"order of {BUY}", cause="halt")
    after = [partial(cycle, minutes=1)]

    def is_left(*parts: Part) -> bool:
        return any("may still fill" in each for each in texts(*parts))

    assert is_left(rests, halts, *after * 5)
    assert not is_left(rests, halts, *after * 2), "a reading may have been begun before"
    assert not is_left(rests, halts, asked, *after * 5)
    assert not is_left(rests, *after * 5)


def test_a_sale_does_not_rest_on_under_a_halt_that_ends_all() -> None:
    stop = "t247-a-1-s"

    def protected(story: Story) -> None:
        story.bought()
        story.record(stop, side="SELL", price="48755", leg=1, decision="1:BTC-USD")
        intent = story.told[-1]["events"][0]["payload"]["intent"]
        intent.update(order_type="stop_limit_gtd", stop_price="49000")
        number = story.send(stop)
        story.create(stop, life_s=900)
        story.answer(number)
        story.take(stop)

    def marked(story: Story) -> None:
        story.wait(60)
        story.cycle({"BTC-USD": "50000"})

    ends_all = said("halt_latched", name="read_only", cause="app.yaml")

    def is_left(*parts: Part) -> bool:
        return any("may still fill" in each for each in texts(protected, *parts, *[marked] * 5))

    assert is_left(ends_all)
    assert not is_left(halts), "what lets positions go lets their stops rest"
    assert not is_left(
        ends_all, said("cancel_requested", client_order_id=stop, order_id="", cause="")
    )

    def keeps(story: Story) -> None:
        story.tell("kill", is_on=True, keeps_sales=True)

    switched = said("halt_latched", name="kill_switch", cause="by hand", keeps_sales=True)
    assert not is_left(keeps, switched)
    assert is_left(keeps, switched, ends_all), "what the switch keeps another halt ends"


def test_the_halt_of_a_difference_ends_with_it_and_not_before() -> None:
    name = "reconciliation_break"
    told = {"key": "base:BTC", "ledger": "1", "venue": "0", "is_break": True}
    breaks, heals = said("difference_found", **told), said("difference_healed", key="base:BTC")
    latched = said("halt_latched", name=name, cause="base:BTC")
    cleared = said("halt_cleared", name=name, reason="r", operator="o")

    def asks(story: Story) -> None:
        story.tell("asked", what="clear_halt", arguments={"name": name})

    def is_kept(*parts: Part) -> bool:
        return any(each.startswith(name) for each in texts(breaks, latched, *parts))

    later = [partial(cycle, minutes=1)] * 3
    assert is_kept(cleared), "it stands"
    assert not is_kept(heals, cleared, *later)
    assert is_kept(heals, asks, *later), "it is over, and somebody asked"
    assert not is_kept(asks, *later)
    assert not is_kept(asks, heals, *later), "it stood as they asked"
    assert not is_kept(heals, asks, breaks, heals, *later), "and once more since"
    assert not is_kept(heals, asks, *later[:2], cleared, *later)
    assert not is_kept(heals, asks, Story.die, Story.start, *later)


def test_the_halt_of_a_journal_that_went_back_stays_until_the_account_was_read() -> None:
    name, key = "reconciliation_break", "restored:2026-01-05T000000Z.7"
    told = {"key": key, "ledger": "up to then", "venue": "not read since", "is_break": False}
    went_back = said("difference_found", **told)
    latched = said("halt_latched", name=name, cause="restored from the backup")
    is_read = said("difference_healed", key=key)
    cleared = said("halt_cleared", name=name, reason="r", operator="o")

    def asks(story: Story) -> None:
        story.tell("asked", what="clear_halt", arguments={"name": name})

    def is_wrong(*parts: Part) -> bool:
        return any(each.startswith(name) for each in texts(latched, went_back, *parts))

    later = [partial(cycle, minutes=1)] * 3
    assert is_wrong(cleared), "nobody has read what was lost"
    assert not is_wrong(asks, *later)
    assert not is_wrong(is_read, cleared, *later)
    assert is_wrong(is_read, asks, *later)
