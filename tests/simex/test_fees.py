"""What trading costs: tiers by volume and by the hour, promotions, other schedules."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from coinbase.rest import RESTClient
from tests.simex.scripted import ScriptedFeed, flat
from tests.simex.stand import Stand

from trader247.simex.exchange import Exchange
from trader247.simex.fees import SCHEDULE

BTC = "BTC-USD"
DAY_S = 86_400


def still(_: int) -> dict[str, Any]:
    return {BTC: flat(6_000_000, depth=10**11)}


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand(ScriptedFeed(still), "private_per_s=1000000", usd=2_000_000)
    yield made
    made.exchange.store.close()


@pytest.fixture
def client(stand: Stand) -> RESTClient:
    return stand.client()


def buy(client: RESTClient, name: str, quote: str) -> Any:
    answer = client.market_order_buy(name, BTC, quote_size=quote)
    return client.get_order(answer.success_response["order_id"]).order


def rate(order: Any) -> Decimal:
    return Decimal(order.total_fees) / Decimal(order.filled_value)


def told(client: RESTClient) -> tuple[str, str, str]:
    tier = client.get_transaction_summary().fee_tier
    return tier["pricing_tier"], tier["maker_fee_rate"], tier["taker_fee_rate"]


def test_c19_the_tier_of_the_hour_in_which_an_order_is_placed_is_what_it_pays(
    stand: Stand, client: RESTClient
) -> None:
    assert told(client) == ("Intro", "0.005", "0.009")
    assert rate(buy(client, "a", "60000")) == Decimal("0.009")
    # Volume of this hour counts from the next one on.
    assert rate(buy(client, "b", "1000")) == Decimal("0.009")
    resting = client.limit_order_gtc_buy("rests", BTC, "0.1", "50000").success_response["order_id"]
    stand.wait(3600)
    assert told(client) == ("Advanced 2", "0.0025", "0.004")
    assert rate(buy(client, "c", "1000")) == Decimal("0.004")
    held = client.get_order(resting).order.outstanding_hold_amount
    assert held == "5045", "the order that was there already keeps its rates"
    summary = client.get_transaction_summary()
    assert isinstance(summary.total_volume, float)
    assert summary.fee_tier["volume_types_and_range"] == [
        {"volume_types": ["VOLUME_TYPE_SPOT"], "vol_from": "50000", "vol_to": "250000"}
    ]


def test_volume_is_that_of_thirty_days(stand: Stand, client: RESTClient) -> None:
    buy(client, "a", "60000")
    for _ in range(29):
        stand.exchange.advance(stand.exchange.now_us + DAY_S * 1_000_000)
    assert stand.exchange.fees.tier.name == "Advanced 2"
    (order,) = client.list_orders().orders
    summary = client.get_transaction_summary()
    assert Decimal(str(summary.total_fees)) == Decimal(order.total_fees) > 0
    assert Decimal(str(summary.total_volume)) == Decimal(order.filled_value)
    stand.exchange.advance(stand.exchange.now_us + (DAY_S + 3600) * 1_000_000)
    assert stand.exchange.fees.tier.name == "Intro"
    assert not any(stand.exchange.fees.turnover())
    summary = client.get_transaction_summary()
    assert (summary.total_volume, summary.total_fees) == (0, 0)
    assert summary.advanced_trade_only_fees == 0


def test_a_balance_in_usdc_qualifies_too(stand: Stand, client: RESTClient) -> None:
    stand.do("deposit", currency="USDC", amount="1000000")
    stand.wait(3600)
    assert told(client)[0] == "Advanced 2"


def test_a_tier_and_a_promotion_are_given_mid_run(stand: Stand, client: RESTClient) -> None:
    status, body = stand.do("tier", tier="vip 8")
    assert (status, body["tier"], body["is_made_up"]) == (200, "VIP 8", False)
    assert told(client) == ("VIP 8", "0", "0.0002")
    assert rate(buy(client, "a", "1000")) == Decimal("0.0002")
    stand.do("promotion", maker="0", taker="0.001")
    summary = client.get_transaction_summary()
    assert summary.has_promo_fee is True
    assert summary.fee_tier["taker_fee_rate"] == "0.001"
    without = summary.fee_tier_without_promotion
    assert without["current_tier"]["taker_fee_rate"] == "0.0002"
    assert without["next_tier"] is None
    assert rate(buy(client, "b", "1000")) == Decimal("0.001")
    again = Exchange(stand.exchange.store, ScriptedFeed(still), {})
    assert again.fees.rates.taker == Decimal("0.001")
    stand.do("promotion")
    stand.do("tier", tier="auto")
    assert told(client)[0] == "Intro"
    assert client.get_transaction_summary().has_promo_fee is False
    status, body = stand.do("tier", tier="Platinum")
    assert status == 409
    assert "Advanced 1" in body["message"]


def test_the_schedule_is_data(stand: Stand, client: RESTClient) -> None:
    rows = [
        {"name": "One", "volume": "0", "maker": "0.002", "taker": "0.003"},
        {"name": "Two", "volume": "500", "maker": "0.001", "taker": "0.002"},
    ]
    assert stand.do("schedule", tiers=rows)[1]["tiers"] == ["One", "Two"]
    assert rate(buy(client, "a", "1000")) == Decimal("0.003")
    stand.wait(3600)
    assert told(client) == ("Two", "0.001", "0.002")
    again = Exchange(stand.exchange.store, ScriptedFeed(still), {})
    assert [each.name for each in again.fees.terms.schedule] == ["One", "Two"]
    for bad in ([], rows[1:], rows[::-1], [{**rows[0], "taker": "2"}], [rows[0], rows[0]]):
        assert stand.do("schedule", tiers=bad)[0] == 400
    assert stand.do("schedule")[0] == 200
    assert stand.exchange.fees.terms.schedule == SCHEDULE


def test_sums_are_numbers_or_texts() -> None:
    stand = Stand(ScriptedFeed(still), "summary_sums=texts")
    summary = stand.client().get_transaction_summary()
    assert (summary.total_volume, summary.coinbase_pro_fees) == ("0", "0")


def test_the_first_and_the_last_tier_are_known_and_the_others_made_up() -> None:
    assert [each.name for each in SCHEDULE if not each.is_made_up] == ["Intro", "VIP 8"]
    takers = [each.rates.taker for each in SCHEDULE]
    assert takers == sorted(takers, reverse=True)
