from __future__ import annotations

from tests.core.risk.risk_values import a_context, an_entry, an_exit

from trader247.core.risk.checks.equity_known import EquityKnown
from trader247.domain.money import Money

CHECK = EquityKnown()


def test_known_equity_lets_entries_pass() -> None:
    assert CHECK.judge(an_entry(), a_context(equity=Money.of("0.01"))).is_allowed


def test_unknown_equity_stops_entries_and_no_exit() -> None:
    context = a_context(equity=None)
    refused = CHECK.judge(an_entry(), context)
    assert not refused.is_allowed
    assert refused.value is None
    assert CHECK.judge(an_exit(), context).is_allowed


def test_nothing_left_is_no_equity() -> None:
    assert not CHECK.judge(an_entry(), a_context(equity=Money.of(0))).is_allowed
