from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from tests.core.risk.risk_values import (
    EMPTY_SNAPSHOT,
    a_context,
    a_portfolio,
    a_position,
    a_snapshot,
    an_entry,
    an_exit,
    unknown_context,
)

import trader247.core.risk.checks
from trader247.core.limits import bound_of, number_of
from trader247.core.policy import Policy, UniversePolicy
from trader247.core.risk.check import Check, check_in
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.registry import ALL_CHECKS, default_checks
from trader247.domain.reasons import Reason

EVERY = pytest.mark.parametrize("kind", ALL_CHECKS, ids=lambda kind: kind.id)
SOURCES = Path(trader247.core.risk.checks.__path__[0])
TESTS = Path(__file__).parent / "checks"

# What these look at is the ledger's own memory, in which nothing is unknown: an empty one is one
# in which nothing has happened yet, and that nobody has to arm. `order_type` looks at the proposal
# alone, and without a fee tier `fee_worth` counts the fallback rates.
NEEDS_NO_DATA = {
    "trading_state",
    "breaker_open",
    "banned",
    "order_type",
    "fee_worth",
    "duplicate",
    "self_match",
    "capital",
    "max_positions",
    "new_positions",
    "pace",
    "repetition",
    "cooldown",
    "losing_streak",
    "arming",
    "canary",
    "ladder",
    "confirmation",
}

FOUNDING_KEYS = {
    "risk.min_trade_notional_usd": "15",
    "risk.max_total_at_risk_pct": "15",
    "risk.max_position_size_pct": "5",
    "execution.max_slippage_bps": "50",
    "microstructure.max_quote_age_seconds": "30",
}


def test_the_checks_are_the_refusals_of_the_closed_list_in_its_order() -> None:
    reasons = [reason.value for reason in Reason]
    assert [kind.id for kind in ALL_CHECKS] == reasons[reasons.index("trading_state") :]
    assert len(ALL_CHECKS) == 35


@EVERY
def test_every_check_is_its_own_file_manual_and_test(kind: type[Check]) -> None:
    assert kind.__module__ == f"trader247.core.risk.checks.{kind.id}"
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")
    assert kind.row in range(1, 51)
    assert kind.source
    assert (TESTS / f"test_{kind.id}.py").is_file()


def test_no_file_of_a_check_is_left_out() -> None:
    found = {path.stem for path in SOURCES.glob("*.py")} - {"__init__"}
    assert found == {kind.id for kind in ALL_CHECKS}


@EVERY
def test_every_limit_has_a_number_a_unit_and_a_bound_in_code(kind: type[Check]) -> None:
    for each in fields(kind):
        bound = bound_of(kind, each.name)
        assert bound is not None
        assert number_of(each.default) is not None
        assert bound.doc
        assert bound.unit
        assert bound.at_least is not None


def test_the_founding_numbers_are_default_and_ceiling_both() -> None:
    found = {}
    for check in default_checks():
        for each in fields(check):
            bound = bound_of(type(check), each.name)
            assert bound is not None
            if bound.key:
                number = number_of(getattr(check, each.name))
                is_floor = bound.key == "risk.min_trade_notional_usd"
                assert number == (bound.at_least if is_floor else bound.at_most)
                found[bound.key] = str(number)
    assert found == FOUNDING_KEYS


@EVERY
def test_nothing_known_gives_a_verdict_and_unknown_data_a_no(kind: type[Check]) -> None:
    verdict = kind().judge(an_entry(), unknown_context())
    assert verdict.check == kind.id
    assert verdict.detail
    assert verdict.is_allowed is (kind.id in NEEDS_NO_DATA)
    if not verdict.is_allowed:
        assert verdict.value is None


@EVERY
def test_an_exit_of_nothing_known_gives_a_verdict_too(kind: type[Check]) -> None:
    verdict = kind().judge(an_exit(), unknown_context())
    if not kind.binds_exits:
        assert verdict.is_allowed
    elif kind.id not in NEEDS_NO_DATA | {"max_order"}:
        assert not verdict.is_allowed


@EVERY
def test_a_known_market_with_an_empty_ledger_and_the_reverse_give_verdicts(
    kind: type[Check],
) -> None:
    market = a_context(snapshot=a_snapshot())
    ledger = a_context(a_portfolio(a_position()), EMPTY_SNAPSHOT)
    for context in (market, ledger):
        for proposal in (an_entry(), an_exit()):
            assert kind().judge(proposal, context).detail


@EVERY
def test_the_shipped_limits_allow_an_ordinary_entry_and_exit(kind: type[Check]) -> None:
    assert kind().judge(an_entry(), a_context()).is_allowed
    holding = a_context(a_portfolio(a_position()))
    assert kind().judge(an_exit(), holding).is_allowed


def test_these_checks_and_no_others_bind_exits() -> None:
    assert {kind.id for kind in ALL_CHECKS if kind.binds_exits} == {
        "trading_state",
        "product_status",
        "quote_age",
        "quote_sanity",
        "order_type",
        "increments",
        "min_notional",
        "max_order",
        "collar",
        "duplicate",
        "self_match",
        "buying_power",
    }


def test_a_check_is_found_by_its_kind_and_its_absence_is_a_bug() -> None:
    assert check_in(default_checks(), QuoteAge).seconds_max == 30
    bare = Policy(universe=UniversePolicy(tiers=()), checks=())
    with pytest.raises(LookupError, match="max_order"):
        check_in(bare.checks, MaxOrder)
