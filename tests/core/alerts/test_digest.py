"""The digest of a UTC day: what it says, and when."""

from __future__ import annotations

from dataclasses import replace

from tests.core.ledger_values import BTC, START, a_cycle, after, folded, opened

from trader247.core.alerts.digest import digest_for
from trader247.core.booking import fold
from trader247.domain.events.book import SessionStarted
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.money import Money
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName, Severity
from trader247.domain.time import DAY, HOUR, Instant

MIDNIGHT = START.day_start + DAY


def digest(portfolio: Portfolio, event: AnyEvent, at: Instant) -> str | None:
    recorded = Recorded(portfolio.seq + 1, at, event, "")
    alert = digest_for(recorded, portfolio)
    fold(portfolio, recorded)
    if alert is None:
        return None
    assert (alert.severity, alert.code) == (Severity.INFO, "daily_digest")
    return alert.text


def cycle_at(number: int, at: Instant, equity: str | None, reason: str = "pace") -> CycleDecided:
    return a_cycle(number, at=at, equity=equity, reasons={BTC: reason})


def a_day() -> Portfolio:
    """Two cycles a minute apart, then one a minute before midnight."""
    portfolio = folded(opened(), cycle_at(1, START, "10000"))
    portfolio = folded(portfolio, cycle_at(2, after(60), "10050", "cooldown"))
    return folded(portfolio, cycle_at(3, MIDNIGHT + -(DAY / 1440), "9900"))


def test_it_comes_with_the_first_cycle_of_the_next_day_and_once() -> None:
    portfolio = a_day()
    assert digest(portfolio, cycle_at(4, MIDNIGHT + -(DAY / 86400), "9900"), MIDNIGHT) is None
    first = cycle_at(4, MIDNIGHT, "9900")
    assert digest(portfolio, first, MIDNIGHT) is not None
    portfolio = folded(portfolio, first)
    second = cycle_at(5, MIDNIGHT + DAY / 1440, "9900")
    assert digest(portfolio, second, MIDNIGHT) is None


def test_a_clock_that_is_set_back_over_midnight_tells_of_no_day_twice() -> None:
    portfolio = a_day()
    for number, at in enumerate((MIDNIGHT, MIDNIGHT - HOUR, MIDNIGHT), start=4):
        event = cycle_at(number, at, "9900")
        assert (digest(portfolio, event, at) is not None) is (number == 4)
        portfolio = folded(portfolio, event)


def test_it_says_profit_refusals_halts_and_hours() -> None:
    portfolio = folded(a_day(), HaltLatched(HaltName.DAILY_STOP, "loss"))
    text = digest(portfolio, cycle_at(4, MIDNIGHT, "9000"), MIDNIGHT)
    assert text is not None
    assert text.startswith(f"{str(START)[:10]} UTC: -100.00 USD (-1.00 %), realised +0.00")
    assert "0 fills; refused: pace 2, cooldown 1; halts: daily_stop" in text
    assert "up 24 h 0 min, 3 cycles" in text
    assert "Next: trader247 unlock halt daily_stop" in text


def test_it_counts_what_the_day_itself_made_and_paid() -> None:
    """Of what an earlier day made, paid and filled nothing is in it."""
    before = replace(
        folded(opened(), cycle_at(1, START + -DAY, "10000")),
        realised=Money.of("-3"),
        fees_paid=Money.of("5"),
        fills_booked=4,
    )
    begun = folded(before, cycle_at(2, START, "10000"))
    over = replace(begun, realised=Money.of("-2.5"), fees_paid=Money.of("7.25"), fills_booked=7)
    text = digest(over, cycle_at(3, MIDNIGHT, "10000"), MIDNIGHT)
    assert text is not None
    assert "realised +0.50, fees 2.25" in text
    assert "; 3 fills;" in text


def test_a_restart_counts_as_down_until_the_next_cycle() -> None:
    portfolio = folded(opened(), cycle_at(1, START, "10000"), cycle_at(2, after(60), "10000"))
    portfolio = folded(portfolio, SessionStarted(2, "v", was_clean=False))
    portfolio = folded(
        portfolio, cycle_at(3, after(600), "10000"), cycle_at(4, after(660), "10000")
    )
    portfolio = folded(portfolio, SessionStarted(3, "v", was_clean=True))
    text = digest(portfolio, cycle_at(5, MIDNIGHT, "10000"), MIDNIGHT)
    assert text is not None
    assert "up 0 h 2 min, 4 cycles" in text


def test_what_cannot_be_measured_is_unknown() -> None:
    portfolio = folded(opened(), cycle_at(1, START, None))
    text = digest(portfolio, cycle_at(2, MIDNIGHT, "10000"), MIDNIGHT)
    assert text is not None
    assert "profit and loss UNKNOWN" in text
    assert "Equity UNKNOWN" in text


def test_a_book_without_a_cycle_has_no_digest() -> None:
    assert digest(opened(), cycle_at(1, MIDNIGHT, "10000"), MIDNIGHT) is None
    exits = replace(cycle_at(4, MIDNIGHT, "9900"), regime="exits")
    assert digest(a_day(), exits, MIDNIGHT) is None


def test_it_witnesses_where_the_chain_stands() -> None:
    portfolio = a_day()
    event = Recorded(portfolio.seq + 1, MIDNIGHT, cycle_at(4, MIDNIGHT, "9900"), "ab" * 32)
    alert = digest_for(event, portfolio)
    assert alert is not None
    assert f"Chain: event {event.seq}, {'ab' * 32}. Next: trader247 status" in alert.text
