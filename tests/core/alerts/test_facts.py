from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.core.ledger_values import (
    BTC,
    ETH,
    START,
    a_cycle,
    a_fill,
    after,
    an_intent,
    an_order,
    bought,
    folded,
    name_of,
    opened,
    order_name,
    sent,
)

from trader247.core.alerts.acknowledging import meant
from trader247.core.alerts.due import due_escalations, due_unended
from trader247.core.alerts.facts import alerts_for
from trader247.core.alerts.words import NOTES
from trader247.core.booking import fold
from trader247.core.orders.cancellations import FLIPPED
from trader247.domain.events.book import SessionStarted
from trader247.domain.events.halts import (
    BanLatched,
    BreakerClosed,
    BreakerOpened,
    HaltCleared,
    HaltLatched,
    ProductDoubted,
)
from trader247.domain.events.money import CashFlowed, DifferenceFound, DifferenceHealed
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    FillQuarantined,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.people import AlertRaised, AlertsAcknowledged
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.fills import Liquidity
from trader247.domain.ids import ProductId
from trader247.domain.market import FeeTier
from trader247.domain.money import Bps, Money
from trader247.domain.orders import OrderState, Side
from trader247.domain.outcomes import Declined, Outcome, Unknown
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import BreakerName, HaltName, Severity, TradingState
from trader247.domain.time import Instant

TIMED_OUT = Unknown("no answer in 10 s")


def alert_of(portfolio: Portfolio, event: AnyEvent, *, at: Instant = START) -> AlertRaised | None:
    recorded = Recorded(portfolio.seq + 1, at, event, "")
    return alerts_for(recorded, portfolio, fold(portfolio, recorded))


def raised(portfolio: Portfolio, event: AnyEvent, *, at: Instant = START) -> AlertRaised:
    alert = alert_of(portfolio, event, at=at)
    assert alert is not None
    return alert


@pytest.mark.parametrize("name", HaltName)
def test_every_halt_says_what_happened_what_follows_and_what_to_type(name: HaltName) -> None:
    alert = raised(bought(), HaltLatched(name, "its cause"))
    assert alert.code == name.value
    assert alert.severity is (Severity.INFO if name is HaltName.PAUSE else Severity.CRITICAL)
    assert "its cause" in alert.text
    assert "1 position that cost 200.50" in alert.text
    assert "Next: trader247 " in alert.text
    is_halted = name.state is TradingState.HALTED
    assert ("No order is sent" in alert.text) is is_halted
    assert ("exits still work" in alert.text) is not is_halted


def test_the_founding_words_are_said() -> None:
    words = {
        HaltName.KILL_SWITCH: "KILL SWITCH ACTIVATED",
        HaltName.DAILY_STOP: "Daily stop loss hit",
        HaltName.WEEKLY_STOP: "Weekly stop loss hit",
    }
    for name, text in words.items():
        assert NOTES[name].title == text
        assert raised(opened(), HaltLatched(name, "cause")).text.startswith(f"{text}: cause")


def test_a_cause_that_begins_with_its_title_is_not_said_twice() -> None:
    cause = "Daily stop loss hit: -3.10 % from 10,000.00"
    assert raised(opened(), HaltLatched(HaltName.DAILY_STOP, cause)).text.count("Daily stop") == 1


def test_the_command_names_the_halt_that_it_clears() -> None:
    daily = raised(opened(), HaltLatched(HaltName.DAILY_STOP, "loss"))
    assert "trader247 unlock halt daily_stop --reason" in daily.text
    fall = raised(opened(), HaltLatched(HaltName.DRAWDOWN, "loss"))
    assert "trader247 unlock halt drawdown --accept-peak EQUITY --reason" in fall.text


def test_a_halt_that_stands_already_is_no_news() -> None:
    portfolio = folded(opened(), HaltLatched(HaltName.DAILY_STOP, "loss"))
    assert alert_of(portfolio, HaltLatched(HaltName.DAILY_STOP, "loss"), at=after(900)) is None


def test_unknown_equity_is_said_to_be_unknown() -> None:
    assert "Equity UNKNOWN" in raised(opened(), HaltLatched(HaltName.KEY, "401")).text
    known = folded(opened(), a_cycle(1, at=START, equity="10000"))
    assert "Equity 10,000.00 USD" in raised(known, HaltLatched(HaltName.KEY, "401")).text


def doubted(product: ProductId) -> ProductDoubted:
    return ProductDoubted(product, "a jump", after(300), None, 0, None)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (BanLatched("move", "BTC-USD", "too far"), BanLatched("move", "ETH-USD", "too far")),
        (doubted(BTC), doubted(ETH)),
        (
            DifferenceFound("base:BTC", "1", "2", is_break=True),
            DifferenceFound("base:ETH", "1", "2", is_break=True),
        ),
    ],
    ids=["ban", "doubt", "break"],
)
def test_what_strikes_two_at_once_is_told_of_both(first: AnyEvent, second: AnyEvent) -> None:
    """The second was taken for the first one again: nobody heard that it is not bought either."""
    portfolio = bought()
    alert = raised(portfolio, first)
    other = raised(folded(portfolio, first, alert), second)
    assert (other.code, other.severity) == (alert.code, alert.severity)
    assert other.text == alert.text.replace("BTC", "ETH")


NEVER = Declined("not_created", "gone", is_sent=False)
OTHER_SIDE = Unknown("other side", latch=True)


@pytest.mark.parametrize(
    ("made", "strikes"),
    [
        (NEVER, lambda number: OrderSeen(an_order(number))),
        (NEVER, lambda number: FillBooked(a_fill(number, order=number), name_of(number))),
        (TIMED_OUT, lambda number: SubmissionSettled(name_of(number), OTHER_SIDE)),
        (None, lambda number: FillQuarantined(a_fill(number, order=number), "a reversal")),
        (None, lambda number: CancelRequested(name_of(number), order_name(number), FLIPPED)),
    ],
    ids=["late-order", "late-fill", "contradicting-answer", "fill-set-aside", "flipped"],
)
def test_what_strikes_two_orders_of_ours_at_once_is_told_of_both(
    made: Outcome | None, strikes: Callable[[int], AnyEvent]
) -> None:
    """What came of the second was other money, and nobody heard of it within a minute, or ever."""
    portfolio = sent(opened(), an_intent(1), made)
    portfolio = sent(portfolio, an_intent(2, decision="2:BTC-USD"), made)
    alert = raised(portfolio, strikes(1))
    portfolio = folded(portfolio, strikes(1), alert)
    assert raised(portfolio, strikes(2)).code == alert.code


def test_the_same_alert_is_not_raised_again_within_a_minute() -> None:
    portfolio = opened()
    event = FillQuarantined(a_fill(1), "no intent")
    portfolio = folded(portfolio, event, raised(portfolio, event))
    assert alert_of(portfolio, FillQuarantined(a_fill(2), "no intent"), at=after(59)) is None
    assert alert_of(portfolio, FillQuarantined(a_fill(2), "no intent"), at=after(60)) is not None


@pytest.mark.parametrize("name", HaltName)
def test_a_halt_that_comes_back_once_it_was_cleared_is_told_of_at_once(name: HaltName) -> None:
    """Cleared and latched again within a minute: the last word that anybody had was that it is
    cleared."""
    latching = HaltLatched(name, "its cause")
    portfolio = folded(opened(), latching, raised(opened(), latching))
    portfolio = folded(portfolio, HaltCleared(name, "mended", "paul"))
    assert raised(portfolio, latching, at=after(40)).code == name.value


def test_a_break_and_the_halt_that_follows_are_told_of_once() -> None:
    found = DifferenceFound("cash:USD", "1", "2", is_break=True)
    portfolio = folded(opened(), found, raised(opened(), found))
    latching = HaltLatched(HaltName.RECONCILIATION_BREAK, "cash:USD")
    assert alert_of(portfolio, latching) is None
    cleared = folded(portfolio, latching, HaltCleared(HaltName.RECONCILIATION_BREAK, "mended", ""))
    assert alert_of(cleared, latching, at=after(40)) is not None


def test_what_was_raised_by_a_clock_that_was_ahead_keeps_nothing_back() -> None:
    ahead = after(3_600)
    portfolio = opened()
    event = HaltLatched(HaltName.KEY, "401")
    portfolio = folded(portfolio, event, raised(portfolio, event, at=ahead), at=ahead)
    portfolio = folded(portfolio, HaltCleared(HaltName.KEY, "paul", ""), at=ahead)
    assert alert_of(portfolio, event, at=after(60)) is not None


def test_another_severity_of_the_same_code_is_another_alert() -> None:
    name = BreakerName.API_ERRORS
    opening = BreakerOpened(name, "5 errors")
    portfolio = folded(opened(), opening, raised(opened(), opening))
    closing = raised(portfolio, BreakerClosed(name), at=after(10))
    assert closing.severity is Severity.INFO
    assert closing.text.endswith("What triggers is bought again. Next: trader247 risk status")
    other = folded(portfolio, BreakerOpened(BreakerName.VOLATILITY, "a move"))
    assert (
        "Nothing is bought yet: volatility is open."
        in raised(other, BreakerClosed(name), at=after(10)).text
    )
    halted = folded(portfolio, HaltLatched(HaltName.PAUSE, "a person"))
    assert "Trading state is REDUCING." in raised(halted, BreakerClosed(name), at=after(10)).text


def test_a_breaker_warns_when_it_opens_and_only_then() -> None:
    opening = BreakerOpened(BreakerName.VOLATILITY, "BTC-USD moved 6 % in 5 min")
    alert = raised(opened(), opening)
    assert alert.severity is Severity.WARNING
    assert "BTC-USD moved 6 %" in alert.text
    assert alert_of(folded(opened(), opening), opening, at=after(300)) is None
    assert alert_of(opened(), BreakerClosed(BreakerName.VOLATILITY)) is None


def test_clearing_a_halt_says_who_and_what_still_stands() -> None:
    portfolio = folded(
        opened(), HaltLatched(HaltName.DAILY_STOP, "loss"), HaltLatched(HaltName.PAUSE, "me")
    )
    alert = raised(portfolio, HaltCleared(HaltName.PAUSE, "lunch is over", "ann"))
    assert alert.severity is Severity.INFO
    assert "ann" in alert.text
    assert "REDUCING" in alert.text


def test_only_a_break_is_told_of_and_only_once() -> None:
    pending = DifferenceFound("cash:USD", "1", "2", is_break=False)
    broken = replace(pending, is_break=True)
    assert alert_of(opened(), pending) is None
    alert = raised(folded(opened(), pending), broken)
    assert alert.code == "reconciliation_break"
    assert "ledger 1, venue 2" in alert.text
    assert alert_of(folded(opened(), broken), replace(broken, venue="3"), at=after(900)) is None


def test_a_quarantined_fill_names_the_money() -> None:
    alert = raised(opened(), FillQuarantined(a_fill(price="100", quantity="3"), "no intent"))
    assert alert.severity is Severity.CRITICAL
    assert "300.00 USD" in alert.text


def test_an_unclean_start_is_told_of_and_a_clean_one_is_not() -> None:
    assert raised(opened(), SessionStarted(2, "v", was_clean=False)).code == "unclean_start"
    assert alert_of(opened(), SessionStarted(2, "v", was_clean=True)) is None


def test_an_empty_universe_is_told_of_when_it_begins() -> None:
    small = {BTC: "universe_too_small"}
    first = a_cycle(1, at=START, reasons=small)
    alert = raised(opened(), first)
    assert (alert.code, alert.severity) == ("universe_too_small", Severity.CRITICAL)
    portfolio = folded(opened(), first)
    assert alert_of(portfolio, a_cycle(2, at=after(600), reasons=small), at=after(600)) is None


@pytest.mark.parametrize("reason", ["not_at_venue", "not_tradable", "no_quote"])
def test_what_has_no_price_is_named_with_the_way_out(reason: str) -> None:
    held = bought()
    text = raised(held, a_cycle(1, at=START, equity=None, reasons={BTC: reason})).text
    assert f"no price of BTC-USD ({reason}) can be believed" in text
    assert "Next: trader247 why BTC-USD; if the venue trades it no more" in text
    assert 'trader247 reconcile --accept --reason "delisted" --price BTC-USD=PRICE' in text
    priced = a_cycle(1, at=START, equity=None, marks={BTC: "100"}, reasons={BTC: reason})
    assert "no price of" not in raised(held, priced).text
    assert raised(opened(), a_cycle(1, at=START, equity=None)).text.endswith("trader247 smoke")


def test_unmeasurable_equity_is_told_of_when_it_begins() -> None:
    alert = raised(opened(), a_cycle(1, at=START, equity=None))
    assert (alert.code, alert.severity) == ("data_unavailable", Severity.CRITICAL)
    portfolio = folded(opened(), a_cycle(1, at=START, equity=None))
    assert alert_of(portfolio, a_cycle(2, at=after(600), equity=None), at=after(600)) is None
    portfolio = folded(opened(), a_cycle(1, at=START))
    assert alert_of(portfolio, a_cycle(2, at=after(60), equity=None)) is not None
    assert alert_of(opened(), a_cycle(1, at=START)) is None


def test_an_order_that_turns_up_after_it_was_written_off_is_critical() -> None:
    never = SubmissionSettled(name_of(1), Declined("not_created", "gone", is_sent=False))
    portfolio = folded(sent(opened(), an_intent(), TIMED_OUT), never)
    for event in (OrderSeen(an_order()), FillBooked(a_fill(1), name_of(1))):
        alert = raised(portfolio, event)
        assert (alert.code, alert.severity) == ("late_order", Severity.CRITICAL)
    assert alert_of(sent(opened(), an_intent()), OrderSeen(an_order())) is None
    over = OrderSeen(an_order(state=OrderState.CANCELLED))
    assert alert_of(portfolio, over) is None


def test_an_answer_that_contradicts_what_was_sent_is_critical_and_a_timeout_is_not_yet() -> None:
    portfolio = sent(opened(), an_intent(), TIMED_OUT)
    assert alert_of(portfolio, SubmissionSettled(name_of(1), TIMED_OUT)) is None
    alert = raised(portfolio, SubmissionSettled(name_of(1), Unknown("other side", latch=True)))
    assert (alert.code, alert.severity) == ("answer_contradicts", Severity.CRITICAL)


@pytest.mark.parametrize(
    ("fee", "is_told"), [("0.5", False), ("0.51", False), ("0.49", False), ("0.5101", True)]
)
def test_a_fee_more_than_one_basis_point_off_the_tier_is_told_of(fee: str, is_told: bool) -> None:
    tier = FeeTier("Intro", Bps.of(50), Bps.of(90), START)
    portfolio = replace(sent(opened(), an_intent()), fee_tier=tier)
    alert = alert_of(portfolio, FillBooked(a_fill(1, fee=fee), name_of(1)))
    assert (alert is not None) is is_told
    unsure = a_fill(1, fee="5", liquidity=Liquidity.UNKNOWN)
    assert alert_of(portfolio, FillBooked(unsure, name_of(1))) is None


def test_ordinary_events_and_alerts_themselves_call_for_no_alert() -> None:
    assert alert_of(opened(), CashFlowed(Money.of(1), "deposit")) is None
    assert alert_of(opened(), AlertRaised(Severity.CRITICAL, "kill_switch", "text")) is None


def escalated(portfolio: Portfolio, seconds: int) -> list[tuple[str, Severity]]:
    return [(each.code, each.severity) for each in due_escalations(portfolio, after(seconds))]


def halted(portfolio: Portfolio, *, at: Instant = START) -> Portfolio:
    """With a daily stop, and its alert as the ledger raises it."""
    event = HaltLatched(HaltName.DAILY_STOP, "loss")
    return folded(portfolio, event, raised(portfolio, event, at=at), at=at)


def test_what_nobody_acknowledges_is_escalated_once_after_two_minutes() -> None:
    portfolio = halted(opened())
    assert escalated(portfolio, 119) == []
    assert escalated(portfolio, 120) == [("daily_stop:escalated", Severity.CRITICAL)]
    (told,) = due_escalations(portfolio, after(120))
    assert "Not acknowledged after 2 min: Daily stop loss hit: loss" in told.text
    assert f"trader247 alerts ack {portfolio.seq}" in told.text
    portfolio = folded(portfolio, told, at=after(120))
    assert escalated(portfolio, 90_000) == []


def test_what_was_acknowledged_is_not_escalated_and_stays_halted() -> None:
    portfolio = folded(halted(opened()), AlertsAcknowledged(("daily_stop",), "ann"))
    assert escalated(portfolio, 9_999) == []
    assert HaltName.DAILY_STOP in portfolio.halts
    assert not portfolio.open_alerts


def test_a_cause_that_comes_back_is_escalated_again() -> None:
    name = HaltName.DAILY_STOP
    portfolio = halted(opened())
    portfolio = folded(portfolio, *due_escalations(portfolio, after(120)), at=after(120))
    portfolio = folded(portfolio, HaltCleared(name, "looked", "me"), at=after(200))
    assert not portfolio.open_alerts, "whoever clears a halt knows of it"
    portfolio = halted(portfolio, at=after(300))
    assert escalated(portfolio, 420) == [("daily_stop:escalated", Severity.CRITICAL)]


@pytest.mark.parametrize("back", [30, 3600])
def test_what_comes_back_under_a_clock_that_was_set_back_is_escalated_again(back: int) -> None:
    """The escalation of its like before is dated ahead of it, and says nothing of this one."""
    name = HaltName.DAILY_STOP
    portfolio = halted(opened(), at=after(3600))
    portfolio = folded(portfolio, *due_escalations(portfolio, after(3720)), at=after(3720))
    portfolio = folded(portfolio, HaltCleared(name, "looked", "me"), at=after(3700))
    portfolio = halted(portfolio, at=after(3710 - back))
    due = 3830 - back
    assert escalated(portfolio, due) == [("daily_stop:escalated", Severity.CRITICAL)]
    portfolio = folded(portfolio, *due_escalations(portfolio, after(due)), at=after(due))
    assert [escalated(portfolio, seconds) for seconds in (due - 60, due, 9999)] == [[], [], []]


def test_what_is_dated_ahead_by_a_clock_that_was_set_back_is_escalated_too() -> None:
    portfolio = halted(opened(), at=after(3600))
    assert escalated(portfolio, 3481) == [], "two minutes may be a clock that was put right"
    (told,) = due_escalations(portfolio, after(3480))
    assert "Not acknowledged after 2 min" in told.text


def test_an_open_alert_is_meant_by_its_number_its_code_or_all() -> None:
    portfolio = halted(opened())
    known = folded(portfolio, *due_escalations(portfolio, after(120)), at=after(120)).open_alerts
    for wish in ("all", "daily_stop", str(portfolio.seq), str(portfolio.seq + 1)):
        assert meant(known, wish) == ("daily_stop",)
    for wish in ("", "daily", str(portfolio.seq + 2), "-1"):
        assert meant(known, wish) == ()


def test_a_warning_waits_for_nobody() -> None:
    opening = BreakerOpened(BreakerName.API_ERRORS, "5 errors")
    portfolio = folded(opened(), opening, raised(opened(), opening))
    assert not portfolio.open_alerts


def test_a_pause_is_a_persons_wish_and_is_not_escalated() -> None:
    assert escalated(folded(opened(), HaltLatched(HaltName.PAUSE, "me")), 9999) == []


def test_an_empty_universe_that_lasts_is_escalated_once() -> None:
    small = a_cycle(1, at=START, reasons={BTC: "universe_too_small"})
    portfolio = folded(opened(), small, raised(opened(), small))
    assert escalated(portfolio, 119) == []
    assert escalated(portfolio, 120) == [("universe_too_small:escalated", Severity.CRITICAL)]
    portfolio = folded(portfolio, *due_escalations(portfolio, after(120)), at=after(120))
    assert escalated(portfolio, 500) == []


def test_cash_held_for_nobody_is_told_of_once_after_a_minute_while_it_stops_buying() -> None:
    held = folded(opened(), DifferenceFound("hold:USD", "0", "25", is_break=False))
    assert escalated(held, 59) == []
    assert escalated(held, 60) == [("cash_held", Severity.WARNING)]
    (told,) = due_escalations(held, after(60))
    assert "25.00 USD is held at the venue for no order that is known here" in told.text
    assert "16 min" in told.text
    assert "Next: trader247 reconcile" in told.text
    known = folded(held, told, at=after(60))
    assert escalated(known, 600) == []
    assert escalated(held, 961) == [], "it is somebody else's by then"
    grown = folded(
        known,
        DifferenceHealed("hold:USD"),
        DifferenceFound("hold:USD", "0", "30", is_break=False),
        at=after(300),
    )
    assert escalated(grown, 360) == [("cash_held", Severity.WARNING)]


def test_an_unknown_outcome_warns_after_a_minute_and_is_critical_after_ten() -> None:
    portfolio = sent(opened(), an_intent(), TIMED_OUT)
    assert escalated(portfolio, 59) == []
    assert escalated(portfolio, 60) == [("unknown_outcome", Severity.WARNING)]
    portfolio = folded(portfolio, *due_escalations(portfolio, after(60)), at=after(60))
    assert escalated(portfolio, 599) == []
    assert escalated(portfolio, 600) == [("unknown_outcome", Severity.CRITICAL)]
    portfolio = folded(portfolio, *due_escalations(portfolio, after(600)), at=after(600))
    assert escalated(portfolio, 719) == []
    assert escalated(portfolio, 720) == [("unknown_outcome:escalated", Severity.CRITICAL)]


def test_a_sale_of_unknown_outcome_says_that_nothing_covers_what_it_sells() -> None:
    """While lists are refused that lasts for hours, and only a person can end it."""
    bought = sent(opened(), an_intent(), TIMED_OUT)
    sale = an_intent(2, side=Side.SELL, decision="2:BTC-USD", created=after(10))
    for portfolio, is_said in ((bought, False), (sent(bought, sale, TIMED_OUT), True)):
        (told,) = due_escalations(portfolio, after(70))
        assert ("Until then BTC-USD has no other stop, and no other sale" in told.text) is is_said


def test_an_unknown_outcome_that_is_dated_ahead_is_told_of_too_and_once_an_hour() -> None:
    """A clock was set back since: how long it is unknown, nobody can say."""
    portfolio = sent(opened(), an_intent(created=after(3600)), TIMED_OUT)
    assert escalated(portfolio, 3541) == []
    assert escalated(portfolio, 3540) == [("unknown_outcome", Severity.WARNING)]
    told = due_escalations(portfolio, after(0))
    assert [each.severity for each in told] == [Severity.CRITICAL, Severity.WARNING]
    portfolio = folded(portfolio, *told, at=after(0))
    assert escalated(portfolio, 100) == []


def test_a_second_unknown_outcome_is_told_of_too() -> None:
    portfolio = sent(opened(), an_intent(), TIMED_OUT)
    portfolio = folded(portfolio, *due_escalations(portfolio, after(60)), at=after(60))
    second = an_intent(2, created=after(100), decision="2:BTC-USD")
    portfolio = sent(portfolio, second, TIMED_OUT)
    assert escalated(portfolio, 159) == []
    assert escalated(portfolio, 160) == [("unknown_outcome", Severity.WARNING)]


def test_an_outcome_that_was_settled_is_not_told_of() -> None:
    assert escalated(sent(opened(), an_intent()), 9999) == []


def killed(portfolio: Portfolio, *, keeps_sales: bool = False) -> Portfolio:
    return folded(portfolio, HaltLatched(HaltName.KILL_SWITCH, "me", keeps_sales), at=START)


def test_a_stop_that_keeps_sales_no_more_is_told_of_again() -> None:
    keeping = killed(opened(), keeps_sales=True)
    alert = raised(keeping, HaltLatched(HaltName.KILL_SWITCH, "somebody else"), at=after(120))
    assert (alert.severity, alert.code) == (Severity.CRITICAL, "kill_switch")
    assert alert.text.startswith("KILL SWITCH ACTIVATED: me; no sale is left to rest any more. ")
    again = HaltLatched(HaltName.KILL_SWITCH, "somebody else", keeps_sales=True)
    assert alert_of(keeping, again, at=after(120)) is None


def unended(portfolio: Portfolio, seconds: int) -> list[str]:
    return [each.text for each in due_unended(portfolio, after(seconds))]


def test_an_order_that_outlives_a_halt_by_half_a_minute_is_told_of_each_minute() -> None:
    portfolio = killed(sent(opened(), an_intent()))
    assert unended(portfolio, 30) == []
    (told,) = due_unended(portfolio, after(31))
    assert (told.severity, told.code) == (Severity.CRITICAL, "orders_not_ended")
    assert told.text.startswith("KILL SWITCH ACTIVATED, and after 31 s it is not known that BUY")
    assert told.text.endswith("Next: trader247 kill on")
    assert told in due_escalations(portfolio, after(31))
    portfolio = folded(portfolio, told, at=after(31))
    assert unended(portfolio, 90) == []
    assert len(unended(portfolio, 91)) == 1
    (ahead,) = due_unended(portfolio, after(-31))
    assert "after 30 s" in ahead.text, "a clock was set back: nobody knows how long ago it was"


@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.FILLED])
def test_what_has_ended_outlives_no_halt_though_a_fill_of_it_may_still_come(
    state: OrderState,
) -> None:
    order = an_order(state=state, filled="0.1")
    portfolio = killed(folded(sent(opened(), an_intent()), OrderSeen(order)))
    assert portfolio.working, "its fill is still to come"
    assert unended(portfolio, 9_999) == []


def test_only_a_halt_that_ends_orders_is_outlived_and_not_by_sales_that_it_keeps() -> None:
    resting = sent(opened(), an_intent())
    assert unended(resting, 9_999) == []
    assert unended(folded(resting, HaltLatched(HaltName.DAILY_STOP, "loss")), 9_999) == []
    selling = sent(opened(), an_intent(2, side=Side.SELL))
    assert len(unended(killed(selling), 31)) == 1
    assert unended(killed(selling, keeps_sales=True), 31) == []
    assert len(unended(killed(resting, keeps_sales=True), 31)) == 1, "a buy is not kept"
