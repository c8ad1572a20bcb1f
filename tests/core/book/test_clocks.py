"""A clock that is known to be off: what the ledger remembers is of the venue's time meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.ledger_values import START, a_cycle, after, an_intent, folded, opened

from trader247.core.alerts.digest import digest_for
from trader247.core.book.clocks import Clocks
from trader247.core.book.cycles import cycle_decided
from trader247.core.risk.stops import high_since
from trader247.domain.events.cycles import EXITS_ONLY, CycleDecided
from trader247.domain.events.halts import BreakerOpened, Struck
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.events.recorded import Recorded
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import BreakerName
from trader247.domain.time import DAY, HOUR, MINUTE, Instant

BEYOND = (2 * DAY, 30 * DAY, -2 * DAY)
"""How far a clock may be set wrong: either way, and over midnight."""


def cycle_of(number: int, at: Instant, ahead: timedelta, equity: str = "9800") -> CycleDecided:
    """A whole cycle, truly at `at`, by a clock that is so far ahead of the venue's."""
    told = a_cycle(number, at=at + ahead, equity=equity)
    return replace(told, skew=None if not ahead else -ahead)


def after_a_loss() -> Portfolio:
    """An entry and a loss of two per cent, minutes ago."""
    portfolio = folded(opened(), a_cycle(1, at=START))
    portfolio = folded(portfolio, IntentRecorded(an_intent()), at=after(30))
    return folded(portfolio, cycle_of(2, after(60), timedelta(0)))


def off_for_a_while(ahead: timedelta) -> Portfolio:
    """Three cycles of a clock that is off, and one by which it is right again."""
    portfolio = after_a_loss()
    for number in (3, 4, 5):
        portfolio = folded(portfolio, cycle_of(number, after(60 * number), ahead))
    return folded(portfolio, cycle_of(6, after(360), timedelta(0)))


@pytest.mark.parametrize("ahead", BEYOND)
def test_no_pace_is_forgotten_by_a_clock_that_is_off_for_a_while(ahead: timedelta) -> None:
    """A day's ten entries could be sent once more after two days that never were."""
    assert off_for_a_while(ahead).entries_sent == (after(30),)


@pytest.mark.parametrize("ahead", BEYOND)
def test_no_loss_is_forgotten_by_a_clock_that_is_off_for_a_while(ahead: timedelta) -> None:
    """The daily stop and the weekly one counted from what was left of equity by then."""
    record = off_for_a_while(ahead).equity
    first = after_a_loss().equity
    assert (record.day, record.week) == (first.day, first.week)
    (high,) = high_since(record.highs_24h, after(360), DAY)
    (week,) = high_since(record.highs_7d, after(360), 7 * DAY)
    assert high == week == first.highs_24h[0]
    assert record.time == after(360)
    assert all(each.time <= after(360) for each in record.highs_7d), "nothing is dated ahead"


@pytest.mark.parametrize("ahead", BEYOND)
def test_a_clock_that_is_off_ends_no_day(ahead: timedelta) -> None:
    """The digest of a day was told when it was not over, then of a day that never was."""
    portfolio = after_a_loss()
    for number in (3, 4):
        event = cycle_of(number, after(60 * number), ahead)
        assert digest_for(Recorded(portfolio.seq + 1, event.at, event, ""), portfolio) is None
        portfolio = folded(portfolio, event)
    event = cycle_of(5, after(300), timedelta(0))
    assert digest_for(Recorded(portfolio.seq + 1, event.at, event, ""), portfolio) is None
    portfolio = folded(portfolio, event)
    assert portfolio.tally is not None
    assert (portfolio.tally.day, portfolio.tally.up) == (START.day_start, timedelta(seconds=300))


@pytest.mark.parametrize("ahead", [timedelta(seconds=10), HOUR, -HOUR, 2 * DAY])
def test_a_day_begins_all_the_same_where_a_clock_stays_off(ahead: timedelta) -> None:
    """Once both clocks have begun one: until then the old one goes on."""
    midnight = START.day_start + DAY
    portfolio = folded(after_a_loss(), cycle_of(3, midnight - 2 * HOUR, ahead))
    assert portfolio.equity.day is not None
    assert portfolio.equity.day.time == START
    portfolio = folded(portfolio, cycle_of(4, midnight + 2 * HOUR, ahead))
    assert portfolio.equity.day is not None
    assert portfolio.equity.day.time == midnight + 2 * HOUR
    assert portfolio.tally is not None
    assert portfolio.tally.day == midnight


@pytest.mark.parametrize("lie", [2 * DAY, -2 * DAY])
def test_a_venue_that_tells_a_wrong_time_makes_nothing_be_forgotten(lie: timedelta) -> None:
    portfolio = after_a_loss()
    first = portfolio.equity
    portfolio = folded(portfolio, replace(cycle_of(3, after(180), timedelta(0)), skew=lie))
    portfolio = folded(portfolio, cycle_of(4, after(240), timedelta(0)))
    assert portfolio.entries_sent == (after(30),)
    assert portfolio.equity.day == first.day
    assert high_since(portfolio.equity.highs_24h, after(240), DAY) == [first.highs_24h[0]]


def test_exits_between_two_cycles_forget_nothing_either() -> None:
    first = after_a_loss().equity
    exits = replace(cycle_of(3, after(90), 2 * DAY), regime=EXITS_ONLY)
    record = cycle_decided(after_a_loss(), exits).equity
    assert (record.day, record.highs_24h[0]) == (first.day, first.highs_24h[0])


def test_what_a_breaker_counts_is_of_the_venues_time() -> None:
    """A clock an hour ahead ended the windows in which errors count."""
    name = BreakerName.API_ERRORS
    portfolio = folded(after_a_loss(), BreakerOpened(name, "errors"), at=after(70))
    portfolio = folded(portfolio, replace(cycle_of(3, after(80), HOUR), errors=2))
    portfolio = folded(portfolio, replace(cycle_of(4, after(140), HOUR), errors=1))
    assert portfolio.faults.errors == (after(80), after(80), after(140))
    assert portfolio.breakers[name].since == after(70)


def test_two_clocks_that_agree_tell_one_time() -> None:
    event = a_cycle(1, at=START)
    assert Clocks.of(event) == Clocks.agreeing(START)
    assert Clocks.agreeing(START).earlier == START
    assert not Clocks.agreeing(START + MINUTE).begin_day_after(START)


@pytest.mark.parametrize("cycles", [1, 3])
@pytest.mark.parametrize("lie", [HOUR * 25, 2 * DAY])
def test_a_venue_that_tells_a_time_long_past_makes_no_high_be_forgotten(
    lie: timedelta, cycles: int
) -> None:
    """A peak of meanwhile was dated days ago, and took with it each high that it had reached."""
    portfolio = after_a_loss()
    for number in range(3, 3 + cycles):
        told = cycle_of(number, after(60 * number), timedelta(0), equity="10500")
        portfolio = folded(portfolio, replace(told, skew=-lie))
    portfolio = folded(portfolio, cycle_of(9, after(540), timedelta(0), equity="10000"))
    for steps, window in ((portfolio.equity.highs_24h, DAY), (portfolio.equity.highs_7d, 7 * DAY)):
        (high,) = high_since(steps, after(540), window)
        assert portfolio.equity.money(high.nav).value == 10500


def test_a_venue_that_tells_a_time_long_past_at_midnight_takes_no_digest() -> None:
    """Yesterday's was never told, and one of a day that was long told of came instead."""
    midnight = START.day_start + DAY
    portfolio = after_a_loss()
    lying = replace(cycle_of(3, midnight + MINUTE, timedelta(0)), skew=-3 * DAY)
    assert digest_for(Recorded(portfolio.seq + 1, lying.at, lying, ""), portfolio) is None
    portfolio = folded(portfolio, lying)
    right = cycle_of(4, midnight + 2 * MINUTE, timedelta(0))
    digest = digest_for(Recorded(portfolio.seq + 1, right.at, right, ""), portfolio)
    assert digest is not None
    assert str(START)[:10] in digest.text


def failing(number: int, at: Instant, ahead: timedelta = timedelta(0)) -> CycleDecided:
    """A whole cycle in which the venue failed."""
    told = cycle_of(number, at, ahead)
    return replace(told, errors=2, rate_limited=1, reconnects=3)


@pytest.mark.parametrize("lie", [2 * HOUR, -2 * HOUR, 2 * DAY, -2 * DAY])
def test_a_venue_that_tells_a_wrong_time_makes_no_fault_be_forgotten(lie: timedelta) -> None:
    """Errors of minutes ago were hours old once it was right again."""
    portfolio = folded(after_a_loss(), failing(3, after(120)))
    portfolio = folded(portfolio, replace(failing(4, after(180)), skew=lie))
    portfolio = folded(portfolio, cycle_of(5, after(240), timedelta(0)))
    faults = portfolio.faults
    for times, count in ((faults.errors, 4), (faults.rate_limited, 2), (faults.reconnects, 6)):
        assert len(times) == count
        assert all(after(120) <= each <= after(240) for each in times)


@pytest.mark.parametrize("ahead", BEYOND)
def test_no_fault_is_forgotten_by_a_clock_that_is_off_for_a_while(ahead: timedelta) -> None:
    portfolio = folded(after_a_loss(), failing(3, after(120)))
    portfolio = folded(portfolio, failing(4, after(180), ahead))
    portfolio = folded(portfolio, cycle_of(5, after(240), timedelta(0)))
    assert portfolio.faults.errors == (after(120),) * 2 + (after(180),) * 2


@pytest.mark.parametrize("lie", [2 * HOUR, -2 * HOUR, 2 * DAY, -2 * DAY])
def test_a_venue_that_tells_a_wrong_time_closes_no_breaker_sooner(lie: timedelta) -> None:
    """It was open since hours ago once it was right again."""
    name = BreakerName.VOLATILITY
    portfolio = folded(after_a_loss(), BreakerOpened(name, "a flash crash"), at=after(60))
    portfolio = folded(portfolio, replace(cycle_of(3, after(120), timedelta(0)), skew=lie))
    portfolio = folded(portfolio, cycle_of(4, after(180), timedelta(0)))
    assert portfolio.breakers[name].since == after(60)


@pytest.mark.parametrize("ahead", BEYOND)
def test_a_breaker_that_opens_while_a_clock_is_off_is_open_since_then(ahead: timedelta) -> None:
    """It stayed open until that hour came: nothing was bought for as long as the clock was off."""
    name = BreakerName.MAINTENANCE
    portfolio = folded(after_a_loss(), cycle_of(3, after(120), ahead))
    portfolio = folded(portfolio, BreakerOpened(name, "closed"), at=after(120) + ahead)
    portfolio = folded(portfolio, cycle_of(4, after(180), ahead))
    assert after(120) <= portfolio.breakers[name].since <= after(180)


@pytest.mark.parametrize("ahead", BEYOND)
def test_no_strike_is_forgotten_by_a_clock_that_is_off_for_a_while(ahead: timedelta) -> None:
    """Refusals of a minute ago counted towards no ban once it was right again."""
    struck = Struck("collar", "BTC-USD", "far off")
    portfolio = folded(after_a_loss(), struck, at=after(60))
    portfolio = folded(portfolio, cycle_of(3, after(120), ahead))
    portfolio = folded(portfolio, struck, at=after(120) + ahead)
    portfolio = folded(portfolio, cycle_of(4, after(180), timedelta(0)))
    portfolio = folded(portfolio, struck, at=after(180))
    assert portfolio.strikes["collar:BTC-USD"] == (after(60), after(120), after(180))


@pytest.mark.parametrize("lie", [2 * DAY, -2 * DAY])
def test_a_venue_that_tells_a_wrong_time_makes_no_strike_be_forgotten(lie: timedelta) -> None:
    struck = Struck("collar", "BTC-USD", "far off")
    portfolio = folded(after_a_loss(), struck, at=after(60))
    portfolio = folded(portfolio, replace(cycle_of(3, after(120), timedelta(0)), skew=lie))
    portfolio = folded(portfolio, struck, at=after(120))
    portfolio = folded(portfolio, cycle_of(4, after(180), timedelta(0)))
    portfolio = folded(portfolio, struck, at=after(180))
    times = portfolio.strikes["collar:BTC-USD"]
    assert len(times) == 3
    assert all(after(60) <= each <= after(180) for each in times)


@pytest.mark.parametrize("ahead", [2 * DAY, 30 * DAY])
def test_no_conduct_of_a_day_is_forgotten_by_a_clock_that_leaps_between_two_cycles(
    ahead: timedelta,
) -> None:
    """Its count began anew on a day that never was: who sent too many was not banned."""
    before = after_a_loss().conduct[an_intent().strategy]
    sent = IntentRecorded(an_intent(2))
    after_it = folded(after_a_loss(), sent, at=after(70) + ahead).conduct[an_intent().strategy]
    assert (after_it.day, after_it.orders) == (before.day, before.orders + 1)


def test_a_venue_that_tells_a_time_ahead_leaves_no_high_that_is_yet_to_come() -> None:
    """It counted until that time came, and for a day more."""
    portfolio = after_a_loss()
    high = replace(cycle_of(3, after(120), timedelta(0), equity="10500"), skew=2 * DAY)
    portfolio = folded(portfolio, high)
    portfolio = folded(portfolio, cycle_of(4, after(180), timedelta(0)))
    record = portfolio.equity
    for steps in (record.highs_24h, record.highs_7d):
        assert [each.time for each in steps] == [after(180), after(180)]
        assert record.money(steps[0].nav).value == 10500
