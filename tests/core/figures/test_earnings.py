"""Parts of profit and loss, however grouped, add up to the ledger to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from tests.core.book.test_fills import a_history
from tests.core.ledger_values import (
    ETH,
    START,
    a_fill,
    after,
    an_intent,
    bought,
    opened,
    sent,
)

from trader247.core.booking import fold
from trader247.core.figures.earnings import Earned, Part, earned, summed, total_of
from trader247.domain.events.holdings import LotsSoldByHand
from trader247.domain.events.orders import FillBooked
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.portfolio import Portfolio


def parts_of(portfolio: Portfolio, events: list[AnyEvent]) -> tuple[list[Earned], Portfolio]:
    parts = []
    for event in events:
        entry = Recorded(portfolio.seq + 1, START, event, "")
        later = fold(portfolio, entry)
        part = earned(portfolio, entry, later)
        parts += [] if part is None else [part]
        portfolio = later
    return parts, portfolio


@settings(max_examples=60, deadline=None)
@given(a_history())
def test_every_grouping_adds_up_to_the_ledger_to_the_last_digit(events: list[AnyEvent]) -> None:
    parts, portfolio = parts_of(opened(), events)
    for by in Part:
        rows = summed(parts, by)
        assert len({row.key for row in rows}) == len(rows)
        whole = total_of(rows)
        assert whole.realised == portfolio.realised, by
        assert whole.fees == portfolio.fees_paid, by
        assert whole.fills == portfolio.fills_booked, by


def test_a_sale_by_hand_is_earned_by_the_strategy_whose_lots_it_sold() -> None:
    portfolio = bought(price="100", quantity="2", fee="0.5")
    (product,) = portfolio.positions
    sale = LotsSoldByHand(product, Quantity.of(2), Price.of(110), Money.of("0.7"), "by hand")
    (part,), portfolio = parts_of(portfolio, [sale])
    assert (part.product, part.strategy) == (str(product), "standard")
    assert part.realised == portfolio.realised == Money.of("18.8")
    assert (part.fees, part.sold, part.fills) == (Money.of("0.7"), Money.of(220), 0)


def test_a_fill_that_is_booked_days_late_is_of_the_day_of_its_trade() -> None:
    intent = an_intent(1)
    before, fill = sent(opened(), intent), a_fill(1)
    entry = Recorded(
        before.seq + 1, after(3 * 86_400), FillBooked(fill, intent.client_order_id), ""
    )
    part = earned(before, entry, fold(before, entry))
    assert part is not None
    (row,) = summed([part], Part.DAY)
    assert row.key == str(fill.time)[:10] != str(entry.time)[:10]


def test_days_and_weeks_are_those_of_the_trade_in_utc() -> None:
    zero = Money.of(0)

    def on(days: int) -> Earned:
        at = after(86_400 * days)
        return Earned(at, str(ETH), "s", "r", 1, zero, zero, Money.of(days + 1), zero)

    parts = [on(0), on(6), on(7)]
    assert START.week_start == START.day_start, "the values begin on a Monday"
    days = [(row.key, row.realised.value) for row in summed(parts, Part.DAY)]
    weeks = [row.realised.value for row in summed(parts, Part.WEEK)]
    assert [each for _, each in days] == [Decimal(1), Decimal(7), Decimal(8)]
    assert weeks == [Decimal(8), Decimal(8)]


@pytest.mark.parametrize("by", list(Part))
def test_nothing_earned_is_no_row(by: Part) -> None:
    assert summed([], by) == ()
    assert total_of(()).realised == Money.of(0)
