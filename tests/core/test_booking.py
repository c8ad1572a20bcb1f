from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.book.test_fills import a_history
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

from trader247.core.booking import ALERTS_MAX, alert_key, fold
from trader247.domain.errors import LedgerError
from trader247.domain.events.book import (
    InstanceRefused,
    JournalOpened,
    KeyRead,
    PolicyAdopted,
    PortfolioPinned,
    SessionEnded,
    SessionStarted,
)
from trader247.domain.events.cycles import EXITS_ONLY, CycleDecided
from trader247.domain.events.halts import BreakerClosed, BreakerOpened, HaltCleared, HaltLatched
from trader247.domain.events.holdings import FlattenAsked
from trader247.domain.events.money import (
    CashFlowed,
    DifferenceFound,
    DifferenceHealed,
    FeesRead,
    ForeignSeen,
)
from trader247.domain.events.orders import FillBooked, FillQuarantined
from trader247.domain.events.people import AlertRaised, Armed
from trader247.domain.events.recorded import Recorded
from trader247.domain.keys import KeyPermissions, KeyStanding
from trader247.domain.market import FeeTier
from trader247.domain.money import Bps, Money, Price
from trader247.domain.portfolio import Membership, Portfolio
from trader247.domain.reasons import BreakerName, HaltName, Severity, TradingState


def test_a_gap_in_the_sequence_is_refused() -> None:
    event = CashFlowed(Money.of(1), "deposit")
    for seq in (0, 2, 7):
        with pytest.raises(LedgerError):
            fold(Portfolio(), Recorded(seq, START, event, ""))


def test_each_event_advances_the_sequence_by_one_and_leaves_the_portfolio_before_it_alone() -> None:
    before = opened()
    kept = replace(before)
    later = fold(before, Recorded(before.seq + 1, START, CashFlowed(Money.of(5), "deposit"), ""))
    assert later.seq == before.seq + 1
    assert before == kept


def test_an_event_that_changes_nothing_is_counted_in_a_portfolio_of_its_own() -> None:
    """What was folded so far may be in use: numbering it anew would put it past its own time."""
    before = opened()
    later = fold(before, Recorded(before.seq + 1, START, InstanceRefused("process 7"), ""))
    assert later is not before
    assert (before.seq, later.seq) == (2, 3)
    assert later == replace(before, seq=3)


def test_a_journal_is_opened_once() -> None:
    portfolio = folded(Portfolio(), JournalOpened("book", "feed", "EUR"))
    assert (portfolio.book, portfolio.quote_currency) == ("book", "EUR")
    with pytest.raises(LedgerError):
        folded(portfolio, JournalOpened("book", "feed", "EUR"))


def test_cash_is_unknown_until_the_first_flow() -> None:
    assert Portfolio().cash is None
    portfolio = folded(Portfolio(), CashFlowed(Money.of(100), "a"), CashFlowed(Money.of(-30), "b"))
    assert portfolio.cash == portfolio.flows == Money.of(70)


def test_a_session_takes_a_higher_epoch_and_never_a_lower_one() -> None:
    portfolio = folded(Portfolio(), SessionStarted(3, "v", was_clean=True))
    assert portfolio.epoch == 3
    assert portfolio.is_session_open
    assert not folded(portfolio, SessionEnded(3, "asked")).is_session_open
    with pytest.raises(LedgerError):
        folded(portfolio, SessionStarted(2, "v", was_clean=True))


def test_unclean_ends_are_counted_for_ten_minutes_and_no_longer() -> None:
    portfolio = Portfolio()
    for epoch, seconds in enumerate((0, 60, 120, 660, 661)):
        started = SessionStarted(epoch, "v", was_clean=False)
        portfolio = folded(portfolio, started, at=after(seconds))
    assert portfolio.unclean_ends == (after(120), after(660), after(661))


def test_clean_starts_are_no_unclean_ends() -> None:
    portfolio = folded(Portfolio(), *(SessionStarted(n, "v", was_clean=True) for n in range(1, 9)))
    assert portfolio.unclean_ends == ()


def test_foreign_holdings_are_totals_and_vanish_at_zero() -> None:
    portfolio = folded(
        Portfolio(), ForeignSeen("BTC", Decimal("0.5")), ForeignSeen("BTC", Decimal("0.7"))
    )
    assert portfolio.foreign == {"BTC": Decimal("0.7")}
    assert folded(portfolio, ForeignSeen("BTC", Decimal(0))).foreign == {}


def test_the_fee_tier_and_the_policy_in_force_are_the_last_ones_said() -> None:
    tier = FeeTier("Intro", Bps.of(50), Bps.of(90), START)
    portfolio = folded(
        Portfolio(), FeesRead(tier), PolicyAdopted("h1", ""), PolicyAdopted("h2", "")
    )
    assert portfolio.fee_tier == tier
    assert portfolio.policy_hash == "h2"


def test_a_halt_keeps_its_first_cause_until_a_person_clears_it() -> None:
    portfolio = folded(opened(), HaltLatched(HaltName.DAILY_STOP, "first"))
    portfolio = folded(portfolio, HaltLatched(HaltName.DAILY_STOP, "again"), at=after(60))
    assert portfolio.halts[HaltName.DAILY_STOP].cause == "first"
    assert portfolio.halts[HaltName.DAILY_STOP].since == START
    assert portfolio.trading_state is TradingState.REDUCING
    for number in range(1, 5):
        portfolio = folded(portfolio, a_cycle(number, at=after(number * 86_400)))
        assert HaltName.DAILY_STOP in portfolio.halts
    portfolio = folded(portfolio, HaltCleared(HaltName.DAILY_STOP, "looked", "me"))
    assert portfolio.trading_state is TradingState.ACTIVE


def test_clearing_a_drawdown_with_an_accepted_peak_moves_the_high_water_mark_there() -> None:
    portfolio = folded(opened(), a_cycle(1, at=START), a_cycle(2, at=after(60), equity="8900"))
    assert portfolio.equity.high_water_mark == Money.of(10_000)
    portfolio = folded(portfolio, HaltLatched(HaltName.DRAWDOWN, "down 11 %"))
    cleared = folded(portfolio, HaltCleared(HaltName.DRAWDOWN, "new start", "me", Money.of("8900")))
    assert cleared.equity.high_water_mark == Money.of("8900")
    assert not cleared.halts


def test_an_accepted_peak_is_for_drawdown_alone() -> None:
    portfolio = folded(opened(), a_cycle(1, at=START), HaltLatched(HaltName.DAILY_STOP, "loss"))
    cleared = folded(portfolio, HaltCleared(HaltName.DAILY_STOP, "looked", "me", Money.of(1)))
    assert cleared.equity.high_water_mark == Money.of(10_000)


def test_a_breaker_of_a_clock_that_ran_ahead_counts_from_when_it_was_set_back() -> None:
    """It stayed open until that hour came again, and no unknown outcome was settled meanwhile."""
    name = BreakerName.MAINTENANCE
    portfolio = folded(opened(), BreakerOpened(name, "closed"), at=after(3_600))
    portfolio = folded(portfolio, replace(a_cycle(1, at=after(60)), tripped=(name,)))
    assert portfolio.breakers[name].since == after(60)
    portfolio = folded(portfolio, a_cycle(2, at=after(120)))
    assert portfolio.breakers[name].since == after(60), "a clean cycle is no new opening"


def test_errors_of_a_clock_that_ran_ahead_are_over_five_minutes_after_it_was_set_back() -> None:
    """They counted until that hour came again, and held the breaker of errors open."""
    ahead = replace(a_cycle(1, at=after(3_600)), errors=5)
    portfolio = folded(opened(), ahead, a_cycle(2, at=after(60)))
    assert set(portfolio.faults.errors) == {after(60)}
    assert not folded(portfolio, a_cycle(3, at=after(60 + 301))).faults.errors


def test_a_higher_bid_between_two_cycles_moves_a_stop_that_trails() -> None:
    seen = replace(a_cycle(1, at=after(60)), regime=EXITS_ONLY, marks={BTC: Price.of(120)})
    portfolio = folded(bought(), seen)
    assert portfolio.positions[BTC].highest == Price.of(120)
    fallen = replace(a_cycle(2, at=after(90)), regime=EXITS_ONLY, marks={BTC: Price.of(110)})
    assert folded(portfolio, fallen).positions[BTC].highest == Price.of(120)


def test_a_breaker_counts_clean_cycles_and_starts_again_when_it_trips() -> None:
    name = BreakerName.API_ERRORS
    portfolio = folded(opened(), BreakerOpened(name, "5 errors"))
    portfolio = folded(portfolio, a_cycle(1, at=after(60)))
    assert portfolio.breakers[name].clean_cycles == 1
    portfolio = folded(portfolio, replace(a_cycle(2, at=after(120)), tripped=(name,)))
    assert portfolio.breakers[name].clean_cycles == 0
    portfolio = folded(portfolio, a_cycle(3, at=after(180)), a_cycle(4, at=after(240)))
    assert portfolio.breakers[name].clean_cycles == 2
    assert portfolio.breakers[name].since == START
    assert not folded(portfolio, BreakerClosed(name)).breakers


def test_a_difference_keeps_its_first_age_and_a_break_stays_one_until_it_heals() -> None:
    portfolio = folded(opened(), DifferenceFound("cash:USD", "1", "2", is_break=False))
    portfolio = folded(
        portfolio, DifferenceFound("cash:USD", "1", "3", is_break=True), at=after(120)
    )
    portfolio = folded(
        portfolio, DifferenceFound("cash:USD", "1", "4", is_break=False), at=after(180)
    )
    difference = portfolio.differences["cash:USD"]
    assert (difference.since, difference.venue, difference.is_break) == (START, "4", True)
    assert not folded(portfolio, DifferenceHealed("cash:USD")).differences


def test_a_quarantined_fill_is_counted_and_booked_nowhere() -> None:
    before = bought()
    portfolio = folded(before, FillQuarantined(a_fill(9, time=after(5)), "no intent"))
    assert portfolio.fills_quarantined == 1
    assert portfolio.fills_until == after(5)
    assert (portfolio.cash, portfolio.positions, portfolio.fills_booked) == (
        before.cash,
        before.positions,
        before.fills_booked,
    )


def test_the_same_alert_is_remembered_once_and_memory_is_bounded() -> None:
    portfolio = opened()
    for number in range(ALERTS_MAX * 2):
        alert = AlertRaised(Severity.INFO, f"code{number}", "text")
        portfolio = folded(portfolio, alert, at=after(number))
    assert len(portfolio.alerts) == ALERTS_MAX
    last = AlertRaised(Severity.INFO, f"code{ALERTS_MAX * 2 - 1}", "text")
    assert portfolio.alerts[alert_key(last)] == after(ALERTS_MAX * 2 - 1)
    worse = replace(last, severity=Severity.CRITICAL)
    assert alert_key(worse) not in portfolio.alerts


def test_a_cycle_replaces_marks_and_reasons_and_merges_the_universe() -> None:
    first = replace(
        a_cycle(1, at=START, marks={BTC: "100"}, reasons={BTC: "holding", ETH: "no_trigger"}),
        universe={BTC: Membership(True), ETH: Membership(False, 1)},
    )
    second = replace(
        a_cycle(2, at=after(60), reasons={BTC: "no_quote"}), universe={ETH: Membership(True)}
    )
    portfolio = folded(opened(), first, second)
    assert (portfolio.cycle, portfolio.time) == (2, after(60))
    assert portfolio.marks == {}
    assert portfolio.reasons == {BTC: "no_quote"}
    assert portfolio.universe == {BTC: Membership(True), ETH: Membership(True)}


def test_a_cycle_number_never_comes_back() -> None:
    portfolio = folded(opened(), a_cycle(5, at=START))
    for number in (4, 5):
        with pytest.raises(LedgerError):
            folded(portfolio, a_cycle(number, at=after(60)))


def test_a_position_remembers_the_highest_bid_that_a_cycle_marked() -> None:
    portfolio = bought(price="100")
    for number, mark in enumerate(("99", "104.5", "101"), start=1):
        cycle = a_cycle(number, at=after(number * 60), marks={BTC: mark})
        portfolio = folded(portfolio, cycle)
    assert portfolio.positions[BTC].highest == Price.of("104.5")


def test_faults_leave_their_windows_on_time() -> None:
    failing = replace(
        a_cycle(1, at=START), errors=2, errors_running=2, rate_limited=1, is_overrun=True
    )
    portfolio = folded(opened(), failing)
    assert len(portfolio.faults.errors) == 2
    assert (portfolio.faults.running, portfolio.faults.overruns) == (2, 1)
    assert portfolio.faults.is_refused
    portfolio = folded(portfolio, a_cycle(2, at=after(300)))
    assert len(portfolio.faults.errors) == 2
    assert (portfolio.faults.running, portfolio.faults.overruns) == (0, 0)
    assert not portfolio.faults.is_refused
    portfolio = folded(portfolio, a_cycle(3, at=after(301)))
    assert portfolio.faults.errors == ()
    assert len(portfolio.faults.rate_limited) == 1
    portfolio = folded(portfolio, a_cycle(4, at=after(601)))
    assert portfolio.faults.rate_limited == ()


def test_a_storm_of_faults_is_kept_within_bounds() -> None:
    storm: list[CycleDecided] = [
        replace(a_cycle(n, at=after(n)), errors=1_000_000, rate_limited=50) for n in range(1, 30)
    ]
    portfolio = folded(opened(), *storm)
    assert len(portfolio.faults.errors) <= 64
    assert len(portfolio.faults.rate_limited) <= 64


def test_entries_sent_are_remembered_for_a_day() -> None:
    portfolio = opened()
    for number in range(3):
        intent = an_intent(number, created=after(number * 3600), decision=f"{number}:BTC-USD")
        portfolio = sent(portfolio, intent)
    assert portfolio.entries_sent == (START, after(3600), after(7200))
    portfolio = folded(portfolio, a_cycle(1, at=START + timedelta(hours=25, minutes=30)))
    assert portfolio.entries_sent == (after(7200),)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_folding_a_prefix_and_then_the_rest_equals_folding_the_whole(data: st.DataObject) -> None:
    events = data.draw(a_history())
    whole = opened()
    steps = [whole]
    for event in events:
        whole = folded(whole, event)
        steps.append(whole)
    cut = data.draw(st.integers(0, len(events)))
    assert folded(steps[cut], *events[cut:]) == whole


def test_orders_and_names_of_the_tests_world_agree() -> None:
    order = an_order(7)
    assert (order.client_order_id, order.order_id) == (name_of(7), order_name(7))


@pytest.mark.parametrize(
    ("first", "second", "keeps"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_a_later_word_can_only_take_more_away(first: bool, second: bool, keeps: bool) -> None:
    name = HaltName.KILL_SWITCH
    words = [HaltLatched(name, "first", first), HaltLatched(name, "second", second)]
    halt = folded(opened(), *words).halts[name]
    assert (halt.cause, halt.keeps_sales) == ("first", keeps)


def test_a_book_stays_on_the_portfolio_that_it_was_begun_on() -> None:
    pinned = folded(opened(), PortfolioPinned("a", "DEFAULT"))
    assert pinned.pinned == "a"
    assert folded(pinned, PortfolioPinned("a", "DEFAULT")).pinned == "a"
    with pytest.raises(LedgerError, match="on portfolio a, not on b"):
        folded(pinned, PortfolioPinned("b", "DEFAULT"))


def test_what_the_key_may_do_and_what_a_person_wants_sold_stand_in_the_ledger() -> None:
    may = KeyPermissions(True, True, False, "a", "DEFAULT")
    until = after(60)
    book = folded(bought(portfolio=opened()), KeyRead(may), FlattenAsked(BTC, until, "", "me"))
    assert book.key == KeyStanding(may, START)
    assert book.positions[BTC].flatten_until == until


def test_the_first_fill_of_an_entry_is_one_trade_of_an_armed_book_and_its_second_none() -> None:
    armed = Armed("a", "ab", "0.1", Money.of(25), START, after(10**6), "me")
    book = sent(folded(opened(), armed), an_intent())
    half = folded(book, FillBooked(a_fill(1, quantity="1"), name_of(1)))
    whole = folded(half, FillBooked(a_fill(2, order=1, quantity="1"), name_of(1)))
    assert [each.stage.trades for each in (book, half, whole) if each.stage] == [0, 1, 1]
