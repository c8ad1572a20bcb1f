"""What each switch changes in the wire's answers, seen through the official client."""

from __future__ import annotations

import pytest
from requests import HTTPError
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import Stand


def test_an_accepted_order_s_answer_has_three_shapes(feed: ScriptedFeed) -> None:
    for shape in ("modern", "legacy"):
        made = Stand(feed, f"create_body={shape}").client()
        answer = made.limit_order_gtc_buy("a", "BTC-USD", "0.001", "50000")
        assert answer.success is True
        assert hasattr(answer, "failure_reason") is (shape == "legacy")
        assert ("attached_order_id" in answer.success_response) is (shape == "modern")


def test_the_official_client_fails_on_a_null_while_the_order_lives(feed: ScriptedFeed) -> None:
    client = Stand(feed, "create_body=null").client()
    with pytest.raises(TypeError):
        client.limit_order_gtc_buy("a", "BTC-USD", "0.001", "50000")
    assert [each.client_order_id for each in client.list_orders().orders] == ["a"]


def test_a_client_order_id_once_more(feed: ScriptedFeed) -> None:
    client = Stand(feed).client()
    first = client.limit_order_gtc_buy("a", "BTC-USD", "0.001", "50000")
    again = client.limit_order_gtc_buy("a", "BTC-USD", "0.002", "40000")
    assert again.success_response["order_id"] == first.success_response["order_id"]
    client = Stand(feed, "duplicate_id=error").client()
    assert client.limit_order_gtc_buy("a", "BTC-USD", "0.001", "50000").success
    again = client.limit_order_gtc_buy("a", "BTC-USD", "0.001", "50000")
    assert again.error_response["error"] == "DUPLICATE_CLIENT_ORDER_ID"
    assert len(client.list_orders().orders) == 1


@pytest.mark.parametrize(("value", "succeeds"), [("refused", False), ("accepted", True)])
def test_cancelling_what_has_ended(feed: ScriptedFeed, value: str, succeeds: bool) -> None:
    client = Stand(feed, f"cancel_of_done={value}").client()
    order_id = client.market_order_buy("a", "BTC-USD", quote_size="50").success_response["order_id"]
    results = client.cancel_orders([order_id, "nope"]).results
    assert [each.success for each in results] == [succeeds, False]


def test_a_new_order_cannot_be_seen_at_once(feed: ScriptedFeed) -> None:
    stand = Stand(feed, "order_lag_ms=2000", "fill_lag_ms=3000")
    client = stand.client()
    order_id = client.market_order_buy("a", "BTC-USD", quote_size="50").success_response["order_id"]
    with pytest.raises(HTTPError, match="404"):
        client.get_order(order_id)
    assert client.list_orders().orders == []
    stand.wait(2)
    assert client.get_order(order_id).order.status == "FILLED"
    assert client.get_fills().fills == []
    stand.wait(1)
    assert len(client.get_fills().fills) > 0


def test_open_with_other_statuses(feed: ScriptedFeed) -> None:
    both = ["OPEN", "FILLED"]
    assert Stand(feed).client().list_orders(order_status=both).orders == []
    strict = Stand(feed, "open_with_others=refused").client()
    assert strict.list_orders(order_status=["OPEN"]).orders == []
    with pytest.raises(HTTPError, match="400"):
        strict.list_orders(order_status=both)


def test_the_cap_of_candles(feed: ScriptedFeed) -> None:
    end = 1_767_571_200
    for most in (350, 349):
        client = Stand(feed, f"candle_buckets_max={most}").client()
        start = str(end - most * 60)
        assert len(client.get_candles("BTC-USD", start, str(end), "ONE_MINUTE").candles) == most
        with pytest.raises(HTTPError, match="less than 350"):
            client.get_candles("BTC-USD", str(end - (most + 1) * 60), str(end), "ONE_MINUTE")


def test_the_spelling_of_an_account_s_type(feed: ScriptedFeed) -> None:
    for value, spelled in (("long", "ACCOUNT_TYPE_FIAT"), ("short", "FIAT")):
        accounts = Stand(feed, f"account_type={value}").client().get_accounts().accounts
        assert [each.type for each in accounts] == [spelled]
