"""`preflight`, `arm`, `confirm`, `disarm` and LIVE itself, as a person types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.live.evidence import Shown, shown

from trader247.app.endpoint import endpoint_for
from trader247.app.modes import Mode, VenueName
from trader247.app.places import Places
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.cli.main import execute


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
    assert "8 of 8 missing" in out
    assert "trader247 run --mode paper --venue coinbase" in err


def test_the_json_has_every_item(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    asked = ["preflight", "--rehearsal", "--config", str(SHIPPED), "--data", str(data), "--json"]
    assert execute(asked) == 0
    body = json.loads(capfd.readouterr().out)
    assert (body["schema_version"], body["passed"], body["rehearsal"]) == (1, True, True)
    assert [each["id"] for each in body["items"]] == [
        *("market", "days", "cycles", "pnl", "reconciliation"),
        *("kill_drill", "lock_drill", "smoke"),
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
