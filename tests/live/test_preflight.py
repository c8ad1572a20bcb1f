"""What counts as evidence for LIVE: the journal alone, under these limits, by this version."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.live.evidence import BEGIN, NOWHERE, Shown, shown

from trader247.adapters.clock import SystemClock
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.granting.preflight import Preflight, preflight, preflight_for
from trader247.app.granting.program import major_minor
from trader247.app.settings.canonical import sealed
from trader247.app.settings.load import Settings, load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.venue.endpoint import COINBASE, endpoint_for
from trader247.core.policy import Policy
from trader247.core.risk.checks.canary import Canary
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.domain.errors import UsageError
from trader247.domain.events.book import PolicyAdopted, SessionStarted
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.money import DifferenceFound
from trader247.domain.events.orders import FillQuarantined
from trader247.domain.events.people import DrillsHeld, SmokePassed
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import EntryId, OrderId, ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import Side
from trader247.domain.time import DAY, HOUR, MINUTE, SECOND

SETTINGS = load_settings(SHIPPED)
FEED = endpoint_for(SETTINGS.app, Places(Path("data"), Mode.LIVE, VenueName.SIM)).feed
ALL = Shown(SETTINGS.policy, FEED)
NOW = SystemClock().now()


def checked(data: Path, what: Shown, settings: Settings = SETTINGS) -> Preflight:
    shown(data, what)
    return preflight_for(settings, Places(data, Mode.LIVE, what.venue))


def missing(report: Preflight) -> list[str]:
    return [each.id for each in report.missing]


def with_check(policy: Policy, changed: Any) -> Policy:
    checks = tuple(changed if type(each) is type(changed) else each for each in policy.checks)
    return sealed(replace(policy, checks=checks))


def test_what_is_all_shown_passes(tmp_path: Path) -> None:
    assert missing(checked(tmp_path, ALL)) == []


def test_without_a_book_everything_is_missing(tmp_path: Path) -> None:
    report = preflight_for(SETTINGS, Places(tmp_path, Mode.LIVE, VenueName.SIM))
    assert len(report.missing) == len(report.items) == 10
    assert all(each.how for each in report.missing)


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({"cycles": 49, "apart": 4 * HOUR}, ["days", "cycles"]),
        ({"cycles": 168, "apart": HOUR}, ["days"]),
        ({"cycles": 169, "apart": HOUR}, []),
        ({"cycles": 400, "apart": 71 * MINUTE}, ["days"]),
        ({"is_killed": False}, ["kill_drill"]),
        ({"is_locked": False}, ["lock_drill"]),
        ({"drills_age": None}, ["continuity"]),
        ({"drills_age": 91 * DAY}, ["continuity"]),
        ({"drills_age": 89 * DAY}, []),
        ({"smoke_age": None}, ["smoke"]),
        ({"smoke_age": 24 * HOUR - MINUTE}, []),
        ({"smoke_age": 24 * HOUR + SECOND}, ["smoke"]),
        ({"smoke_age": timedelta(hours=-1)}, ["smoke"]),
        ({"smoke_feed": "simulated coinbase at localhost:1"}, ["smoke"]),
        ({"more": (DifferenceFound("cash", "1", "2", True),)}, ["reconciliation"]),
        ({"more": (DifferenceFound("cash", "1", "2", False),)}, ["reconciliation"]),
        ({"feed": "coinbase"}, ["market"]),
    ],
)
def test_each_thing_is_missed(changes: dict[str, Any], lacking: list[str], tmp_path: Path) -> None:
    assert missing(checked(tmp_path, replace(ALL, **changes))) == lacking


def test_a_smoke_test_by_a_clock_that_was_ahead_hides_no_later_one(tmp_path: Path) -> None:
    """It was missing until that day had come, however often it passed meanwhile."""
    ahead = SmokePassed(FEED, SETTINGS.policy.hash, major_minor(), NOW + 3 * DAY)
    assert missing(checked(tmp_path, replace(ALL, more=(ahead,)))) == []


def test_a_smoke_test_by_a_clock_that_is_ahead_still_is_no_fresh_one(tmp_path: Path) -> None:
    ahead = SmokePassed(FEED, SETTINGS.policy.hash, major_minor(), NOW + 3 * DAY)
    what = replace(ALL, smoke_age=-3 * DAY, more=(ahead,))
    assert missing(checked(tmp_path, what)) == ["smoke"]


def test_a_clock_that_is_set_back_takes_back_no_day_of_paper_trading(tmp_path: Path) -> None:
    """Eight of them counted for nothing, once a clock that had been as far ahead was set right."""
    back = CycleDecided(
        cycle=ALL.cycles + 1,
        at=BEGIN,
        seen=NOWHERE,
        regime="chop",
        endings={},
        marks={},
        equity=Money.of(10_000),
    )
    assert missing(checked(tmp_path, replace(ALL, more=(back,)))) == []


def test_a_fill_that_was_set_aside_stays_so_whoever_accepts_it_and_says_what_is_left_to_do(
    tmp_path: Path,
) -> None:
    fill = Fill(
        EntryId("e1"), "t1", OrderId("o1"), ProductId("BTC", "USD"), Side.SELL, Price.of("60000"),
        Quantity.of("0.1"), Money.of("1"), Liquidity.TAKER, NOW, NOW,
    )  # fmt: skip
    more = (FillQuarantined(fill, "nothing explains it"),)
    (item,) = checked(tmp_path, replace(ALL, more=more)).missing
    assert item.id == "pnl"
    assert "a fill was set aside: event" in item.found
    assert item.how.endswith("--fresh begins the evidence anew"), "no look at it mends that"


def test_simulated_evidence_never_counts_for_the_real_venue(tmp_path: Path) -> None:
    renamed = replace(ALL, venue=VenueName.COINBASE, smoke_feed=COINBASE.feed)
    assert missing(checked(tmp_path, renamed)) == ["market"]
    real = replace(renamed, feed=COINBASE.feed)
    assert missing(checked(tmp_path / "real", real)) == []
    served = replace(renamed, feed="simulated coinbase at localhost:8443")
    assert missing(checked(tmp_path / "served", served)) == ["market"]


def test_another_version_begins_the_evidence_anew(tmp_path: Path) -> None:
    older = replace(ALL, code_version="0.0.9", smoke_age=None)
    assert set(missing(checked(tmp_path, older))) >= {"days", "cycles", "kill_drill", "lock_drill"}


def test_tightening_keeps_the_evidence(tmp_path: Path) -> None:
    now = with_check(SETTINGS.policy, MaxOrder(quote_max=Money.of(100)))
    assert missing(checked(tmp_path, ALL, replace(SETTINGS, policy=now))) == []


def test_loosening_begins_it_anew_and_says_what(tmp_path: Path) -> None:
    then = with_check(SETTINGS.policy, MaxOrder(quote_max=Money.of(100)))
    report = checked(tmp_path, replace(ALL, policy=then))
    assert set(missing(report)) >= {"days", "cycles", "kill_drill", "lock_drill", "smoke"}


def test_what_was_shown_before_a_change_counts_no_more(tmp_path: Path) -> None:
    other = with_check(SETTINGS.policy, MaxOrder(quote_max=Money.of(100)))
    back = (
        PolicyAdopted(other.hash, other.text),
        PolicyAdopted(SETTINGS.policy.hash, SETTINGS.policy.text),
    )
    report = checked(tmp_path, replace(ALL, more=back))
    (days,) = (each for each in report.items if each.id == "days")
    assert "checks.max_order.quote_max 100 -> 250" in days.found


def test_a_session_of_another_version_in_between_counts_no_more(tmp_path: Path) -> None:
    between = (SessionStarted(2, "0.0.1", True), SessionStarted(3, ALL.code_version, True))
    assert "cycles" in missing(checked(tmp_path, replace(ALL, more=between)))


def test_the_canarys_sizes_are_no_part_of_the_evidence(tmp_path: Path) -> None:
    smaller = with_check(SETTINGS.policy, Canary(quote_max=Money.of(20)))
    assert missing(checked(tmp_path, replace(ALL, policy=smaller))) == []


def test_the_rehearsal_and_the_real_venue_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--rehearsal"):
        preflight(Choice(SHIPPED, tmp_path, None, VenueName.COINBASE), is_rehearsal=True)
    with pytest.raises(UsageError, match="rehearsal"):
        preflight(Choice(SHIPPED, tmp_path, None, VenueName.SIM), is_rehearsal=False)


def drills(
    *passed: str, failed: tuple[str, ...] = (), policy: str = SETTINGS.policy.hash
) -> DrillsHeld:
    return DrillsHeld(policy, major_minor(), NOW, passed, failed)


UNSHOWN = replace(ALL, is_killed=False, is_locked=False)
KILLED = drills("kill_file", "kill_command", "kill_stopped")


@pytest.mark.parametrize(
    ("held", "lacking"),
    [
        ((KILLED, drills("second_instance")), []),
        ((KILLED,), ["lock_drill"]),
        ((drills("kill_file", "kill_command"), drills("second_instance")), ["kill_drill"]),
        ((KILLED, drills("second_instance", policy="ff" * 32)), ["lock_drill"]),
        (
            (KILLED, drills("second_instance"), drills(failed=("kill_file",))),
            ["kill_drill", "drills"],
        ),
        ((KILLED, drills("second_instance", failed=("flash_crash",))), ["drills"]),
        (
            (KILLED, drills("second_instance", failed=("partition",)), drills("partition")),
            [],
        ),
        ((KILLED, replace(drills("second_instance"), version="0.0")), ["lock_drill"]),
    ],
    ids=[
        "all of them", "no second instance", "a part of the kill drills", "another policy",
        "one failed later", "another one failed", "one passed later", "another version",
    ],
)  # fmt: skip
def test_drills_of_this_policy_and_version_count_by_their_last_result(
    tmp_path: Path, held: tuple[DrillsHeld, ...], lacking: list[str]
) -> None:
    assert missing(checked(tmp_path, replace(UNSHOWN, more=held))) == lacking


def test_what_was_passed_long_ago_is_not_held_and_what_failed_once_stays_failed(
    tmp_path: Path,
) -> None:
    old = replace(KILLED, at=NOW - 91 * DAY)
    failed = replace(drills(failed=("flash_crash",)), at=NOW - 91 * DAY)
    what = replace(UNSHOWN, more=(old, drills("second_instance"), failed))
    assert missing(checked(tmp_path, what)) == ["kill_drill", "drills"]


def test_a_drill_counts_where_the_policy_was_only_tightened_since(tmp_path: Path) -> None:
    tighter = with_check(SETTINGS.policy, MaxOrder(quote_max=Money.of(100)))
    what = replace(UNSHOWN, more=(KILLED, drills("second_instance")))
    assert missing(checked(tmp_path, what, replace(SETTINGS, policy=tighter))) == []
