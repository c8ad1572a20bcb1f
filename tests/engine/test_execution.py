"""Sending an order: recorded first, looked at once more, sent once, and never guessed about."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise
from uuid import UUID

import pytest
import requests
from requests import Response
from tests.engine import faulty
from tests.engine.faulty import CANCELS, LISTING, LOOKUP, ORDERS, TIME, Ask, Body, Deliver
from tests.engine.stage import BTC, ETH, SOL, Stage, unknowns
from tests.engine.test_any_switch import switched

from trader247.core.risk.reservations import exposure_of
from trader247.domain.errors import EpochLost, VenueError
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.money import FeesRead
from trader247.domain.events.orders import IntentRecorded, IntentUnseen, SubmissionSettled
from trader247.domain.intents import IntentState
from trader247.domain.milestones import Milestone
from trader247.domain.money import Bps, Money
from trader247.domain.orders import OrderState
from trader247.domain.outcomes import Acknowledged, Declined, Unknown
from trader247.domain.reasons import HaltName, Reason, Severity, TradingState
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved
from trader247.engine.execution import Execution
from trader247.simex.switches import Switches


def test_the_intent_is_on_disk_before_the_exchange_sees_the_order(stage: Stage) -> None:
    seen: list[tuple[str, str, str]] = []

    def look(ask: Ask) -> None:
        uri = f"file:{stage.places.journal}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as other:
            found = other.execute(
                "SELECT state, body, body_sha256 FROM intents WHERE client_order_id = ?",
                (ask.body["client_order_id"],),
            ).fetchall()
        assert len(found) == 1, "the exchange would see an order that nobody recorded"
        state, body, digest = found[0]
        assert body.encode() == ask.content
        assert digest == sha256(ask.content).hexdigest()
        seen.append((state, body, digest))

    stage.wire.on(ORDERS, faulty.after(look))
    stage.position()
    stage.fall("7")
    stage.cycle(4)

    assert [state for state, _, _ in seen] == ["SUBMITTING", "SUBMITTING"], "an entry and an exit"
    stage.settle()
    stage.assert_books_agree()


def test_a_lost_answer_keeps_the_whole_reservation_and_the_order_is_found_and_booked_once(
    stage: Stage,
) -> None:
    stage.wire.on(ORDERS, faulty.answer_lost, times=1)
    listing = stage.wire.on(LISTING, faulty.edited(_without_orders))
    stage.breakout()
    stage.cycle()

    assert stage.ending().reason is Reason.UNKNOWN_OUTCOME
    intent = stage.working().intent
    assert stage.working().state is IntentState.UNKNOWN
    assert exposure_of(BTC, stage.portfolio) == intent.price * intent.quantity
    stage.breakout()
    stage.cycle()
    assert stage.ending().reason is Reason.ORDER_WORKING
    assert len(stage.wire.lines(ORDERS)) == 1

    stage.wire.lift(listing)
    stage.cycle()
    assert stage.working().state is IntentState.ACCEPTED
    stage.fall("1")
    stage.cycle()
    assert BTC in stage.portfolio.positions
    assert len(stage.wire.lines(ORDERS)) == 1
    stage.assert_books_agree()


def test_an_order_that_filled_while_its_answer_was_lost_is_booked_once(stage: Stage) -> None:
    stage.wire.on(ORDERS, faulty.answer_lost, times=1)
    listing = stage.wire.on(LISTING, faulty.edited(_without_orders))
    lookup = stage.wire.on(LOOKUP, faulty.NOT_FOUND)
    stage.breakout()
    stage.cycle()
    stage.dip()
    stage.cycle(2)
    assert unknowns(stage.portfolio)
    assert BTC not in stage.portfolio.positions, "its fill may be ours, and waits for its order"
    assert stage.portfolio.fills_quarantined == 0

    stage.wire.lift(listing, lookup)
    stage.cycle()
    assert stage.portfolio.fills_booked == 1
    assert not stage.portfolio.working
    stage.assert_books_agree()


@pytest.mark.parametrize(
    "fault",
    [
        faulty.answered(500, '{"error":"INTERNAL","message":"try later"}'),
        faulty.answered(502, "<html>Bad gateway</html>", "text/html"),
        faulty.answered(429, "<html>slow down</html>", "text/html"),
        faulty.answered(200, "<html>welcome</html>", "text/html"),
        faulty.answered(200, "{}"),
        faulty.answered(200, '{"success":false,"error_response":{"error":"BRAND_NEW_REASON"}}'),
        faulty.answered(408, ""),
        faulty.request_lost,
        faulty.truncated,
        faulty.taken_but_answered(504, "<html>Gateway timeout</html>"),
    ],
    ids=[
        "server error",
        "edge page",
        "rate limit page",
        "no JSON",
        "empty JSON",
        "unlisted reason",
        "408",
        "request lost",
        "truncated",
        "taken, then 504",
    ],
)
def test_whatever_is_no_plain_answer_is_unknown_and_nothing_is_sent_again(
    stage: Stage, fault: faulty.Fault
) -> None:
    stage.wire.on(LISTING, faulty.edited(_without_orders))
    stage.wire.on(ORDERS, fault, times=1)
    stage.breakout()
    stage.cycle()
    assert stage.ending().reason is Reason.UNKNOWN_OUTCOME
    stage.wire.lift()
    for _ in range(8):
        stage.breakout()
        stage.cycle()
        entries = [each for each in stage.recorded(IntentRecorded) if each.intent.product == BTC]
        assert len(entries) == 1 or not unknowns(stage.portfolio)
    stage.settle()
    stage.assert_orders_are_ours_once()


@pytest.mark.parametrize("status", [302, 404, 405, 409])
def test_an_answer_that_contradicts_the_protocol_stops_everything(
    stage: Stage, status: int
) -> None:
    stage.wire.on(ORDERS, faulty.answered(status, "{}"), times=1)
    stage.breakout()
    stage.cycle()

    assert HaltName.INVARIANT in stage.portfolio.halts
    assert stage.portfolio.trading_state is TradingState.HALTED
    assert stage.working().state is IntentState.UNKNOWN
    stage.breakout(ETH)
    stage.cycle()
    assert stage.ending(ETH).reason is Reason.TRADING_STATE


def test_a_halt_amid_a_cycle_stops_the_orders_that_were_approved_before_it(stage: Stage) -> None:
    stage.position(BTC)
    stage.position(ETH)
    stage.board.move(str(BTC), "-7")
    stage.fall("7", ETH)
    stage.wire.on(ORDERS, faulty.answered(404, "{}"), times=1)
    sent, recorded = len(stage.wire.lines(ORDERS)), len(stage.recorded(IntentRecorded))
    for _ in range(4):
        stage.cycle()
        if HaltName.INVARIANT in stage.portfolio.halts:
            break

    assert HaltName.INVARIANT in stage.portfolio.halts
    assert len(stage.wire.lines(ORDERS)) == sent + 1
    assert len(stage.recorded(IntentRecorded)) == recorded + 1, "none under a halt that stands"
    assert {stage.ending(each).reason for each in (BTC, ETH)} == {
        Reason.UNKNOWN_OUTCOME,
        Reason.NOT_SENT,
    }


def test_an_acknowledgement_of_another_order_stops_everything(stage: Stage) -> None:
    def other(body: Body) -> None:
        body["success_response"]["product_id"] = "ETH-USD"

    stage.wire.on(ORDERS, faulty.edited(other), times=1)
    stage.breakout()
    stage.cycle()

    assert HaltName.INVARIANT in stage.portfolio.halts
    assert "answer_contradicts" in stage.told.codes


def test_a_request_that_never_left_is_no_order_and_reserves_nothing(stage: Stage) -> None:
    stage.wire.on(ORDERS, faulty.never_left, times=1)
    stage.breakout()
    stage.cycle()

    assert stage.ending().reason is Reason.NOT_SENT
    assert not stage.portfolio.working
    assert exposure_of(BTC, stage.portfolio) == Money.of(0)
    assert stage.orders == []


def test_a_decline_by_the_venue_frees_the_reservation_and_is_not_repeated(stage: Stage) -> None:
    no = '{"success":false,"error_response":{"error":"INSUFFICIENT_FUND","message":"no"}}'
    stage.wire.on(ORDERS, faulty.answered(200, no), times=1)
    stage.breakout()
    stage.cycle()

    assert stage.ending().reason is Reason.DECLINED
    assert not stage.portfolio.working
    stage.cycle(3)
    assert len(stage.wire.lines(ORDERS)) == 1


def test_a_clock_set_between_two_processes_makes_no_listing_a_later_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set on by as much as a venue may bear in a token: who is further ahead is not answered."""
    stage.wire.on(ORDERS, faulty.request_lost, times=1)
    stage.breakout()
    stage.cycle()
    sent = stage.now
    kind = type(stage.trader.clock)
    before = kind.now
    monkeypatch.setattr(kind, "now", lambda self: before(self) + timedelta(seconds=55))
    lenient = Switches.parse(["bearer_leeway_s=60"])
    stage.adapter = lambda exchange: switched(exchange, lenient)
    stage.restart()
    while stage.portfolio.working:
        stage.wait(10)
        stage.trader.reconciler.collect()
        assert stage.now - sent < timedelta(minutes=5), "nor hides one"
    assert stage.now - sent > timedelta(seconds=180 + 60)


def test_the_age_of_another_process_order_is_not_believed_where_the_venue_tells_no_time(
    stage: Stage,
) -> None:
    stage.wire.on(ORDERS, faulty.request_lost, times=1)
    stage.breakout()
    stage.cycle()
    silent = stage.wire.on(TIME, faulty.BROKEN)
    stage.restart()
    for _ in range(60):
        stage.wait(10)
        stage.trader.reconciler.collect()
    assert stage.portfolio.working, "nobody knows how old it is"
    stage.wire.lift(silent)
    for _ in range(12):
        stage.wait(10)
        stage.trader.reconciler.collect()
    assert not stage.portfolio.working


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_clock_that_somebody_sets_makes_no_listing_a_later_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    stage.wire.on(ORDERS, faulty.request_lost, times=1)
    stage.breakout()
    stage.cycle()
    sent = stage.now
    stage.wait(1)
    stage.trader.reconciler.collect()
    kind = type(stage.trader.clock)
    before = kind.now
    monkeypatch.setattr(kind, "now", lambda self: before(self) + timedelta(seconds=seconds))
    while stage.portfolio.working:
        stage.wait(10)
        stage.trader.reconciler.collect()
        assert stage.now - sent < timedelta(minutes=5), "nor hides one"
    assert stage.now - sent > timedelta(seconds=180 + 60)


@pytest.mark.parametrize("seconds", [3600, 30, -30, -3600])
def test_a_clock_that_somebody_sets_amid_an_order_makes_no_listing_a_later_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """Set while its answer is waited for, before anything was read without it."""
    kind = type(stage.trader.clock)
    before = kind.now

    def set_and_lost(ask: Ask, deliver: Deliver) -> Response:
        monkeypatch.setattr(kind, "now", lambda self: before(self) + timedelta(seconds=seconds))
        return faulty.request_lost(ask, deliver)

    stage.wire.on(ORDERS, set_and_lost, times=1)
    stage.breakout()
    stage.cycle()
    sent = stage.trader.clock.monotonic()
    while stage.portfolio.working:
        stage.wait(10)
        stage.trader.reconciler.collect()
        age = stage.trader.clock.monotonic() - sent
        assert age < timedelta(minutes=5), "nor hides one"
    assert age > timedelta(seconds=180 + 50)


def test_a_lost_request_is_not_created_only_by_three_late_listings_without_it(
    stage: Stage,
) -> None:
    stage.wire.on(ORDERS, faulty.request_lost, times=1)
    stage.breakout()
    stage.cycle()
    created = stage.working().intent.created
    settled_after: timedelta | None = None
    listings: list[timedelta] = []
    for _ in range(40):
        stage.wait(10)
        before = len(stage.recorded(IntentUnseen))
        stage.trader.reconciler.collect()
        age = stage.now - created
        if len(stage.recorded(IntentUnseen)) > before:
            listings.append(age)
        if not stage.portfolio.working:
            settled_after = age
            break

    assert settled_after is not None
    assert settled_after > timedelta(seconds=180 + 60)
    evidence = [*listings, settled_after]
    assert len(evidence) >= 3
    assert min(evidence) > timedelta(seconds=180)
    gaps = [later - earlier for earlier, later in pairwise(evidence)]
    assert min(gaps) >= timedelta(seconds=30)
    assert stage.orders == []
    assert len(stage.wire.lines(ORDERS)) == 1, "it is never sent again"
    outcome = stage.recorded(SubmissionSettled)[-1].outcome
    assert isinstance(outcome, Declined)
    assert outcome.code == "not_created"


def test_listings_that_fail_are_no_evidence_of_anything(stage: Stage) -> None:
    stage.wire.on(ORDERS, faulty.request_lost, times=1)
    stage.breakout()
    stage.cycle()
    stage.wire.on(LISTING, faulty.BROKEN)
    stage.cycle(15)

    assert unknowns(stage.portfolio)
    assert not stage.recorded(IntentUnseen)
    critical = [each for each in stage.told.alerts if each.code == "unknown_outcome"]
    assert Severity.CRITICAL in {each.severity for each in critical}, "ten minutes are too long"


def test_an_order_that_turns_up_after_it_was_given_up_is_cancelled_told_of_and_latched(
    stage: Stage,
) -> None:
    held: list[Ask] = []

    def keep(ask: Ask, _: faulty.Deliver) -> Response:
        held.append(ask)
        raise requests.ReadTimeout("no answer in time")

    stage.wire.on(ORDERS, keep, times=1)
    stage.breakout()
    stage.cycle()
    given_up = stage.working()
    for _ in range(9):
        stage.cycle()
    assert not stage.portfolio.working
    assert stage.portfolio.trading_state is TradingState.ACTIVE

    body = held[0].body
    terms = body["order_configuration"]["limit_limit_gtd"]
    late = str(stage.now + timedelta(minutes=30))
    stage.exchange.do(
        {
            "action": "place",
            "client_order_id": body["client_order_id"],
            "product_id": body["product_id"],
            "side": body["side"],
            "order_configuration": {"limit_limit_gtd": {**terms, "end_time": late}},
        }
    )
    stage.cycle()

    assert "late_order" in stage.told.codes
    assert stage.cancelled(given_up)
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts
    stage.settle()
    assert not stage.portfolio.working
    stage.assert_books_agree()
    assert stage.unlock(HaltName.RECONCILIATION_BREAK)[0]


def test_an_order_that_was_taken_with_a_plain_no_is_cancelled_told_of_and_latched(
    stage: Stage,
) -> None:
    """It was settled as refused, and its money was free: it turns up in the next listing."""
    no = '{"success":false,"error_response":{"error":"INSUFFICIENT_FUND","message":"no"}}'
    stage.wire.on(ORDERS, faulty.taken_but_answered(200, no, "application/json"), times=1)
    stage.breakout()
    stage.cycle(3)

    assert "late_order" in stage.told.codes
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts
    assert [each["status"] for each in stage.orders] == ["CANCELLED"]
    stage.settle()
    stage.assert_books_agree()


def test_fills_of_an_order_that_turned_up_late_are_booked(stage: Stage) -> None:
    stage.wire.on(ORDERS, faulty.answer_lost, times=1)
    hidden = stage.wire.on(LISTING, faulty.edited(_without_orders))
    stage.breakout()
    stage.cycle(9)
    assert not stage.portfolio.working, "it expired unfilled and unseen, and was given up"
    stage.wire.lift(hidden)
    stage.cycle()

    assert not stage.portfolio.working
    stage.assert_books_agree()


def test_a_stop_raised_after_the_record_keeps_the_order_from_leaving(stage: Stage) -> None:
    stage.trap(IntentRecorded, lambda: _raise_stop(stage))
    stage.breakout()
    stage.cycle()

    assert stage.wire.lines(ORDERS) == []
    assert stage.ending().reason is Reason.NOT_SENT
    outcome = stage.recorded(SubmissionSettled)[-1].outcome
    assert outcome == Declined("not_sent", "the kill switch is on", is_sent=False)
    assert not stage.portfolio.working


def test_an_order_decided_more_than_two_seconds_ago_is_not_sent(stage: Stage) -> None:
    stage.trap(IntentRecorded, lambda: stage.exchange.advance(stage.now.us + 2_000_001))
    stage.breakout()
    stage.cycle()

    assert stage.wire.lines(ORDERS) == []
    assert stage.ending().reason is Reason.NOT_SENT
    assert "decided" in stage.ending().detail


def test_a_stop_that_was_raised_before_anything_was_recorded_leaves_no_intent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The permit alone says no here: no halt is latched yet."""

    def at(milestone: Milestone) -> None:
        if milestone is Milestone.DECIDED:
            _raise_stop(stage)

    monkeypatch.setattr(execution(stage), "_passing", at)
    stage.breakout()
    stage.cycle()
    assert stage.ending().reason is Reason.NOT_SENT
    assert stage.recorded(IntentRecorded) == []
    assert stage.wire.lines(ORDERS) == []


def test_an_order_decided_two_seconds_ago_is_still_sent(stage: Stage) -> None:
    stage.trap(IntentRecorded, lambda: stage.exchange.advance(stage.now.us + 2_000_000))
    stage.breakout()
    stage.cycle()

    assert stage.ending().reason is Reason.ENTRY_SENT


def test_a_quote_that_aged_past_its_limit_while_it_was_decided_sends_nothing(
    stage: Stage,
) -> None:
    def aged(body: Body) -> None:
        body["pricebook"]["time"] = str(stage.now - timedelta(seconds=29))

    stage.wire.on(faulty.BOOKS, faulty.edited(aged))
    stage.trap(IntentRecorded, lambda: stage.exchange.advance(stage.now.us + 1_500_000))
    stage.breakout()
    stage.cycle()

    assert stage.wire.lines(ORDERS) == []
    assert stage.ending().reason is Reason.NOT_SENT
    assert "quote" in stage.ending().detail


def test_a_quote_of_exactly_its_limit_is_still_a_price_when_it_is_sent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = execution(stage)
    ages: list[timedelta] = []
    looked = sending._too_late

    def look(approved: Approved) -> str | None:
        monkeypatch.setattr(sending, "_quote_age_max", stage.now - approved.quote_time)
        ages.append(stage.now - approved.quote_time)
        return looked(approved)

    monkeypatch.setattr(sending, "_too_late", look)
    stage.breakout()
    stage.cycle()
    assert ages
    assert stage.ending().reason is Reason.ENTRY_SENT


def test_a_clock_that_was_set_back_makes_no_decision_young(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending = execution(stage)

    class SetBack:
        def now(self) -> Instant:
            return stage.now - timedelta(hours=1)

    looked = sending._too_late
    edges: list[str | None] = []

    def look(approved: Approved) -> str | None:
        most = timedelta(seconds=stage.policy.execution.decision_seconds_max)
        for ahead in (most, most + timedelta(microseconds=1)):
            decided = stage.now - timedelta(hours=1) + ahead
            edges.append(looked(replace(approved, decided_at=decided)))
        return looked(approved)

    monkeypatch.setattr(sending, "_too_late", look)
    stage.trap(IntentRecorded, lambda: monkeypatch.setattr(sending, "_clock", SetBack()))
    stage.breakout()
    stage.cycle()
    at_most, over = edges
    assert at_most is None
    assert "yet to come" in str(over)
    assert stage.wire.lines(ORDERS) == []
    assert stage.ending().reason is Reason.NOT_SENT
    assert "clock" in stage.ending().detail


def test_what_was_approved_to_buy_is_not_recorded_once_only_exposure_may_go_down(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pause(at: Milestone) -> None:
        if at is Milestone.DECIDED:
            stage.trader.ledger.record(HaltLatched(HaltName.PAUSE, "a person's wish"))

    monkeypatch.setattr(stage.trader.cycle._execution, "_passing", pause)
    stage.breakout()
    stage.cycle()
    assert not stage.recorded(IntentRecorded)
    assert stage.ending().reason is Reason.NOT_SENT
    assert stage.ending().detail == "pause stands"


def test_what_must_leave_is_sent_while_only_exposure_may_go_down(stage: Stage) -> None:
    stage.position()
    stage.trader.ledger.record(HaltLatched(HaltName.PAUSE, "a person's wish"))
    assert stage.portfolio.trading_state is TradingState.REDUCING
    stage.fall("7")
    stage.cycle(4)
    sold = [each for each in stage.wire.lines(ORDERS) if each.body["side"] == "SELL"]
    assert sold
    assert BTC not in stage.portfolio.positions


@pytest.mark.parametrize(("maker", "taker"), [(60, 70), (70, 60)])
def test_an_intent_reserves_the_worse_fee_of_the_accounts_own_tier(
    stage: Stage, maker: int, taker: int
) -> None:
    stage.cycle()
    tier = stage.portfolio.fee_tier
    assert tier is not None
    better = replace(tier, maker=Bps.of(maker), taker=Bps.of(taker))
    stage.trader.ledger.record(FeesRead(better))
    stage.entry()
    (first,) = stage.recorded(IntentRecorded)
    assert first.intent.taker_fee_fraction == Bps.of(70).fraction
    assert stage.policy.execution.fallback_taker_bps != Bps.of(70)


def test_only_what_was_asked_to_end_and_did_not_is_asked_again(stage: Stage) -> None:
    kept, asked = stage.entry(ETH), stage.entry(BTC)
    stage.wire.on(CANCELS, faulty.request_lost, times=1)
    with contextlib.suppress(VenueError):
        execution(stage).cancel([asked.intent.client_order_id], "a test")
    before = len(stage.wire.lines(CANCELS))
    execution(stage).cancel_again()
    (line,) = stage.wire.lines(CANCELS)[before:]
    assert line.body["order_ids"] == [asked.order_id]
    assert stage.working(ETH) == kept

    ending = stage.working(BTC)
    assert ending.order is not None
    over = replace(ending, order=replace(ending.order, state=OrderState.CANCELLED))
    working = {**stage.portfolio.working, asked.intent.client_order_id: over}
    stage.trader.ledger._portfolio = replace(stage.portfolio, working=working)
    execution(stage).cancel_again()
    assert len(stage.wire.lines(CANCELS)) == before + 1, "it is over, and waits for its fills"


def test_all_is_cancelled_but_what_is_kept(stage: Stage) -> None:
    kept, gone = stage.entry(ETH), stage.entry(BTC)
    execution(stage).cancel_all("a test", is_kept=lambda each: each.order_id == kept.order_id)
    (line,) = stage.wire.lines(CANCELS)
    assert line.body["order_ids"] == [gone.order_id]


def test_all_is_cancelled_where_nothing_is_said_of_keeping(stage: Stage) -> None:
    both = stage.entry(ETH), stage.entry(BTC)
    execution(stage).cancel_all("a test")
    (line,) = stage.wire.lines(CANCELS)
    assert line.body["order_ids"] == [each.order_id for each in both]


def test_of_all_what_was_asked_to_end_before_and_did_not_is_cancelled_again(stage: Stage) -> None:
    asked, other = stage.entry(ETH), stage.entry(BTC)
    stage.wire.on(CANCELS, faulty.request_lost)
    with pytest.raises(VenueError):
        execution(stage).cancel([asked.intent.client_order_id], "a test")
    stage.wire.lift()
    assert not stage.cancelled(asked)
    assert stage.working(ETH).cancel_requested is not None
    execution(stage).cancel_all("a stop")
    line = stage.wire.lines(CANCELS)[-1]
    assert line.body["order_ids"] == [asked.order_id, other.order_id]
    assert stage.cancelled(asked)


def test_of_all_what_ended_and_waits_for_fills_is_not_cancelled(stage: Stage) -> None:
    over, gone = stage.entry(ETH), stage.entry(BTC)
    assert over.order is not None
    name = over.intent.client_order_id
    ended = replace(over, order=replace(over.order, state=OrderState.CANCELLED))
    working = {**stage.portfolio.working, name: ended}
    stage.trader.ledger._portfolio = replace(stage.portfolio, working=working)
    execution(stage).cancel_all("a test")
    (line,) = stage.wire.lines(CANCELS)
    assert line.body["order_ids"] == [gone.order_id]


def test_a_ledger_that_broke_a_rule_is_not_taken_for_sound_when_its_stop_is_lifted(
    stage: Stage,
) -> None:
    found, ledger = execution(stage), stage.trader.ledger
    cash = ledger.portfolio.cash
    assert cash is not None
    ledger._portfolio = replace(ledger.portfolio, cash=cash + Money.of(1))
    found.check_ledger()
    assert "cash is" in stage.portfolio.halts[HaltName.INVARIANT].cause
    ledger._portfolio = replace(ledger.portfolio, halts={})
    found.check_ledger()
    assert "cash is" in stage.portfolio.halts[HaltName.INVARIANT].cause


def test_what_a_venue_sent_before_is_not_counted_and_what_it_sends_since_is(stage: Stage) -> None:
    stage.entry(ETH)
    first = execution(stage)
    later = Execution(
        ledger=stage.trader.ledger,
        venue=first._venue,
        clock=first._clock,
        ids=first._ids,
        permit=first._permit,
        policy=stage.policy,
        quote_seconds_max=5,
        code_version="",
        passing=stage.passing,
    )
    later.compare_counts()
    assert HaltName.INVARIANT not in stage.portfolio.halts
    stage.entry(BTC)
    later.compare_counts()
    cause = stage.portfolio.halts[HaltName.INVARIANT].cause
    assert cause == "1 orders left by the wire's count, 0 were recorded and sent"


def execution(stage: Stage) -> Execution:
    """The one place that sends, of a running trader."""
    found = stage.trader.loop._execution
    assert isinstance(found, Execution)
    return found


def test_an_order_never_leaves_once_another_process_has_taken_the_journal(stage: Stage) -> None:
    def taken() -> None:
        with closing(sqlite3.connect(stage.places.journal)) as other, other:
            other.execute("UPDATE lease SET epoch = 99")

    stage.trap(IntentRecorded, taken)
    stage.breakout()
    with pytest.raises(EpochLost):
        stage.cycle()

    assert stage.wire.lines(ORDERS) == []


@pytest.mark.parametrize(
    ("faults", "is_latched"),
    [
        ([faulty.FORBIDDEN], True),
        ([faulty.UNAUTHORIZED], False),
        ([faulty.UNAUTHORIZED, faulty.UNAUTHORIZED], True),
        ([faulty.UNAUTHORIZED, None, faulty.UNAUTHORIZED], False),
    ],
    ids=["no permission", "one 401", "two 401 running", "two 401 with an order between"],
)
def test_a_key_that_the_venue_refuses_for_orders_halts_trading(
    stage: Stage, faults: list[Callable[..., Response] | None], is_latched: bool
) -> None:
    for product, fault in zip((BTC, ETH, SOL), faults, strict=False):
        if fault is not None:
            stage.wire.on(ORDERS, fault, times=1)
        stage.breakout(product)
        stage.cycle()
        expected = Reason.ENTRY_SENT if fault is None else Reason.DECLINED
        assert stage.ending(product).reason is expected, stage.ending(product)
        is_last = len(stage.recorded(SubmissionSettled)) == len(faults)
        assert (HaltName.KEY in stage.portfolio.halts) == (is_latched and is_last)
        stage.cycle(2)


def test_two_refusals_of_the_key_count_across_a_restart(stage: Stage) -> None:
    stage.wire.on(ORDERS, faulty.UNAUTHORIZED, times=2)
    stage.breakout()
    stage.cycle()
    stage.restart()
    stage.cycle()
    stage.breakout(ETH)
    stage.cycle()

    assert HaltName.KEY in stage.portfolio.halts


def test_a_cancel_that_the_venue_does_not_answer_is_asked_again(stage: Stage) -> None:
    entry = stage.entry()
    stage.wire.on(CANCELS, faulty.answer_lost, times=1)
    stage.wire.on(CANCELS, faulty.request_lost, times=1)
    stage.kill.raise_(reason="", operator="", time="")
    stage.cycle(3)

    assert len(stage.wire.lines(CANCELS)) >= 1
    assert stage.cancelled(entry)
    assert not stage.portfolio.working


def test_acknowledgements_are_only_taken_for_what_was_sent(stage: Stage) -> None:
    entry = stage.entry()
    outcome = stage.recorded(SubmissionSettled)[-1].outcome
    assert isinstance(outcome, Acknowledged)
    order = next(each for each in stage.orders if each["order_id"] == outcome.order_id)
    assert json.loads(entry.intent.body)["order_configuration"] == order["order_configuration"]
    assert not isinstance(outcome, Unknown)


def _without_orders(body: Body) -> None:
    body["orders"] = []


def _raise_stop(stage: Stage) -> None:
    stage.kill.raise_(reason="test", operator="test", time="")


def test_every_order_carries_the_venues_own_guard_against_itself(stage: Stage) -> None:
    stage.position()
    stage.fall("7")
    stage.cycle(4)
    bodies = [ask.body for ask in stage.wire.lines(ORDERS)]
    assert {each["side"] for each in bodies} == {"BUY", "SELL"}
    assert len({each["self_trade_prevention_id"] for each in bodies}) == 1
    assert UUID(bodies[0]["self_trade_prevention_id"])


def test_where_nothing_rests_a_failing_disk_asks_the_venue_for_nothing(stage: Stage) -> None:
    asked = len(stage.wire.lines(CANCELS))
    stage.trader.loop._execution.cancel_unrecorded()
    assert len(stage.wire.lines(CANCELS)) == asked
