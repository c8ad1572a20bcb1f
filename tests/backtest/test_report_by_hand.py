"""What the report of a small tape says, each figure worked out by hand.

The tapes are those of `test_by_hand`: a still day at 100.00, a breakout to 100.10, and an entry of
1.53492 at 100.07 (fee 0.767997222), or at 100.08 where the minute is narrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tests.backtest.markets import WARM_UP, setup, tape
from tests.backtest.test_by_hand import ENTRY, LOTS, STILL, Bar, asked_at, past, traded
from tests.backtest.test_fast import assert_same

from trader247.app.reports.backtest_story import reported
from trader247.backtest.fast import FastBacktest
from trader247.backtest.outcome import Told, result_of
from trader247.backtest.run import Backtest
from trader247.domain.events.halts import BanLatched
from trader247.report.plain import as_json
from trader247.report.story import PriceBars

GONE: Bar = (9_100, 9_100, 9_100, 9_100)


def told(run: Backtest) -> dict[str, Any]:
    """The report of a run, as it is written down."""
    return as_json(reported(result_of(run, Told({"slippage": "book"}, (), (), ()))))


def figure(body: Mapping[str, Any], id: str) -> Decimal:
    """One of the measures."""
    (found,) = (each for each in body["metrics"] if each["id"] == id)
    return Decimal(found["value"])


def reported_of(
    bars: Sequence[Bar],
    *,
    keeps_stops: bool = False,
    lots: Mapping[int, int] = MappingProxyType({}),
) -> dict[str, Any]:
    return told(traded(bars, keeps_stops=keeps_stops, lots=lots))


def test_an_entry_that_ended_with_nothing_is_sent_and_not_filled() -> None:
    # Its limit is 100.08, and the price stands still at 100.10 until its five minutes are over.
    body = reported_of([STILL] * 8)
    assert (body["counts"]["entries_sent"], body["counts"]["fills"]) == (1, 0)
    assert [each["filled"] for each in body["funnel"]] == [0]


def test_an_entry_that_filled_in_two_parts_is_one_that_filled() -> None:
    # The minute that goes through the limit trades 0.004: a quarter of it on each leg.
    body = reported_of([STILL, ENTRY, *[STILL] * 6], lots={WARM_UP + 1: 400})
    assert (body["counts"]["entries_sent"], body["counts"]["fills"]) == (1, 2)
    assert [each["filled"] for each in body["funnel"]] == [1]


def test_dust_is_nothing_that_is_held_and_counts_at_its_bid() -> None:
    # Bought 0.001 at 100.08 twice in minute 1, and dust from minute 5 on, when the entry has ended.
    # The cycles of minutes 2, 3 and 4 find it held: 3 of the 14 minutes between fifteen cycles. It
    # cost 0.20016 and 0.0010008, and is worth 0.18196 at the last bid, 90.98.
    body = reported_of([STILL, ENTRY, *[STILL] * 6, *[GONE] * 7], lots={WARM_UP + 1: 400})
    assert len(body["equity"]) == 15
    assert [each["exposure"] for each in body["equity"]] == [*["0"] * 2, *["0.2"] * 3, *["0"] * 10]
    assert figure(body, "time_in_market") == Decimal("21.4285714286")
    assert (body["trades"], body["still_open"]) == ([], [])
    pnl = {key: Decimal(each) for key, each in body["pnl"].items()}
    assert pnl["unrealised"] == Decimal("-0.0192008")
    assert pnl["cash"] == 10_000 - Decimal("0.2011608")
    assert pnl["equity"] == pnl["cash"] + Decimal("0.18196") * Decimal("0.991")
    # Nothing was sold, 0.0192008 is lost on paper, and selling at 0.18196 would cost 0.9 % of it.
    made = {key: Decimal(each) for key, each in body["made"].items()}
    assert made["result"] == pnl["equity"] - 10_000 == Decimal("-0.02083844")
    assert (made["realised"], made["unrealised"]) == (Decimal(0), Decimal("-0.0192008"))
    assert (made["selling"], made["besides"]) == (Decimal("-0.00163764"), Decimal(0))


def test_a_stop_that_fills_as_a_minute_begins_is_gone_when_its_cycle_looks() -> None:
    # Bought at 20 s of minute 0, seen by the cycles of 1 and 2, and sold at 94.00 on the stroke of
    # minute 3: the stop at 94.07 wakes, and the bid 93.98 is over its limit of 93.60. Of the eight
    # minutes between nine cycles it was held for two.
    body = reported_of([ENTRY, STILL, STILL, *[(9_400,) * 4] * 6], keeps_stops=True)
    (trade,) = body["trades"]
    assert (trade["exit_price"], trade["closed"]) == ("93.98", "2026-01-06T02:03:00Z")
    held = [each["exposure"] != "0" for each in body["equity"]]
    assert held == [False, True, True, *[False] * 6]
    assert figure(body, "time_in_market") == 25
    assert (trade["lowest"], trade["highest"]) == ("100.08", "100.08")


def test_what_is_partly_sold_at_the_end_is_told_first_bought_first_sold() -> None:
    # As above 0.002 is dust of an entry at 100.08; what triggers in minute 132 buys 1.52774 at
    # 100.54 (spread 12 ticks). Then an hour trades 0.05 a minute, so that the depth is 0.25: ten
    # levels of 0.025. After four minutes at 94.70, above the stop of 94.5076, the last is at 93.00
    # (spread 4 ticks): bids are 92.98 to 92.89, and more from 92.81 on. Two per cent under the
    # median of 94.70 is 92.806: the last cycle sells 0.25 at 92.935 on average and 0.025 at 92.81.
    # Of that, 0.002 had cost 0.2011608, and 0.273 cost 100.54 with half a per cent; 1.25474 is
    # left. A second later the bid is 92.80, under what a sale may take, and that is its worth.
    high, near, low = (10_060,) * 4, (9_470,) * 4, (9_300,) * 4
    bars: list[Bar] = [STILL, ENTRY, *[STILL] * 130, (10_010, 10_060, 10_010, 10_060)]
    bars += [(10_060, 10_060, 10_000, 10_060), *[high] * 66, *[near] * 4, low]
    thin = {WARM_UP + at: 5_000 for at in range(134, 205)}
    body = reported_of(bars, lots={WARM_UP + 1: 400, **thin})
    (trade,) = body["still_open"]
    sold = Decimal("0.25") * Decimal("92.935") + Decimal("0.025") * Decimal("92.81")
    assert sold == Decimal("25.554")
    cost = Decimal("0.2011608") + Decimal("0.273") * Decimal("100.54") * Decimal("1.005")
    made = sold * Decimal("0.991") - cost
    assert Decimal(trade["pnl"]) == made
    assert trade["exit_price"].startswith("92.92363636"), "the mean of what was sold"
    assert Decimal(body["pnl"]["realised"]) == made
    rest = Decimal("1.25474")
    left = rest * (Decimal("92.80") - Decimal("100.54") * Decimal("1.005"))
    assert Decimal(body["pnl"]["unrealised"]) == left
    # Equity is measured once more a second later, after the cycle sold: 1.25474 at 92.80, less
    # 0.9 %, and there is nothing that the other parts of the result do not explain.
    made_of = {key: Decimal(each) for key, each in body["made"].items()}
    paid = rest * Decimal("100.54") * Decimal("1.005")
    held = rest * Decimal("92.80") * Decimal("0.991")
    assert made_of["result"] == made + held - paid
    assert made_of["selling"] == -rest * Decimal("92.80") * Decimal("0.009")
    assert made_of["besides"] == 0


def test_a_minute_in_which_equity_is_not_known_is_said_and_left_out() -> None:
    # From 100.10 to 121.00 at once is more than the 10 % that a price may be off the last close:
    # the cycle of minute 2 believes no bid, so that equity is unknown; it sells, for more than the
    # target. Of the seven minutes that begin with a known equity, one began with something held.
    body = reported_of([ENTRY, STILL, *[(12_100,) * 4] * 7])
    (trade,) = body["trades"]
    assert trade["closed"] == "2026-01-06T02:02:00Z"
    known = [int(each["time"][14:16]) for each in body["equity"]]
    assert known == [0, 1, 3, 4, 5, 6, 7, 8]
    assert "Equity was unknown in 1 of 9 cycles; left out." in body["cautions"]
    assert figure(body, "time_in_market") == Decimal("14.2857142857")


def test_buy_and_hold_buys_at_the_first_open_and_is_worth_the_last_close_that_a_cycle_knew() -> (
    None
):
    # Bought at 100.10 as minute 0 opens. Minute 2 falls to 80.00 and comes back to 99.00, where the
    # market stays; the last minute goes to 50.00, which no cycle sees any more.
    down: Bar = (10_010, 10_010, 8_000, 8_008)
    back: Bar = (8_008, 9_900, 8_008, 9_900)
    body = reported_of(
        [STILL, STILL, down, back, *[(9_900,) * 4] * 3, (9_900, 9_900, 5_000, 5_000)]
    )
    assert body["benchmark"]["products"] == ["BTC-USD"]
    nav = [Decimal(each["nav"]) for each in body["benchmark"]["points"]]
    assert nav == [1, 1, 1, Decimal("0.8"), *[Decimal("0.989010989011")] * 4]
    assert figure(body, "hold_return") == Decimal("-1.0989010989")
    assert figure(body, "hold_max_drawdown") == 20


def test_a_short_run_is_drawn_minute_by_minute() -> None:
    # Each minute closes a cent above the one before: a close says itself which minute it is of.
    closes = [10_010 + at for at in range(60)]
    drawn, _ = drawn_bars(closes)
    assert drawn.minutes == 1
    assert [round(each * 100) for each in drawn.close.tolist()] == closes


def test_a_longer_run_is_drawn_in_coarser_bars_that_end_on_the_clock() -> None:
    # 1,700 minutes are more than a picture has room for: bars of five, the last one cut short.
    closes = [10_010 + at for at in range(1_700)]
    drawn, start = drawn_bars(closes)
    assert drawn.minutes == 5
    minutes = [each // 60_000_000 for each in drawn.times.tolist()]
    assert minutes == [*range(start - start % 5, start + 1_700, 5)]
    last = [min(each + 4, start + 1_699) - start for each in minutes]
    assert [round(each * 100) for each in drawn.close.tolist()] == [closes[each] for each in last]


def test_a_ban_that_stands_is_told_as_a_halt_is_and_decides_nothing_itself() -> None:
    # A product that had been banned bought nothing for weeks, and no word of the report said why.
    run = traded([STILL] * 3)
    before = run.recorder.decision_hash
    run.recorder.take(BanLatched("slippage", "BTC-USD", "2 of 10 fills"), asked_at(run.setup, 1))
    run.recorder.take(BanLatched("slippage", "BTC-USD", "once more"), asked_at(run.setup, 2))
    body = told(run)
    since = str(asked_at(run.setup, 1))
    assert body["halts"] == [
        {"name": "slippage:BTC-USD", "cause": "2 of 10 fills", "since": since, "cleared": None}
    ]
    assert body["cautions"][-1] == (
        f"Bought no more to the end, as nobody cleared it: slippage:BTC-USD from {since[:10]}."
    )
    assert not [each for each in body["cautions"] if each.startswith("Halted")]
    assert run.recorder.decision_hash == before


def drawn_bars(closes: Sequence[int]) -> tuple[PriceBars, int]:
    """How a run over minutes that stand still is drawn, and the minute in which it begins."""
    asked = setup([past([(each,) * 4 for each in closes])])
    run = FastBacktest(asked)
    run.run()
    told = reported(result_of(run, Told({"slippage": "book"}, (), (), ())))
    (drawn,) = told.story.prices.values()
    return drawn, asked.start


def test_equal_amounts_are_bought_and_held_from_when_the_last_product_trades() -> None:
    # BTC stands at 100.10, and rises by a tenth in minute 3; ETH trades from minute 2 on, at 20.02,
    # and falls by a tenth in minute 4.
    high: Bar = (11_011,) * 4
    first = past([STILL, STILL, STILL, high, high, high])
    late = [(2_002,) * 4, (2_002,) * 4, (1_801, 1_802, 1_801, 1_801), (1_801,) * 4]
    begin, top, low, close = zip(*late, strict=True)
    second = tape("ETH-USD", begin, top, low, close, [LOTS] * len(late))
    second = replace(second, minute=second.minute + WARM_UP + 2)
    slow, _ = assert_same(setup([first, second]))
    body = told(slow)
    assert body["benchmark"]["products"] == ["BTC-USD", "ETH-USD"]
    points = {each["time"][14:16]: Decimal(each["nav"]) for each in body["benchmark"]["points"]}
    fell = round((Decimal("1.1") + Decimal("18.01") / Decimal("20.02")) / 2, 12)
    assert points == {"02": 1, "03": 1, "04": Decimal("1.05"), "05": fell}
