"""A position whose stop, target or time is over leaves: whatever keeps it is named in the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from tests.truth.story import SECOND_US, START_US, Story, judged

from trader247.truth.paths import ONE

Part = Callable[[Story], object]
SELL = "t247-a-1-2"
UNDER, OVER = "48000", "53000"


def cycles(count: int, word: str, *, mark: str = UNDER, every_s: float = 60) -> Part:
    """So many cycles that end with this word for what is held."""

    def part(story: Story) -> None:
        for _ in range(count):
            story.wait(every_s)
            story.cycle({"BTC-USD": mark}, word=word)

    return part


def asked_for_one(count: int, status: int, word: str, *, mark: str) -> Part:
    """So many cycles, before each of which one order was asked for by its id."""

    def part(story: Story) -> None:
        for _ in range(count):
            story.wait(60)
            story.answer(story.ask("GET", f"{ONE}of-the-exchange"), status)
            story.cycle({"BTC-USD": mark}, word=word)

    return part


def resting_stop(story: Story, at: str = "49000") -> None:
    """A stop of it rests at the exchange."""
    story.cycle({"BTC-USD": "50000"})
    payload = story.record(SELL, side="SELL", leg=1, decision="1:BTC-USD", price="48900")
    payload["intent"] |= {"order_type": "stop_limit_gtd", "stop_price": at}
    number = story.send(SELL)
    story.create(SELL)
    story.rows[SELL]["end_us"] = story.now_us + 900 * 1_000_000
    story.exchange(orders=[story.rows[SELL]])
    story.answer(number)
    story.take(SELL)


def stop_that_sold(story: Story) -> None:
    """The stop sold all of it, which no listing tells yet; a person has coins of it besides."""
    resting_stop(story)
    story.tell("moved", currency="BTC", amount="1")
    story.wallets["BTC"] += 1
    story.fill(SELL)


def unseen_sale(story: Story) -> None:
    """A sale that ended at the exchange with nothing sold, of which the journal does not know."""
    name = "t247-a-1-9"
    story.record(name, side="SELL", price="48900", leg=1, decision="1:BTC-USD")
    number = story.send(name, bid="48990", ask="49010")
    story.create(name, status="CANCELLED")
    story.answer(number)
    story.take(name)


def unknown_stop(story: Story, at: str = "49000") -> None:
    """One was sent, and no answer to it came."""
    story.cycle({"BTC-USD": "50000"})
    payload = story.record(SELL, side="SELL", leg=1, decision="1:BTC-USD", price="48900")
    payload["intent"] |= {"order_type": "stop_limit_gtd", "stop_price": at}
    story.send(SELL)


def sold_in_part(story: Story) -> None:
    """A sale of a quarter of it, as large as an order may be."""
    story.cycle({"BTC-USD": UNDER}, word="exit_sent")
    payload = story.record(
        SELL, side="SELL", price=UNDER, size="0.001", leg=1, decision="1:BTC-USD"
    )
    payload["intent"]["exit_cause"] = "stop"
    number = story.send(SELL, bid=UNDER, ask=UNDER)
    story.create(SELL, status="FILLED")
    fill = story.fill(SELL)
    story.answer(number)
    story.take(SELL)
    story.book(SELL, fill)
    story.see_end(SELL, "FILLED")


def sale(cause: str, mark: str, *, after_s: float = 60) -> Part:
    """A sale for a cause, decided at this mark so long after the position was bought."""

    def part(story: Story) -> None:
        story.wait(after_s)
        story.cycle({"BTC-USD": mark}, word="exit_sent")
        payload = story.record(SELL, side="SELL", leg=1, decision="1:BTC-USD", price=mark)
        payload["intent"]["exit_cause"] = cause

    return part


def added(story: Story) -> None:
    """More of it is bought, by an entry that would end otherwise: the first one's word stands."""
    added_at(story, "50000")


def added_at(story: Story, price: str) -> None:
    name = "t247-a-1-9"
    story.cycle({"BTC-USD": "50000"})
    payload = story.record(name, price=price)
    payload["intent"]["plan"] = {**payload["intent"]["plan"], "stop_fraction": "0.2"}
    number = story.send(name)
    story.create(name)
    story.answer(number)
    story.take(name)
    story.book(name, story.fill(name))
    story.see_end(name, "FILLED")
    story.wait(60)


def taken_away(story: Story) -> None:
    """Its owner moved the coins elsewhere."""
    story.tell("moved", currency="BTC", amount=str(-story.wallets["BTC"]))
    story.wallets["BTC"] -= story.wallets["BTC"]
    story.exchange(wallets=[{"currency": "BTC", "total": "0", "hold": "0"}])


def halted(story: Story) -> None:
    story.journal(
        ("halt_latched", {"name": "kill_switch", "cause": ""}),
        ("alert_raised", {"severity": "CRITICAL", "code": "kill_switch", "text": "x"}),
    )
    story.told_of("delivered", "CRITICAL kill_switch", "x")


def told_plan(
    stop: str = "49000", target: str = "52000", *, late_s: int = 0, trailing: str | None = None
) -> Part:
    """The trader's own word of how what was bought ends: at 50000, after twenty seconds."""

    def part(story: Story) -> None:
        (position,) = story.fold()["portfolio"]["positions"]
        leaves_us = START_US + (20 + 3_600 + late_s) * SECOND_US
        position |= {"stop": stop, "target": target, "leaves_us": leaves_us}
        if trailing is not None:
            for record in story.told:
                for event in record.get("events", ()):
                    if event["kind"] == "intent_recorded":
                        plan = event["payload"]["intent"]["plan"]
                        event["payload"]["intent"]["plan"] = {**plan, "trailing_fraction": trailing}

    return part


FINE: dict[str, tuple[Part, ...]] = {
    "nobody would learn that its stop ended": (
        resting_stop,
        asked_for_one(9, 503, "order_working", mark=OVER),
    ),
    "its end is what its plan makes of it": (told_plan(),),
    "its stop trails": (told_plan("49500", trailing="0.01"),),
    "its stop follows from the average": (
        lambda story: added_at(story, "49000"),
        told_plan(stop="48510", target="51480"),
    ),
    "it has no price": (cycles(12, "no_quote"),),
    "its product is halted": (cycles(12, "product_status"),),
    "its sale is over, and will be seen to be": (unseen_sale, cycles(15, "order_working")),
    "its sale is over, and is looked for each second": (
        unseen_sale,
        cycles(40, "order_working", every_s=1),
    ),
    "its stop has sold it, and that will be listed": (
        stop_that_sold,
        cycles(9, "holding", every_s=12),
        cycles(9, "order_working"),
    ),
    "its stop rests, and a collar keeps it": (resting_stop, cycles(12, "collar", mark=OVER)),
    "it is sent a few times": (cycles(9, "exit_sent"),),
    "it is sent each second for a while": (cycles(40, "exit_sent", every_s=1),),
    "it is sold a part at a time": (
        cycles(9, "exit_sent"),
        sold_in_part,
        cycles(9, "exit_sent"),
    ),
    "it is neither under its stop nor over its target": (cycles(30, "pace", mark="50000"),),
    "what allows cancels alone stands": (halted, cycles(12, "trading_state")),
    "its coins are gone": (taken_away, cycles(12, "buying_power")),
    "its coins are gone, and its target is due": (taken_away, cycles(3, "holding", mark=OVER)),
    "nobody knows whether its stop rests": (unknown_stop, cycles(7, "order_working", mark=OVER)),
    "it leaves at its stop": (sale("stop", "49000"),),
    "it leaves at its target": (sale("target", "52000"),),
    "it leaves when its time is over": (sale("longest_hold", "50000", after_s=3_600),),
    "it leaves for a person": (sale("flatten", "50000"),),
    "it leaves at a stop that trails": (sale("trailing_stop", "50000"),),
    "its stop makes way": (resting_stop, cycles(5, "order_working", mark=OVER)),
    "its stop waits a step above": (lambda story: unknown_stop(story, at="49000.01"),),
}

BROKEN: dict[str, tuple[Part, ...]] = {
    "its stop is another": (told_plan("49000.01"),),
    "its stop trails behind where it began": (told_plan("48999", trailing="0.01"),),
    "its target is another": (told_plan(target="51999"),),
    "its time begins anew": (told_plan(late_s=1),),
    "its stop follows from the last price alone": (
        lambda story: added_at(story, "49000"),
        told_plan(stop="48020", target="50960"),
    ),
    "it leaves above its stop": (sale("stop", "49001"),),
    "it leaves under its stop, which another entry moved": (added, cycles(1, "holding")),
    "it leaves under its target": (sale("target", "51999"),),
    "it leaves before its time is over": (sale("longest_hold", "50000", after_s=3_000),),
    "the gate refuses it": (cycles(4, "buying_power"),),
    "a loss stop keeps it": (cycles(4, "trading_state"),),
    "nothing is said of it": (cycles(4, "no_trigger", mark=OVER),),
    "its target is not looked at": (cycles(1, "holding", mark=OVER),),
    "no sale of it sells": (cycles(11, "exit_sent"),),
    "its time is over, and nobody asks": (cycles(70, "pace", mark="50000"),),
    "its sale is over, and nobody sees it": (unseen_sale, cycles(16, "order_working")),
    "its stop has sold it, and nobody sees it": (stop_that_sold, cycles(16, "holding")),
    "no sale of it works, and one is said to": (cycles(2, "order_working"),),
    "its collar never comes after": (cycles(21, "collar"),),
    "its stop waits far below": (lambda story: unknown_stop(story, at="47000"),),
    "its stop waits a step below": (lambda story: unknown_stop(story, at="48999.99"),),
    "its stop never makes way": (resting_stop, cycles(7, "order_working", mark=OVER)),
    "its stop never makes way, though it is told of": (
        resting_stop,
        asked_for_one(7, 200, "order_working", mark=OVER),
    ),
}


@pytest.mark.parametrize("parts", FINE.values(), ids=FINE)
def test_what_may_keep_a_position_keeps_it(parts: tuple[Part, ...]) -> None:
    assert {each.text for each in judged(Story.bought, *parts) if each.invariant == "I17"} == set()


@pytest.mark.parametrize("parts", BROKEN.values(), ids=BROKEN)
def test_a_position_that_is_never_let_go_is_named(parts: tuple[Part, ...]) -> None:
    assert any(each.invariant == "I17" for each in judged(Story.bought, *parts))


def test_a_stop_that_rests_sells_no_deeper_than_the_collar() -> None:
    """Its limit is 48900."""

    def is_told(at: str) -> bool:
        found = judged(Story.bought, lambda story: resting_stop(story, at))
        return any("is reached" in each.text for each in found)

    assert is_told("49200")
    assert not is_told("49100")
    assert is_told("48800"), "it would never sell"


def test_a_stop_whose_position_costs_another_price_by_now_is_ended() -> None:
    def is_left(*parts: Part, price: str = "49000", count: int = 4) -> bool:
        more = partial(added_at, price=price)
        held = cycles(count, "holding", mark="50000")
        found = judged(Story.bought, resting_stop, more, *parts, held)
        return any("where its position's stop was" in each.text for each in found)

    def asked(story: Story) -> None:
        wish = {"client_order_id": SELL, "order_id": f"order of {SELL}", "cause": "it has moved"}
        story.journal(("cancel_requested", wish))

    assert is_left()
    assert not is_left(count=3)
    assert not is_left(price="49900"), "by less than it is moved for"
    assert not is_left(asked)
    assert not is_left(halted), "nothing else may be asked for"
    untold = asked_for_one(6, 503, "holding", mark="50000")
    assert not is_left(untold, count=3), "nobody would learn of its end"


def test_a_stop_that_trails_follows_where_it_rests() -> None:
    def rising(story: Story, mark: str, count: int = 5) -> None:
        for record in story.told:
            for event in record.get("events", ()):
                plan = event["payload"].get("intent", {}).get("plan")
                if plan is not None:
                    event["payload"]["intent"]["plan"] = {**plan, "trailing_fraction": "0.01"}
        for _ in range(count):
            story.wait(60)
            story.cycle({"BTC-USD": mark})

    def is_behind(*parts: Part) -> bool:
        found = judged(Story.bought, partial(resting_stop, at="49500"), *parts)
        return any("did not follow" in each.text for each in found)

    asked = {"client_order_id": SELL, "order_id": f"order of {SELL}", "cause": "it has moved"}
    assert is_behind(partial(rising, mark="50500"))
    assert not is_behind(partial(rising, mark="50100")), "so little is not worth moving it"
    assert not is_behind(partial(rising, mark="50500", count=3)), "it may be about to"
    assert not is_behind(
        partial(rising, mark="50500", count=2),
        lambda story: story.journal(("cancel_requested", asked)),
        partial(rising, mark="50500"),
    )
