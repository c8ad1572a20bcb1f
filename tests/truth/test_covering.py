"""What is held is covered: by a stop that rests at the exchange, of what one order may sell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from tests.truth.story import LIMITS, Row, Story, judged, time_text

from trader247.truth.paths import BOOKS

Part = Callable[[Story], object]
STOP = "t247-a-1-s"


def read(story: Story, *, without: str = "") -> None:
    """The account, as a process does first."""
    for path in BOOKS:
        story.answer(story.ask("GET", path), 429 if path == without else 200)


def texts(*parts: Part, began: Sequence[Part] = (read,), **limits: object) -> list[str]:
    def limited(story: Story) -> None:
        story.told[0]["limits"] = {**LIMITS, "stops_rest": 1, **limits}
        for each in story.told[0]["products"]:
            each.update(base_min="0.00000001", quote_min="1")

    return [each.text for each in judged(limited, *began, Story.bought, *parts)]


def cycle(story: Story, detail: str = "", word: str = "holding", mark: str = "50000") -> None:
    story.wait(60)
    story.cycle({"BTC-USD": mark}, word=word)
    payload = story.told[-1]["events"][0]["payload"]
    payload["endings"]["BTC-USD"]["detail"] = detail


BARE = [cycle] * 7


def is_bare(*parts: Part, began: Sequence[Part] = (read,), **limits: object) -> bool:
    return any("no stop rests" in each for each in texts(*parts, began=began, **limits))


def stop(story: Story, *, size: str = "0.004", price: str = "48755", waits: str = "49000") -> Row:
    story.record(STOP, side="SELL", price=price, size=size, leg=1, decision="1:BTC-USD")
    intent = story.told[-1]["events"][0]["payload"]["intent"]
    intent.update(order_type="stop_limit_gtd", stop_price=waits)
    number = story.send(STOP)
    row = story.create(STOP)
    row.update(kind="STOP_LIMIT", stop_price=waits)
    story.exchange(orders=[row])
    story.answer(number)
    story.take(STOP)
    return row


def test_a_position_that_stays_has_its_stop_at_the_exchange() -> None:
    assert is_bare(*BARE)
    assert not is_bare(*BARE[:6]), "a few cycles may go by"
    assert not is_bare(stop, *BARE)
    assert not is_bare(*BARE[:4], stop, *BARE[:4])


def test_what_is_due_and_refused_by_its_collar_has_its_stop_meanwhile() -> None:
    refused = partial(cycle, word="collar")
    assert is_bare(*[refused] * 3)
    assert not is_bare(*[refused] * 2), "two may go by"
    assert not is_bare(stop, *[refused] * 7)
    assert not is_bare(*[partial(cycle, word="no_quote")] * 7)
    assert not is_bare(*[refused] * 2, cycle, *[refused] * 2)


@pytest.mark.parametrize("path", BOOKS)
def test_nothing_is_laid_before_the_account_was_read_once(path: str) -> None:
    """A journal that went back to a backup may not know of a stop that rests."""
    unread = (partial(read, without=path),)
    assert not is_bare(*BARE, began=unread)
    assert is_bare(read, *BARE, began=unread)
    assert not is_bare(read, *BARE[:6], began=unread), "it counts from then on"


def test_none_waits_above_the_market() -> None:
    fallen = partial(cycle, word="collar", mark="49000")
    assert not is_bare(*[fallen] * 7)


def shown(story: Story, age_s: int = 0, ask: str = "50001") -> None:
    at_us = story.now_us + (60 - age_s) * 1_000_000  # of the cycle, a minute later
    touch = {"bid": "49999", "ask": ask, "time_us": at_us}
    story.tell("quotes", touches={"BTC-USD": touch})
    cycle(story)


def test_no_stop_is_placed_by_a_price_that_is_none() -> None:
    old, crossed = partial(shown, age_s=1200), partial(shown, ask="49998")
    assert is_bare(*[shown] * 7)
    assert not is_bare(*[old] * 20)
    assert not is_bare(*[crossed] * 20)
    # Such cycles do not count, and begin nothing anew.
    assert not is_bare(*[shown] * 4, *[old] * 5, *[shown] * 2)
    assert is_bare(*[shown] * 4, *[old] * 5, *[shown] * 3)


def grown(story: Story) -> None:
    """More of it is bought."""
    name = f"t247-a-1-g{story.seq}"
    story.record(name)
    sent = story.send(name)
    story.create(name)
    story.answer(sent)
    story.take(name)
    story.book(name, story.fill(name))
    story.see_end(name, "FILLED")


def test_what_grows_is_covered_anew() -> None:
    assert not is_bare(*BARE[:4], grown, *BARE[:5])
    assert is_bare(*BARE[:4], grown, *BARE)


def switched(story: Story) -> None:
    """Somebody raises the switch, which ends what rests, and lets it go."""
    story.tell("kill", is_on=True)
    row = story.rows.get(STOP)
    if row is not None:
        row["status"] = "CANCELLED"
        story.exchange(orders=[row])
    story.wait(4)
    story.tell("kill", is_on=False)


def renewed(story: Story) -> None:
    """A cycle lays the stop anew."""
    cycle(story)
    row = story.rows[STOP]
    row["status"] = "OPEN"
    story.exchange(orders=[row])


def test_a_stop_that_a_switch_ended_is_counted_anew_where_it_was_there() -> None:
    each_minute = [switched, renewed] * 12
    assert not is_bare(stop, *each_minute)
    assert not is_bare(stop, *each_minute, switched, *BARE[:6])
    assert is_bare(stop, *each_minute, switched, *BARE), "once it is let go it is laid again"
    assert is_bare(*[cycle, switched] * 7), "a switch covers nobody who lays none"


def test_cycles_of_a_clock_that_is_off_count_for_nothing() -> None:
    def off(seconds: int) -> Part:
        def part(story: Story) -> None:
            cycle(story)
            late = time_text(story.now_us + seconds * 1_000_000)
            story.told[-1]["events"][0]["payload"]["at"] = late

        return part

    assert is_bare(*[off(-4)] * 7)
    assert not is_bare(*[off(-9)] * 20)
    assert not is_bare(*[off(9)] * 20)
    assert is_bare(*BARE[:4], *[off(-9)] * 5, *BARE[:3]), "they put an end to nothing either"


def test_a_stop_covers_all_that_one_order_may_sell() -> None:
    assert is_bare(partial(stop, size="0.002"), *BARE)


def test_a_larger_position_is_covered_by_one_largest_order() -> None:
    def more(story: Story) -> None:
        story.wait(600)
        for number in range(2):
            name = f"t247-a-1-m{number}"
            story.cycle({"BTC-USD": "50000"}, word="order_working")
            story.record(name)
            sent = story.send(name)
            story.create(name)
            story.answer(sent)
            story.take(name)
            story.book(name, story.fill(name))
            story.see_end(name, "FILLED")

    # 250 at 49,000 is hardly more than 0.0051, whatever is held.
    assert not is_bare(more, partial(stop, size="0.00512"), *BARE)
    assert is_bare(more, partial(stop, size="0.0049"), *BARE)


def declined(story: Story) -> None:
    stop_terms: dict[str, Any] = {"order_type": "stop_limit_gtd", "stop_price": "49000"}
    story.record(STOP, side="SELL", price="48755", leg=1, decision="1:BTC-USD")
    story.told[-1]["events"][0]["payload"]["intent"].update(stop_terms)
    story.settle(STOP, {"is": "Declined", "code": "c", "message": "", "is_sent": True})


def hour(story: Story) -> None:
    story.wait(3_660)


def differs(story: Story) -> None:
    event = {"key": "hold:BTC", "ledger": "0", "venue": "0.1", "is_break": False}
    story.journal(("difference_found", event))


def taken_away(story: Story) -> None:
    story.exchange(wallets=[{"currency": "BTC", "total": "0.001", "hold": "0"}])


@pytest.mark.parametrize("cause", [declined, differs, taken_away])
def test_none_rests_where_none_can(cause: Part) -> None:
    assert not is_bare(cause, *BARE)


def some_minutes(story: Story) -> None:
    story.wait(400)


def rested(story: Story) -> None:
    """One was taken since, and is over."""
    row = stop(story)
    row.update(status="EXPIRED")
    story.exchange(orders=[row])
    story.see_end(STOP, "EXPIRED")


def test_a_decline_counts_for_a_minute_and_the_third_in_a_row_for_an_hour() -> None:
    assert is_bare(declined, some_minutes, *[cycle] * 12)
    assert not is_bare(*[declined] * 3, some_minutes, *[cycle] * 12)
    assert is_bare(*[declined] * 3, hour, *[cycle] * 12)
    assert is_bare(*[declined] * 3, rested, declined, some_minutes, *[cycle] * 12)


def test_what_is_halted_or_told_otherwise_is_not_asked_for() -> None:
    halted = partial(cycle, detail="held; its stop stays local: the product is post_only")
    assert not is_bare(*[halted] * 9)
    assert not is_bare(*[partial(cycle, word="no_quote")] * 9)
    assert not is_bare(*BARE[:4], Story.die, Story.start, *BARE[:4])

    def killed(story: Story) -> None:
        story.tell("kill", is_on=True)

    assert not is_bare(killed, *BARE)


def test_where_no_stops_are_kept_nobody_asks() -> None:
    found = judged(Story.bought, *BARE)
    assert not any("no stop rests" in each.text for each in found)


def is_stiff(price: str) -> bool:
    return any("takes no less" in each for each in texts(partial(stop, price=price)))


def test_a_stop_leaves_room_under_the_price_that_it_waits_for() -> None:
    assert is_stiff("49000")
    assert is_stiff("48970")
    assert not is_stiff("48755"), "half a per cent"
