"""Tapes of which everything was worked out by hand: each order, fill and fee, cash and equity.

They begin as those of `test_by_hand`: a still day at 100.00, then a breakout to 100.10. There the
spread is 6 ticks (4 bps are 4.004, so 5, and an eighth of a range of ten is 1), the bid 100.07, and
the entry, sent at 02:00:00, 1.53492 at 100.07. The minute that falls to 100.00 fills it at 02:00:20
as maker. The account begins with 10,000; the maker pays 0.5 % and the taker 0.9 %. A sale's limit
is half a per cent below the mid, in ticks, rounded up.

Nothing of the program reckons here: the figures are written down, or come of the sums beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from tests.backtest.markets import WARM_UP, named, setup
from tests.backtest.test_by_hand import ENTRY, STILL, Bar, asked_at, past, policy, traded
from tests.backtest.test_fast import assert_same

from trader247.app.settings.canonical import sealed
from trader247.backtest.run import Backtest
from trader247.core.policy import Policy
from trader247.core.risk.check import Check
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.new_positions import NewPositions
from trader247.core.risk.checks.pace import Pace
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.checks.turnover import Turnover
from trader247.core.rules.rule import FixedRule
from trader247.domain.money import Percent
from trader247.simex.fees import FeeTerms, Tier
from trader247.simex.orders.costs import Rates

GONE: Bar = (9_100,) * 4
TOUCH: Bar = (10_010, 10_010, 10_008, 10_010)

ENTERED = ("BUY", "post_only_gtd", "100.07", "1.53492", "1.53492", "FILLED", "02:00:00")
BOUGHT = ("02:00:20", "BUY", "100.07", "1.53492", "0.767997222", "MAKER")
"""153.5994444, of which half a per cent."""
CASH_THEN = "9845.632558378"
"""10,000 less 153.5994444 and 0.767997222."""


def assert_all(
    run: Backtest,
    *,
    orders: Sequence[tuple[str, ...]],
    fills: Sequence[tuple[str, ...]],
    cash: Decimal | str,
    equity: Decimal | str,
) -> None:
    """Every order and fill as it was reckoned, and none besides; cash and equity as they end."""
    found = [
        (e.side.value, e.order_type.value, str(e.price), str(e.quantity), str(e.filled),
         e.state.value, str(e.created)[11:19])
        for e in run.recorder.orders
    ]  # fmt: skip
    assert found == list(orders)
    traded_at = [
        (str(e.time)[11:19], e.side.value, str(e.price), str(e.quantity), str(e.fee),
         e.liquidity.value)
        for e in run.recorder.fills
    ]  # fmt: skip
    # Of one instant no order of fills is promised.
    assert sorted(traded_at) == sorted(fills)
    assert run.ledger.portfolio.cash is not None
    assert run.ledger.portfolio.cash.value == Decimal(cash)
    assert run.recorder.equity is not None
    assert run.recorder.equity.value == Decimal(equity)
    # The exchange, which shares no code with the ledger, says the same of the cash.
    (dollars,) = (e for e in run.arena.desk.accounts if e.currency == "USD")
    assert dollars.available + dollars.hold == Decimal(cash)


def test_a_gap_over_a_stop() -> None:
    # The stop is 6 % under 100.07, 94.0658. From minute 2 on the market is at 91.00: spread 4 (of
    # 3.64), bid 90.98, mid 91.00. Of five closes three lie there from the cycle of minute 5 on; the
    # limit is 91.00 x 0.995 = 90.545, up to 90.55, and the bid has it all: 139.6470216, fee 0.9 %.
    # 9,845.632558378 + 139.6470216 - 1.2568231944.
    end = "9984.0227567836"
    assert_all(
        traded([ENTRY, STILL, *[GONE] * 6]),
        orders=[
            ENTERED,
            ("SELL", "limit_ioc", "90.55", "1.53492", "1.53492", "FILLED", "02:05:00"),
        ],
        fills=[BOUGHT, ("02:05:00", "SELL", "90.98", "1.53492", "1.2568231944", "TAKER")],
        cash=end,
        equity=end,
    )


def test_target_and_stop_in_one_bar() -> None:
    # The stop rests at the venue: trigger 94.07 (94.0658 in ticks, up), limit 0.5 % below, which is
    # 93.59965, up to 93.60. Minute 2 goes 100.10, 93.00, 121.00, 100.10. Its range of 2,800 ticks
    # widens the spread to 5 + 350, so at 93.00 the bid is 91.23 and the stop takes nothing: it
    # rests at 93.60. The leg up to 121.00, there at 40 s, goes through it: maker, 143.668512, fee
    # 0.71834256. The target of 120.084 was passed 27 dollars higher, by the same leg, with nothing
    # left to sell.
    end = "9988.582727818"
    assert_all(
        traded([ENTRY, STILL, (10_010, 12_100, 9_300, 10_010), STILL, STILL], keeps_stops=True),
        orders=[
            ENTERED,
            ("SELL", "stop_limit_gtd", "93.6", "1.53492", "1.53492", "FILLED", "02:01:00"),
        ],
        fills=[BOUGHT, ("02:02:40", "SELL", "93.6", "1.53492", "0.71834256", "MAKER")],
        cash=end,
        equity=end,
    )


def stood_ahead(volume: int) -> int:
    """Lots at the best bid in a minute of a bp's range that trades `volume`, after 59 of 10^9."""
    mean = (59 * 10**9 + volume) // 60
    depth = 5 * mean * 40 // (40 + 1)
    return depth // 10 + (1 if depth % 10 else 0)


# Two legs trade a quarter of the volume each: the one that ends on the limit and the one that
# begins there. What they trade beyond what stood ahead is ours.
JUST_NOT, JUST, PARTLY = 975_206_615, 975_206_616, 975_390_000


@pytest.mark.parametrize(("volume", "lots"), [(JUST_NOT, 0), (JUST, 2), (PARTLY, 90_203)])
def test_a_fill_at_the_very_edge_of_a_limit_and_a_share_of_the_queue(
    volume: int, lots: int
) -> None:
    # The range of 2 ticks leaves a spread of 5: the bid is 100.08, and 153.60 buy 1.53477 there.
    # The low is 100.08 to the tick. At 02:05:00 the entry ends with what it has got by 02:00:40.
    assert 2 * (volume // 4) - stood_ahead(volume) == lots
    share = Fraction(lots, 100_000)
    paid = Fraction(10_008, 100) * share
    fee = paid * Fraction(5, 1000)
    cash = 10_000 - paid - fee
    # A still minute at 100.10 bids 100.08 too.
    equity = cash + paid * Fraction(991, 1000)
    bought = f"{Decimal(lots).scaleb(-5).normalize():f}" if lots else "0"
    fills = [("02:00:40", "BUY", "100.08", bought, exact(fee), "MAKER")] if lots else []
    assert_all(
        traded([TOUCH, *[STILL] * 7], lots={WARM_UP: volume}),
        orders=[("BUY", "post_only_gtd", "100.08", "1.53477", bought, "EXPIRED", "02:00:00")],
        fills=fills,
        cash=exact(cash),
        equity=exact(equity),
    )


def test_fees_are_of_every_digit_and_prices_of_whole_ticks() -> None:
    # Maker 0.375 %, taker 0.655 %. The target is 120.084, passed as minute 2 opens at 121.00: the
    # spread is 5 (of 4.84), the bid 120.98, the ask 121.03, the mid 121.005, and the sale's limit
    # 120.399975, up to 120.40. Bought: 153.5994444 and 0.57599791650; sold: 185.6946216 and
    # 1.21629977148, eleven decimals that no wallet rounds.
    tiers = (Tier("odd", Decimal(0), None, Rates(Decimal("0.00375"), Decimal("0.00655"))),)
    asked = setup([past([ENTRY, STILL, *[(12_100,) * 4] * 6])], policy=policy(keeps_stops=False))
    slow, _ = assert_same(replace(asked, fees=FeeTerms(schedule=tiers)))
    end = (
        Decimal(10_000) - Decimal("153.5994444") - Decimal("0.5759979165")
        + Decimal("185.6946216") - Decimal("1.21629977148")
    )  # fmt: skip
    assert end == Decimal("10030.30287951202")
    assert_all(
        slow,
        orders=[
            ENTERED,
            ("SELL", "limit_ioc", "120.4", "1.53492", "1.53492", "FILLED", "02:02:00"),
        ],
        fills=[
            (*BOUGHT[:4], "0.5759979165", "MAKER"),
            ("02:02:00", "SELL", "120.98", "1.53492", "1.21629977148", "TAKER"),
        ],
        cash=end,
        equity=end,
    )


def test_dust_that_a_sale_leaves() -> None:
    # From minute 1 on 0.102 are traded a minute, so that an hour later the depth of a side is 0.51:
    # ten levels of 0.051. At 93.90 the spread is 4 (of 3.756) and the bid 93.88; the band ends 20
    # bps under the mid, at 93.7122: 16 ticks, so the ten are a tick apart, 93.88 to 93.79. Twenty
    # more begin below the band, 93.71 to 93.52, all over the limit of 93.4305, up to 93.44. They
    # take 1.53 and the rest is cancelled: 0.00492, of 0.46 dollars, which no order may sell.
    low: Bar = (9_390,) * 4
    bars = [ENTRY, *[STILL] * 61, *[low] * 8]
    run = traded(bars, lots={WARM_UP + at: 10_200 for at in range(1, len(bars))})
    prices = [*range(9_388, 9_378, -1), *range(9_371, 9_351, -1)]
    assert len(prices) == 30
    part = Fraction(51, 1000)
    got = [Fraction(price, 100) * part for price in prices]
    assert sum(got) == Fraction("143.34315")
    fees = [each * Fraction(9, 1000) for each in got]
    cash = Fraction(CASH_THEN) + sum(got) - sum(fees)
    rest = Fraction("0.00492")
    equity = cash + rest * Fraction("93.88") * Fraction(991, 1000)
    sold = [
        ("03:05:00", "SELL", plain(Fraction(price, 100)), "0.051", exact(fee), "TAKER")
        for price, fee in zip(prices, fees, strict=True)
    ]
    assert_all(
        run,
        orders=[
            ENTERED,
            ("SELL", "limit_ioc", "93.44", "1.53492", "1.53", "CANCELLED", "03:05:00"),
        ],
        fills=[BOUGHT, *sold],
        cash=exact(cash),
        equity=exact(equity),
    )
    book = run.ledger.portfolio
    (dust,) = book.dust.values()
    # It cost its share: 0.4923444 and half a per cent of that.
    assert (str(dust.quantity), str(dust.cost)) == ("0.00492", "0.494806122")
    cost = Fraction("154.367441622") - Fraction("0.494806122")
    assert Fraction(book.realised.value) == sum(got) - sum(fees) - cost


def test_two_products_at_one_instant_with_cash_for_one() -> None:
    # 160 dollars, and a policy that lets 96 % of them into one product: 125 % x 1.2 x 0.8 x 0.8.
    # The wish is 153.60 of each. The first takes 1.53492 at 100.07, and may cost 154.9818393996
    # with the worst fee. Of 160 there are 5.0181606004 left for the second, which no order may be
    # as small as, and none of what the first is filled with is spent twice.
    tapes = [past([ENTRY, *[STILL] * 3]), named(past([ENTRY, *[STILL] * 3]), "ETH-USD")]
    slow, _ = assert_same(setup(tapes, policy=_bold(), equity=160))
    assert [str(each.product) for each in slow.recorder.orders] == ["BTC-USD"]
    (day,) = slow.columns.refusals().values()
    assert day["size_below_floor"] == 1
    cash = Decimal(160) - Decimal("153.5994444") - Decimal("0.767997222")
    held = Decimal("1.53492") * Decimal("100.08") * Decimal("0.991")
    assert_all(slow, orders=[ENTERED], fills=[BOUGHT], cash=cash, equity=cash + held)


def test_two_products_stopped_at_one_instant() -> None:
    # Both stops rest at the venue: trigger 94.07, limit 93.60. Minute 2 opens at 93.90, spread 4
    # (of 3.756), bid 93.88: each takes its 1.53492 of its own book, 144.0982896, of which the fee
    # is 0.9 %, 1.2968846064.
    bars = [ENTRY, STILL, *[(9_390,) * 4] * 3]
    known = policy(keeps_stops=True)
    both = sealed(replace(known, checks=tuple(_loosened(each) for each in known.checks)))
    slow, _ = assert_same(setup([past(bars), named(past(bars), "ETH-USD")], policy=both))
    end = Decimal(10_000) - 2 * (
        Decimal("153.5994444") + Decimal("0.767997222")
        - Decimal("144.0982896") + Decimal("1.2968846064")
    )  # fmt: skip
    assert end == Decimal("9976.8679267432")
    stop = ("SELL", "stop_limit_gtd", "93.6", "1.53492", "1.53492", "FILLED", "02:01:00")
    sold = ("02:02:00", "SELL", "93.88", "1.53492", "1.2968846064", "TAKER")
    assert_all(
        slow,
        orders=[ENTERED, ENTERED, stop, stop],
        fills=[BOUGHT, BOUGHT, sold, sold],
        cash=end,
        equity=end,
    )
    assert [str(each.product) for each in slow.recorder.trades] == ["BTC-USD", "ETH-USD"]


@pytest.mark.parametrize("is_reached", [True, False])
def test_a_time_stop_on_the_last_bar(is_reached: bool) -> None:
    # Held for an hour from 02:00:20 on, so that the cycle of 03:01:00 sells; that of 03:00:00 would
    # be 20 s too early. At 100.10 the bid is 100.08, the ask 100.13 and the mid 100.105; the limit
    # is 99.604475, up to 99.61. Equity was measured just before, at the same bid less the same fee.
    bars = [ENTRY, *[STILL] * (61 if is_reached else 60)]
    slow, _ = assert_same(setup([past(bars)], policy=_patient(hours=1)))
    received = Decimal("1.53492") * Decimal("100.08")
    fee = received * Decimal("0.009")
    assert fee == Decimal("1.3825331424")
    equity = Decimal(CASH_THEN) + received - fee
    sale = ("SELL", "limit_ioc", "99.61", "1.53492", "1.53492", "FILLED", "03:01:00")
    sold = ("03:01:00", "SELL", "100.08", "1.53492", "1.3825331424", "TAKER")
    assert_all(
        slow,
        orders=[ENTERED, sale] if is_reached else [ENTERED],
        fills=[BOUGHT, sold] if is_reached else [BOUGHT],
        cash=equity if is_reached else CASH_THEN,
        equity=equity,
    )


def test_a_day_rolls_and_the_daily_loss_limit_remembers_the_24_hours_before() -> None:
    # The limit is 0.1 %: of the 10,000 of 02:00 equity may fall to 9,990, and not to less. Held are
    # 1.53492, worth 1.52110572 x the bid after the fee. At 94.93 (spread 4, bid 94.91) equity is
    # 9,990.0007022632, at 94.92 it is 9,989.985491206. The first stands from 23:41 on, over
    # midnight, when a new day begins with that as its base; the second comes at 00:10, when only 15
    # thousandths were lost since midnight, but a tenth of a per cent since the high of 24 hours.
    worth = Decimal("1.53492") * Decimal("0.991")
    assert worth == Decimal("1.52110572")
    near, under = (Decimal(CASH_THEN) + worth * Decimal(bid) for bid in ("94.91", "94.90"))
    assert under < 9_990 < near
    bars: list[Bar] = [ENTRY, *[STILL] * 1300, *[(9_493,) * 4] * 29, *[(9_492,) * 4] * 5]
    limits = policy(keeps_stops=False)
    limits = sealed(replace(limits, stops=replace(limits.stops, daily_pct=Percent.of("-0.1"))))
    slow, _ = assert_same(setup([past(bars)], policy=limits))
    assert_all(slow, orders=[ENTERED], fills=[BOUGHT], cash=CASH_THEN, equity=under)
    halts = [each for each in slow.recorder.stops if each.kind == "halt"]
    assert [(each.name, each.since) for each in halts] == [
        ("daily_stop", asked_at(slow.setup, 1330))
    ]
    assert str(halts[0].since)[:16] == "2026-01-07T00:10"
    begun = slow.columns.cents[1320:1331].tolist()
    assert begun == [999_000] * 10 + [998_999]


def exact(value: Fraction) -> str:
    """A fraction as decimal text, every digit of it. It has no more than eighteen."""
    scaled = value * 10**18
    assert scaled.denominator == 1
    return plain(Fraction(scaled.numerator, 10**18))


def plain(value: Fraction) -> str:
    """Decimal text without zeros at its end."""
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _patient(*, hours: int) -> Policy:
    known = policy(keeps_stops=False)
    rules = {
        name: replace(rule, hours_max=hours) if isinstance(rule, FixedRule) else rule
        for name, rule in known.rules.items()
    }
    return sealed(replace(known, rules=rules))


def _bold() -> Policy:
    known = policy(keeps_stops=False)
    universe = replace(
        known.universe,
        tiers=tuple(replace(e, base_position=Percent.of(125)) for e in known.universe.tiers),
        clusters=tuple(replace(e, cap=Percent.of(100)) for e in known.universe.clusters),
    )
    return sealed(
        replace(
            known,
            universe=universe,
            checks=tuple(_loosened(each) for each in known.checks),
            sizing=replace(known.sizing, risk_pct=Percent.of(10)),
        )
    )


def _loosened(check: Check) -> Check:
    most: dict[type[Check], dict[str, Any]] = {
        NewPositions: {"cycle_max": 2},
        Pace: {"seconds_between": 0},
        ProductExposure: {"pct_max": Percent.of(100)},
        TotalExposure: {"pct_max": Percent.of(100)},
        MaxOrder: {"equity_pct_max": Percent.of(100)},
        Turnover: {"bought_pct": Percent.of(300), "fees_pct": Percent.of(3)},
    }
    return replace(check, **most.get(type(check), {}))
