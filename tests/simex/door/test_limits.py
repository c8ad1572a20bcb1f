"""How often the exchange may be asked."""

from __future__ import annotations

import pytest
from requests import HTTPError
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import MODERN, Stand

from trader247.simex.door.limits import Limits
from trader247.simex.switches import Switches
from trader247.simex.wire.request import BadRequest


def asked(limits: Limits, times: int, *, who: str = "a", is_public: bool = False) -> int:
    """How many of so many requests get through."""
    through = 0
    for _ in range(times):
        try:
            limits.spend(who, is_public=is_public)
        except BadRequest:
            continue
        through += 1
    return through


def test_a_bucket_holds_a_second_s_worth_and_fills_up_evenly() -> None:
    now_us = 0
    limits = Limits(Switches(), lambda: now_us)
    assert asked(limits, 40) == 30
    now_us += 100_000
    assert asked(limits, 40) == 3
    now_us += 60_000_000
    assert asked(limits, 40) == 30
    assert asked(limits, 20, is_public=True) == 10


def test_each_key_has_a_bucket_of_its_own() -> None:
    limits = Limits(Switches(), lambda: 0)
    assert asked(limits, 40, who="a") == asked(limits, 40, who="b") == 30


def test_a_clock_that_is_set_back_takes_nothing_away() -> None:
    now_us = 5_000_000
    limits = Limits(Switches(), lambda: now_us)
    assert asked(limits, 10) == 10
    now_us = 0
    assert asked(limits, 40) == 20


def test_a_thousand_strangers_take_no_more_room_than_that() -> None:
    limits = Limits(Switches(), lambda: 0)
    assert sum(asked(limits, 1, who=str(each)) for each in range(3000)) == 3000
    assert len(limits._buckets) == 1024


def test_the_client_is_told_what_is_left(stand: Stand) -> None:
    client = stand.client(is_counting=True)
    told = [client.get_accounts().rate_limit_remaining for _ in range(3)]
    assert told == ["29", "28", "27"]
    answer = stand.client(MODERN, is_counting=True).get_accounts()
    assert (answer.rate_limit_limit, answer.rate_limit_reset) == ("30", "1")


@pytest.mark.parametrize(("body", "kind"), [("json", "application/json"), ("html", "text/html")])
def test_an_order_that_came_too_often_never_happened(
    feed: ScriptedFeed, body: str, kind: str
) -> None:
    stand = Stand(feed, f"limit_body={body}")
    client = stand.client()
    for _ in range(30):
        client.get_accounts()
    with pytest.raises(HTTPError, match="429 Client Error") as raised:
        client.market_order_buy("1", "BTC-USD", quote_size="50")
    response = raised.value.response
    assert response is not None
    assert response.headers["content-type"].startswith(kind)
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert len(response.content) > (2000 if body == "html" else 50)
    stand.wait(1)
    assert client.list_orders().orders == []


def test_the_public_limit_is_the_address_s(stand: Stand) -> None:
    replies = [stand.ask("GET", "/time", peer="127.0.0.1") for _ in range(11)]
    assert [each.status for each in replies] == [200] * 10 + [429]
    assert replies[0].headers == ()
    assert stand.ask("GET", "/time", peer="127.0.0.2").status == 200
