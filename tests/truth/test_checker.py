"""A fine history passes the checker; each promise, broken in one of its ways, is named.

Both sides of every promise: the stories that end well are as long as those that do not.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from tests.truth.story import LISTING, ORDERS, PLAN, SECRET, Row, Story, broken, judged, time_text

import trader247.truth
from trader247.truth.checker import PROMISES

Part = Callable[[Story], object]
BUY, SELL = "t247-a-1-1", "t247-a-1-2"
ACCOUNTS = "/api/v3/brokerage/accounts"
FILLS = "/api/v3/brokerage/orders/historical/fills"


def test_a_fine_history_passes() -> None:
    assert judged(Story.bought, Story.sold, Story.bought_again, Story.end) == []


def halted(story: Story, name: str = "daily_stop") -> None:
    alert = {"severity": "CRITICAL", "code": name, "text": "halted"}
    story.journal(
        ("halt_latched", {"name": name, "cause": "", "keeps_sales": False}), ("alert_raised", alert)
    )
    story.told_of("delivered", f"CRITICAL {name}", "halted")
    story.halts.append(name)


def undecided(story: Story) -> None:
    """An order whose answer is lost, and that never arrived."""
    story.cycle()
    story.record(BUY)
    number = story.send(BUY)
    story.wait(10)
    story.answer(number, None)
    story.settle(BUY, {"is": "Unknown", "detail": "", "latch": False})


def left_out(story: Story, *, cycles: int, reads: bool = True, is_doubted: bool = False) -> None:
    """Filled, and not booked for so many cycles of a minute."""
    story.cycle()
    story.record(BUY)
    story.answer(story.send(BUY))
    story.create(BUY)
    story.take(BUY)
    story.fill(BUY)
    if is_doubted:
        story.record(f"{BUY}9", decision="2:BTC-USD")
    for _ in range(cycles):
        story.wait(60)
        if reads:
            story.answer(story.ask("GET", FILLS))
        story.fold()


def found_to_be_another(story: Story, *, is_there: bool = False) -> None:
    """A listing is said to hold an order of its name that is another one."""
    undecided(story)
    if is_there:
        story.create(BUY)
    story.wait(30)
    story.list_orders()
    other = {"is": "Unknown", "detail": "its price is another", "latch": True}
    story.settle(BUY, other)


def given_up(story: Story, *, first: float = 175, gap: float = 31, times: int = 3) -> None:
    story.wait(first)
    for _ in range(times):
        story.list_orders()
        story.wait(gap)
    declined = {"is": "Declined", "code": "not_created", "message": "", "is_sent": False}
    story.settle(BUY, declined)


def given_up_with(*, first: float = 175, gap: float = 31, times: int = 3) -> Part:
    def part(story: Story) -> None:
        undecided(story)
        given_up(story, first=first, gap=gap, times=times)

    return part


def restarted(story: Story) -> None:
    story.die()
    story.wait(3)
    story.start()


def sold_at_its_stop(story: Story) -> None:
    story.cycle({"BTC-USD": "48900"}, word="exit_sent")


def taken_out(story: Story) -> None:
    """The owner takes money out, and the trader is halted until somebody says so."""
    story.tell("moved", currency="USD", amount="-900")
    story.wallets["USD"] -= 900
    story.exchange(wallets=[{"currency": "USD", "total": str(story.wallets["USD"]), "hold": "0"}])
    known = str(story.cash)
    differs(story, difference(str(story.wallets["USD"]), ledger=known))
    halted(story, "reconciliation_break")


def differs(story: Story, found: Row) -> None:
    """A break, and the words that name it."""
    words = f"Reconciliation break on {found['key']}: no money"
    alert = {"severity": "INFO", "code": "reconciliation_break", "text": words}
    story.journal(("difference_found", found), ("alert_raised", alert))
    story.told_of("delivered", "INFO reconciliation_break", words)


def difference(venue: str, key: str = "cash:USD", *, ledger: str = "100000") -> Row:
    known = ledger if key == "cash:USD" else "0"
    return {"key": key, "ledger": known, "venue": venue, "is_break": True}


def late_difference(story: Story, *, readings: int, is_heard_late: bool = False) -> None:
    """What a wallet had before it moved, told after it was read so many times more, maybe by the
    next process.
    """
    before = str(story.wallets["USD"])
    story.ask("GET", ACCOUNTS)
    story.wait(5)
    taken_out(story)
    if is_heard_late:
        story.die()
        story.incarnation += 1
        story.tell("process", what="started")
    for _ in range(readings):
        story.wait(60)
        story.ask("GET", FILLS)
        story.ask("GET", ACCOUNTS)
        story.ask("GET", ACCOUNTS)
    differs(story, difference(before))


def adopted(story: Story) -> None:
    """Coins that somebody sent become a position, at a cost of their own: it is no profit."""
    story.tell("moved", currency="ETH", amount="0.1")
    story.wallets["ETH"] += Decimal("0.1")
    story.exchange(wallets=[{"currency": "ETH", "total": "0.1", "hold": "0"}])
    terms = {
        "product": "ETH-USD", "quantity": "0.1", "price": "2000", "fee": "1", "mark": "2010",
        "plan": PLAN, "decision_id": "adopted-1:ETH-USD", "reason": "", "operator": "",
    }  # fmt: skip
    story.cycle()
    story.journal(
        ("foreign_seen", {"currency": "ETH", "quantity": "0.1"}), ("holding_adopted", terms)
    )
    story.positions["ETH-USD"] = (Decimal("0.1"), Decimal(201))
    story.mark += 201
    story.cycle({"ETH-USD": "2010"})
    story.fold()
    story.tell("calm")
    story.wait(60)
    story.cycle({"ETH-USD": "2010"})
    story.fold()
    story.tell("settled")


def last_words(story: Story) -> None:
    """What a process did just before its end is heard of once the next one has started."""
    restarted(story)
    story.die()
    story.tell("process", what="started")
    story.cycle()
    story.record(BUY)
    story.journal(session(story))
    story.tell("process", what="recovered")


def session(story: Story) -> tuple[str, Row]:
    """The first word of the next process."""
    story.epoch += 1
    return "session_started", {"epoch": story.epoch, "code_version": "0", "was_clean": False}


def told_as_made_so_far(made: str, story: Story) -> None:
    """A half of 0.004 that have cost 201 is sold at 51,000, for 0.51 of fees."""
    story.bought()
    name = "t247-a-1-2"
    story.cycle({"BTC-USD": "51000"})
    story.record(name, side="SELL", price="51000", size="0.002", leg=1, decision="1:BTC-USD")
    number = story.send(name, bid="51000", ask="51000")
    story.create(name, status="FILLED")
    fill = story.fill(name)
    story.answer(number)
    story.take(name)
    story.book(name, fill)
    (told,) = story.fold()["portfolio"]["positions"]
    told["made"] = made


def told_as_made(unrealised: str, story: Story) -> None:
    """0.004 are held at 51,000; they have cost 200, and one of fees."""
    story.bought()
    story.cycle({"BTC-USD": "51000"})
    story.fold()["portfolio"]["unrealised"] = unrealised


FINE: dict[str, tuple[Part, ...]] = {
    "coins that a person adopts": (adopted,),
    "a position has made what its sales have": (partial(told_as_made_so_far, "0.99"),),
    "what is held has made what it has": (partial(told_as_made, "3"),),
    "an order of unknown fate, given up on evidence": (undecided, given_up, Story.end),
    "a start after one that did more than start": (last_words,),
    "a restart, and trading goes on": (Story.bought, restarted, Story.sold, Story.end),
    "a sale while a loss stop stands": (Story.bought, halted, Story.sold, Story.end),
    "a stop that is raised, seen, removed and cleared": (
        Story.bought,
        lambda story: story.tell("kill", is_on=True),
        lambda story: halted(story, "kill_switch"),
        lambda story: story.tell("kill", is_on=False),
        lambda story: story.journal(("halt_cleared", {"name": "kill_switch"})),
        lambda story: story.halts.clear(),
        Story.sold,
        Story.end,
    ),
    "under its stop, and on its way out": (
        Story.bought,
        sold_at_its_stop,
        Story.sold,
        Story.end,
    ),
    "a difference that it is halted for": (Story.bought, taken_out, Story.end),
    "a difference to what a wallet had as it was read": (
        lambda story: late_difference(story, readings=0),
    ),
    "the same, heard once the next process has read it too": (
        lambda story: late_difference(story, readings=1, is_heard_late=True),
    ),
    "money that comes in is no profit": (
        Story.bought,
        lambda story: story.deposit("500"),
        Story.sold,
        Story.end,
    ),
}


@pytest.mark.parametrize("parts", FINE.values(), ids=FINE)
def test_what_is_allowed_passes(parts: tuple[Part, ...]) -> None:
    assert judged(*parts) == []


def order(story: Story, name: str = BUY, **terms: str) -> None:
    """An order that is decided, recorded, sent, taken, and rests."""
    story.cycle(dict.fromkeys(story.positions, "50000"))
    story.record(name, **terms)  # type: ignore[arg-type]  # none of them is the leg
    number = story.send(name)
    story.create(name)
    story.answer(number)
    story.take(name)


def too_large(story: Story) -> None:
    story.cycle()
    story.record(BUY, size="0.006")


def too_much(story: Story, *, unread: bool) -> None:
    """Buys of one product, until the sixth per cent: of those before nothing is read yet."""
    for number in range(30):
        story.wait(1)
        name = f"t247-a-1-x{number}"
        order(story, name, decision=f"{number}:BTC-USD")
        if unread:
            story.fill(name)


def equity_without_a_mark(story: Story) -> None:
    story.bought()
    story.cycle({}, equity="100000")


def equity_overstated(story: Story) -> None:
    story.bought()
    story.cycle({"BTC-USD": "50000"}, equity="100000")


def stop_ignored(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    story.tell("kill", is_on=True)
    story.send(BUY)


def bought_under(halt: str) -> Part:
    def part(story: Story) -> None:
        halted(story, halt)
        order(story)

    return part


def sent_unrecorded(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    body = story.bodies[BUY].replace(BUY, "t247-a-1-9")
    story.ask("POST", ORDERS, body, touch=None)


def sent_otherwise(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    story.ask("POST", ORDERS, story.bodies[BUY].replace("0.004", "0.0041"), touch=None)


def sent_twice(story: Story) -> None:
    order(story)
    story.send(BUY)


def decided_twice(story: Story) -> None:
    undecided(story)
    given_up(story)
    story.record("t247-a-1-7", decision=f"{story.cycles}:BTC-USD")


def second_while_unknown(story: Story) -> None:
    undecided(story)
    story.wait(60)
    story.cycle()
    story.record("t247-a-1-7")


def booked_otherwise(**instead: str) -> Part:
    def part(story: Story) -> None:
        order(story)
        story.book(BUY, story.fill(BUY), **instead)

    return part


def booked_twice(story: Story) -> None:
    order(story)
    fill = story.fill(BUY)
    story.book(BUY, fill)
    story.book(BUY, fill)


def set_aside_and_never_made(story: Story) -> None:
    order(story)
    told = {"entry_id": f"{story.fill(BUY)['entry_id']}-"}
    story.journal(("fill_quarantined", {"fill": told, "cause": "more than was ordered"}))


def set_aside_when_booked(story: Story) -> None:
    order(story)
    fill = story.fill(BUY)
    story.book(BUY, fill)
    told = {"entry_id": fill["entry_id"]}
    story.journal(("fill_quarantined", {"fill": told, "cause": "again"}))


def never_booked(story: Story) -> None:
    order(story)
    story.fill(BUY)
    story.see_end(BUY, "FILLED")
    story.end()


def set_aside(story: Story) -> None:
    order(story)
    fill = story.fill(BUY)
    told = {"entry_id": fill["entry_id"]}
    story.journal(("fill_quarantined", {"fill": told, "cause": "who knows"}))


def figure(name: str, by: str = "0.0000000000000001") -> Part:
    """The trader's own figure is off by this much."""

    def part(story: Story) -> None:
        story.bought()
        setattr(story, name, getattr(story, name) + Decimal(by))
        story.fold()

    return part


def cost_off(story: Story) -> None:
    story.bought()
    quantity, cost = story.positions["BTC-USD"]
    story.positions["BTC-USD"] = (quantity, cost + Decimal("1e-16"))
    story.fold()


def quantity_off(story: Story) -> None:
    story.bought()
    quantity, cost = story.positions["BTC-USD"]
    story.positions["BTC-USD"] = (quantity + Decimal("1e-8"), cost)
    story.fold()


def wallet_off(story: Story) -> None:
    row = {"currency": "USD", "total": "99999", "hold": "0"}
    story.exchange(wallets=[row])
    story.tell("channel", is_up=True)


def wallet_differs_at_the_end(story: Story) -> None:
    story.bought()
    story.tell("moved", currency="USD", amount="-1")
    story.wallets["USD"] -= 1
    story.exchange(wallets=[{"currency": "USD", "total": str(story.wallets["USD"]), "hold": "0"}])
    story.end()


def commit_lost(story: Story) -> None:
    story.cycle()
    story.die("power")
    story.tell("reopened", seq=story.seq - 1, hash="")


def commit_changed(story: Story) -> None:
    story.cycle()
    story.die()
    story.tell("reopened", seq=story.seq, hash="f" * 64)


def settled_as(
    outcome: dict[str, object], *, status: int | None = None, lives: bool = False
) -> Part:
    def part(story: Story) -> None:
        story.cycle()
        story.record(BUY)
        number = story.send(BUY)
        if lives:
            story.create(BUY)
        story.wait(10)
        story.answer(number, status)
        story.settle(BUY, outcome)

    return part


DECLINED = {"is": "Declined", "code": "x", "message": "", "is_sent": True}
NOT_SENT = {"is": "Declined", "code": "x", "message": "", "is_sent": False}


def forbidden(story: Story) -> None:
    order(story)
    story.tell("process", what="failed", cause="StorageError: the ledger forbids it (UNIQUE)")


def released(story: Story) -> None:
    """A cancel is taken for the end: the order still lives, and works no more in the books."""
    order(story)
    story.working.clear()
    story.fold()


def released_before_its_fills(story: Story) -> None:
    order(story)
    story.fill(BUY)
    story.see_end(BUY, "FILLED")
    story.fold()


def settled_again(story: Story) -> None:
    order(story)
    story.settle(BUY, DECLINED)


def given_up_though_it_lives(story: Story) -> None:
    undecided(story)
    story.create(BUY)
    given_up(story)


def oversold(story: Story) -> None:
    story.bought()
    story.cycle({"BTC-USD": "50000"})
    story.record(SELL, side="SELL", size="0.005", leg=1)
    story.send(SELL)


def sold_twice(story: Story) -> None:
    story.bought()
    for leg in (1, 2):
        story.cycle({"BTC-USD": "50000"})
        name = f"t247-a-1-s{leg}"
        story.record(name, side="SELL", leg=leg, price="60000")
        number = story.send(name)
        story.create(name)
        story.rows[name]["end_us"] = story.now_us + 300_000_000
        story.exchange(orders=[story.rows[name]])
        story.answer(number)
        story.take(name)


def sent_as(old: str, new: str) -> Part:
    def part(story: Story) -> None:
        story.cycle()
        story.record(BUY)
        story.ask("POST", ORDERS, story.bodies[BUY].replace(old, new), touch=None)

    return part


def overdrawn(story: Story) -> None:
    story.exchange(wallets=[{"currency": "ETH", "total": "0", "hold": "1"}])


def lives_on(story: Story) -> None:
    order(story)
    story.wait(362)
    story.tell("channel", is_up=True)


def lives_without_end(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    story.send(BUY)
    row = story.create(BUY)
    row["end_us"] = None
    story.exchange(orders=[row])


def may_live_too_long(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    story.send(BUY)
    story.create(BUY, life_s=3_600)


def priced_off(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    story.send(BUY, bid="49000", ask="49010")


def sold_off(story: Story) -> None:
    story.bought()
    story.cycle({"BTC-USD": "50000"})
    story.record(SELL, side="SELL", leg=1, price="50000")
    story.send(SELL, bid="51000", ask="51010")


def sold_as_the_market_rose(story: Story, price: str = "49750") -> None:
    """Half a per cent below the middle that was shown, which rose by two as the order left."""
    story.bought()
    story.tell("quotes", touches={"BTC-USD": {"bid": "49000", "ask": "49000"}})
    story.wait(33)
    story.tell("quotes", touches={"BTC-USD": {"bid": "50000", "ask": "50000"}})
    story.cycle({"BTC-USD": "50000"})
    story.record(SELL, side="SELL", leg=1, price=price, reference="50000")
    story.send(SELL, bid="51000", ask="51010")


def sold_under_all_that_was_shown_lately(story: Story) -> None:
    sold_as_the_market_rose(story, price="49749")


def sent_late(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    story.wait(3)
    story.send(BUY)


def decided_on_old_prices(story: Story) -> None:
    story.tell("quotes", touches={"BTC-USD": {"bid": "49999", "ask": "50001"}})
    story.wait(60)
    story.tell("quotes", touches={"BTC-USD": {"bid": "50009", "ask": "50011"}})
    story.cycle()
    story.record(BUY)
    story.send(BUY)


def decided_on_prices_of_an_old_time(story: Story) -> None:
    """They are shown again and again, and each time as what they were a minute ago."""
    old = {"bid": "49999", "ask": "50001", "time_us": story.now_us}
    story.wait(60)
    story.tell("quotes", touches={"BTC-USD": old})
    story.cycle()
    story.record(BUY)
    story.send(BUY)


def decided_on_prices_long_gone(story: Story) -> None:
    old = {"bid": "49999", "ask": "50001", "time_us": story.now_us}
    story.wait(600)
    story.tell("quotes", touches={"BTC-USD": old})
    story.cycle()
    story.record(BUY)
    story.send(BUY)


def decided_on_prices_of_now(story: Story) -> None:
    now = {"bid": "49999", "ask": "50001", "time_us": story.now_us}
    story.tell("quotes", touches={"BTC-USD": now})
    story.cycle()
    story.record(BUY)
    story.send(BUY)


def too_many_requests(story: Story) -> None:
    for _ in range(31):
        story.wait(0.01)
        story.ask("GET", LISTING)


def too_many_entries(story: Story) -> None:
    for number in range(61):
        story.wait(50)
        name = f"t247-a-1-x{number}"
        story.cycle()
        story.record(name, decision=f"{number}:BTC-USD", size="0.00004")
        number_sent = story.send(name)
        story.create(name, status="CANCELLED")
        story.answer(number_sent)
        story.take(name)
        story.see_end(name, "CANCELLED")


def halt_forgotten(story: Story) -> None:
    story.bought()
    halted(story)
    story.halts.clear()
    story.fold()


def mark_forgotten(story: Story) -> None:
    story.bought()
    story.mark = Decimal(90_000)
    story.fold()


def state_differs(story: Story) -> None:
    story.bought()
    halted(story)
    story.fold()["portfolio"]["state"] = "ACTIVE"


def fell(*, latches: str = "", to: str = "96900") -> Part:
    """Equity falls by more than three per cent within the day."""

    def part(story: Story) -> None:
        story.cycle()
        story.wait(60)
        story.deposit(str(Decimal(to) - 100_000), flow=False)
        story.cycle()
        if latches:
            story.journal(("halt_latched", {"name": "daily_stop", "cause": "so"}))
            story.halts.append("daily_stop")
        if latches == "at once":
            story.join()
        story.wait(60)
        story.cycle()

    return part


def held_under_its_stop(story: Story) -> None:
    story.bought()
    story.cycle({"BTC-USD": "48900"})


def sold_but_unlisted(story: Story) -> None:
    """The stop's sale is through, and the venue does not list its fill yet."""
    name = "t247-a-1-2"
    story.bought()
    story.cycle({"BTC-USD": "49500"})
    story.record(name, side="SELL", price="49500", leg=1, decision="1:BTC-USD")
    number = story.send(name, bid="49500", ask="49500")
    story.tell("arrived", id=number)
    story.create(name, status="FILLED")
    fill = story.fill(name)
    story.answer(number)
    story.take(name)
    story.see_end(name, "FILLED")
    story.wait(20)
    story.cycle({"BTC-USD": "48900"})
    story.wait(20)
    story.book(name, fill)


def held_too_long(story: Story) -> None:
    story.bought()
    story.wait(3_700)
    story.cycle({"BTC-USD": "50000"})


def alert(story: Story, *, tried: bool, is_over: bool = True) -> None:
    raised = {"severity": "CRITICAL", "code": "pause", "text": "x"}
    latched = ("halt_latched", {"name": "pause", "cause": "", "keeps_sales": False})
    story.journal(latched, ("alert_raised", raised))
    story.halts.append("pause")
    if tried:
        story.told_of("tried", "CRITICAL pause", "x", is_taken=False)
    if is_over:
        story.wait(7)
        story.end()


def latched_silently(story: Story) -> None:
    story.journal(("halt_latched", {"name": "pause", "cause": "", "keeps_sales": False}))


def chain_broken(story: Story) -> None:
    story.cycle()
    story.told[-1]["events"][0]["payload"]["equity"] = "100001"


def event_left_out(story: Story) -> None:
    story.cycle()
    story.told.pop()
    story.cycle()


def sent_by_an_older_process(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    story.start()
    story.incarnation -= 1
    story.send(BUY)


def sent_after_being_robbed(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    story.tell("taken", epoch=story.epoch + 1)
    story.send(BUY)


def written_after_being_robbed(story: Story) -> None:
    story.cycle()
    story.tell("taken", epoch=2)
    story.cycle()


def epoch_again(story: Story) -> None:
    story.epoch -= 1
    story.start()


def secret_in_an_event(story: Story) -> None:
    story.journal(("alert_raised", {"severity": "INFO", "code": "x", "text": f"key {SECRET}"}))


def secret_in_an_alert(story: Story) -> None:
    story.tell("alert", what="raised", id=1, code="x", severity="info", text=f"key {SECRET}")


def sent_in_recovery(story: Story) -> None:
    story.cycle()
    story.record(BUY)
    story.die()
    story.tell("process", what="started")
    story.send(BUY)


def recovered_differently(story: Story) -> None:
    restarted(story)
    story.die()
    story.tell("process", what="started")
    again = "cash_flowed", {"amount": "1", "cause": "again"}
    story.journal(session(story), again)
    story.tell("process", what="recovered")


def never_settled(story: Story) -> None:
    undecided(story)
    story.end()


def resting(story: Story, *, wish: bool) -> None:
    """A buy rests while the switch is up, and a cycle goes by."""
    story.cycle()
    story.record(BUY)
    story.answer(story.send(BUY))
    story.create(BUY)
    story.take(BUY)
    story.tell("kill", is_on=True)
    story.journal(("halt_latched", {"name": "kill_switch", "cause": "x"}))
    story.journal(("alert_raised", {"severity": "CRITICAL", "code": "kill_switch", "text": "x"}))
    if wish:
        story.journal(("cancel_requested", {"client_order_id": BUY}))
    story.wait(30)
    story.cycle()


def marked_at_the_ask(story: Story) -> None:
    story.bought()
    touch = {"bid": "49990", "ask": "50010", "time_us": story.now_us}
    story.tell("quotes", touches={"BTC-USD": touch})
    story.cycle({"BTC-USD": "50010"})


def correction_overlooked(story: Story) -> None:
    story.bought()
    fill = next(each["fills"][0] for each in story.told if each.get("fills"))
    story.exchange(fills=[{**fill, "entry_id": "taken back", "kind": "REVERSAL"}])
    story.tell("calm")
    story.tell("settled")


def entries_above_the_policy(story: Story) -> None:
    story.told[0]["limits"] = {**story.told[0]["limits"], "entries_per_hour": 1}
    for place in range(2):
        story.cycle()
        name = f"t247-a-1-{place}"
        story.record(name, size="0.0001", decision=f"{place}:BTC-USD")
        story.send(name)
        story.settle(name, {"is": "Declined", "is_sent": True, "code": "x", "message": ""})


def no_cycle_after_calm(story: Story) -> None:
    story.bought()
    story.wait(1)
    story.tell("calm")
    story.tell("settled")


def told_once(story: Story, *, again: bool = False) -> None:
    """A channel does not take a warning; it is tried again, or is not."""
    story.journal(("alert_raised", {"severity": "WARNING", "code": "trade", "text": "x"}))
    story.told_of("tried", "WARNING trade", "x", is_taken=False)
    if again:
        story.told_of("delivered", "WARNING trade", "x")
    story.end()


def warned(body: str, story: Story) -> None:
    """Three warnings count as told after this message; after none where it has no body."""
    for number in range(3):
        text = f"fact {number}"
        story.journal(("alert_raised", {"severity": "WARNING", "code": "trade", "text": text}))
    if body:
        story.tell("message", title="WARNING folded (x)", body=body, is_taken=True)
    for id in range(story.seq - 2, story.seq + 1):
        story.tell("alert", what="delivered", id=id, code="folded", severity="", text="")
    story.end()


def repeated_to_nobody(story: Story) -> None:
    """What is critical is folded into a repetition of which nothing is heard."""
    alert(story, tried=True)
    story.tell("alert", what="delivered", id=story.seq, code="folded", severity="", text="")
    story.end()


def told_by_nobody_for_long(story: Story, *, every: int = 60) -> None:
    """The channel is up again, and nothing comes of it, cycle after cycle."""
    told_once_amid(story)
    for _ in range(13):
        story.wait(every)
        story.cycle()
        story.fold()


def told_once_amid(story: Story) -> None:
    story.tell("channel", is_up=False)
    story.journal(("alert_raised", {"severity": "WARNING", "code": "trade", "text": "x"}))
    story.tell("alert", what="tried", id=story.seq, code="c", severity="", text="down")
    story.tell("channel", is_up=True)


def grows(story: Story) -> None:
    for _ in range(3):
        story.journal(("alert_raised", {"severity": "INFO", "code": "x", "text": "x" * 30_000_000}))
        story.wait(86_400)


BROKEN: dict[str, tuple[str, Part]] = {
    "an order above its ceiling": ("I1", too_large),
    "orders that add up, open": ("I1", lambda story: too_much(story, unread=False)),
    "orders that add up, filled and not read": ("I1", lambda story: too_much(story, unread=True)),
    "equity without a mark": ("I1", equity_without_a_mark),
    "equity overstated": ("I1", equity_overstated),
    "marked at the ask": ("I1", marked_at_the_ask),
    "sent after the stop": ("I2", stop_ignored),
    "bought under a loss stop": ("I2", bought_under("daily_stop")),
    "sent under a halt": ("I2", bought_under("kill_switch")),
    "rests on under the stop": ("I2", lambda story: resting(story, wish=False)),
    "sent unrecorded": ("I3", sent_unrecorded),
    "sent with another body": ("I3", sent_otherwise),
    "sent twice": ("I4", sent_twice),
    "decided twice": ("I4", decided_twice),
    "a second one while one is unknown": ("I5", second_while_unknown),
    "booked twice": ("I6", booked_twice),
    "booked at another price": ("I6", booked_otherwise(price="50000.01")),
    "booked with another fee": ("I6", booked_otherwise(fee="1.0000000001")),
    "booked on the other side": ("I6", booked_otherwise(side="SELL")),
    "booked, and never made": ("I6", booked_otherwise(entry_id="nobody's")),
    "never booked": ("I6", never_booked),
    "listed, and not booked for long": ("I6", lambda story: left_out(story, cycles=23)),
    "set aside": ("I6", set_aside),
    "set aside, and never made": ("I6", set_aside_and_never_made),
    "set aside, and booked before": ("I6", set_aside_when_booked),
    "a correction is overlooked": ("I6", correction_overlooked),
    "cash off by a hair": ("I7", figure("cash")),
    "more held than bought": ("I7", quantity_off),
    "the wallet differs in the end": ("I7", wallet_differs_at_the_end),
    "a difference to what no wallet had": (
        "I7",
        lambda story: story.journal(("difference_found", difference("99999"))),
    ),
    "more is explained than has moved": (
        "I7",
        lambda story: story.journal(("cash_flowed", {"amount": "5", "cause": "a gift"})),
    ),
    "a difference of what is not known at all": (
        "I7",
        lambda story: story.journal(("difference_found", difference("100000", ledger="1"))),
    ),
    "a difference to coins that nobody has": (
        "I7",
        lambda story: story.journal(("difference_found", difference("7", "base:DOGE"))),
    ),
    "a difference to what a wallet had long ago": (
        "I7",
        lambda story: late_difference(story, readings=1),
    ),
    "realised off by a hair": ("I8", figure("realised")),
    "fees off by a hair": ("I8", figure("fees")),
    "cost off by a hair": ("I8", cost_off),
    "a position has made nothing by its sale": ("I8", partial(told_as_made_so_far, "0")),
    "what is held has made more, without its fee": ("I8", partial(told_as_made, "4")),
    "a wallet moves by itself": ("I9", wallet_off),
    "cash and cost do not add up": ("I9", cost_off),
    "a commit is lost": ("I10", commit_lost),
    "a commit is changed": ("I10", commit_changed),
    "a file is lost": ("I10", lambda story: story.tell("lost", text="x")),
    "no answer is a no": ("I11", settled_as(DECLINED)),
    "no answer is not sent": ("I11", settled_as(NOT_SENT)),
    "no though it lives": ("I11", settled_as(DECLINED, status=200, lives=True)),
    "it was found to be another order, and there is none": ("I11", found_to_be_another),
    "it was found to be another order, and it is not": (
        "I11", lambda story: found_to_be_another(story, is_there=True),
    ),
    "another's order is taken for it": (
        "I11", settled_as({"is": "Acknowledged", "order_id": "another"}, status=200),
    ),
    "settled again": ("I11", settled_again),
    "given up by time alone": ("I11", given_up_with(times=0)),
    "given up too early": ("I11", given_up_with(first=60)),
    "given up on one look": ("I11", given_up_with(gap=1)),
    "given up though it lives": ("I11", given_up_though_it_lives),
    "its own journal forbids it": ("I11", forbidden),
    "released while it lives": ("I11", released),
    "released before its fills": ("I11", released_before_its_fills),
    "sold more than held": ("I12", oversold),
    "sold twice": ("I12", sold_twice),
    "on margin": ("I12", sent_as('"side"', '"leverage": "2", "side"')),
    "a market order": ("I12", sent_as("limit_limit_gtd", "market_market_ioc")),
    "an entry that takes": ("I12", sent_as('"post_only": true', '"post_only": false')),
    "more on hold than there is": ("I12", overdrawn),
    "lives past its end": ("I13", lives_on),
    "has no end": ("I13", lives_without_end),
    "may live too long": ("I13", may_live_too_long),
    "bought too high": ("I14", priced_off),
    "sold too low": ("I14", sold_off),
    "sold too low for all that was shown lately": ("I14", sold_under_all_that_was_shown_lately),
    "sent long after its decision": ("I14", sent_late),
    "decided on old prices": ("I14", decided_on_old_prices),
    "decided on prices of an old time": ("I14", decided_on_prices_of_an_old_time),
    "decided on prices long gone": ("I14", decided_on_prices_long_gone),
    "too many requests": ("I15", too_many_requests),
    "too many entries": ("I15", too_many_entries),
    "a halt is forgotten": ("I16", halt_forgotten),
    "the high-water mark is forgotten": ("I16", mark_forgotten),
    "the trading state is another": ("I16", state_differs),
    "a loss does not stop it": ("I17", fell()),
    "a loss stops it in another transaction": ("I17", fell(latches="late")),
    "held under its stop": ("I17", held_under_its_stop),
    "held too long": ("I17", held_too_long),
    "nobody is told": ("I18", lambda story: alert(story, tried=False)),
    "nobody hears": ("I18", lambda story: alert(story, tried=True)),
    "a warning is told once, and not taken": ("I18", told_once),
    "warnings count as told, and no digest was": ("I18", partial(warned, "")),
    "warnings count as told, and another's digest was": (
        "I18", partial(warned, "Folded within 9 min: 3 x WARNING pause. Next: x"),
    ),
    "a repetition that nobody hears": ("I18", repeated_to_nobody),
    "a secret in a message": ("I21", partial(warned, f"fact 0 fact 1 fact 2 {SECRET}")),
    "a warning waits for the next process": ("I18", told_by_nobody_for_long),
    "a halt without an alert": ("I18", latched_silently),
    "an event is changed": ("I19", chain_broken),
    "an event is missing": ("I19", event_left_out),
    "an older process sends": ("I20", sent_by_an_older_process),
    "a process sends whose journal is taken": ("I20", sent_after_being_robbed),
    "a process writes whose journal is taken": ("I20", written_after_being_robbed),
    "an epoch comes again": ("I20", epoch_again),
    "a secret in an event": ("I21", secret_in_an_event),
    "a secret in an alert": ("I21", secret_in_an_alert),
    "a recovery sends": ("I22", sent_in_recovery),
    "a second recovery finds more": ("I22", recovered_differently),
    "more entries than the policy allows": ("I15", entries_above_the_policy),
    "still unknown in the end": ("I23", never_settled),
    "no cycle in the end": ("I23", no_cycle_after_calm),
    "the journal grows and grows": ("I24", grows),
}  # fmt: skip


@pytest.mark.parametrize(("promise", "part"), BROKEN.values(), ids=BROKEN)
def test_what_is_broken_is_named(promise: str, part: Part) -> None:
    assert promise in broken(part)


@pytest.mark.parametrize(
    "part",
    [fell(latches="at once"), fell(to="97001")],
    ids=["a loss that stops it", "a loss that need not"],
)
def test_a_loss_is_fine_where_it_stops_or_is_small(part: Part) -> None:
    assert "I17" not in broken(part)


def test_a_price_that_was_within_the_collar_may_be_left_by_the_market() -> None:
    said = broken(sold_as_the_market_rose)
    assert "I14" not in said, said


def test_what_is_decided_on_prices_of_now_is_fine() -> None:
    assert "I14" not in broken(decided_on_prices_of_now)


def test_what_is_sold_is_not_held_though_its_fill_is_not_listed_yet() -> None:
    assert "I17" not in broken(sold_but_unlisted)


def test_nobody_is_told_while_the_machine_sleeps() -> None:
    def part(awake_s: int) -> Part:
        def told(story: Story) -> None:
            alert(story, tried=False, is_over=False)
            story.wait(840)
            story.tell("slept", span_us=840_000_000)
            story.wait(awake_s)
            story.cycle()

        return told

    late = "nobody was told in time of what is critical: pause"
    assert not any(each.text == late for each in judged(part(0)))
    assert any(each.text == late for each in judged(part(60)))


def test_a_warning_that_is_tried_again_is_fine() -> None:
    assert judged(lambda story: told_once(story, again=True)) == []
    digest = "Folded within 9 min: 3 x WARNING trade. Next: trader247 alerts list"
    assert judged(partial(told_by_nobody_for_long, every=50)) == []
    for body in ("fact 2; fact 1; fact 0", digest):
        assert judged(partial(warned, body)) == []


def test_every_promise_is_planted_against() -> None:
    assert {each.id for each in PROMISES} == {f"I{number}" for number in range(1, 25)}
    assert {promise for promise, _ in BROKEN.values()} == {each.id for each in PROMISES}


def test_every_promise_has_a_manual() -> None:
    for each in PROMISES:
        first, *rest = each.manual().strip().splitlines()
        assert first.endswith((".", ",", ";")) or rest, each
        assert len(each.manual()) > 60, each


def test_the_checker_imports_nothing_of_the_trader() -> None:
    folder = Path(inspect.getfile(trader247.truth)).parent
    files = list(folder.rglob("*.py"))
    assert len(files) > 10
    ours = {
        name
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names] if isinstance(node, ast.Import) else []
        )
        if name.startswith("trader247")
    }  # fmt: skip
    assert ours
    assert {name for name in ours if not name.startswith("trader247.truth")} == set()


def test_times_are_read_to_the_microsecond() -> None:
    assert time_text(1_767_571_200_000_001) == "2026-01-05T00:00:00.000001Z"


def test_an_intent_that_is_told_of_after_a_restart_is_as_old_as_it_is() -> None:
    """Recorded just before its process died, read by the next one minutes later."""

    def part(story: Story) -> None:
        story.cycle()
        recorded = len(story.told)
        story.record(BUY)
        late = story.told.pop(recorded)
        story.die()
        story.wait(100)
        story.incarnation += 1
        story.epoch += 1
        story.tell("process", what="started")
        story.told.append({**late, "at_us": story.now_us, "incarnation": story.incarnation})
        session = {"epoch": story.epoch, "code_version": "0", "was_clean": False}
        story.journal(("session_started", session))
        story.settle(BUY, {"is": "Unknown", "detail": "x", "latch": False})
        story.tell("process", what="recovered")
        story.wait(81)
        for _ in range(3):
            story.list_orders()
            story.wait(30)
        never = {"is": "Declined", "code": "not_created", "message": "", "is_sent": False}
        story.settle(BUY, never)

    assert "I11" not in broken(part)


def test_a_fill_may_be_listed_late_or_not_at_all_as_long_as_nobody_can_read() -> None:
    assert "I6" not in broken(lambda story: left_out(story, cycles=21))
    assert "I6" not in broken(lambda story: left_out(story, cycles=40, reads=False))
    assert "I6" not in broken(lambda story: left_out(story, cycles=40, is_doubted=True))


def test_who_asks_for_the_end_of_what_rests_obeys_the_stop() -> None:
    assert "I2" not in broken(lambda story: resting(story, wish=True))


@pytest.mark.parametrize(
    ("tries", "pause_s", "is_broken"),
    [(4, 0, False), (5, 0, True), (7, 590, True), (7, 601, False)],
)
def test_an_entry_that_would_not_have_rested_counts_for_none_three_times_in_a_row(
    tries: int, pause_s: int, *, is_broken: bool
) -> None:
    """Those that are further apart than ten minutes are not in a row."""

    def tried(story: Story) -> None:
        story.told[0]["limits"] = {**story.told[0]["limits"], "entries_per_hour": 1}
        for place in range(tries):
            story.now_us += pause_s * 1_000_000 if place == 3 else 0
            story.cycle()
            name = f"t247-a-1-{place}"
            story.record(name, size="0.0001", decision=f"{place}:BTC-USD")
            story.send(name)
            code = "INVALID_LIMIT_PRICE_POST_ONLY"
            story.settle(name, {"is": "Declined", "is_sent": True, "code": code, "message": ""})

    assert any(each.invariant == "I15" for each in judged(tried)) is is_broken


def flipped(how_it_ended: str, *, matters: bool) -> Part:
    def part(story: Story) -> None:
        story.die(how_it_ended)
        story.tell("flipped", matters=matters)
        story.start()

    return part


def test_nobody_trades_on_a_journal_of_which_a_bit_has_flipped() -> None:
    assert "I19" in broken(flipped("died", matters=True))
    assert "I19" not in broken(flipped("died", matters=False))
    assert "I19" not in broken(flipped("ended", matters=True))


def latched(cause: str) -> Part:
    return lambda story: story.journal(("halt_latched", {"name": "invariant", "cause": cause}))


def test_who_finds_himself_broken_is_broken() -> None:
    assert "I8" in broken(latched("2 orders left by the wire's count, 1 were recorded and sent"))
    assert "I8" not in broken(latched("t247-a-1-1: the venue acknowledged another order"))


def sent_while(*, may_send: bool) -> Part:
    def part(story: Story) -> None:
        story.cycle()
        story.record(BUY)
        story.tell("settings", may_send=may_send)
        story.send(BUY)

    return part


def test_nothing_leaves_while_a_person_lets_nothing_leave() -> None:
    assert "I2" in broken(sent_while(may_send=False))
    assert "I2" not in broken(sent_while(may_send=True))


def two_rest(*, asked: int) -> Part:
    """Two buys rest, and a stop asks for the end of so many."""

    def part(story: Story) -> None:
        names = ("t247-a-1-1", "t247-a-1-2")
        story.cycle()
        for name, product, price in (
            (names[0], "BTC-USD", "50000"),
            (names[1], "ETH-USD", "2000"),
        ):
            story.record(name, product=product, price=price, decision=f"1:{product}")
            number = story.send(name)
            story.create(name)
            story.answer(number)
            story.take(name)
        story.journal(
            *(
                ("cancel_requested", {"client_order_id": name, "cause": "kill switch"})
                for name in names[:asked]
            )
        )

    return part


def test_a_stop_asks_for_the_end_of_all_that_rest_at_once() -> None:
    assert "I2" in broken(two_rest(asked=1))
    assert "I2" not in broken(two_rest(asked=2))


def test_no_peak_is_accepted_below_what_is_there() -> None:
    def is_too_low(peak: str) -> bool:
        def part(story: Story) -> None:
            story.cycle({}, "90000")
            story.journal(("halt_cleared", {"name": "drawdown", "accepted_peak": peak}))

        return any("was cleared by a peak of" in each.text for each in judged(part))

    assert is_too_low("89999.99")
    assert not is_too_low("90000")
    assert not is_too_low("100000")
