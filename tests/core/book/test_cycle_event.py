"""What of a cycle's decisions is kept: every ending, and verdicts where they are news."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.core.mind_values import (
    JUMPED,
    a_market,
    market_bars,
    market_view,
    mind_policy,
    settled_portfolio,
)
from tests.core.risk.risk_values import BTC, ETH, a_quote

from trader247.core.book.cycle_event import cycle_event
from trader247.core.decide import decide
from trader247.domain.events.cycles import CycleDecided, SegmentRef
from trader247.domain.ids import ProductId
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Reason

SEEN = SegmentRef("2026-01.seg", 0, 10, "aa")


def recorded(portfolio: Portfolio) -> CycleDecided:
    """Two products jump; one entry a cycle is allowed, so the other one is refused."""
    middle = Decimal(JUMPED[-1]) / 100
    quote = a_quote(str(middle - Decimal("0.02")), str(middle + Decimal("0.02")))
    jumped = market_view(bars=market_bars(JUMPED), quote=quote)
    second = market_view(ETH, bars=market_bars(JUMPED), quote=quote)
    snapshot = a_market(BTC=jumped, ETH=second)
    return cycle_event(snapshot, portfolio, decide(snapshot, portfolio, mind_policy()), SEEN)


def test_every_product_keeps_its_ending_and_the_order_its_verdicts() -> None:
    event = recorded(settled_portfolio())
    reasons = {product: each.reason for product, each in event.endings.items()}
    assert reasons[BTC] == Reason.ENTRY_SENT.value
    assert reasons[ETH] == Reason.NEW_POSITIONS.value
    assert event.seen == SEEN
    assert all(verdict.is_allowed for verdict in event.verdicts[BTC])


def test_a_refusal_keeps_its_verdicts_only_when_it_is_news() -> None:
    portfolio = settled_portfolio()
    known: dict[ProductId, str] = {ETH: Reason.NEW_POSITIONS.value, BTC: Reason.ENTRY_SENT.value}
    again = recorded(replace(portfolio, reasons=known))
    assert set(recorded(portfolio).verdicts) == {BTC, ETH}
    assert set(again.verdicts) == {BTC}
