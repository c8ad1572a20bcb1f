from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.adapters.coinbase import bodies
from tests.adapters.coinbase.market_script import MarketScript, close_at, minute
from tests.adapters.coinbase.scripted import BTC, START, Bench, Reply, Sent, answer

from trader247.adapters.coinbase.market import HOURS_KEPT, MINUTES_KEPT, CoinbaseMarket
from trader247.adapters.coinbase.skew import clock_skew
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductStatus, Snapshot
from trader247.domain.time import HOUR, MINUTE, SECOND
from trader247.ports import MarketData

ETH = ProductId.parse("ETH-USD")
SOL = ProductId.parse("SOL-USD")
PRODUCTS = [BTC, ETH, SOL]


class Stage:
    """A market of three products, and the reader of it."""

    def __init__(self, *, is_keyless: bool = False, minutes_kept: int = MINUTES_KEPT) -> None:
        self.bench = Bench(is_keyless=is_keyless, per_second=100_000)
        self.script = MarketScript(self.bench, PRODUCTS, levels=3)
        self.market = CoinbaseMarket(self.bench.client, minutes_kept=minutes_kept)
        self.cycle = 0

    def look(self, after: timedelta = timedelta(0)) -> Snapshot:
        self.bench.clock.passed += after
        self.bench.transport.requests.clear()
        self.cycle += 1
        port: MarketData = self.market
        return port.snapshot(cycle=self.cycle, products=PRODUCTS, reference=BTC)

    def paths(self) -> list[str]:
        return [request.path.rpartition("/")[2] for request in self.bench.transport.requests]


def test_a_first_snapshot_holds_all_there_is() -> None:
    snapshot = Stage().look()
    assert snapshot.unreachable == ""
    assert snapshot.clock_skew == timedelta(0)
    assert list(snapshot.views) == PRODUCTS
    for product, view in snapshot.views.items():
        assert view.trouble == ""
        assert view.product is not None
        assert view.product.status is ProductStatus.ONLINE
        assert view.quote is not None
        assert view.quote.time == START
        assert view.depth is not None
        assert view.bars is not None
        assert len(view.bars) == MINUTES_KEPT
        assert view.bars.end == minute(-1)
        assert view.bars.close[-1] == close_at(minute(-1))
        assert (view.hourly is not None) == (product == BTC)
    hourly = snapshot.views[BTC].hourly
    assert hourly is not None
    assert len(hourly) == HOURS_KEPT
    assert hourly[-1] == close_at(minute(-1))


def test_the_next_minute_costs_one_small_request_for_bars_and_one_for_the_book() -> None:
    stage = Stage()
    stage.look()
    stage.script.asked.clear()
    snapshot = stage.look(MINUTE)
    assert sorted(stage.paths()) == sorted(
        ["time", "products", *["candles"] * 3, *["product_book"] * 3]
    )
    assert all(end - start == 3 for _, start, end, _ in stage.script.asked)
    bars = snapshot.views[ETH].bars
    assert bars is not None
    assert bars.end == minute(0)
    assert len(bars) == MINUTES_KEPT


def test_within_a_minute_bars_are_the_same_object_and_cost_nothing() -> None:
    stage = Stage()
    before = stage.look()
    after = stage.look(SECOND)
    assert stage.paths() == ["product_book"] * 3
    assert after.views[BTC].bars is before.views[BTC].bars


def test_growing_equals_reading_afresh() -> None:
    grown, fresh = Stage(minutes_kept=60), Stage(minutes_kept=60)
    for stage in (grown, fresh):
        stage.script.holes = {minute(-5), minute(1), minute(2), minute(4)}
    grown.look()
    for _ in range(7):
        snapshot = grown.look(MINUTE)
    expected = fresh.look(7 * MINUTE).views[SOL].bars
    assert snapshot.views[SOL].bars == expected
    assert expected is not None
    assert list(expected.filled[-8:]) == [0, 0, 1, 1, 0, 1, 0, 0]


def test_hourly_closes_grow_with_the_hour() -> None:
    stage = Stage()
    stage.look()
    stage.script.asked.clear()
    hourly = stage.look(HOUR).views[BTC].hourly
    assert hourly is not None
    assert hourly[-1] == close_at(minute(59))
    assert [asked for asked in stage.script.asked if asked[3] == "3600"] != []


def test_a_broken_book_is_the_trouble_of_its_product_alone() -> None:
    stage = Stage()
    stage.script.broken["/product_bookETH-USD"] = Reply(b"", 500)
    snapshot = stage.look()
    assert snapshot.unreachable == ""
    view = snapshot.views[ETH]
    assert (view.quote, view.depth, view.trouble) == (None, None, "HTTP 500")
    assert view.bars is not None
    assert snapshot.views[BTC].quote is not None
    assert stage.market.faults().errors == 1


def test_bars_that_cannot_be_read_are_missing_and_caught_up_later() -> None:
    stage = Stage()
    stage.look()
    stage.script.broken["/products/ETH-USD/candles"] = answer({"candles": [{"start": "odd"}]})
    view = stage.look(MINUTE).views[ETH]
    assert view.bars is None
    assert "candles[0].start" in view.trouble
    assert view.quote is not None
    stage.script.broken.clear()
    bars = stage.look(MINUTE).views[ETH].bars
    assert bars is not None
    assert bars.end == minute(1)
    assert sum(bars.filled) == 0


def test_a_venue_that_does_not_answer_is_unreachable_and_not_asked_for_long() -> None:
    stage = Stage()
    stage.look()
    stage.script.broken["*"] = Reply(b"<html>", 502)
    snapshot = stage.look(MINUTE)
    assert snapshot.unreachable == "HTTP 502"
    assert snapshot.clock_skew is None
    assert len(stage.bench.transport.requests) == 3
    for view in snapshot.views.values():
        assert (view.quote, view.bars) == (None, None)
        assert "502" in view.trouble
    assert stage.market.faults().running == 3
    stage.script.broken.clear()
    assert stage.look(MINUTE).views[BTC].trouble == ""
    assert stage.market.faults().running == 0


def test_maintenance_is_a_failure_in_a_row_and_no_error() -> None:
    stage = Stage()
    stage.script.broken["*"] = Reply(b"", 503)
    stage.look()
    faults = stage.market.faults()
    assert faults.running > 0
    assert faults.errors == 0


def test_a_product_that_the_venue_does_not_list_says_so() -> None:
    stage = Stage()
    del stage.script.products["SOL-USD"]
    view = stage.look().views[SOL]
    assert view.product is None
    assert view.trouble == "the venue does not list it"


def test_a_product_that_cannot_be_read_says_why() -> None:
    stage = Stage()
    stage.script.products["SOL-USD"]["base_increment"] = "0"
    snapshot = stage.look()
    assert "base_increment" in snapshot.views[SOL].trouble
    assert snapshot.views[BTC].trouble == ""


def test_a_status_is_read_again_before_it_is_a_minute_old() -> None:
    stage = Stage()
    stage.look()
    stage.script.products["ETH-USD"]["cancel_only"] = True
    stage.look(30 * SECOND)
    changed = stage.look(15 * SECOND).views[ETH].product
    assert changed is not None
    assert changed.status is ProductStatus.CANCEL_ONLY


def test_an_old_product_is_kept_with_its_age_and_then_no_longer() -> None:
    stage = Stage()
    stage.look()
    stage.script.broken["/products"] = Reply(b"", 500)
    kept = stage.look(4 * MINUTE).views[BTC].product
    assert kept is not None
    assert kept.read_at == START
    gone = stage.look(MINUTE).views[BTC]
    assert gone.product is None
    assert gone.trouble == "HTTP 500"


def test_a_new_tick_begins_the_bars_anew() -> None:
    stage = Stage(minutes_kept=60)
    stage.look()
    stage.script.products["ETH-USD"]["price_increment"] = "0.1"
    bars = stage.look(MINUTE).views[ETH].bars
    assert bars is not None
    assert str(bars.tick) == "0.1"
    assert len(bars) == 60
    assert bars.close[-1] < close_at(minute(0)) // 9


def test_clock_skew_is_the_venues_clock_less_ours() -> None:
    stage = Stage()
    ahead = (START + 3 * SECOND).us // 1000
    stage.script.broken["/time"] = answer({"epochMillis": str(ahead)})
    assert stage.look().clock_skew == 3 * SECOND
    stage.script.broken.clear()
    assert stage.look(59 * SECOND).clock_skew == 3 * SECOND
    assert stage.look(SECOND).clock_skew == timedelta(0)


@pytest.mark.parametrize("jump", [HOUR, -HOUR])
def test_a_clock_that_jumps_leaves_nothing_of_before_to_be_believed(jump: timedelta) -> None:
    stage, straight = Stage(minutes_kept=120), Stage(minutes_kept=120)
    stage.look()
    stage.bench.clock.ahead += jump
    moved = stage.look(MINUTE)
    assert moved.clock_skew == -jump
    stage.script.products["ETH-USD"]["cancel_only"] = True
    straight.script.products["ETH-USD"]["cancel_only"] = True
    stage.bench.clock.ahead -= jump
    back, never_moved = stage.look(MINUTE), straight.look(2 * MINUTE)
    assert back.views == never_moved.views
    assert back.clock_skew == timedelta(0)


@pytest.mark.parametrize("jump", [48 * HOUR, -HOUR])
def test_what_was_read_while_somebody_set_the_clock_is_read_once_more(jump: timedelta) -> None:
    """The skew was of before, and the time of after: such a cycle seemed to be of that day."""
    stage = Stage()
    stage.look()
    listing, sets = stage.script._guard(stage.script._listing), [jump]

    def set_once(sent: Sent) -> Reply:
        if sets:
            stage.bench.clock.ahead += sets.pop()
        return listing(sent)

    for twin in ("", "/market"):
        stage.bench.transport.handle(f"{twin}/products", set_once)
    moved = stage.look(MINUTE)
    assert not sets
    assert moved.clock_skew == -jump
    assert moved.right_time == moved.time - jump
    assert moved.time == stage.bench.clock.now()


def test_what_was_read_while_somebody_set_the_clock_again_and_again_is_of_no_known_time() -> None:
    stage = Stage()
    stage.look()
    listing = stage.script._guard(stage.script._listing)

    def set_each_time(sent: Sent) -> Reply:
        stage.bench.clock.ahead += HOUR
        return listing(sent)

    for twin in ("", "/market"):
        stage.bench.transport.handle(f"{twin}/products", set_each_time)
    assert stage.look(MINUTE).clock_skew is None


def test_a_clock_that_is_set_by_a_second_costs_nothing() -> None:
    stage = Stage()
    stage.look()
    stage.bench.clock.ahead += SECOND
    stage.look(SECOND)
    assert stage.paths() == ["product_book"] * 3


def test_the_wait_for_a_turn_is_no_part_of_the_clock_skew() -> None:
    bench = Bench(per_second=1)
    bench.transport.handle(
        "/time", lambda _: answer({"epochMillis": str(bench.clock.now().us // 1000)})
    )
    assert clock_skew(bench.client) == timedelta(0)
    bench.budget.limited(8 * SECOND)
    assert clock_skew(bench.client) == timedelta(0)
    assert bench.clock.passed >= 8 * SECOND


def test_without_a_key_the_public_twins_are_asked() -> None:
    stage = Stage(is_keyless=True)
    assert stage.look().unreachable == ""
    private = [
        request for request in stage.bench.transport.requests if "/market/" not in request.path
    ]
    assert {request.path.rpartition("/")[2] for request in private} == {"time"}
    assert all("Authorization" not in request.headers for request in stage.bench.transport.requests)


def test_the_reference_is_read_also_outside_the_products() -> None:
    stage = Stage()
    snapshot = stage.market.snapshot(cycle=1, products=[ETH], reference=BTC)
    assert snapshot.views[BTC].hourly is not None


def test_the_listing_is_kept_for_five_minutes() -> None:
    stage = Stage()
    assert [product.id for product in stage.market.listing()] == PRODUCTS
    stage.script.products["DOGE-USD"] = bodies.product(product_id="DOGE-USD")
    stage.script.products["ODD"] = bodies.product(product_id="BIT-31JAN26-CDE")
    stage.bench.clock.passed += 299 * SECOND
    assert len(stage.market.listing()) == 3
    stage.bench.clock.passed += SECOND
    assert len(stage.market.listing()) == 4
    stage.script.broken["/products"] = Reply(b"", 500)
    stage.bench.clock.passed += 300 * SECOND
    with pytest.raises(VenueError):
        stage.market.listing()


@pytest.mark.parametrize(("away", "is_known"), [(10 * MINUTE, True), (2 * HOUR, False)])
def test_a_start_goes_on_from_what_was_seen_within_the_hour(
    away: timedelta, *, is_known: bool
) -> None:
    before = Stage()
    seen = before.look()
    asked = before.paths().count("candles")
    after = Stage()
    after.market = CoinbaseMarket(after.bench.client, known=seen)
    snapshot = after.look(away)
    whole = Stage().look(away)
    assert [each.bars for each in snapshot.views.values()] == [
        each.bars for each in whole.views.values()
    ]
    # One request for each product's new minutes, and one for the reference's hours.
    assert (after.paths().count("candles") == len(PRODUCTS) + 1) is is_known
    assert asked > 3 * len(PRODUCTS)


def test_bars_in_other_ticks_are_not_gone_on_from() -> None:
    seen = Stage().look()
    other = {
        key: replace(view, bars=replace(view.bars, tick=view.bars.tick * Decimal(10)))
        for key, view in seen.views.items()
        if view.bars is not None
    }
    after = Stage()
    after.market = CoinbaseMarket(after.bench.client, known=replace(seen, views=other))
    assert after.look().views[ETH].bars == seen.views[ETH].bars
