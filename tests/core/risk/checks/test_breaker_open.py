from __future__ import annotations

import pytest
from tests.core.risk.risk_values import NOW, a_context, a_portfolio, an_entry, an_exit

from trader247.core.risk.checks.breaker_open import BreakerOpen
from trader247.domain.portfolio import Breaker
from trader247.domain.reasons import BreakerName

CHECK = BreakerOpen()


def test_closed_breakers_let_entries_pass() -> None:
    assert CHECK.judge(an_entry(), a_context()).is_allowed


@pytest.mark.parametrize("name", BreakerName)
def test_any_open_breaker_stops_entries_and_no_exit(name: BreakerName) -> None:
    context = a_context(a_portfolio(breakers={name: Breaker(name, "why", NOW)}))
    refused = CHECK.judge(an_entry(), context)
    assert not refused.is_allowed
    assert name.value in refused.detail
    assert CHECK.judge(an_exit(), context).is_allowed
