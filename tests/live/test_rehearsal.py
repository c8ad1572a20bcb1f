"""LIVE on a served simulation: over TLS, by the very path that real orders would take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.live.rehearsal import (
    ACCOUNT,
    Rehearsal,
    client_of,
    rehearsing,
    resting_elsewhere,
)

from trader247.app.granting import arming
from trader247.app.granting.live_book import portfolio_of
from trader247.app.running import trading
from trader247.app.running.account_lock import account_lock
from trader247.app.running.plan import Plan
from trader247.domain.errors import AlreadyRunning, NotAllowed, UsageError
from trader247.domain.reports import CycleReport

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsing(tmp_path_factory.mktemp("rehearsal")) as running:
        yield running


def cycles(rehearsal: Rehearsal, count: int) -> list[CycleReport]:
    """Trade as `run --speed max --cycles N` does."""
    reports: list[CycleReport] = []
    trading.run(
        rehearsal.choice,
        Plan(cycles=count, speed=None),
        on_opening=lambda _: None,
        on_report=lambda report, _: reports.append(report),
    )
    return reports


def test_what_nobody_armed_sends_nothing_and_begins_nothing(rehearsal: Rehearsal) -> None:
    with pytest.raises(NotAllowed, match="nobody has armed this book"):
        cycles(rehearsal, 1)
    assert not rehearsal.places.journal.exists()


def test_a_first_arming_leaves_alone_what_another_folder_trades(rehearsal: Rehearsal) -> None:
    """This journal knows none of its orders, and would end them as lost ones of ours."""
    account = client_of(rehearsal).get_api_key_permissions().portfolio_uuid
    with resting_elsewhere(rehearsal) as rests, account_lock(account):
        with pytest.raises(AlreadyRunning, match="another live trader"):
            arming.arm(rehearsal.choice, lambda _: ACCOUNT)
        assert rests()


@pytest.mark.parametrize("typed", ["", "default", "Defaul", "Default2", "00000000-0000"])
def test_another_name_arms_nothing(rehearsal: Rehearsal, typed: str) -> None:
    with pytest.raises(NotAllowed, match="nothing was armed"):
        arming.arm(rehearsal.choice, lambda _: typed)
    portfolio = portfolio_of(rehearsal.places)
    assert portfolio is not None
    assert portfolio.stage is None


def test_a_market_inside_the_trader_cannot_be_chosen(rehearsal: Rehearsal) -> None:
    with pytest.raises(UsageError, match="inside the trader"):
        trading.run(
            rehearsal.choice, Plan(seed=7), on_opening=lambda _: None, on_report=lambda *_: None
        )


def test_a_paper_book_needs_no_arming(rehearsal: Rehearsal) -> None:
    choice = replace(rehearsal.choice, mode=None, config=None)
    with pytest.raises(UsageError, match="needs no arming"):
        arming.arm(choice, lambda _: ACCOUNT)
