"""Small tapes whose trades were worked out by hand: prices in cents, to the last digit.

The market stands at 100.00 for a day; the last minute before trading closes at 100.10, which is a
breakout. At 100.10 the spread is 6 ticks (5 for 4 bps, 1 for a range of ten), so the bid is 100.07,
and that is the entry's limit. Of 10,000 in a market in chop the wish is
10,000 x 2 % x 1.2 x 0.8 x 0.8 = 153.60, which buys 1.53492 at 100.07.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from tests.backtest.markets import WARM_UP, named, setup, shipped, tape
from tests.backtest.test_fast import assert_same

from trader247.app.settings.canonical import sealed
from trader247.backtest.extremes import with_extremes
from trader247.backtest.outcome import Told, result_of
from trader247.backtest.run import Backtest, Setup, us_of
from trader247.core.policy import Policy
from trader247.core.rules.rule import FixedRule
from trader247.domain.fills import Liquidity
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import OrderState, Side
from trader247.domain.proposals import ExitCause
from trader247.domain.time import Instant
from trader247.simex.arena import Arena
from trader247.simex.feeds.tape import Tape

Bar = tuple[int, int, int, int]
LOTS = 1_000_000_000
BREAKOUT: Bar = (10_000, 10_010, 10_000, 10_010)
ENTRY: Bar = (10_010, 10_010, 10_000, 10_010)
STILL: Bar = (10_010, 10_010, 10_010, 10_010)
BOUGHT = Decimal("1.53492") * Decimal("100.07")
ENTRY_FEE = BOUGHT * Decimal("0.005")


def past(bars: Sequence[Bar], lots: Mapping[int, int] = MappingProxyType({})) -> Tape:
    """A still day, a breakout, and then these minutes; `lots` are volumes of single ones."""
    whole = [(10_000,) * 4] * (WARM_UP - 1) + [BREAKOUT, *bars]
    begin, high, low, close = zip(*whole, strict=True)
    return tape(
        "BTC-USD", begin, high, low, close, [lots.get(at, LOTS) for at in range(len(whole))]
    )


def traded(
    bars: Sequence[Bar],
    *,
    keeps_stops: bool = False,
    lots: Mapping[int, int] = MappingProxyType({}),
) -> Backtest:
    slow, _ = assert_same(setup([past(bars, lots)], policy=policy(keeps_stops=keeps_stops)))
    return slow


def policy(*, keeps_stops: bool) -> Policy:
    known = shipped()
    execution = replace(known.execution, venue_stops="auto" if keeps_stops else "off")
    return sealed(replace(known, execution=execution))


def test_a_price_that_goes_through_the_limit_fills_it_there_and_the_fee_is_exact() -> None:
    run = traded([ENTRY, STILL, STILL])
    (trade,) = run.recorder.trades
    (fill,) = trade.fills
    assert (fill.price, fill.quantity) == (Price.of("100.07"), Quantity.of("1.53492"))
    assert fill.liquidity is Liquidity.MAKER
    assert fill.fee.value == ENTRY_FEE == Decimal("0.7679972220")
    assert run.ledger.portfolio.cash is not None
    assert run.ledger.portfolio.cash.value == 10_000 - BOUGHT - ENTRY_FEE


def test_a_price_that_only_touches_the_limit_waits_behind_what_stands_there() -> None:
    # The range of two ticks leaves a spread of 5 and a bid of 100.08, which the low just touches.
    # Ahead stand 480,000,000 lots and more (five minutes' volume on ten levels, a little thinned);
    # the legs to it and away from it trade 25,000,000 each, and the price is gone.
    touch: Bar = (10_010, 10_010, 10_008, 10_010)
    run = traded([touch, *[STILL] * 7], lots={WARM_UP: LOTS // 10})
    first = run.recorder.orders[0]
    assert first.price == Price.of("100.08")
    assert first.state is OrderState.EXPIRED
    assert first.filled.is_zero
    assert first.ended is not None
    assert (first.ended - first.created).total_seconds() == 5 * 60


def test_a_gap_over_the_stop_sells_at_the_bid_once_the_collar_lets_it() -> None:
    # The stop is at 94.0658. The market opens at 91.00: bid 90.98, but the median of five closes
    # is 100.10 until three of them lie below, and a sale may be 2 % under it at the most.
    gone: Bar = (9_100, 9_100, 9_100, 9_100)
    run = traded([ENTRY, STILL, *[gone] * 6])
    (trade,) = run.recorder.trades
    assert trade.cause is ExitCause.STOP
    assert trade.closed is not None
    assert (trade.closed - trade.decided).total_seconds() == 5 * 60
    assert trade.exit_price == Price.of("90.98")
    sold = Decimal("1.53492") * Decimal("90.98")
    assert trade.exit_fee.value == sold * Decimal("0.009") == Decimal("1.2568231944")
    assert trade.realised.value == sold * Decimal("0.991") - BOUGHT - ENTRY_FEE


def test_how_far_a_trade_went_is_told_by_the_bids_of_its_cycles() -> None:
    # Held from 20 s into the first minute until the cycle of minute 6 sells it, which looks before:
    # the bids are 100.08 where the minute stood still, 90.98 after the gap, and 90.48 then. What it
    # rose to within a minute, nobody saw, and nothing of what is held for 20 s.
    gone: Bar = (9_100, 9_100, 9_100, 9_100)
    inside: Bar = (10_010, 11_000, 10_010, 10_010)
    lower: Bar = (9_050, 9_050, 9_050, 9_050)
    bars = [ENTRY, inside, STILL, *[gone] * 3, *[lower] * 3]
    asked = setup([past(bars)], policy=policy(keeps_stops=False))
    slow, _ = assert_same(asked)
    result = result_of(slow, Told({}, (), (), ()))
    (trade,) = result.trades
    assert trade.closed == asked_at(asked, 6)
    assert (trade.lowest, trade.highest) == (Price.of("90.48"), Price.of("100.08"))
    early = replace(trade, lowest=None, highest=None, closed=asked_at(asked, 0, seconds=40))
    held = result.exposure.products
    (short,) = with_extremes([early], asked.histories.products, held)
    assert short.lowest is None, "it was sold before a cycle looked"


def test_what_is_held_is_told_to_the_minute_and_by_the_bid_of_then() -> None:
    # Bought 20 s into the first minute, and sold a second after the ninth has begun: cycles 1 to 8
    # find it held, at 100.08 where the minute stood still, and at 90.98 once the market is gone.
    gone: Bar = (9_100, 9_100, 9_100, 9_100)
    run = traded([ENTRY, STILL, *[gone] * 9])
    result = result_of(run, Told({}, (), (), ()))
    (trade,) = run.recorder.trades
    assert trade.closed is not None
    sold = (trade.closed - asked_at(run.setup, 0)).total_seconds() // 60
    held = result.exposure.products["BTC-USD"]
    assert held.minute.tolist() == [run.setup.start + each for each in range(1, int(sold) + 1)]
    assert held.cents[:2].tolist() == [round(153.492 * 100.08), round(153.492 * 90.98)]


def asked_at(asked: Setup, minute: int, *, seconds: int = 0) -> Instant:
    return Instant(us_of(asked.start + minute) + seconds * 1_000_000)


def test_a_bar_with_target_and_stop_in_it_is_nothing_to_whoever_looks_once_a_minute() -> None:
    wide: Bar = (10_010, 12_100, 9_300, 10_010)
    run = traded([ENTRY, wide, STILL, STILL])
    (trade,) = run.recorder.trades
    assert trade.is_open


def test_a_stop_that_rests_at_the_venue_wins_over_the_target_of_the_same_bar() -> None:
    # Trigger 94.07, limit 93.60. The way goes 100.10, 93.00, 121.00, 100.10: at 93.00 the bid is
    # 91.23 and nothing is taken, so it rests at 93.60 until the price comes back through it.
    wide: Bar = (10_010, 12_100, 9_300, 10_010)
    run = traded([ENTRY, STILL, wide, STILL, STILL], keeps_stops=True)
    (trade,) = run.recorder.trades
    assert trade.cause is ExitCause.STOP
    assert trade.exit_price == Price.of("93.60")
    assert trade.exit_fee.value == Decimal("1.53492") * Decimal("93.60") * Decimal("0.005")


def test_dust_that_no_order_may_sell_is_no_position_and_counts_at_its_bid() -> None:
    # The minute that goes through the limit of 100.08 trades 0.004; a quarter of it is ours on the
    # way down, and a quarter on the way back. 0.20016 is less than the venue's smallest order.
    gone: Bar = (9_100, 9_100, 9_100, 9_100)
    run = traded([STILL, ENTRY, *[STILL] * 6, *[gone] * 7], lots={WARM_UP + 1: 400})
    assert [each.quantity for each in run.recorder.fills] == [Quantity.of("0.001")] * 2
    (order,) = run.recorder.orders
    assert (order.state, order.filled) == (OrderState.EXPIRED, Quantity.of("0.002"))
    assert not run.recorder.trades, "nothing of it was ever sold"
    book = run.ledger.portfolio
    assert not book.positions
    assert [each.cost.value for each in book.dust.values()] == [
        Decimal("0.20016") * Decimal("1.005")
    ]
    assert run.recorder.equity is not None
    cash = 10_000 - Decimal("0.20016") * Decimal("1.005")
    assert run.recorder.equity.value == cash + Decimal("0.002") * Decimal("90.98") * Decimal(
        "0.991"
    )


def test_of_two_products_at_one_instant_one_is_bought_and_the_other_is_one_too_many() -> None:
    tapes = [past([ENTRY, *[STILL] * 3]), named(past([ENTRY, *[STILL] * 3]), "ETH-USD")]
    slow, _ = assert_same(setup(tapes, policy=policy(keeps_stops=False)))
    (order,) = slow.recorder.orders
    assert str(order.product) == "BTC-USD"
    (day,) = slow.columns.refusals().values()
    assert day["new_positions"] == 1


def test_of_one_instant_the_first_listed_trades_first_also_where_time_was_hopped_over() -> None:
    bars = [STILL] * 4 + [(10_010, 10_010, 9_800, 9_800), STILL]
    tapes = [named(past(bars), name) for name in ("BTC-USD", "ETH-USD")]
    given = setup(tapes)
    end = us_of(given.start + 5)

    def traded(pass_time: Callable[[Arena], None]) -> list[tuple[str, int]]:
        arena = Arena(
            identity="made up",
            listings=[each.listing for each in given.histories.products.values()],
            minutes=given.histories,
            funding=given.funding,
            start_minute=given.start,
            terms=given.fees,
        )
        for product in ("ETH-USD", "BTC-USD"):
            terms = {"limit_limit_gtc": {"base_size": "1", "limit_price": "99.00"}}
            arena.place(
                client_order_id=product, product_id=product, side="BUY", configuration=terms
            )
        pass_time(arena)
        return [(each.product_id, each.time_us) for each in arena.fills]

    walked = traded(lambda arena: arena.advance(end))
    assert [product for product, _ in walked] == ["BTC-USD", "ETH-USD"]
    assert walked[0][1] == walked[1][1]
    assert traded(lambda arena: arena.hop(end, ("ETH-USD", "BTC-USD"))) == walked


def test_what_is_less_than_the_venue_sells_waits_until_it_is_worth_enough_and_is_not_watched() -> (
    None
):
    # 1.53492 is worth 142 from 92.98 on, where a sale's limit may be half a per cent lower. It gaps
    # over its stop at 94.07 to 90.00, where it is too little, and is dust. At 100.00, half an hour
    # later, it would be sold, and is not worth a tenth more. At 103.00 it is back, and its stop and
    # its target are far; its time is over.
    low, near, high = (9_000,) * 4, (10_000,) * 4, (10_300,) * 4
    bars: list[Bar] = [ENTRY, STILL, *[low] * 30, *[near] * 30, *[high] * 70]
    slow, fast = assert_same(_with_least(setup([past(bars)], policy=_local(hours=1)), 142))
    (trade,) = slow.recorder.trades
    assert trade.cause is ExitCause.LONGEST_HOLD
    sold = trade.fills[-1]
    assert sold.time.us == us_of(slow.setup.start + 62)
    assert Price.of("102.9") < sold.price < Price.of("103")
    assert not slow.ledger.portfolio.holdings
    assert fast.visits < 30, "of 132"


def test_after_dust_the_product_is_bought_again_and_its_lots_are_sold_with_that() -> None:
    # Of the first entry 0.002 is left, as above. What triggers two hours later is bought whole, and
    # leaves at its own stop with what was there before: the trade is of both.
    high: Bar = (10_060,) * 4
    bars: list[Bar] = [STILL, ENTRY, *[STILL] * 130, (10_010, 10_060, 10_010, 10_060)]
    bars += [(10_060, 10_060, 10_000, 10_060), *[high] * 6, *[(9_300,) * 4] * 12]
    asked = setup([past(bars, lots={WARM_UP + 1: 400})], policy=_local(hours=100))
    slow, _ = assert_same(asked)
    *first, second = (each for each in slow.recorder.fills if each.side is Side.BUY)
    assert [each.quantity for each in first] == [Quantity.of("0.001")] * 2
    (trade,) = slow.recorder.trades
    assert trade.quantity == second.quantity + Quantity.of("0.002")
    assert trade.entry_price == second.price
    assert trade.realised == slow.ledger.portfolio.realised


def test_a_sale_in_a_hole_is_told_of_and_one_in_a_quiet_while_is_not() -> None:
    # Bought in minute 0, and nothing is traded from minute 3 on; its time is over after an hour or
    # two. It is sold by the book of minute 2.
    def warned(hours: int, quiet: int) -> tuple[str, ...]:
        lots = {WARM_UP + at: 0 for at in range(3, 3 + quiet)}
        asked = setup([past([ENTRY, *[STILL] * 209], lots=lots)], policy=_local(hours=hours))
        slow, fast = assert_same(asked)
        assert len(slow.recorder.fills) == 2
        told = Told({}, (), (), ("as told",))
        assert result_of(slow, told).warnings == result_of(fast, told).warnings
        return result_of(fast, told).warnings

    assert warned(1, 200) == ("as told",), "not an hour"
    assert warned(2, 60) == ("as told",), "it trades again by then"
    said = "up to 2.0 h after the last minute that was traded, at the book of that minute"
    assert warned(2, 200) == ("as told", f"fills in holes of the candles: 1 of 2, {said}")


def _with_least(asked: Setup, least: int) -> Setup:
    """The venue sells for so much, or nothing."""
    for each in asked.histories.products.values():
        each.listing = replace(each.listing, quote_min=Decimal(least))
        each.rules = replace(each.rules, quote_min=Money.of(least))
    return asked


def _local(*, hours: int) -> Policy:
    known = policy(keeps_stops=False)
    rules = {
        name: replace(rule, hours_max=hours) if isinstance(rule, FixedRule) else rule
        for name, rule in known.rules.items()
    }
    return sealed(replace(known, rules=rules))
