from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.adapters.coinbase.scripted import (
    CLIENT_ORDER_ID,
    START,
    Bench,
    answer,
    approved,
    body_of,
)

from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.adapters.readonly_venue import AssumedAccount, ReadOnlyVenue
from trader247.domain.balances import Balance
from trader247.domain.ids import OrderId
from trader247.domain.market import FeeTier
from trader247.domain.money import Bps
from trader247.domain.outcomes import CancelResult, Declined
from trader247.ports import Venue

FEES = FeeTier("assumed", Bps.of("50"), Bps.of("90"), START)
LIFETIME = timedelta(seconds=60)
ACCOUNT = AssumedAccount({"USD": Balance(Decimal(10_000), Decimal(0))}, FEES)


def test_an_order_is_declined_and_nothing_is_sent() -> None:
    bench = Bench()
    venue: Venue = ReadOnlyVenue(CoinbaseVenue(bench.client))
    order = approved()
    outcome = venue.submit(order, body_of(order))
    assert outcome == Declined("dry_run", "this mode sends no orders", is_sent=False)
    assert bench.transport.requests == []


def test_a_cancel_is_refused_and_nothing_is_sent() -> None:
    bench = Bench()
    venue = ReadOnlyVenue(CoinbaseVenue(bench.client))
    assert venue.cancel([OrderId("a")]) == (CancelResult(OrderId("a"), False, "dry_run"),)
    assert bench.transport.requests == []


def test_questions_reach_the_venue() -> None:
    bench = Bench()
    bench.transport.on("/accounts", answer({"accounts": [], "has_next": False}))
    bench.transport.on("/orders/historical/batch", answer({"orders": [], "has_next": False}))
    bench.transport.on("/orders/historical/fills", answer({"fills": [], "cursor": ""}))
    bench.transport.on("/time", answer({"epochMillis": "1000"}))
    tier = {"pricing_tier": "", "taker_fee_rate": "0.009", "maker_fee_rate": "0.005"}
    bench.transport.on("/transaction_summary", answer({"fee_tier": tier}))
    venue = ReadOnlyVenue(CoinbaseVenue(bench.client))
    assert (venue.orders(START), venue.fills(START), venue.balances()) == ((), (), {})
    assert venue.fees().taker == Bps.of("90")
    assert venue.time().seconds == 1
    assert venue.order(OrderId("a")) is None
    assert {request.method for request in bench.transport.requests} == {"GET"}


def test_an_assumed_account_answers_without_a_key() -> None:
    bench = Bench(is_keyless=True)
    venue = ReadOnlyVenue(CoinbaseVenue(bench.client), ACCOUNT)
    assert venue.balances()["USD"].total == 10_000
    assert venue.fees() == FEES
    assert (venue.orders(START), venue.fills(START), venue.order(OrderId("a"))) == ((), (), None)
    assert bench.transport.requests == []


def test_the_body_is_the_one_that_the_venue_would_get() -> None:
    venue = ReadOnlyVenue(CoinbaseVenue(Bench().client))
    order = approved()
    assert body_of(order) == venue.render(order, CLIENT_ORDER_ID, START + LIFETIME)
