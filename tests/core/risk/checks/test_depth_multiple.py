from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    a_context,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    some_depth,
    unknown_context,
)

from trader247.core.risk.checks.depth_multiple import DepthMultiple
from trader247.domain.market import Depth
from trader247.domain.money import Money, Price

CHECK = DepthMultiple()


@pytest.mark.parametrize(
    ("depth", "is_allowed"), [("999.49", False), ("999.5", True), ("999.51", True)]
)
def test_the_book_holds_ten_times_an_entry(depth: str, is_allowed: bool) -> None:
    context = a_context(snapshot=a_snapshot(BTC=a_view(depth=some_depth(depth))))
    assert CHECK.judge(an_entry(), context).is_allowed is is_allowed
    assert CHECK.judge(an_exit(), context).is_allowed


def test_the_lesser_side_counts_and_only_within_twenty_basis_points() -> None:
    plenty, little = Money.of(1_000_000), Money.of(10)
    uneven = Depth(bids=(plenty,) * 5, asks=(little, little, little, plenty, plenty))
    context = a_context(snapshot=a_snapshot(BTC=a_view(depth=uneven)))
    assert not CHECK.judge(an_entry(), context).is_allowed


def test_unknown_depth_is_a_no_for_entries() -> None:
    for context in (unknown_context(), a_context(snapshot=a_snapshot(BTC=a_view(depth=None)))):
        assert not CHECK.judge(an_entry(), context).is_allowed
        assert CHECK.judge(an_exit(), context).is_allowed


def test_what_rests_and_what_is_asked_for_are_told_to_the_cent() -> None:
    context = a_context(snapshot=a_snapshot(BTC=a_view(depth=some_depth("5000.126"))))
    verdict = CHECK.judge(an_entry(price=Price.of("300.0126")), context)
    assert verdict.detail == "5000.13 rests within 20 bps, 3000.13 is asked for"
    assert verdict.words[3:] == ("5000.13", "3000.13", "quote")
