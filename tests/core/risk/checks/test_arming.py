from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.risk.checks.staged_values import UNTIL, armed_context
from tests.core.risk.risk_values import (
    EQUITY,
    a_context,
    a_snapshot,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.arming import ArmingCheck
from trader247.domain.time import MICROSECOND, Instant

CHECK = ArmingCheck()


@pytest.mark.parametrize(
    ("now", "is_allowed"),
    [(UNTIL - MICROSECOND, True), (UNTIL, False), (UNTIL + MICROSECOND, False)],
)
def test_an_arming_ends_at_its_time(now: Instant, is_allowed: bool) -> None:
    context = armed_context(equity=EQUITY)
    later = replace(context, snapshot=replace(a_snapshot(), time=now))
    assert CHECK.judge(an_entry(), later).is_allowed is is_allowed


def test_what_was_taken_back_buys_nothing_and_still_sells() -> None:
    revoked = armed_context(equity=EQUITY, is_revoked=True)
    assert not CHECK.judge(an_entry(), revoked).is_allowed
    assert CHECK.judge(an_exit(), revoked).is_allowed


def test_a_book_that_nobody_has_to_arm_is_not_held() -> None:
    assert CHECK.judge(an_entry(), a_context()).is_allowed
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed
