"""No halt is cleared while its cause stands: each latch, with its cause there and with it gone."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.core.risk.risk_values import NOW, a_policy, a_portfolio

from trader247.core.risk.halts import peak_meant, standing_cause
from trader247.domain.keys import KeyPermissions, KeyStanding
from trader247.domain.money import Money
from trader247.domain.portfolio import (
    DaySpending,
    Difference,
    EquityRecord,
    Halt,
    HighPoint,
    Portfolio,
)
from trader247.domain.reasons import HaltName

POLICY = a_policy()
LOST = EquityRecord(
    units=Decimal(10_000),
    equity=Money.of(8_000),
    time=NOW,
    high_nav=Decimal(1),
    day=HighPoint(NOW.day_start, Decimal(1)),
    week=HighPoint(NOW.week_start, Decimal(1)),
)
"""A fifth of the money gone today: over each stop."""
WHOLE = replace(LOST, equity=Money.of(10_000))
KEY = KeyPermissions(
    can_view=True, can_trade=True, can_transfer=False, portfolio="own", portfolio_type="DEFAULT"
)
FEES = DaySpending(NOW.day_start, fees=Money.of(500))


def differing(*, is_break: bool) -> Portfolio:
    gap = Difference("cash:USD", "10000", "9500", NOW, is_break=is_break)
    return a_portfolio(differences={gap.key: gap})


def keyed(**changes: Any) -> Portfolio:
    permissions = replace(KEY, **changes)
    return a_portfolio(key=KeyStanding(permissions, NOW), pinned="own")


def cause(
    name: HaltName, book: Portfolio, *, is_raised: bool = False, peak: str | None = None
) -> str | None:
    halted = replace(book, halts={name: Halt(name, "its cause", NOW)})
    accepted = None if peak is None else Money.of(peak)
    return standing_cause(name, halted, POLICY, is_stop_raised=is_raised, accepted_peak=accepted)


def test_a_kill_switch_that_is_on_is_turned_off_first_and_holds_no_other_halt() -> None:
    said = cause(HaltName.KILL_SWITCH, a_portfolio(), is_raised=True)
    assert said == "the kill switch is still on: `trader247 kill off` first"
    assert cause(HaltName.KILL_SWITCH, a_portfolio()) is None
    assert cause(HaltName.PAUSE, a_portfolio(), is_raised=True) is None


def test_a_break_that_still_differs_is_named_and_one_that_only_pends_holds_nothing() -> None:
    said = cause(HaltName.RECONCILIATION_BREAK, differing(is_break=True))
    assert said is not None
    assert said.startswith("ledger and venue still differ on cash:USD: ")
    assert cause(HaltName.RECONCILIATION_BREAK, differing(is_break=False)) is None
    assert cause(HaltName.RECONCILIATION_BREAK, a_portfolio()) is None
    assert cause(HaltName.PAUSE, differing(is_break=True)) is None


def test_a_journal_that_went_back_is_read_at_the_venue_before_its_halt_is_cleared() -> None:
    gap = Difference("restored:2026-01-05T000000Z.7", "up to then", "not read since", NOW)
    book = a_portfolio(differences={gap.key: gap})
    said = cause(HaltName.RECONCILIATION_BREAK, book)
    assert said is not None
    assert said.endswith("reads what it lost; then clear")
    assert cause(HaltName.PAUSE, book) is None


def test_a_key_that_may_not_be_used_stays_refused_and_one_not_read_yet_is_read_at_the_start() -> (
    None
):
    said = cause(HaltName.KEY, keyed(can_trade=False))
    assert said == "the key may not trade; the next start reads the key again"
    assert cause(HaltName.KEY, keyed(portfolio="another")) is not None
    assert cause(HaltName.KEY, keyed()) is None
    assert cause(HaltName.KEY, a_portfolio(key=None)) is None
    assert cause(HaltName.PAUSE, keyed(can_trade=False)) is None


@pytest.mark.parametrize("name", [HaltName.DAILY_STOP, HaltName.WEEKLY_STOP])
def test_a_loss_that_stands_holds_its_own_stop(name: HaltName) -> None:
    said = cause(name, a_portfolio(equity=LOST))
    assert said is not None
    assert said.startswith("the loss still stands: ")
    assert "-20.00 %" in said
    assert cause(name, a_portfolio(equity=WHOLE)) is None
    other = replace(LOST, day=None, week=None)
    assert cause(name, a_portfolio(equity=other)) is None, "a drawdown is another stop's"


@pytest.mark.parametrize("name", [HaltName.DAILY_STOP, HaltName.WEEKLY_STOP, HaltName.FEES])
@pytest.mark.parametrize("unknown", [{"equity": None}, {"time": None}])
def test_what_cannot_be_measured_clears_nothing(name: HaltName, unknown: dict[str, Any]) -> None:
    record = replace(WHOLE, **unknown)
    said = cause(name, a_portfolio(equity=record))
    assert said is not None
    assert said.startswith("equity is unknown")


def test_fees_over_their_share_hold_until_the_next_day() -> None:
    said = cause(HaltName.FEES, a_portfolio(equity=WHOLE, spent=FEES))
    assert said is not None
    assert said.endswith(": wait for a cycle of the next UTC day")
    assert cause(HaltName.FEES, a_portfolio(equity=WHOLE)) is None
    assert cause(HaltName.PAUSE, a_portfolio(equity=WHOLE, spent=FEES)) is None


def test_a_drawdown_takes_a_new_high_water_mark_that_equity_reaches() -> None:
    book = a_portfolio(equity=LOST)
    asked = cause(HaltName.DRAWDOWN, book)
    assert asked is not None
    assert "--accept-peak 8000" in asked
    assert cause(HaltName.DRAWDOWN, book, peak="7999.99") == (
        "--accept-peak 7999.99 is below the equity of 8000, the least that can be accepted"
    )
    assert cause(HaltName.DRAWDOWN, book, peak="8000") is None
    assert cause(HaltName.DRAWDOWN, book, peak="8888.88") is None
    still = cause(HaltName.DRAWDOWN, book, peak="8888.89")
    assert still is not None
    assert still.startswith("the loss still stands: Maximum drawdown hit: -10.00 %")
    unknown = a_portfolio(equity=replace(LOST, equity=None))
    assert cause(HaltName.DRAWDOWN, unknown, peak="8000") == (
        "equity is unknown, so the drawdown cannot be measured: run a cycle first"
    )


@pytest.mark.parametrize(
    "name",
    [
        HaltName.INVARIANT,
        HaltName.STORAGE,
        HaltName.CHAIN,
        HaltName.READ_ONLY,
        HaltName.CRASH_LOOP,
        HaltName.ALERTS,
        HaltName.PAUSE,
    ],
)
def test_what_the_ledger_cannot_judge_is_a_persons_word(name: HaltName) -> None:
    book = replace(differing(is_break=True), equity=LOST, spent=FEES)
    assert cause(name, book, is_raised=True) is None


@pytest.mark.parametrize(
    ("typed", "equity", "meant"),
    [
        ("8000", "8000.004", "8000.004"),
        ("8000", "7999.996", "7999.996"),
        ("8000.01", "8000.004", "8000.01"),
        ("7999.99", "8000.004", "7999.99"),
        ("9000", "8000", "9000"),
        ("8000", None, "8000"),
        (None, "8000", None),
        (None, None, None),
    ],
)
def test_who_types_equity_as_it_is_shown_means_all_of_it(
    typed: str | None, equity: str | None, meant: str | None
) -> None:
    known = None if equity is None else Money.of(equity)
    book = a_portfolio(equity=replace(LOST, equity=known))
    found = peak_meant(None if typed is None else Money.of(typed), book)
    assert found == (None if meant is None else Money.of(meant))
