"""Entries that would not have rested: tried again a few times, further back, each decided anew."""

from __future__ import annotations

from dataclasses import replace

from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import ORDERS
from tests.engine.stage import BTC, Stage

from trader247.core.orders.repricing import is_over
from trader247.core.policy import Policy
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.intents import RecordedIntent
from trader247.domain.reasons import Reason
from trader247.domain.time import HOUR, MINUTE
from trader247.engine.startup import folded

REJECTED = faulty.answered(
    200,
    '{"success":false,"error_response":{"error":"INVALID_LIMIT_PRICE_POST_ONLY",'
    '"message":"would take"}}',
)


def tried(stage: Stage) -> list[RecordedIntent]:
    return [each.intent for each in stage.recorded(IntentRecorded)]


def test_a_rejected_entry_is_decided_anew_a_second_later_and_further_back(stage: Stage) -> None:
    stage.wire.on(ORDERS, REJECTED, times=1)
    stage.breakout()
    stage.begin_minute()
    before = len(stage.reports)
    stage.trader.loop.run(cycles=2, until=None)

    first, second = tried(stage)
    assert first.client_order_id != second.client_order_id
    assert first.decision_id != second.decision_id
    assert second.price < first.price
    assert first.price.bps_above(second.price).value < 3
    reports = stage.reports[before:]
    assert [each.endings[BTC].reason for each in reports] == [Reason.DECLINED, Reason.ENTRY_SENT]
    assert (second.created - first.created).total_seconds() < 5
    stage.assert_orders_are_ours_once()


def test_the_tries_are_bounded_and_then_the_product_pauses(stage: Stage) -> None:
    stage.wire.on(ORDERS, REJECTED)
    stage.breakout()
    stage.begin_minute()
    stage.trader.loop.run(cycles=5, until=None)

    prices = [each.price for each in tried(stage)]
    assert len(prices) == 1 + stage.policy.execution.reprices_max
    assert prices == sorted(prices, reverse=True)
    assert any("would not have rested" in each.endings[BTC].detail for each in stage.reports)
    assert stage.portfolio == folded(stage.trader.journal)
    assert not stage.portfolio.halts


def test_a_row_by_a_clock_that_was_ahead_ends_as_it_is_set_right(stage: Stage) -> None:
    """It went on until ten minutes after that time had come, and the product was not bought."""
    stage.wire.on(ORDERS, REJECTED)
    stage.breakout()
    stage.begin_minute()
    stage.trader.loop.run(cycles=5, until=None)
    portfolio, now, policy = stage.portfolio, stage.now, stage.policy
    assert is_over(BTC, portfolio, policy, now)
    assert is_over(BTC, portfolio, policy, now - 5 * MINUTE)
    assert not is_over(BTC, portfolio, policy, now - 3 * HOUR)
    assert not is_over(BTC, portfolio, policy, now + 3 * HOUR)


def test_no_try_is_made_again_where_the_policy_forbids_it(open_stage: Open) -> None:
    def without(policy: Policy) -> Policy:
        return replace(policy, execution=replace(policy.execution, reprices_max=0))

    stage = open_stage(without)
    stage.wire.on(ORDERS, REJECTED)
    stage.breakout()
    stage.cycle(4)
    assert len(tried(stage)) == 1


def test_an_entry_that_rests_ends_the_row(stage: Stage) -> None:
    stage.wire.on(ORDERS, REJECTED, times=1)
    stage.breakout()
    stage.begin_minute()
    stage.trader.cycle.run()
    assert stage.portfolio.post_only_rejections[BTC].count == 1
    stage.wait(1)
    stage.trader.cycle.run()
    assert not stage.portfolio.post_only_rejections
    assert stage.working().intent.purpose.value == "entry"
    stage.settle()
    stage.assert_books_agree()
