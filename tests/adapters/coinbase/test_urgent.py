"""Listing for a cancel that cannot wait: no odd field of an answer stands in its way."""

from __future__ import annotations

import pytest
from tests.adapters.coinbase.scripted import ScriptedClock, ScriptedTransport, answer

from trader247.adapters.coinbase.auth import Credentials, Signer
from trader247.adapters.coinbase.urgent import Page, UrgentClient
from trader247.domain.errors import VenueError
from trader247.domain.time import Instant

ORDER = {
    "order_id": "52cfe5e2-0b29-4c19-a245-a6a773de5030",
    "client_order_id": "t247-abcdef-1-0-0",
    "product_id": "BTC-USD",
    "side": "BUY",
}


def asking(path: str, body: object) -> UrgentClient:
    """A client that is answered so."""
    transport, clock = ScriptedTransport(), ScriptedClock()
    transport.on(path, answer(body))
    signer = Signer(Credentials.simulated(), now=clock.now)
    return UrgentClient(
        "host.test", signer, ca_file="", monotonic=clock.monotonic, transport=transport
    )


def listed(**told: object) -> Page:
    """What is read of a listing of one order that is told so."""
    body = {"orders": [{**ORDER, **told}], "has_next": False}
    client = asking("/orders/historical/batch", body)
    return client.page(None, "", statuses=(), is_patient=False)


@pytest.mark.parametrize("status", ["FILLED", "CANCELLED", "EXPIRED", "FAILED"])
def test_an_order_in_a_known_final_state_is_over(status: str) -> None:
    page = listed(status=status)
    assert (page.live, page.orders, page.unreadable) == ((), 1, 0)


@pytest.mark.parametrize(
    "status",
    ["OPEN", "PENDING", "QUEUED", "EDIT_QUEUED", "CANCEL_QUEUED", "UNKNOWN_ORDER_STATUS",
        "OF_TOMORROW", "filled", "", None, ["FILLED"],
        {"FILLED": 1}],
)  # fmt: skip
def test_an_order_in_any_other_state_lives(status: object) -> None:
    page = listed(status=status)
    (live,) = page.live
    assert (live.order_id, live.is_ours, live.is_sale) == (ORDER["order_id"], True, False)


def test_an_order_whose_state_is_not_told_lives() -> None:
    assert len(listed().live) == 1


@pytest.mark.parametrize("told", ["-99999999999", -1, "", "soon", None, [1], "1e9"])
def test_a_time_that_is_none_is_said_and_listed_from_by_nobody(told: object) -> None:
    with pytest.raises(VenueError, match="the venue's time"):
        asking("/time", {"epochSeconds": told}).time(is_patient=False)


def test_the_venues_time_is_read() -> None:
    found = asking("/time", {"epochSeconds": "1767571200"}).time(is_patient=False)
    assert found == Instant.parse("2026-01-05T00:00:00Z")
