"""C8: what can go wrong with a request, each fault met by the official client.

What counts is told from what was told: after each, the exchange's own books say what happened.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from coinbase.rest import RESTClient
from requests import ConnectionError as Disconnected
from requests import HTTPError, JSONDecodeError, ReadTimeout
from requests.exceptions import ChunkedEncodingError
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import Stand

Made = Callable[..., Stand]


@pytest.fixture
def made(feed: ScriptedFeed) -> Made:
    return lambda *faults, seed=0: Stand(feed, mishaps=faults, seed=seed)


def buy(client: RESTClient, name: str = "a", price: str = "50000", **options: Any) -> Any:
    return client.limit_order_gtc_buy(name, "BTC-USD", "0.001", price, **options)


def orders(stand: Stand) -> list[str]:
    """The client ids of all orders in the exchange's own books, whatever the line is like."""
    stand.plan.change((), seed=0)
    return [each.client_order_id for each in stand.client().list_orders().orders]


@pytest.mark.parametrize(
    ("fault", "raised"), [("lost_request", ReadTimeout), ("reset_before", Disconnected)]
)
def test_c8_a_request_that_is_lost_does_nothing(
    made: Made, fault: str, raised: type[Exception]
) -> None:
    stand = made(f"{fault}@create:times=1")
    client = stand.client()
    with pytest.raises(raised):
        buy(client)
    assert buy(client, "b").success
    assert orders(stand) == ["b"]


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ("lost_answer", ReadTimeout),
        ("reset_after", Disconnected),
        ("reset_inside", ChunkedEncodingError),
        ("truncated", JSONDecodeError),
        ("empty", JSONDecodeError),
        ("html", JSONDecodeError),
        ("null_configuration", TypeError),
        ("error_after", HTTPError),
    ],
)
def test_c8_an_answer_that_is_lost_hides_an_order(
    made: Made, fault: str, raised: type[Exception]
) -> None:
    stand = made(f"{fault}@create:times=1")
    client = stand.client()
    with pytest.raises(raised):
        buy(client)
    # The same id again is the same order: that is how a client finds out.
    assert buy(client).success
    assert orders(stand) == ["a"]


def test_c8_a_no_hides_an_order_where_one_of_its_reasons_is_none_that_is_known(made: Made) -> None:
    """One known reason is not enough to believe it: the other may say that the order is there."""
    stand = made("unclear_no@create")
    names = [f"a{number}" for number in range(12)]
    reasons = set()
    for name in names:
        answer = buy(stand.client(), name)
        assert not answer.success
        told = answer.error_response
        reasons.add((told["error"], told["preview_failure_reason"]))
    assert reasons == {
        ("UNKNOWN_FAILURE_REASON", "UNKNOWN_PREVIEW_FAILURE_REASON"),
        ("INSUFFICIENT_FUND", "NEVER_HEARD_OF"),
        ("NEVER_HEARD_OF", "INSUFFICIENT_FUND"),
    }
    assert sorted(orders(stand)) == sorted(names)


def test_c8_an_order_may_be_taken_under_an_answer_that_its_id_was_known(made: Made) -> None:
    stand = made("known_id@create:times=1")
    answer = buy(stand.client())
    assert not answer.success
    assert answer.error_response["error"] == "DUPLICATE_CLIENT_ORDER_ID"
    assert orders(stand) == ["a"]


def test_c8_an_order_may_be_taken_and_told_with_another_limit(made: Made) -> None:
    stand = made("other_price@create:times=1")
    first, second = (
        next(iter(buy(stand.client()).order_configuration.to_dict().values())) for _ in range(2)
    )
    assert first["limit_price"] == f"{second['limit_price']}1"
    assert orders(stand) == ["a"]


@pytest.mark.parametrize("fault", ["error_before", "limited", "unauthorized"])
def test_c8_an_error_before_the_effect_does_nothing(made: Made, fault: str) -> None:
    stand = made(f"{fault}@create:times=1")
    with pytest.raises(HTTPError):
        buy(stand.client())
    assert orders(stand) == []


def test_c8_errors_come_in_every_shape(made: Made) -> None:
    stand = made("error_before=0.5@time;error_after@time")
    seen = Counter(
        (reply.status, reply.content_type.partition(";")[0])
        for reply in (delivered(stand, "/time") for _ in range(200))
    )
    assert {status for status, _ in seen} == {500, 502, 503, 504, 520}
    assert {kind for status, kind in seen if status == 500} == {"application/json", "text/html"}


def test_c8_too_many_requests_in_both_bodies_with_headers_and_without(made: Made) -> None:
    stand = made("limited@time")
    replies = [delivered(stand, "/time") for _ in range(60)]
    assert {reply.status for reply in replies} == {429}
    assert len({(reply.content_type, bool(reply.headers)) for reply in replies}) == 4


def delivered(stand: Stand, path: str) -> Any:
    from trader247.simex.wire.request import Request

    request = Request("GET", "localhost", f"/api/v3/brokerage{path}", "", b"", None, "127.0.0.1")
    reply = stand.line.carry(request, stand.wire.answer).reply
    assert reply is not None
    return reply


def test_c8_a_storm_of_401_passes(made: Made) -> None:
    stand = made("unauthorized:for=30:times=1")
    client = stand.client()
    for _ in range(3):
        with pytest.raises(HTTPError, match="401"):
            client.get_accounts()
    stand.wait(31)
    assert client.get_accounts().size == 1


def test_c8_a_late_answer_is_no_answer_to_who_does_not_wait(made: Made) -> None:
    stand = made("late_answer@create:ms=170000:times=1")
    client = stand.client()
    client.timeout = 0.001
    with pytest.raises(ReadTimeout):
        buy(client)
    assert orders(stand) == ["a"]


def test_c8_a_late_request_is_carried_out_when_its_client_has_gone(made: Made) -> None:
    stand = made("late_request@create:ms=170000:times=1")
    client = stand.client()
    client.timeout = 0.001
    with pytest.raises(ReadTimeout):
        buy(client)
    assert orders(stand) == ["a"]


def test_c8_a_request_that_is_delivered_twice_is_one_order(made: Made) -> None:
    stand = made("doubled_request")
    answer = buy(stand.client())
    assert answer.success
    assert stand.plan.told() == {"doubled_request": {"create": 1}}
    assert orders(stand) == ["a"]


def test_c8_a_cancel_that_is_delivered_twice_fails_the_second_time(made: Made) -> None:
    stand = made("doubled_request@cancel")
    client = stand.client()
    order_id = buy(client).success_response["order_id"]
    (result,) = client.cancel_orders([order_id]).results
    assert (result.success, result.failure_reason) == (False, "UNKNOWN_CANCEL_ORDER")
    assert client.get_order(order_id).order.status == "CANCELLED"


def test_an_order_is_refused_for_want_of_funds_that_are_there(made: Made) -> None:
    stand = made("no_funds:times=1")
    answer = buy(stand.client())
    assert answer.error_response["error"] == "INSUFFICIENT_FUND"
    assert orders(stand) == []


def test_only_a_post_only_order_is_refused_as_crossing(made: Made) -> None:
    stand = made("post_only_met")
    client = stand.client()
    assert buy(client, "plain").success
    answer = buy(client, "post", post_only=True)
    assert answer.error_response["error"] == "INVALID_LIMIT_PRICE_POST_ONLY"
    assert orders(stand) == ["plain"]


def drifted(made: Made, fault: str, path: str) -> tuple[Any, Any]:
    stand = made(fault)
    reply = delivered(stand, path)
    stand.plan.change((), seed=0)
    return json.loads(delivered(stand, path).body), json.loads(reply.body)


PRODUCT = "/market/products/BTC-USD"


def test_c8_a_field_is_missing(made: Made) -> None:
    whole, seen = drifted(made, "missing_field@product", PRODUCT)
    assert len(whole.keys() - seen.keys()) == 1
    assert seen.items() <= whole.items()


def test_c8_a_field_is_new(made: Made) -> None:
    whole, seen = drifted(made, "extra_field@product", PRODUCT)
    assert seen.keys() - whole.keys() == {"is_new_here"}


def test_c8_a_field_has_another_name(made: Made) -> None:
    whole, seen = drifted(made, "renamed_field@product", PRODUCT)
    (old,) = whole.keys() - seen.keys()
    assert seen[f"{old}_v2"] == whole[old]


def test_c8_a_figure_is_a_number(made: Made) -> None:
    whole, seen = drifted(made, "number_for_text@product", PRODUCT)
    (name,) = [name for name in whole if whole[name] != seen[name]]
    assert float(whole[name]) == seen[name]


def test_c8_a_word_is_none_that_anybody_knows(made: Made) -> None:
    stand = made("unknown_enum@order")
    client = stand.client()
    order_id = buy(client).success_response["order_id"]
    shown = client.get_order(order_id).order
    assert "NEVER_HEARD_OF" in json.dumps(shown.to_dict())


def test_drift_leaves_alone_what_it_cannot_change(made: Made) -> None:
    stand = made("null_configuration;number_for_text@orders;unknown_enum@orders")
    assert stand.client().list_orders().orders == []


def test_nothing_strikes_who_is_not_let_in(made: Made) -> None:
    stand = made("stale_list", "partial_cancel", "other_order")
    for method, path in (("GET", "/orders/historical/batch"), ("POST", "/orders/batch_cancel")):
        assert stand.ask(method, path, body={"order_ids": ["a"]}).status == 401
    assert stand.plan.told() == {}
