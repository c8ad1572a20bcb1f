"""A served exchange's time: the machine's, written down only where something happens."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.simex.conftest import market
from tests.simex.scripted import ScriptedFeed, listing
from tests.simex.stand import Stand

from trader247.simex.pace import Pace

MINUTE = 60_000_000


def test_time_passes_with_the_machine_s(stand: Stand) -> None:
    start = stand.exchange.now_us
    stand.wait(12.5)
    assert stand.exchange.now_us == start + 12_500_000
    assert stand.keyless().get_unix_time().epoch_millis == str((start + 12_500_000) // 1000)


def test_time_in_which_nothing_happens_costs_no_write(stand: Stand) -> None:
    stand.wait(21)
    before = stand.exchange.store.stamp
    stand.wait(10)
    assert stand.exchange.store.stamp == before


def test_an_order_ends_at_its_end_to_the_microsecond(stand: Stand) -> None:
    client = stand.client()
    made = client.limit_order_gtd_buy("a", "BTC-USD", "0.001", "50000", "2026-01-05T00:00:07Z")
    order_id = made.success_response["order_id"]
    stand.wait(6.999999)
    assert client.get_order(order_id).order.status == "OPEN"
    stand.wait(0.000001)
    assert client.get_order(order_id).order.status == "EXPIRED"


def test_a_speed_is_market_time_over_real_time(stand: Stand) -> None:
    real_us = 0
    start = stand.exchange.now_us
    pace = Pace(stand.exchange, from_us=start, monotonic_us=lambda: real_us, speed=Decimal("2.5"))
    real_us = 4_000_000
    pace.keep()
    assert stand.exchange.now_us == start + 10_000_000


def test_a_long_sleep_is_caught_up_with_in_pieces(stand: Stand) -> None:
    start = stand.exchange.now_us
    stand.wait(45 * 60)
    assert stand.exchange.now_us == start + 30 * MINUTE
    stand.pace.keep()
    assert stand.exchange.now_us == start + 45 * MINUTE


def test_where_the_market_ends_its_clock_stands_still() -> None:
    stand = Stand(ScriptedFeed(market, listing(), listing("ETH-USD"), minutes=2))
    stand.wait(600)
    assert stand.pace.is_over
    ended = stand.exchange.now_us
    stand.wait(600)
    assert stand.exchange.now_us == ended
    assert stand.keyless().get_unix_time().epoch_seconds == str(ended // 1_000_000)


def test_a_standing_clock_is_no_speed(stand: Stand) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Pace(stand.exchange, from_us=0, monotonic_us=lambda: 0, speed=Decimal(0))
