from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
import requests
from requests.adapters import BaseAdapter
from tests.adapters.coinbase import bodies
from tests.adapters.coinbase.scripted import (
    START,
    Bench,
    Reply,
    answer,
    approved,
    body_of,
    failing,
    success,
)

from trader247.adapters.coinbase.errors import NotSent, OrderWithheld
from trader247.adapters.coinbase.guard import OrderGuard
from trader247.adapters.coinbase.render import render
from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.domain.errors import (
    KeyRejected,
    RateLimited,
    StorageError,
    VenueError,
    VenueMaintenance,
    VenueUnreachable,
)
from trader247.domain.ids import ClientOrderId
from trader247.domain.milestones import Passing, unwatched
from trader247.domain.outcomes import Declined
from trader247.domain.time import SECOND, Instant

NO_ACCOUNTS = {"accounts": [], "has_next": False}


def test_a_request_carries_a_fresh_token_for_its_own_path() -> None:
    bench = Bench()
    bench.transport.on("/accounts", answer(NO_ACCOUNTS))
    bench.client.get("/accounts", {"limit": 1, "cursor": None})
    bench.clock.passed += SECOND
    bench.client.get("/accounts", {"limit": 1})
    claims = [
        jwt.decode(
            request.headers["Authorization"].removeprefix("Bearer "),
            options={"verify_signature": False},
        )
        for request in bench.transport.requests
    ]
    assert [claim["uri"] for claim in claims] == [
        "GET api.coinbase.com/api/v3/brokerage/accounts"
    ] * 2
    assert [claim["exp"] for claim in claims] == [START.seconds + 30, START.seconds + 31]
    assert bench.transport.requests[0].query == {"limit": ["1"]}
    assert bench.transport.requests[0].headers["User-Agent"].startswith("coinbase-advanced-py/")


def test_every_request_is_bounded_verified_and_direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    bench = Bench()
    bench.transport.on("/accounts", answer(NO_ACCOUNTS))
    bench.client.get("/accounts")
    options = bench.transport.requests[0].options
    assert options["timeout"] == (3.0, 10.0)
    assert options["verify"] is True
    assert not options["proxies"]


def test_cookies_are_not_kept() -> None:
    bench = Bench()
    bench.transport.on("/accounts", Reply(b'{"accounts": []}', headers={"Set-Cookie": "a=b"}))
    bench.client.get("/accounts")
    bench.client.get("/accounts")
    assert "Cookie" not in bench.transport.requests[1].headers


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(b"Unauthorized\n", 401), KeyRejected),
        (
            answer({"error": "PERMISSION_DENIED", "message": "Missing required scopes"}, 403),
            KeyRejected,
        ),
        (Reply(b"<html>blocked</html>", 403), VenueError),
        (Reply(b"<html>", 429), RateLimited),
        (Reply(b"<html>", 503), VenueMaintenance),
        (Reply(b"", 502), VenueUnreachable),
        (Reply(b"", 524), VenueUnreachable),
        (answer({"error": "INTERNAL", "message": "m"}, 500), VenueError),
        (answer({"error": "INVALID_ARGUMENT"}, 400), VenueError),
        (Reply(b"", 302, {"Location": "https://elsewhere.test/"}), VenueError),
        (Reply(b"<html>"), VenueError),
        (Reply(b""), VenueError),
        (failing(NotSent("x")), VenueUnreachable),
        (failing(requests.ReadTimeout("x")), VenueUnreachable),
        (failing(ConnectionResetError()), VenueUnreachable),
        (failing(RuntimeError("x")), VenueError),
    ],
)
def test_every_failure_of_a_read_is_typed(reply: Reply, kind: type[VenueError]) -> None:
    bench = Bench()
    bench.transport.on("/accounts", reply)
    with pytest.raises(VenueError) as caught:
        bench.client.get("/accounts")
    assert type(caught.value) is kind
    assert len(str(caught.value)) <= 220
    assert caught.value.__suppress_context__


def test_no_body_reaches_a_log_or_an_error(caplog: pytest.LogCaptureFixture) -> None:
    stream = io.StringIO()
    logger = logging.getLogger("coinbase.RESTClient")
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    try:
        bench = Bench()
        canary = {"error": "INTERNAL", "message": "no", "details": "canary" * 100}
        bench.transport.on("/accounts", answer(canary, 500))
        with caplog.at_level(logging.DEBUG), pytest.raises(VenueError) as caught:
            bench.client.get("/accounts")
    finally:
        logger.removeHandler(handler)
    assert "canary" not in stream.getvalue() + caplog.text + str(caught.value)


def test_faults_in_a_row_are_counted_until_an_answer() -> None:
    bench = Bench()
    bench.transport.on("/accounts", Reply(b"", 500), Reply(b"", 500), answer(NO_ACCOUNTS))
    for _ in range(2):
        with pytest.raises(VenueError):
            bench.client.get("/accounts")
    assert bench.client.faults().running == 2
    bench.client.get("/accounts")
    faults = bench.client.faults()
    assert (faults.errors, faults.running) == (0, 0)


@pytest.mark.parametrize(
    "path", ["/orders/edit", "/orders/close_position", "/convert/quote", "/portfolios/move_funds"]
)
def test_nothing_else_that_changes_something_can_be_sent(path: str) -> None:
    bench = Bench()
    with pytest.raises(VenueUnreachable):
        bench.client.post(path, {"a": 1})
    assert bench.transport.requests == []


def test_an_order_that_was_not_announced_is_not_sent() -> None:
    bench = Bench()
    with pytest.raises(VenueUnreachable):
        bench.client.post("/orders", {"client_order_id": "x"})
    assert bench.transport.requests == []
    assert bench.client.orders_sent == 0


def test_an_announcement_serves_one_order_alone() -> None:
    bench = Bench()
    order = approved()
    body = body_of(order)
    bench.transport.on("/orders", answer(success(body)))
    CoinbaseVenue(bench.client).submit(order, body)
    with pytest.raises(VenueError):
        bench.client.post("/orders", json.loads(body.text))
    assert len(bench.transport.requests) == 1


def test_an_order_of_which_bytes_left_is_counted_whatever_the_answer() -> None:
    bench = Bench()
    order = approved()
    bench.transport.on("/orders", failing(requests.ReadTimeout("x")))
    CoinbaseVenue(bench.client).submit(order, body_of(order))
    assert bench.client.orders_sent == 1


def test_the_permit_is_asked_for_orders_alone() -> None:
    bench = Bench()
    bench.permit.answer = "no"
    bench.transport.on("/accounts", answer(NO_ACCOUNTS))
    bench.transport.on("/orders/batch_cancel", answer({"results": []}))
    bench.client.get("/accounts")
    bench.client.post("/orders/batch_cancel", {"order_ids": ["a"]})
    assert bench.permit.asked == 0


def test_the_clock_is_looked_at_after_the_permit() -> None:
    bench = Bench()
    order = approved()

    class SlowPermit:
        def refusal(self) -> str | None:
            bench.clock.passed += timedelta(hours=1)
            return None

    bench.client._guard._permit = SlowPermit()
    outcome = CoinbaseVenue(bench.client).submit(order, body_of(order))
    assert "too_late" in str(outcome)
    assert bench.transport.requests == []


@pytest.mark.parametrize(
    ("passed", "set_back"),
    [
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(0), timedelta(hours=-1)),
    ],
)
def test_a_clock_that_is_set_makes_no_order_young_again(
    passed: timedelta, set_back: timedelta
) -> None:
    """A machine that slept may wake with a wrong clock: each of the two clocks ends an order."""
    bench = Bench()
    order = approved()

    class SettingPermit:
        def refusal(self) -> str | None:
            bench.clock.passed += passed
            bench.clock.ahead -= set_back
            return None

    bench.client._guard._permit = SettingPermit()
    outcome = CoinbaseVenue(bench.client).submit(order, body_of(order))
    assert "too_late" in str(outcome)
    assert bench.transport.requests == []


def test_public_market_data_can_be_chosen_with_a_key() -> None:
    bench = Bench()
    bench.client._is_market_public = True
    bench.transport.on("/market/product_book", answer(bodies.book([("1", "1")], [("2", "1")])))
    bench.client.market("/product_book")
    assert "Authorization" not in bench.transport.requests[0].headers


@pytest.mark.slow
def test_the_adapter_imports_without_the_sdk() -> None:
    code = (
        "import sys, trader247.adapters.coinbase.venue, trader247.adapters.coinbase.market;"
        "sys.exit('coinbase' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_an_order_whose_leaving_cannot_be_kept_does_not_leave() -> None:
    """Whoever raises a stop from another process would not know that one may be on its way."""
    bench, order = Bench(), approved()

    def full() -> None:
        raise StorageError("no room left on the disk")

    bench.client._guard._on_sending = full
    outcome = CoinbaseVenue(bench.client).submit(order, body_of(order))
    assert isinstance(outcome, Declined)
    assert (outcome.code, outcome.is_sent) == ("not_kept", False)
    assert bench.transport.requests == []
    assert bench.client.orders_sent == 0


def test_an_order_without_a_name_is_not_rendered() -> None:
    """The SDK would make one up, which no journal knows."""
    with pytest.raises(ValueError, match="client order id"):
        render(approved(), ClientOrderId(""), Instant(0))


def test_an_order_of_another_body_than_was_announced_does_not_leave() -> None:
    bench = Bench()
    with pytest.raises(OrderWithheld, match="not the recorded one"):
        bench.client.post_order(
            {"client_order_id": "x"}, "0" * 64, until=bench.clock.now() + SECOND
        )
    assert bench.transport.requests == []


def test_a_last_look_at_what_is_no_order_asks_nobody() -> None:
    """The transport looks before the first byte of whatever it sends."""

    class Connecting(BaseAdapter):
        last_look: Callable[[], None]
        passing: Passing

        def __init__(self) -> None:
            super().__init__()
            self.last_look, self.passing = failing_look, unwatched
            self.is_closed = False

        def close(self) -> None:
            self.is_closed = True

    def failing_look() -> None:
        raise AssertionError("nobody said what to look at")

    bench, inner = Bench(), Connecting()
    guard = OrderGuard(inner, clock=bench.clock, permit=bench.permit)
    inner.last_look()
    assert bench.permit.asked == 0
    guard.close()
    assert inner.is_closed
