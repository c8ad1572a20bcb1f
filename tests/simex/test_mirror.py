"""A mirrored market: what was shown can be taken once, what was seen fills what rested."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.simex.scripted import START, listing

from trader247.simex.embedded import Embedded
from trader247.simex.mirror import BOOK_US_MAX, LATE_US, Look, MirrorFeed
from trader247.simex.orders.order import Order, Status
from trader247.simex.path import MINUTE_US
from trader247.simex.wire.refusal import Rejection

BTC = "BTC-USD"
NOW = START * MINUTE_US
SECOND = 1_000_000


def feed() -> MirrorFeed:
    return MirrorFeed(
        identity="mirror of elsewhere",
        label="MIRRORED MARKET",
        listings=(listing(),),
        start_us=NOW + 7 * SECOND,
    )


class Bench:
    """One mirrored exchange and the hand that shows it its market."""

    def __init__(self, path: str | Path = ":memory:") -> None:
        self.embedded = Embedded.open(path, feed(), {"USD": Decimal(10_000), "BTC": Decimal(1)})
        self.mirror = self.embedded.mirror()
        self.mirror.keep(NOW + 10 * SECOND)

    def show(self, bid: str, ask: str, *, size: str = "1", at: int = 10) -> None:
        """One level a side, and a second one a dollar behind."""
        self.mirror.show(
            BTC,
            bids=[(Decimal(bid), Decimal(size)), (Decimal(bid) - 1, Decimal(5))],
            asks=[(Decimal(ask), Decimal(size)), (Decimal(ask) + 1, Decimal(5))],
            time_us=NOW + at * SECOND,
        )

    def place(self, side: str, price: str, size: str, *, kind: str = "limit_limit_gtc") -> Order:
        fields: dict[str, Any] = {"base_size": size, "limit_price": price}
        if kind == "limit_limit_gtc":
            fields["post_only"] = True
        placed = self.embedded._exchange.place(
            client_order_id=f"c{len(self.embedded.orders_json()['orders'])}",
            product_id=BTC,
            side=side,
            configuration={kind: fields},
        )
        assert isinstance(placed, Order), placed
        return placed

    def saw(self, low: str, high: str, volume: str, *, at: int, minute: int = 0) -> None:
        look = Look(START + minute, Decimal(low), Decimal(high), Decimal(volume))
        self.mirror.saw(BTC, [look], at_us=NOW + at * SECOND)

    def order(self, order: Order) -> dict[str, Any]:
        listed = self.embedded.orders_json()["orders"]
        return next(each for each in listed if each["order_id"] == order.order_id)


def test_a_taker_walks_the_shown_levels_and_what_it_took_stays_taken_until_the_next_showing() -> (
    None
):
    bench = Bench()
    bench.show("100.00", "100.10")
    first = bench.place("BUY", "100.10", "0.6", kind="sor_limit_ioc")
    second = bench.place("BUY", "100.10", "0.6", kind="sor_limit_ioc")
    assert (first.filled_lots, second.filled_lots) == (60_000_000, 40_000_000)
    assert bench.place("BUY", "100.10", "0.6", kind="sor_limit_ioc").filled_lots == 0
    bench.show("100.00", "100.10", at=15)
    assert bench.place("BUY", "100.10", "0.6", kind="sor_limit_ioc").filled_lots == 60_000_000


def test_a_book_too_old_to_trade_on_is_taken_back() -> None:
    bench = Bench()
    bench.show("100.00", "100.10", at=10)
    bench.mirror.keep(NOW + 10 * SECOND + BOOK_US_MAX)
    assert bench.place("BUY", "100.10", "0.1", kind="sor_limit_ioc").status is Status.FILLED
    bench.mirror.keep(NOW + 10 * SECOND + BOOK_US_MAX + 1)
    assert bench.place("BUY", "100.10", "0.1", kind="sor_limit_ioc").filled_lots == 0


@pytest.mark.parametrize(
    ("bids", "asks"),
    [([], ["100.10"]), (["100.00"], []), (["100.10"], ["100.10"]), (["100.20"], ["100.10"])],
)
def test_a_book_of_one_side_or_a_crossed_one_is_none(bids: list[str], asks: list[str]) -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    bench.mirror.show(
        BTC,
        bids=[(Decimal(each), Decimal(1)) for each in bids],
        asks=[(Decimal(each), Decimal(1)) for each in asks],
        time_us=NOW,
    )
    assert bench.place("BUY", "101", "0.1", kind="sor_limit_ioc").filled_lots == 0


def test_a_post_only_order_that_would_cross_the_shown_book_is_refused() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    answer = bench.embedded._exchange.place(
        client_order_id="x",
        product_id=BTC,
        side="BUY",
        configuration={
            "limit_limit_gtc": {"base_size": "1", "limit_price": "100.10", "post_only": True}
        },
    )
    assert isinstance(answer, Rejection)


@pytest.mark.parametrize(("low", "filled"), [("99.99", "0.25"), ("100.00", "0"), ("100.01", "0")])
def test_a_resting_order_fills_when_a_whole_minute_traded_through_it_by_a_tick(
    low: str, filled: str
) -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    order = bench.place("BUY", "100.00", "0.5")
    # A fourth of what was traded, and no more.
    bench.saw(low, "100.50", "1", at=125, minute=1)
    assert bench.order(order)["filled_size"] == filled
    if filled != "0":
        (fill,) = bench.embedded.fills_json()["fills"]
        assert (fill["price"], fill["liquidity_indicator"]) == ("100", "MAKER")


def test_a_resting_sale_fills_when_trades_go_above_it() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    order = bench.place("SELL", "100.10", "0.1")
    bench.saw("100.00", "100.10", "4", at=125, minute=1)
    assert bench.order(order)["status"] == "OPEN"
    bench.saw("100.00", "100.11", "4", at=185, minute=2)
    assert bench.order(order)["status"] == "FILLED"


def test_all_orders_of_a_product_share_what_was_traded_best_price_first() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    low, high = bench.place("BUY", "99.50", "0.2"), bench.place("BUY", "99.90", "0.2")
    bench.saw("99.00", "100.00", "1", at=125, minute=1)
    assert bench.order(high)["filled_size"] == "0.2"
    assert bench.order(low)["filled_size"] == "0.05"


def test_what_a_minute_showed_before_an_order_came_does_not_fill_it() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    order = bench.place("BUY", "100.00", "0.5")
    bench.saw("99.00", "101.00", "8", at=20)
    bench.saw("99.00", "101.00", "80", at=40)
    assert bench.order(order)["filled_size"] == "0"


def test_a_new_low_within_the_minute_fills_with_what_was_traded_since_the_last_look() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    order = bench.place("BUY", "100.00", "5")
    bench.saw("100.00", "100.10", "8", at=20)
    bench.saw("99.90", "100.10", "12", at=30)
    assert bench.order(order)["filled_size"] == "1"
    # The same low again proves nothing new.
    bench.saw("99.90", "100.10", "20", at=40)
    assert bench.order(order)["filled_size"] == "1"
    bench.saw("99.80", "100.10", "21", at=61, minute=0)
    assert bench.order(order)["filled_size"] == "1.25"
    # A minute that was seen whole is over, whatever is revised in it.
    bench.saw("98.00", "100.10", "40", at=65, minute=0)
    assert bench.order(order)["filled_size"] == "1.25"


def test_an_answer_may_be_older_than_its_arrival() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    bench.saw("100.00", "100.10", "8", at=10)
    bench.mirror.keep(NOW + 10 * SECOND + LATE_US // 2)
    order = bench.place("BUY", "100.00", "5")
    bench.saw("99.00", "100.10", "12", at=14)
    assert bench.order(order)["filled_size"] == "0"


def test_an_order_that_ended_meanwhile_is_not_filled_by_what_came_later() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    placed = bench.embedded._exchange.place(
        client_order_id="gtd",
        product_id=BTC,
        side="BUY",
        configuration={
            "limit_limit_gtd": {
                "base_size": "0.1",
                "limit_price": "100.00",
                "end_time": "2026-01-05T00:01:30Z",
                "post_only": True,
            }
        },
    )
    assert isinstance(placed, Order)
    bench.saw("99.00", "100.00", "8", at=130, minute=1)
    assert bench.order(placed)["status"] == "EXPIRED"
    assert bench.order(placed)["filled_size"] == "0"


def a_stop(bench: Bench, size: str = "0.5") -> Order:
    """A sale that wakes at 98 and takes 97.50 at the least, for ten minutes."""
    placed = bench.embedded._exchange.place(
        client_order_id="stop",
        product_id=BTC,
        side="SELL",
        configuration={
            "stop_limit_stop_limit_gtd": {
                "base_size": size,
                "stop_price": "98.00",
                "limit_price": "97.50",
                "stop_direction": "STOP_DIRECTION_STOP_DOWN",
                "end_time": "2026-01-05T00:10:00Z",
            }
        },
    )
    assert isinstance(placed, Order), placed
    return placed


@pytest.mark.parametrize(("low", "is_woken"), [("98.01", False), ("98.00", True), ("97", True)])
def test_a_stop_sleeps_until_a_trade_reaches_it_and_takes_what_the_book_shows(
    low: str, is_woken: bool
) -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    order = a_stop(bench)
    bench.show("97.80", "97.90", size="0.2", at=120)
    bench.saw(low, "100.50", "40", at=125, minute=1)
    # Two tenths at the best bid; the next one, a dollar lower, is under its limit.
    assert bench.order(order)["filled_size"] == ("0.2" if is_woken else "0")
    assert bench.order(order)["status"] == "OPEN"
    if is_woken:
        (fill,) = bench.embedded.fills_json()["fills"]
        assert (fill["price"], fill["liquidity_indicator"]) == ("97.8", "TAKER")
        # What is left rests at its limit, and fills as any sale does: when trades go above it.
        bench.saw("97.00", "97.50", "40", at=185, minute=2)
        assert bench.order(order)["filled_size"] == "0.2"
        bench.saw("97.00", "97.51", "40", at=245, minute=3)
        assert bench.order(order)["status"] == "FILLED"


def test_a_gap_through_a_stop_and_its_limit_sells_nothing_below_the_limit() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    order = a_stop(bench)
    bench.show("90.00", "90.10", at=120)
    bench.saw("90.00", "100.50", "40", at=125, minute=1)
    assert (bench.order(order)["status"], bench.order(order)["filled_size"]) == ("OPEN", "0")
    bench.saw("90.00", "97.51", "1", at=185, minute=2)
    (fill,) = bench.embedded.fills_json()["fills"]
    assert (fill["price"], fill["size"]) == ("97.5", "0.25")


def test_a_stop_is_not_woken_by_what_was_traded_before_it_came_or_after_its_end() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    order = a_stop(bench)
    bench.saw("95.00", "101.00", "8", at=20)
    assert bench.order(order)["filled_size"] == "0"
    bench.mirror.keep(NOW + 601 * SECOND)
    bench.show("97.80", "97.90", at=601)
    bench.saw("95.00", "101.00", "80", at=665, minute=10)
    assert (bench.order(order)["status"], bench.order(order)["filled_size"]) == ("EXPIRED", "0")


def test_waiting_names_the_products_in_which_orders_rest_and_since_when() -> None:
    bench = Bench()
    bench.show("100.00", "100.10")
    assert bench.mirror.waiting() == {}
    bench.place("BUY", "99", "0.1")
    assert bench.mirror.waiting() == {BTC: START}
    bench.saw("99.50", "100.00", "8", at=130, minute=1)
    assert bench.mirror.waiting() == {BTC: START + 1}


def test_it_resumes_with_its_orders_and_without_a_book(tmp_path: Path) -> None:
    path = tmp_path / "paper.exchange.db"
    bench = Bench(path)
    bench.show("100.00", "100.10")
    order = bench.place("BUY", "100.00", "0.5")
    bench.embedded.close()

    again = Bench(path)
    assert again.mirror.waiting() == {BTC: START}
    assert again.place("BUY", "101", "0.1", kind="sor_limit_ioc").filled_lots == 0
    # The minutes that passed while nothing ran are looked at before time goes on.
    again.saw("99.99", "100.50", "1", at=3600, minute=1)
    assert again.order(order)["filled_size"] == "0.25"
    assert again.embedded.now_us == NOW + 120 * SECOND
    again.mirror.keep(NOW + 3600 * SECOND)
    assert again.embedded.now_us == NOW + 3600 * SECOND


def test_anything_that_is_not_listed_is_left_alone() -> None:
    bench = Bench()
    bench.mirror.show("ETH-USD", bids=[], asks=[], time_us=NOW)
    look = Look(START, Decimal(1), Decimal(2), Decimal(3))
    bench.mirror.saw("ETH-USD", [look], at_us=NOW + 10 * SECOND)
    assert bench.mirror.products == (BTC,)


def test_prices_and_quantities_off_the_grid_count_against_us() -> None:
    bench = Bench()
    bench.mirror.show(
        BTC,
        bids=[(Decimal("100.005"), Decimal("0.000000019"))],
        asks=[(Decimal("100.101"), Decimal("0.000000019"))],
        time_us=NOW + 10 * SECOND,
    )
    bench.place("BUY", "100.11", "1", kind="sor_limit_ioc")
    (fill,) = bench.embedded.fills_json()["fills"]
    assert (fill["price"], fill["size"]) == ("100.11", "0.00000001")
