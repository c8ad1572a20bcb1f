"""A cycle's news: in words, once."""

from __future__ import annotations

from dataclasses import replace

from tests.core.ledger_values import (
    BTC,
    a_cycle,
    a_fill,
    after,
    an_intent,
    bought,
    folded,
    name_of,
    opened,
    sent,
)

from trader247.cli.views.news import REMEMBERED_CYCLES, Newsreader
from trader247.domain.decisions import Outcome
from trader247.domain.events.halts import BreakerClosed, BreakerOpened, HaltLatched
from trader247.domain.events.orders import FillBooked
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import ProductId
from trader247.domain.money import Price
from trader247.domain.orders import OrderType, Side
from trader247.domain.outcomes import Declined
from trader247.domain.portfolio import Difference, Portfolio
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import BreakerName, HaltName, Reason
from trader247.domain.reports import Collected, CycleReport

ETH = ProductId("ETH", "USD")


def a_report(
    portfolio: Portfolio,
    endings: dict[ProductId, Outcome] | None = None,
    *,
    cycle: int = 1,
    fills: tuple[Fill, ...] = (),
    collected: Collected | None = None,
    unreachable: str = "",
) -> CycleReport:
    return CycleReport(
        cycle=cycle,
        time=after(60 * cycle),
        regime="chop",
        trading_state=portfolio.trading_state,
        equity=portfolio.equity.equity,
        endings=endings or {},
        orders_sent=0,
        collected=collected or Collected(fills=len(fills), booked=fills),
        portfolio=portfolio,
        unreachable=unreachable,
    )


def test_an_entry_says_what_for_how_much_and_why() -> None:
    book = opened()
    ending = Outcome(Reason.ENTRY_SENT, "momentum 0.398: 2 at 100, 200.00")
    report = a_report(sent(book, an_intent()), {BTC: ending})
    assert Newsreader(book).lines(report) == [
        "BUY  BTC-USD 2 at 100 (200.00 USD) momentum, score 0.398"
    ]


def test_an_order_that_the_venue_did_not_take_says_so() -> None:
    book = opened()
    declined = sent(book, an_intent(), Declined("POST_ONLY", "would have taken", is_sent=True))
    report = a_report(declined, {BTC: Outcome(Reason.DECLINED, "POST_ONLY: would have taken")})
    (line,) = Newsreader(book).lines(report)
    assert line.endswith("momentum - declined by the venue: POST_ONLY: would have taken")


def test_a_dry_run_is_never_taken_for_an_order() -> None:
    book = opened()
    dry = sent(book, an_intent(), Declined("dry_run", "this mode sends no orders", is_sent=False))
    report = a_report(dry, {BTC: Outcome(Reason.DRY_RUN, "momentum 0.398: 2 at 100, 200.00")})
    (line,) = Newsreader(book).lines(report)
    assert line.endswith("momentum, score 0.398 - not sent, dry run")


def test_an_exit_says_what_it_passed() -> None:
    book = folded(bought(), a_cycle(2, at=after(60), marks={BTC: "90"}))
    selling = replace(
        an_intent(2, side=Side.SELL, price="89.5", cause=ExitCause.STOP, created=after(60)), cycle=2
    )
    report = a_report(
        sent(book, selling), {BTC: Outcome(Reason.EXIT_SENT, "stop: 2 at 89.5, 179.00")}, cycle=2
    )
    stop = book.positions[BTC].stop
    assert Newsreader(book).lines(report) == [
        f"SELL BTC-USD 2 at 89.5 (179.00 USD) stop hit: bid 90, stop {stop}"
    ]


def test_a_stop_that_only_rests_is_not_called_hit_and_its_renewal_is_no_news() -> None:
    book = folded(bought(), a_cycle(2, at=after(60), marks={BTC: "100"}))
    resting = replace(
        an_intent(2, side=Side.SELL, price="89.5", cause=ExitCause.STOP, created=after(60)),
        cycle=2,
        order_type=OrderType.STOP_LIMIT_GTD,
        stop_price=Price.of("90"),
    )
    told = {BTC: Outcome(Reason.HOLDING, "held; its stop goes to the venue, at 90")}
    reader = Newsreader(book)
    assert reader.lines(a_report(sent(book, resting), told, cycle=2)) == [
        "STOP BTC-USD 2 at 90, rests at the venue; sells down to 89.5"
    ]
    renewed = replace(resting, client_order_id=name_of(3), cycle=3)
    assert reader.lines(a_report(sent(book, renewed), told, cycle=3)) == []
    moved = replace(
        resting, client_order_id=name_of(4), cycle=4, price=Price.of("91"),
        stop_price=Price.of("91.5"),
    )  # fmt: skip
    assert reader.lines(a_report(sent(book, moved), told, cycle=4)) == [
        "STOP BTC-USD 2 at 91.5, rests at the venue; sells down to 91"
    ]


def test_a_fill_of_a_resting_stop_says_that_it_was_hit() -> None:
    book = folded(bought(), a_cycle(2, at=after(60), marks={BTC: "100"}))
    resting = replace(
        an_intent(2, side=Side.SELL, price="89.5", cause=ExitCause.STOP, created=after(60)),
        order_type=OrderType.STOP_LIMIT_GTD,
        stop_price=Price.of("90"),
    )
    fill = a_fill(2, side=Side.SELL, price="89.9", quantity="2", fee="1", order=2)
    sold = folded(sent(book, resting), FillBooked(fill, name_of(2)))
    line = Newsreader(book).lines(a_report(sold, fills=(fill,), cycle=9))[0]
    assert line.startswith("FILL sold 2 BTC-USD at 89.9 (179.80 USD), fee 1.00, maker")
    assert "its stop at 90 was hit, made -" in line


def test_a_stop_that_the_venue_did_not_take_says_so() -> None:
    book = folded(bought(), a_cycle(2, at=after(60), marks={BTC: "100"}))
    resting = replace(
        an_intent(2, side=Side.SELL, price="89.5", cause=ExitCause.STOP, created=after(60)),
        cycle=2,
        order_type=OrderType.STOP_LIMIT_GTD,
        stop_price=Price.of("90"),
    )
    declined = sent(book, resting, Declined("STOPS", "takes none", is_sent=True))
    told = {BTC: Outcome(Reason.DECLINED, "STOPS: takes none")}
    (line,) = Newsreader(book).lines(a_report(declined, told, cycle=2))
    assert line.endswith("sells down to 89.5 - declined by the venue: STOPS: takes none")


def test_a_sale_says_what_it_made_after_all_fees() -> None:
    book = bought(price="100", quantity="2", fee="0.5")
    selling = an_intent(2, side=Side.SELL, price="110", quantity="2")
    working = sent(book, selling)
    fills = tuple(
        a_fill(
            number, side=Side.SELL, price="110", quantity="1", fee="1", order=2,
            liquidity=Liquidity.TAKER,
        )
        for number in (2, 3)
    )  # fmt: skip
    sold = folded(working, *(FillBooked(fill, name_of(2)) for fill in fills))
    report = a_report(sold, fills=fills, cycle=9)
    assert Newsreader(book).lines(report)[0] == (
        "FILL sold 2 BTC-USD at 110 (220.00 USD), fee 2.00, taker, 2 fills, made +17.50"
    )
    assert f"{sold.realised.value:.2f}" == "17.50"


def test_what_the_fills_do_not_explain_is_not_guessed() -> None:
    book = bought(quantity="2")
    fill = a_fill(2, side=Side.SELL, price="110", quantity="1", fee="1", order=2)
    line = Newsreader(book).lines(a_report(opened(), fills=(fill,), cycle=9))[0]
    assert "sold 1 BTC-USD" in line
    assert "made" not in line


def test_the_reconciliation_of_a_cycle_with_fills_is_told_in_its_own_words() -> None:
    fill = a_fill(1, quantity="2", fee="0.5")
    collected = Collected(fills=1, orders_updated=1, fees=fill.fee, booked=(fill,))
    lines = Newsreader(opened()).lines(a_report(bought(), collected=collected, cycle=9))
    assert lines == [
        "FILL bought 2 BTC-USD at 100 (200.00 USD), fee 0.50, maker",
        "Fill reconciliation complete: 1 fills, 1 orders updated, $0.50 fees",
    ]


def test_the_fees_of_a_reconciliation_are_told_in_the_currency_of_the_book() -> None:
    fill = a_fill(1, quantity="2", fee="0.5")
    collected = Collected(fills=1, orders_updated=1, fees=fill.fee, booked=(fill,))
    euros = replace(bought(), quote_currency="EUR")
    lines = Newsreader(opened()).lines(a_report(euros, collected=collected, cycle=9))
    assert lines[-1] == "Fill reconciliation complete: 1 fills, 1 orders updated, 0.50 EUR fees"


def test_every_stop_is_told_once_with_its_own_words_and_what_clears_it() -> None:
    book = opened()
    halted = folded(
        book,
        HaltLatched(HaltName.KILL_SWITCH, "the kill switch is on"),
        HaltLatched(HaltName.DAILY_STOP, "Daily stop loss hit: -3.10 % from 10,000.00"),
        HaltLatched(HaltName.WEEKLY_STOP, "-7.00 % from 10,000.00"),
    )
    reader = Newsreader(book)
    lines = reader.lines(a_report(halted))
    assert [line.split(".")[0] for line in lines] == [
        "HALT  KILL SWITCH ACTIVATED: the kill switch is on",
        "HALT  Daily stop loss hit: -3",
        "HALT  Weekly stop loss hit: -7",
    ]
    assert all("Clear it with: trader247 " in line for line in lines)
    assert reader.lines(a_report(halted, cycle=2)) == []


def test_breakers_are_told_when_they_open_and_when_they_close() -> None:
    reader = Newsreader(opened())
    opened_one = folded(opened(), BreakerOpened(BreakerName.VOLATILITY, "BTC-USD moved 6 %"))
    assert reader.lines(a_report(opened_one)) == ["breaker volatility opened: BTC-USD moved 6 %"]
    closed = folded(opened_one, BreakerClosed(BreakerName.VOLATILITY))
    assert reader.lines(a_report(closed, cycle=2)) == [
        "breaker volatility closed after clean cycles"
    ]


def test_breaks_and_a_market_out_of_reach_are_told() -> None:
    broken = Difference("balance USD", "10", "9", after(0), is_break=True)
    book = replace(opened(), differences={"balance USD": broken})
    reader = Newsreader(opened())
    report = a_report(book, collected=Collected(breaks=(broken,)), unreachable="timed out")
    assert reader.lines(report) == [
        "BREAK balance USD: ledger 10, venue 9",
        "market unreachable: timed out",
    ]
    again = a_report(book, collected=Collected(breaks=(broken,)), cycle=2)
    assert reader.lines(again) == []


def refusals(reader: Newsreader, cycle: int, **reasons: str) -> list[str]:
    endings = {
        ProductId(base, "USD"): Outcome(Reason(reason), f"{reason} says no")
        for base, reason in reasons.items()
    }
    return reader.lines(a_report(opened(), endings, cycle=cycle))


def test_products_refused_for_one_reason_share_a_line() -> None:
    lines = refusals(Newsreader(opened()), 1, DOT="pace", ATOM="pace", XLM="cooldown")
    assert lines == [
        "refused DOT-USD, ATOM-USD pace: pace says no",
        "refused XLM-USD cooldown: cooldown says no",
    ]


def test_a_product_that_alternates_between_two_refusals_is_told_of_twice() -> None:
    reader = Newsreader(opened())
    told = [refusals(reader, n, DOT=("pace", "new_positions")[n % 2]) for n in range(1, 60)]
    assert [bool(lines) for lines in told].count(True) == 2


def test_a_refusal_is_news_again_after_long_enough_without_it() -> None:
    reader = Newsreader(opened())
    assert refusals(reader, 1, DOT="pace")
    assert not refusals(reader, 1 + REMEMBERED_CYCLES, DOT="pace")
    assert refusals(reader, 2 + 2 * REMEMBERED_CYCLES, DOT="pace")


def test_what_was_only_measured_is_no_refusal() -> None:
    assert refusals(Newsreader(opened()), 1, DOT="no_trigger", XLM="holding") == []


def test_a_position_that_may_not_leave_is_told_of_in_every_cycle() -> None:
    book = bought()
    reader = Newsreader(book)
    endings = {BTC: Outcome(Reason.COLLAR, "89 is below 90")}
    for cycle in (5, 6, 7):
        lines = reader.lines(a_report(book, endings, cycle=cycle))
        assert lines == ["refused to sell BTC-USD collar: 89 is below 90"]
