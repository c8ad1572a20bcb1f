from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from tests.adapters.coinbase import bodies
from tests.adapters.coinbase.scripted import (
    START,
    Bench,
    Reply,
    Sent,
    answer,
    approved,
    body_of,
    refusal,
    success,
)

from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.domain.errors import KeyRejected, RateLimited, VenueError
from trader247.domain.ids import OrderId
from trader247.domain.intents import OrderBody
from trader247.domain.orders import OrderType, Side
from trader247.domain.outcomes import Acknowledged, Declined
from trader247.domain.time import Instant
from trader247.ports import Venue

ORDER = approved()
BODY = body_of(ORDER)
LISTING = "/orders/historical/batch"
FILLS = "/orders/historical/fills"


def venue(bench: Bench) -> CoinbaseVenue:
    return CoinbaseVenue(bench.client)


def test_it_is_a_venue() -> None:
    port: Venue = venue(Bench())
    assert port is not None


@pytest.mark.parametrize("order_type", list(OrderType))
@pytest.mark.parametrize("side", list(Side))
def test_the_bytes_sent_are_the_recorded_ones(order_type: OrderType, side: Side) -> None:
    bench = Bench()
    order = approved(side=side, order_type=order_type, price="0.00000001", quantity="1E+3")
    body = body_of(order)
    bench.transport.on("/orders", answer(success(body)))
    assert isinstance(venue(bench).submit(order, body), Acknowledged)
    assert bench.transport.requests[0].body == body.text.encode()
    assert bench.client.orders_sent == 1
    terms = json.loads(body.text)["order_configuration"].popitem()[1]
    assert (terms["base_size"], terms["limit_price"]) == ("1000", "0.00000001")


def test_a_body_that_is_not_the_recorded_one_is_not_sent() -> None:
    bench = Bench()
    forged = OrderBody(BODY.text.replace("0.001", "0.009"), BODY.sha256)
    outcome = venue(bench).submit(ORDER, forged)
    assert isinstance(outcome, Declined)
    assert (outcome.code, outcome.is_sent) == ("body_differs", False)
    assert bench.transport.requests == []
    assert bench.client.orders_sent == 0


def test_a_body_that_the_client_would_write_otherwise_is_not_sent() -> None:
    bench = Bench()
    text = BODY.text.replace(", ", ",")
    outcome = venue(bench).submit(ORDER, OrderBody(text, sha256(text.encode()).hexdigest()))
    assert isinstance(outcome, Declined)
    assert not outcome.is_sent


def test_a_body_that_is_no_json_is_not_sent() -> None:
    outcome = venue(Bench()).submit(ORDER, OrderBody("{", ""))
    assert outcome == Declined("body_unreadable", "the recorded body is no JSON", is_sent=False)


def test_without_a_permit_nothing_is_sent() -> None:
    bench = Bench()
    bench.permit.answer = "the kill switch is on"
    outcome = venue(bench).submit(ORDER, BODY)
    assert outcome == Declined("no_permit", "the kill switch is on", is_sent=False)
    assert bench.transport.requests == []


def test_an_order_decided_too_long_ago_is_not_sent() -> None:
    bench = Bench()
    bench.clock.passed = timedelta(seconds=2, microseconds=1)
    outcome = venue(bench).submit(ORDER, BODY)
    assert isinstance(outcome, Declined)
    assert (outcome.code, outcome.is_sent) == ("too_late", False)


def test_an_order_decided_two_seconds_ago_is_still_sent() -> None:
    bench = Bench()
    bench.clock.passed = timedelta(seconds=2)
    bench.transport.on("/orders", answer(success(BODY)))
    assert isinstance(venue(bench).submit(ORDER, BODY), Acknowledged)


def test_an_order_without_room_in_the_budget_is_dropped_and_not_queued() -> None:
    bench = Bench(per_second=1)
    bench.transport.on("/orders", answer(success(BODY)))
    assert isinstance(venue(bench).submit(ORDER, BODY), Acknowledged)
    outcome = venue(bench).submit(ORDER, BODY)
    assert isinstance(outcome, Declined)
    assert (outcome.code, outcome.is_sent) == ("rate_budget", False)
    assert bench.clock.waits == []


def test_an_order_is_sent_once_whatever_the_answer() -> None:
    bench = Bench()
    bench.transport.on("/orders", Reply(b"Unauthorized\n", 401))
    venue(bench).submit(ORDER, BODY)
    assert len(bench.transport.requests) == 1


def test_a_declined_order_is_no_fault_of_the_venue() -> None:
    bench = Bench()
    bench.transport.on("/orders", answer(refusal(error="INSUFFICIENT_FUND")))
    venue(bench).submit(ORDER, BODY)
    assert bench.client.faults().errors == 0


def test_cancels_go_in_batches_and_match_by_order_id() -> None:
    bench = Bench()

    def cancel(sent: Sent) -> Reply:
        ids = json.loads(sent.body)["order_ids"]
        results = [{"success": True, "order_id": order_id} for order_id in reversed(ids)]
        return answer({"results": results[1:]})

    bench.transport.handle("/orders/batch_cancel", cancel)
    ids = [OrderId(f"o{n}") for n in range(150)]
    results = venue(bench).cancel([*ids, ids[0]])
    assert [result.order_id for result in results] == ids
    assert len(bench.transport.requests) == 2
    untaken = {result.order_id: result.reason for result in results if not result.is_taken}
    assert untaken == {"o99": "no_answer", "o149": "no_answer"}


def test_no_cancels_are_no_request() -> None:
    bench = Bench()
    assert venue(bench).cancel([]) == ()
    assert bench.transport.requests == []


def test_orders_are_read_to_the_last_page_without_a_filter_of_state() -> None:
    bench = Bench()
    bench.transport.on(
        LISTING,
        answer({"orders": [bodies.order(order_id="a")], "has_next": True, "cursor": "2"}),
        answer({"orders": [bodies.order(order_id="b")], "has_next": False, "cursor": ""}),
    )
    orders = venue(bench).orders(START)
    assert [order.order_id for order in orders] == ["a", "b"]
    first, second = bench.transport.requests
    assert first.query["start_date"] == ["2026-10-01T12:00:00Z"]
    assert "order_status" not in first.query
    assert second.query["cursor"] == ["2"]


@pytest.mark.parametrize(
    "last",
    [
        {"orders": [], "has_next": True, "cursor": "2"},
        {"orders": [], "has_next": True, "cursor": ""},
        {"orders": [], "cursor": ""},
        {"orders": None, "has_next": False},
        {"has_next": False},
    ],
)
def test_a_listing_that_may_be_short_is_an_error(last: object) -> None:
    bench = Bench()
    bench.transport.on(
        LISTING, answer({"orders": [], "has_next": True, "cursor": "2"}), answer(last)
    )
    with pytest.raises(VenueError):
        venue(bench).orders(START)


def test_a_failing_second_page_is_an_error_and_no_shorter_list() -> None:
    bench = Bench()
    bench.transport.on(
        LISTING,
        answer({"orders": [bodies.order()], "has_next": True, "cursor": "2"}),
        Reply(b"", 500),
    )
    with pytest.raises(VenueError, match="HTTP 500"):
        venue(bench).orders(START)


def test_an_endless_listing_ends() -> None:
    bench = Bench()
    count = iter(range(10_000))
    bench.transport.handle(
        LISTING,
        lambda sent: answer({"orders": [], "has_next": True, "cursor": f"c{next(count)}"}),
    )
    with pytest.raises(VenueError, match="pages"):
        venue(bench).orders(START)


def test_an_order_that_the_venue_does_not_know_is_none() -> None:
    bench = Bench()
    bench.transport.on("/orders/historical/a", answer({"error": "NOT_FOUND"}, 404))
    bench.transport.on("/orders/historical/b", answer({"order": bodies.order(order_id="b")}))
    assert venue(bench).order(OrderId("a")) is None
    assert bench.client.faults().errors == 0
    order = venue(bench).order(OrderId("b"))
    assert order is not None
    assert order.order_id == "b"


def test_an_answer_of_another_order_is_none_to_what_was_asked() -> None:
    bench = Bench()
    bench.transport.on("/orders/historical/a", answer({"order": bodies.order(order_id="b")}))
    with pytest.raises(VenueError, match="another order"):
        venue(bench).order(OrderId("a"))


def test_an_order_id_never_becomes_a_path() -> None:
    bench = Bench()
    assert venue(bench).order(OrderId("../accounts")) is None
    assert bench.transport.requests == []


def test_fills_come_oldest_first_and_once() -> None:
    bench = Bench()
    late = bodies.fill(entry_id="late", sequence_timestamp="2026-10-01T12:00:09Z")
    early = bodies.fill(entry_id="early", sequence_timestamp="2026-10-01T12:00:01Z")
    reversal = bodies.fill(entry_id="undo", trade_type="REVERSAL")
    bench.transport.on(
        FILLS,
        answer({"fills": [late, reversal], "cursor": "2"}),
        answer({"fills": [late, early], "cursor": "2"}),
    )
    door = venue(bench)
    assert [fill.entry_id for fill in door.fills(START)] == ["early", "late"]
    assert [fill.kind for fill in door.irregular_fills()] == ["REVERSAL"]
    assert bench.transport.requests[0].query["start_sequence_timestamp"] == [str(START)]


@pytest.mark.parametrize("end", [{"cursor": ""}, {}, {"cursor": None}])
def test_the_last_page_of_fills_is_read_whatever_says_that_it_is_the_last(
    end: dict[str, object],
) -> None:
    late, middle, early = (
        bodies.fill(entry_id=name, sequence_timestamp=f"2026-10-01T12:00:0{second}Z")
        for name, second in (("late", 9), ("middle", 5), ("early", 1))
    )
    bench = Bench()
    bench.transport.on(
        FILLS,
        answer({"fills": [late], "cursor": "2"}),
        answer({"fills": [middle], "cursor": "3"}),
        answer({"fills": [early], **end}),
    )
    assert [fill.entry_id for fill in venue(bench).fills(START)] == ["early", "middle", "late"]


def test_a_fill_in_two_versions_is_an_error() -> None:
    bench = Bench()
    bench.transport.on(
        FILLS, answer({"fills": [bodies.fill(), bodies.fill(size="9")], "cursor": ""})
    )
    with pytest.raises(VenueError, match="two versions"):
        venue(bench).fills(START)


def test_balances_of_all_pages_add_up_by_currency() -> None:
    bench = Bench()
    bench.transport.on(
        "/accounts",
        answer({"accounts": [bodies.account("USD", "10", "1")], "has_next": True, "cursor": "2"}),
        answer({"accounts": [bodies.account("USD", "5", "0")], "has_next": False, "cursor": ""}),
    )
    assert str(venue(bench).balances()["USD"].total) == "16"


def test_fees_and_time_are_read() -> None:
    bench = Bench()
    tier = {"pricing_tier": "Intro", "taker_fee_rate": "0.009", "maker_fee_rate": "0.005"}
    bench.transport.on("/transaction_summary", answer({"fee_tier": tier, "total_fees": 11.1}))
    bench.transport.on("/time", answer({"epochMillis": "1790856000123"}))
    assert str(venue(bench).fees().taker) == "90"
    assert venue(bench).time() == Instant(1790856000123000)
    assert "Authorization" not in bench.transport.requests[1].headers


@pytest.mark.parametrize("errs", [[], ["PREVIEW_INSUFFICIENT_FUND"], [{"code": "X"}]])
def test_a_preview_says_why_not(errs: list[object]) -> None:
    bench = Bench()
    bench.transport.on("/orders/preview", answer({"errs": errs}))
    assert len(venue(bench).preview(ORDER.proposal, START)) == len(errs)
    assert bench.client.orders_sent == 0


def test_permissions_are_read() -> None:
    bench = Bench()
    bench.transport.on(
        "/key_permissions",
        answer(
            {
                "can_view": True,
                "can_trade": True,
                "can_transfer": False,
                "portfolio_uuid": "P-1",
            }
        ),
    )
    may = venue(bench).permissions()
    assert (may.can_view, may.can_trade, may.can_transfer) == (True, True, False)


def test_a_read_refused_with_401_is_tried_once_more() -> None:
    bench = Bench()
    bench.transport.on(
        "/accounts",
        Reply(b"Unauthorized\n", 401),
        answer({"accounts": [], "has_next": False, "cursor": ""}),
    )
    assert venue(bench).balances() == {}
    bench.transport.on("/accounts", Reply(b"Unauthorized\n", 401))
    with pytest.raises(KeyRejected):
        venue(bench).balances()
    assert len(bench.transport.requests) == 4


@pytest.mark.parametrize(
    "reply",
    [
        answer({"errors": [{"id": "rate_limit_exceeded", "message": "Too many"}]}, 429),
        Reply(b"<html>" + b"x" * 50_000, 429),
    ],
)
def test_a_rate_limit_in_any_dress_is_counted_as_such(reply: Reply) -> None:
    bench = Bench()
    bench.transport.on("/accounts", reply)
    with pytest.raises(RateLimited):
        venue(bench).balances()
    faults = bench.client.faults()
    assert (faults.rate_limited, faults.errors, faults.running) == (1, 0, 1)
    assert bench.client.faults().rate_limited == 0


def test_without_a_key_a_private_read_is_a_typed_error() -> None:
    with pytest.raises(KeyRejected):
        venue(Bench(is_keyless=True)).balances()
