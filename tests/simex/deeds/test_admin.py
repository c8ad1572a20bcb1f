"""The operator's door, and the clock behind it, over the application that a server runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from tests.simex.conftest import market
from tests.simex.scripted import ScriptedFeed, listing
from tests.simex.stand import Stand
from tests.simex.wire.test_asgi import called, part

from trader247.simex.deeds.admin import Admin
from trader247.simex.deeds.clock_desk import ClockDesk
from trader247.simex.door.limits import Limits
from trader247.simex.errors import StoreFailed
from trader247.simex.pace import Pace
from trader247.simex.switches import Switches
from trader247.simex.wire.asgi import Application

TOKEN = "0123456789abcdef" * 4
CLOCK = "/sim/clock"
WHICH = {"market": "scripted", "book": "0a1b2c"}


def application(stand: Stand, *, is_in_step: bool = True) -> Application:
    desk = ClockDesk(stand.pace, is_in_step=is_in_step, **WHICH)
    return Application(
        stand.wire,
        stand.streams,
        keep_time=stand.pace.keep,
        close=lambda: None,
        warn=lambda text: None,
        admin=Admin(TOKEN, desk.handlers()),
    )


def asked(
    app: Application,
    method: str = "GET",
    body: Mapping[str, Any] | bytes = b"",
    *,
    path: str = CLOCK,
    bearer: str | None = f"Bearer {TOKEN}",
) -> tuple[int, dict[str, Any]]:
    headers = [(b"host", b"localhost:8443")]
    if bearer is not None:
        headers.append((b"authorization", bearer.encode("latin-1")))
    given = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 5),
    }
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    start, sent = called(app, given, part(raw))
    return start["status"], json.loads(sent["body"])


@pytest.mark.parametrize("bearer", [None, "", "Bearer ", "Bearer x", f"Basic {TOKEN}", "Bearer é"])
def test_nobody_gets_in_without_the_token(stand: Stand, bearer: str | None) -> None:
    before = stand.exchange.now_us
    to = {"to": "2026-01-05T00:01:00Z"}
    assert asked(application(stand), "POST", to, bearer=bearer)[0] == 401
    assert (stand.exchange.now_us, stand.pace.is_led) == (before, False)


def test_a_short_token_keeps_nobody_out_and_is_refused() -> None:
    with pytest.raises(ValueError, match="32 characters"):
        Admin("secret", {})


def test_a_path_that_is_not_there_says_which_are(stand: Stand) -> None:
    status, body = asked(application(stand), path="/sim/nope")
    assert status == 404
    assert "POST /sim/clock" in body["message"]


def test_a_key_of_the_exchange_s_is_none_of_its_operator_s(stand: Stand) -> None:
    client = stand.client()
    bearer = client.set_headers("GET", CLOCK)["Authorization"]
    assert asked(application(stand), bearer=bearer)[0] == 401


def test_the_clock_is_read_without_leading_it(stand: Stand) -> None:
    stand.passed_us = 1_500_000
    told = {
        "now": "2026-01-05T00:00:01.500000Z",
        "is_led": False,
        "is_in_step": True,
        "is_over": False,
        **WHICH,
    }
    assert asked(application(stand)) == (200, told)
    assert not stand.pace.is_led
    assert asked(application(stand, is_in_step=False))[1]["is_in_step"] is False


def test_from_the_first_lead_on_time_stands_still_until_it_is_led(stand: Stand) -> None:
    app = application(stand)
    to = "2026-01-05T00:00:30.250000Z"
    told = {"now": to, "is_led": True, "is_in_step": False, "is_over": False, **WHICH}
    assert asked(app, "POST", {"to": to}) == (200, told)
    stand.wait(1000)
    assert asked(app) == (200, told)
    assert asked(app, "POST", {"to": to}) == (200, told)
    assert stand.keyless().get_unix_time().iso == to


def test_orders_fill_and_end_while_time_is_led(stand: Stand) -> None:
    client, app = stand.client(), application(stand)
    asked(app, "POST", {"to": "2026-01-05T00:00:00Z"})
    client.limit_order_gtd_buy("ends", "BTC-USD", "0.001", "10000", "2026-01-05T00:00:07Z")
    client.limit_order_gtc_buy("fills", "BTC-USD", "0.001", "59950")
    asked(app, "POST", {"to": "2026-01-05T02:00:00Z"})
    states = {each.client_order_id: each.status for each in client.list_orders().orders}
    assert states == {"ends": "EXPIRED", "fills": "FILLED"}


@pytest.mark.parametrize(
    "body",
    [
        {"to": "2026-01-04T23:59:59Z"},
        {"to": "2026-02-05T00:00:01Z"},
        {"to": "now"},
        {"to": "9999-99-99T00:00:00Z"},
        {"to": 5},
        {},
        {"to": "2026-01-05T00:00:30Z", "speed": 2},
        b"[",
        b"5",
    ],
)
def test_no_other_time_can_be_led_to(stand: Stand, body: Mapping[str, Any] | bytes) -> None:
    before = stand.exchange.now_us
    status, told = asked(application(stand), "POST", body)
    assert (status, told["error"]) == (400, "INVALID_ARGUMENT")
    assert (stand.exchange.now_us, stand.pace.is_led) == (before, False)


def test_a_market_that_ends_stays_at_its_end() -> None:
    feed = ScriptedFeed(market, listing(), listing("ETH-USD"), history=1440, minutes=3)
    app = application(Stand(feed))
    status, told = asked(app, "POST", {"to": "2026-01-05T01:00:00Z"})
    assert (status, told["is_over"]) == (200, True)
    assert told["now"] < "2026-01-05T00:04:00Z"


def test_each_second_of_a_led_time_is_seen(stand: Stand) -> None:
    seen = list[int]()
    start = stand.exchange.now_us
    pace = Pace(
        stand.exchange,
        from_us=start,
        monotonic_us=lambda: 0,
        speed=Decimal(1),
        on_passed=lambda: seen.append(stand.exchange.now_us - start),
    )
    assert pace.lead(start + 2_500_000)
    assert seen == [1_000_000, 2_000_000, 2_500_000]


def test_a_day_is_led_in_pieces_between_which_others_are_heard(stand: Stand) -> None:
    start = stand.exchange.now_us
    assert not stand.pace.lead(start + 3_600_000_000)
    assert stand.exchange.now_us == start + 1_800_000_000
    assert stand.pace.lead(start + 3_600_000_000)


def test_the_same_leads_give_the_same_exchange(feed: ScriptedFeed) -> None:
    def run() -> list[tuple[str, str]]:
        stand = Stand(ScriptedFeed(market, listing(), listing("ETH-USD"), history=2 * 1440))
        client, app = stand.client(), application(stand)
        for minute in range(1, 5):
            asked(app, "POST", {"to": f"2026-01-05T00:0{minute}:00.5Z"})
            client.market_order_buy(f"{minute}", "BTC-USD", quote_size="50")
        return [(each.entry_id, each.trade_time) for each in client.get_fills().fills]

    assert run() == run()


def test_limits_let_a_client_be_that_leads_the_clock(stand: Stand) -> None:
    is_led = True
    limits = Limits(Switches(private_per_s=2), lambda: 0, is_led=lambda: is_led)
    for _ in range(10):
        headers = dict(limits.spend("key", is_public=False))
        assert headers["x-ratelimit-remaining"] == "1"


def test_a_store_that_fails_is_no_answer_of_200(stand: Stand, monkeypatch: Any) -> None:
    def fail(_: int) -> bool:
        raise StoreFailed("no disk")

    monkeypatch.setattr(stand.pace, "lead", fail)
    status, body = asked(application(stand), "POST", {"to": "2026-01-05T00:00:30Z"})
    assert (status, body["message"]) == (503, "no disk")
