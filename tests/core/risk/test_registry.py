from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest
from tests.core.risk.risk_values import (
    EMPTY_SNAPSHOT,
    a_context,
    a_policy,
    a_portfolio,
    a_position,
    a_snapshot,
    an_entry,
    an_exit,
    default_checks,
    unknown_context,
)

import trader247.core.risk.checks
from trader247.core.limits import bound_of, number_of
from trader247.core.policy import Policy
from trader247.core.risk.check import Check, Context, ask_of, check_in, figure, in_seconds
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.registry import ALL_CHECKS
from trader247.core.universe_policy import UniversePolicy
from trader247.domain.proposals import Proposal, Purpose
from trader247.domain.reasons import Reason
from trader247.domain.verdicts import Verdict

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


@EVERY
def test_a_check_asked_by_purpose_finds_what_it_would_judge(kind: type[Check]) -> None:
    check, held = kind(), a_portfolio(a_position())
    for proposal in (an_entry(), an_exit()):
        ask = ask_of(check, proposal.purpose)
        for context in (a_context(held), a_context(), unknown_context()):
            assert Verdict((kind.id, *ask(proposal, context))) == check.judge(proposal, context)


class _OwnWord(Check):
    """A check that judges by itself, and assesses nothing."""

    id: ClassVar[str] = "own_word"

    def judge(self, proposal: Proposal, context: Context) -> Verdict:
        return Verdict.of(self.id, False, f"no {proposal.purpose.value}", context.now)


@pytest.mark.parametrize("proposal", [an_entry(), an_exit()], ids=["entry", "exit"])
def test_a_check_that_judges_by_itself_is_asked_so_of_every_purpose(proposal: Proposal) -> None:
    check, context = _OwnWord(), a_context()
    found = ask_of(check, proposal.purpose)(proposal, context)
    assert found[:2] == (False, f"no {proposal.purpose.value}")
    assert Verdict((check.id, *found)) == check.judge(proposal, context)


def test_an_exit_is_not_assessed_by_a_check_of_entries_alone() -> None:
    free = True, "binds entries alone", "", "", ""
    found = ask_of(QuoteAge(), Purpose.EXIT)(an_exit(), unknown_context())
    assert not found[0], "an exit is bound by this one"
    assert ask_of(Check(), Purpose.EXIT)(an_exit(), unknown_context()) == free


def test_a_context_counts_no_entry_that_nobody_told_it_of() -> None:
    context = Context(a_snapshot(), a_portfolio(), a_policy())
    assert (context.approved_entries, context.equity) == (0, None)


@pytest.mark.parametrize(
    ("us", "told"),
    [
        (0, "0"),
        (1, "0.000001"),
        (1_234_567, "1.234567"),
        (-1_500_000, "-1.5"),
        (30_000_000, "30"),
    ],
)
def test_microseconds_are_told_in_seconds_to_the_last_of_them(us: int, told: str) -> None:
    assert in_seconds(us) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [("1.23456", "1.2346"), ("1.2345", "1.2345"), ("1.234", "1.234"), ("0.00004", "0")],
)
def test_a_figure_is_told_to_the_fourth_decimal(value: str, told: str) -> None:
    assert figure(Decimal(value)) == told
