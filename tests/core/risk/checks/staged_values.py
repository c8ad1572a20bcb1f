"""An armed book, for the tests of the checks that know of one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.core.risk.risk_values import NOW, a_context, a_portfolio

from trader247.core.risk.check import Context
from trader247.domain.money import Money
from trader247.domain.position import Position
from trader247.domain.stage import Stage
from trader247.domain.time import DAY

UNTIL = NOW + 30 * DAY


def a_stage(**changes: Any) -> Stage:
    stage = Stage(
        account="main",
        policy_hash="",
        version="0.1",
        armed=NOW,
        until=UNTIL,
        largest=Money.of(25),
        ladder_since=NOW,
        operator="me",
    )
    return replace(stage, **changes)


def armed_context(
    *positions: Position, equity: Money | None = None, stage: Stage | None = None, **changes: Any
) -> Context:
    """A context in which the book is armed."""
    book = replace(a_portfolio(*positions), stage=stage or a_stage(**changes))
    return a_context(portfolio=book, equity=equity)
