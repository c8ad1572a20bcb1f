"""Tapes at their edges, worked out by hand: where time, volume or the market itself runs out.

They begin as those of `test_by_hand`: an entry of 1.53492 at 100.07, sent as trading begins, good
for five minutes. A stop at 94.0658 is watched by the cycles alone.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.backtest.markets import WARM_UP, setup
from tests.backtest.test_by_hand import (
    BOUGHT,
    ENTRY,
    ENTRY_FEE,
    STILL,
    Bar,
    asked_at,
    past,
    policy,
    traded,
)
from tests.backtest.test_fast import assert_same

from trader247.backtest.history import HARSH, OPTIMISTIC
from trader247.domain.money import Price, Quantity
from trader247.domain.orders import OrderState
from trader247.domain.proposals import ExitCause
from trader247.domain.time import SECOND
from trader247.simex.fees import FeeTerms, Tier
from trader247.simex.orders.costs import Rates

GONE: Bar = (9_100,) * 4


def test_an_entry_ends_before_the_price_of_that_instant_comes() -> None:
    # Its time is over at 02:05:00, and that is when the market opens at 99.00, far below 100.08.
    run = traded([*[STILL] * 5, (9_900,) * 4, STILL])
    (order,) = run.recorder.orders
    assert (order.state, order.ended) == (OrderState.EXPIRED, asked_at(run.setup, 5))
    assert not run.recorder.fills


def test_an_entry_fills_in_its_last_minute_at_the_second_of_the_low() -> None:
    # The fifth minute falls from 100.10 to 99.00: open, high, low, close, so the low is at 40 s.
    # It is one of 100.08 (spread 5 ticks), and the range has no say in what stood there before.
    run = traded([*[STILL] * 4, (10_010, 10_010, 9_900, 9_900), *[(9_900,) * 4] * 3])
    (fill,) = run.recorder.fills
    assert (fill.time, fill.price) == (asked_at(run.setup, 4, seconds=40), Price.of("100.08"))


def test_a_hole_of_hours_ends_what_rests_and_trades_nothing() -> None:
    # Nothing is traded for 200 minutes, then at 99.00: the order was over after five.
    bars = [*[STILL] * 200, *[(9_900,) * 4] * 3]
    run = traded(bars, lots={WARM_UP + at: 0 for at in range(200)})
    (order,) = run.recorder.orders
    assert (order.state, order.ended) == (OrderState.EXPIRED, asked_at(run.setup, 5))
    assert not run.recorder.fills


def test_a_position_waits_through_a_hole_and_leaves_when_the_closes_have_followed() -> None:
    # Bought in minute 0. Nothing is traded from minute 2 to 201, and then at 91.00. As after any
    # gap the sale waits for three closes of five below: those of minutes 202, 203 and 204.
    bars = [ENTRY, *[STILL] * 201, *[GONE] * 6]
    run = traded(bars, lots={WARM_UP + at: 0 for at in range(2, 202)})
    (trade,) = run.recorder.trades
    assert (trade.cause, trade.closed) == (ExitCause.STOP, asked_at(run.setup, 205))
    sold = Decimal("1.53492") * Decimal("90.98")
    assert trade.realised.value == sold * Decimal("0.991") - BOUGHT - ENTRY_FEE


def test_a_fall_by_nine_tenths_is_sold_at_what_is_left() -> None:
    # From 100.10 to 10.00 in minute 2. There 4 bps are less than a tick: the spread is one, and the
    # bid is the price. It is sold by the cycle of minute 5, when three closes lie there.
    run = traded([ENTRY, STILL, (10_010, 10_010, 1_000, 1_000), *[(1_000,) * 4] * 5])
    (trade,) = run.recorder.trades
    assert (trade.exit_price, trade.closed) == (Price.of("10"), asked_at(run.setup, 5))
    assert trade.exit_fee.value == Decimal("15.3492") * Decimal("0.009")
    assert trade.realised.value == Decimal("15.3492") * Decimal("0.991") - BOUGHT - ENTRY_FEE


def test_a_tier_that_was_reached_counts_from_the_next_hour_on() -> None:
    # 153.60 are bought at 02:00:20, which reaches the tier of 150. The target of 120.084 is passed
    # in minute 62: 4 bps of 121.00 are 4.84 ticks, so that the spread is 5 and the bid 120.98. Sold
    # after 03:00, it pays six tenths of a per cent, where the first tier would take nine.
    high: Bar = (12_100,) * 4
    tiers = (
        Tier("first", Decimal(0), None, Rates(Decimal("0.005"), Decimal("0.009"))),
        Tier("second", Decimal(150), None, Rates(Decimal("0.004"), Decimal("0.006"))),
    )
    asked = setup([past([ENTRY, *[STILL] * 61, *[high] * 8])], policy=policy(keeps_stops=False))
    slow, _ = assert_same(replace(asked, fees=FeeTerms(schedule=tiers)))
    (trade,) = slow.recorder.trades
    assert trade.cause is ExitCause.TARGET
    assert trade.entry_fee.value == BOUGHT * Decimal("0.005")
    assert trade.exit_price == Price.of("120.98")
    assert trade.exit_fee.value == Decimal("1.53492") * Decimal("120.98") * Decimal("0.006")


def test_the_harsh_book_is_twice_as_wide_and_trades_half_of_what_there_was() -> None:
    # At 100.10 the spread of 5 ticks is 10 for it, so that it bids 100.05. The minute that goes
    # through that traded 0.004: 0.002 for it, and a quarter of that on each leg, down and back.
    asked = setup(
        [past([STILL, ENTRY, *[STILL] * 6], {WARM_UP + 1: 400})],
        policy=policy(keeps_stops=False),
        model=HARSH,
    )
    slow, _ = assert_same(asked)
    (order,) = slow.recorder.orders
    assert order.price == Price.of("100.05")
    assert [each.quantity for each in slow.recorder.fills] == [Quantity.of("0.0005")] * 2


def test_the_optimistic_book_is_a_tick_wide_whatever_a_minute_does() -> None:
    # Half of a tick, rounded down, is none: it bids the price itself, 100.10, and fills on the way
    # down to 100.00, in whole, by a quarter of what was traded.
    asked = setup([past([ENTRY, STILL, STILL])], policy=policy(keeps_stops=False), model=OPTIMISTIC)
    slow, _ = assert_same(asked)
    (fill,) = slow.recorder.fills
    assert fill.price == Price.of("100.1")
    assert fill.time == asked_at(slow.setup, 0, seconds=20)


def test_a_limit_that_is_touched_trades_on_the_way_to_it_and_on_the_way_from_it() -> None:
    # The low of 100.08 is the limit. A day's usual volume leaves 5,000,000,000 lots thinned by a
    # range of one bp, 4,878,048,780, a tenth of which stands ahead. Each leg trades 250,000,000:
    # the first does not reach us, the second, away from it, does, and the high is there at 40 s.
    run = traded([(10_010, 10_010, 10_008, 10_010), STILL, STILL])
    (fill,) = run.recorder.fills
    assert (fill.price, fill.quantity) == (Price.of("100.08"), Quantity.of("1.53477"))
    assert fill.time == asked_at(run.setup, 0, seconds=40)


def test_nothing_stands_ahead_any_more_once_the_price_went_through() -> None:
    # Sent at 100.08. Minute 1 trades 400 lots and goes to 100.00 and back: 100 each are ours, on
    # the legs to there and from there. Minute 2 touches 100.08 and trades 100,000 on each leg, of
    # the hundreds of millions of lots that stood ahead at first: all are ours, 1.0 and 0.53277.
    touch: Bar = (10_010, 10_010, 10_008, 10_010)
    lots = {WARM_UP + 1: 400, WARM_UP + 2: 400_000}
    run = traded([STILL, ENTRY, touch, STILL, STILL], lots=lots)
    assert {fill.price for fill in run.recorder.fills} == {Price.of("100.08")}
    assert [(fill.time, fill.quantity) for fill in run.recorder.fills] == [
        (asked_at(run.setup, 1, seconds=20), Quantity.of("0.001")),
        (asked_at(run.setup, 1, seconds=40), Quantity.of("0.001")),
        (asked_at(run.setup, 2, seconds=20), Quantity.of(1)),
        (asked_at(run.setup, 2, seconds=40), Quantity.of("0.53277")),
    ]


def test_a_sale_walks_down_the_levels_of_a_thin_book() -> None:
    # For an hour 0.4 are traded a minute, so that five minutes of it are 200,000 lots. At 93.90 the
    # spread is 4 and the bid 93.88; the band ends at 93.7122, sixteen ticks below: ten levels of
    # 20,000, a tick apart. Seven of them and a part of the eighth take 1.53492.
    low: Bar = (9_390,) * 4
    bars = [ENTRY, *[STILL] * 61, *[low] * 6]
    run = traded(bars, lots={WARM_UP + at: 40_000 for at in range(1, len(bars))})
    (trade,) = run.recorder.trades
    assert (trade.cause, trade.closed) == (ExitCause.STOP, asked_at(run.setup, 65))
    sold = {str(each.price): str(each.quantity) for each in run.recorder.fills[1:]}
    assert sold == {**{f"93.{88 - at}": "0.2" for at in range(7)}, "93.81": "0.13492"}
    received = Decimal("0.2") * 7 * Decimal("93.85") + Decimal("0.13492") * Decimal("93.81")
    assert trade.exit_fee.value == received * Decimal("0.009")
    assert trade.realised.value == received * Decimal("0.991") - BOUGHT - ENTRY_FEE


def test_what_a_stops_sale_leaves_is_sold_a_second_later() -> None:
    # Minute 65 begins at 93.90 and is 320 ticks wide: 4 ticks and an eighth of them are a spread of
    # 44, so that 93.68 is bid, with nothing within 20 bps. Thirty levels, a tick apart, end at
    # 93.39. The stop's sale may take 50 bps off the mid of 93.90, which is down to 93.44. A second
    # later the mid is 93.775: the other five lie within its 50 bps. Then nothing is bid; what is
    # left goes in the minute after.
    low: Bar = (9_390,) * 4
    bars = [ENTRY, *[STILL] * 61, *[low] * 3, (9_390, 9_550, 9_230, 9_390), *[low] * 3]
    run = traded(bars, lots={WARM_UP + at: 20_000 for at in range(1, len(bars))})
    (trade,) = run.recorder.trades
    assert (trade.cause, trade.closed) == (ExitCause.STOP, asked_at(run.setup, 66))
    sold: dict[str, list[str]] = {}
    for fill in sorted(run.recorder.fills[1:], key=lambda each: -each.price.value):
        at = (fill.time - asked_at(run.setup, 65)) // SECOND
        sold.setdefault(f"{at} s", []).append(str(fill.price))
    assert sold["0 s"] == [f"{Decimal(9368 - at) / 100}" for at in range(25)]
    assert sold["1 s"] == ["93.43", "93.42", "93.41", "93.4", "93.39"]
    assert sold.keys() == {"0 s", "1 s", "60 s"}
