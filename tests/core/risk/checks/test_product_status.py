from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.core.risk.risk_values import (
    BTC,
    NOW,
    STRANGE,
    a_context,
    a_product,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.product_status import ProductStatusCheck
from trader247.domain.market import ProductStatus
from trader247.domain.orders import OrderType

CHECK = ProductStatusCheck()
TICK = timedelta(microseconds=1)


def _with(**changes: Any) -> Context:
    return a_context(snapshot=a_snapshot(BTC=a_view(product=a_product(BTC, **changes))))


@pytest.mark.parametrize("status", ProductStatus)
def test_entries_need_a_product_that_is_plainly_online(status: ProductStatus) -> None:
    verdict = CHECK.judge(an_entry(), _with(status=status))
    assert verdict.is_allowed is (status is ProductStatus.ONLINE)


@pytest.mark.parametrize("status", ProductStatus)
def test_a_taking_exit_needs_online_or_limit_only(status: ProductStatus) -> None:
    allowed = status in (ProductStatus.ONLINE, ProductStatus.LIMIT_ONLY)
    assert CHECK.judge(an_exit(), _with(status=status)).is_allowed is allowed


def test_a_resting_exit_may_use_a_post_only_market() -> None:
    context = _with(status=ProductStatus.POST_ONLY)
    assert CHECK.judge(an_exit(order_type=OrderType.POST_ONLY_GTD), context).is_allowed
    assert not CHECK.judge(an_exit(), context).is_allowed


def test_a_status_is_good_for_exactly_its_age() -> None:
    limit = timedelta(seconds=60)
    for proposal in (an_entry(), an_exit()):
        assert CHECK.judge(proposal, _with(read_at=NOW - limit)).is_allowed
        late = CHECK.judge(proposal, _with(read_at=NOW - limit - TICK))
        assert (late.is_allowed, late.value) == (False, None)
        assert late.detail.endswith("too long ago")


def test_a_status_read_later_than_now_is_no_status() -> None:
    limit = timedelta(seconds=5)
    for proposal in (an_entry(), an_exit()):
        assert CHECK.judge(proposal, _with(read_at=NOW + limit)).is_allowed
        early = CHECK.judge(proposal, _with(read_at=NOW + limit + TICK))
        assert (early.is_allowed, early.value) == (False, None)
        assert early.detail.endswith("which is yet to come")


def test_a_product_that_no_tier_lists_is_not_bought_but_can_be_sold() -> None:
    context = a_context(snapshot=a_snapshot(STRANGE))
    assert not CHECK.judge(an_entry(STRANGE), context).is_allowed
    assert CHECK.judge(an_exit(STRANGE), context).is_allowed


def test_an_unknown_product_is_a_no() -> None:
    assert not CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert not CHECK.judge(an_exit(), unknown_context()).is_allowed
    nameless = a_context(snapshot=a_snapshot(BTC=a_view(product=None)))
    assert not CHECK.judge(an_entry(), nameless).is_allowed
