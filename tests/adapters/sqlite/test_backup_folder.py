"""Which backups are kept, who may make one, and what is no backup."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import apsw
import pytest

from trader247.adapters.sqlite.backups.backup import WHOLE, Backup, named
from trader247.adapters.sqlite.backups.folder import (
    DAYS,
    HOURS,
    MONTHS,
    alone_in,
    backups_in,
    kept_of,
    prune,
)
from trader247.domain.errors import NotAllowed
from trader247.domain.time import HOUR, Instant

BEGUN = Instant.parse("2026-01-05T00:30:00Z")


def hourly(count: int, folder: Path = Path("b")) -> list[Backup]:
    return [named(folder, BEGUN + each * HOUR, each + 1, ending=WHOLE) for each in range(count)]


def test_two_years_of_hours_become_hours_days_and_months() -> None:
    all_of_them = hourly(2 * 365 * 24)
    kept = sorted(kept_of(all_of_them), key=lambda each: each.time)
    assert kept[-HOURS:] == all_of_them[-HOURS:]
    days = [str(each.time)[:10] for each in kept]
    assert len(set(days[-HOURS - DAYS :])) >= DAYS
    months = {str(each.time)[:7] for each in kept}
    assert len(months) == MONTHS
    assert len(kept) <= HOURS + DAYS + MONTHS


@pytest.mark.parametrize("count", [1, HOURS - 1, HOURS])
def test_up_to_a_day_of_hours_all_are_kept(count: int) -> None:
    assert kept_of(hourly(count)) == set(hourly(count))


def test_later_hours_push_the_oldest_out_but_for_the_last_of_each_day() -> None:
    many = hourly(HOURS + 2)
    # The last hour of the first day is among the newest still.
    assert set(many) - kept_of(many) == {many[0], many[1]}


def test_pruning_kept_ones_again_removes_nothing() -> None:
    kept = kept_of(hourly(5_000))
    assert kept_of(sorted(kept, key=lambda each: each.time)) == kept


def test_of_an_hour_that_is_over_the_newest_is_kept() -> None:
    early, late = named(Path(), BEGUN, 4), named(Path(), BEGUN + timedelta(minutes=20), 9)
    assert kept_of([early, late]) == {early, late}, "a person may have made either"
    after = named(Path(), BEGUN + HOUR, 20)
    assert kept_of([early, late, after]) == {late, after}


def test_what_a_clock_ahead_has_dated_pushes_nothing_out(folder: Path) -> None:
    """A day of such backups took the places of all hours, until their time came."""
    true = hourly(10, folder)
    ahead = [
        named(folder, BEGUN + (9_000 + each) * HOUR, 100 + each, ending=WHOLE)
        for each in range(HOURS + 20)
    ]
    for each in (*true, *ahead):
        written(each)
    gone = prune(folder, made=true[-1])
    assert set(backups_in(folder)) >= {*true, *ahead[-HOURS:]}
    assert len(gone) > 10, "they are bounded too"
    assert prune(folder, made=true[-1]) == ()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "paper-sim.backups"
    place.mkdir(mode=0o700)
    return place


def written(backup: Backup, market: str = "") -> Backup:
    connection = apsw.Connection(str(backup.path))
    connection.execute("CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT)")
    connection.execute("INSERT INTO meta VALUES('market', ?)", (market,))
    connection.close()
    return backup


def test_what_has_another_name_does_not_count_and_is_never_removed(folder: Path) -> None:
    (backup,) = hourly(1, folder)
    written(backup)
    for name in ("paper-sim.1.writing", "notes.db", "2026-13-05T003000Z.000000001.db", "x.txt"):
        (folder / name).write_text("?")
    assert backups_in(folder) == (backup,)
    assert prune(folder) == ()
    assert (folder / "notes.db").exists()


def test_pruning_removes_a_market_that_no_kept_backup_refers_to(folder: Path) -> None:
    old, new, last = (
        named(folder, BEGUN + timedelta(minutes=each), each + 1, ending=WHOLE)
        for each in (0, 1, 60)
    )
    written(old, "market-0001")
    written(new, "market-0002")
    written(last, "market-0002")
    for name in ("market-0001", "market-0002"):
        (folder / name).mkdir()
        (folder / name / "2026-01.seg").write_bytes(b"seen")
    assert prune(folder) == (old,)
    assert sorted(each.name for each in folder.iterdir()) == [
        new.path.name,
        last.path.name,
        "market-0002",
    ]


def test_one_at_a_time_and_the_first_clears_what_a_crash_left(folder: Path) -> None:
    left = [folder / "paper-sim.77.writing", folder / "paper-sim.77.writing-journal"]
    for each in left:
        each.write_text("half")
    with alone_in(folder):
        assert not any(each.exists() for each in left)
        with pytest.raises(NotAllowed, match="another process"), alone_in(folder):
            pass
    with alone_in(folder):
        pass
