"""Highs of equity that a minute's later cycle saw alone: stops count from them, too."""

from __future__ import annotations

from decimal import Decimal

from tests.backtest.markets import WARM_UP, setup, shipped, walk

from trader247.backtest.prospect import Prospect
from trader247.backtest.worth import Worth
from trader247.domain.money import Money, Percent
from trader247.domain.portfolio import EquityRecord, HighPoint, Portfolio
from trader247.domain.time import MINUTE, SECOND, Instant

LATER = Money.of(1010)


def seen() -> tuple[Worth, Instant]:
    """Equity of 1000 at each first cycle of ten minutes, and of 1010 at a later one of the third;
    with the time of the first minute."""
    asked = setup([walk(1, WARM_UP + 60)])
    prospect = Prospect(asked.policy, asked.histories, start=asked.start, end=asked.end)
    worth, begun = Worth(asked.policy, prospect), Instant(0) + asked.start * MINUTE
    for at in range(10):
        worth.see(at, Money.of(1000))
        if at == 2:
            worth.see_later(at, begun + at * MINUTE + SECOND, LATER)
            worth.see_later(at, begun + at * MINUTE + 2 * SECOND, Money.of(1005))
    return worth, begun


def test_equity_has_to_stay_above_a_share_of_what_a_later_cycle_saw() -> None:
    worth, _ = seen()
    velocity = shipped().breakers.velocity_pct
    assert velocity == Percent.of(1), "the nearest of all limits"
    assert 0.99 * 1010 < worth.bound(9, Portfolio()) < 0.9902 * 1010


def test_a_record_has_the_high_that_a_later_cycle_saw_and_when() -> None:
    worth, begun = seen()
    record = worth.with_highs(9, EquityRecord(units=Decimal(1000)))
    high = HighPoint(begun + 2 * MINUTE + SECOND, Decimal("1.01"))
    assert record.high_nav == high.nav
    assert record.highs_7d == (high,)
    assert record.highs_24h == (
        high,
        HighPoint(begun + 2 * MINUTE + 2 * SECOND, Decimal("1.005")),
        HighPoint(begun + 9 * MINUTE, Decimal(1)),
    )
