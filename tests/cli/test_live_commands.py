"""`preflight`, `arm`, `confirm`, `disarm` and LIVE itself, as a person types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.live.evidence import Shown, shown

from trader247.adapters.clock import SystemClock
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.venue.endpoint import endpoint_for
from trader247.cli.main import execute
from trader247.domain.events.book import JournalOpened, PolicyAdopted
from trader247.domain.events.people import Armed
from trader247.domain.money import Money
from trader247.domain.time import Instant


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder whose paper book has shown all that a rehearsal takes."""
    settings = load_settings(SHIPPED)
    folder = tmp_path / "data"
    feed = endpoint_for(settings.app, Places(folder, Mode.LIVE, VenueName.SIM)).feed
    shown(folder, Shown(settings.policy, feed))
    return folder


def live_config(folder: Path) -> str:
    config = folder / "config"
    shutil.copytree(SHIPPED, config)
    app = config / "app.yaml"
    app.write_text(app.read_text().replace('mode: "PAPER"', 'mode: "LIVE"'))
    return str(config)


def test_a_passed_preflight_says_what_comes_next(
    data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = execute(["preflight", "--rehearsal", "--config", str(SHIPPED), "--data", str(data)])
    out, err = capfd.readouterr()
    assert code == 0
    assert "PREFLIGHT PASSED" in out
    assert "trader247 arm --mode live --venue sim" in err
    # A path stays whole, on a line of its own.
    assert max(len(line) for line in out.splitlines() if str(data) not in line) <= 80


def test_what_is_missing_comes_with_its_command(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = execute(["preflight", "--venue", "coinbase", "--data", str(tmp_path)])
    out, err = capfd.readouterr()
    assert code == 1
    assert "10 of 10 missing" in out
    assert "trader247 run --mode paper --venue coinbase" in err


def test_paper_trading_asked_for_under_live_says_what_it_takes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = live_config(tmp_path)
    where = ["--config", config, "--data", str(tmp_path / "data")]
    assert execute(["preflight", "--rehearsal", *where]) == 1
    assert "app.mode: PAPER" in capfd.readouterr().err
    assert execute(["preflight", "--rehearsal", *where[2:]]) == 1
    assert "app.mode: PAPER" not in capfd.readouterr().err


def test_the_json_has_every_item(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    asked = ["preflight", "--rehearsal", "--config", str(SHIPPED), "--data", str(data), "--json"]
    assert execute(asked) == 0
    body = json.loads(capfd.readouterr().out)
    assert (body["schema_version"], body["passed"], body["rehearsal"]) == (1, True, True)
    assert [each["id"] for each in body["items"]] == [
        *("market", "days", "cycles", "pnl", "reconciliation"),
        *("kill_drill", "lock_drill", "continuity", "drills", "smoke"),
    ]


def test_live_says_all_that_is_missing_and_how_to_get_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = live_config(tmp_path)
    where = ["--config", config, "--data", str(tmp_path / "data")]
    assert execute(["run", "--mode", "live", *where]) == 1
    said = capfd.readouterr().err
    for part in ("read_only", "preflight", "arming", "trader247 arm", "key", "nothing was sent"):
        assert part in said, part
    assert "trader247 sim serve" in said
    assert not (tmp_path / "data" / "live-sim.db").exists()


@pytest.mark.parametrize(
    ("command", "code"),
    [(["arm"], 2), (["confirm"], 2), (["disarm"], 2), (["confirm", "1-BTC-USD"], 2)],
)
def test_without_a_live_book_there_is_nothing_to_arm_or_confirm(
    command: list[str], code: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    where = ["--config", str(SHIPPED), "--data", str(tmp_path)]
    assert execute([*command, *where]) == code
    assert "Traceback" not in capfd.readouterr().err


def armed(folder: Path) -> None:
    """A live book that somebody armed, until a time that is no whole second."""
    settings = load_settings(SHIPPED)
    places = Places(folder, Mode.LIVE, VenueName.SIM)
    folder.mkdir(mode=0o700)
    begin = Instant.parse("2026-01-05T06:00:34.822240Z")
    with SqliteJournal.open(
        places.journal, clock_wall=SystemClock().now, genesis="ab" * 32, install_id="0a1b2c"
    ) as journal:
        feed = endpoint_for(settings.app, places).feed
        journal.append(
            [
                JournalOpened(places.book, feed, "USD"),
                PolicyAdopted(settings.policy.hash, settings.policy.text),
                Armed(
                    account="89f282f8-6681-53f3-a30a-7f0e8f645a09",
                    policy_hash=settings.policy.hash,
                    version="0.1",
                    largest=Money.of(25),
                    ladder_since=begin,
                    until=Instant.parse("2026-02-04T06:00:34.822240Z"),
                    operator="me",
                ),
            ],
            begin,
        )


def test_the_end_of_an_arming_is_shown_as_a_limit_of_its_control(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    armed(tmp_path / "data")
    where = ["--config", str(SHIPPED), "--data", str(tmp_path / "data"), "--mode", "live"]
    assert execute(["risk", "status", *where]) == 0
    out, err = capfd.readouterr()
    assert "armed   2026-02-04" in out, err
    assert max(map(len, out.splitlines())) <= 80
