"""`trader247 kill`: what it says, its exit codes, its JSON, and how little it loads."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.app.controls.test_report import with_events
from tests.app.small_books import copied

from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.kill_switch import KillSwitch, Raised
from trader247.app.killing import proof, raising
from trader247.app.killing.proof import Proof, VenueCleared
from trader247.app.killing.raising import KillOn, KillRaised
from trader247.app.people.asking import Answered
from trader247.cli.main import execute
from trader247.cli.views.kill import tell_proof
from trader247.cli.views.standing import tell_answers
from trader247.domain.events.halts import HaltLatched
from trader247.domain.reasons import HaltName
from trader247.domain.time import Instant

NOW = Instant.parse("2026-01-05T00:00:00Z")
HEAVY = {"numpy", "requests", "coinbase", "apsw", "filelock", "apprise", "yaml", "sqlite3"}


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def data(traded: Path, tmp_path: Path) -> Path:
    return copied(traded, tmp_path / "data")


def body(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_on_status_off_status(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["kill", "status", "--data", str(data)]) == 0
    assert execute(["kill", "on", "--reason", "looks odd", "--data", str(data)]) == 0
    text = capsys.readouterr().out
    assert "KILL SWITCH ON" in text
    assert str(data / "KILL_SWITCH") in text
    assert "next start cancels" in text

    assert execute(["kill", "status", "--data", str(data)]) == 1
    text = capsys.readouterr().out
    assert "ON since" in text
    assert "looks odd" in text
    assert "not latched" in text

    assert execute(["kill", "off", "--data", str(data)]) == 0
    assert "KILL SWITCH OFF" in capsys.readouterr().out
    assert execute(["kill", "status", "--data", str(data)]) == 0


def test_people_are_told_no_microseconds(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither of the switch, nor of what a request came to; programs get all digits."""
    for word in ("on", "on", "status"):
        execute(["kill", word, "--data", str(data)])
    KillSwitch(data).acknowledge(at=NOW, is_clear=False)
    execute(["kill", "status", "--data", str(data)])
    KillSwitch(data).acknowledge(at=NOW, is_clear=True)
    execute(["kill", "status", "--data", str(data)])
    tell_answers([Answered("live-sim", None, is_done=True, text="sold at 2026-01-05T00:00:01.5Z")])
    trouble = "not before 2026-01-05T00:00:02.000001Z"
    tell_proof(told_by_venue(data, trouble))
    execute(["kill", "off", "--data", str(data)])
    text = " ".join(capsys.readouterr().out.split())
    for each in ("already since 20", "ON since 20", "seen by process", "acknowledged by process"):
        assert each in text
    assert "live-sim: sold at 2026-01-05T00:00:01Z" in text
    assert "nothing was cancelled: not before 2026-01-05T00:00:02Z" in text
    assert not re.search(r":\d\d\.\d+Z", text)


def told_by_venue(data: Path, trouble: str) -> KillOn:
    """A switch that is on, and a venue that could not be asked."""
    said = Raised(reason="", operator="", time="")
    switch = KillRaised(data / "KILL_SWITCH", False, True, "", said, None)  # its order
    venue = VenueCleared("127.0.0.1", "live-sim", None, trouble)
    return KillOn(switch, Proof.VENUE_UNPROVEN, timedelta(seconds=1), (), venue)


def test_the_wish_to_keep_sales_is_said_until_it_is_taken_back(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["kill", "on", "--keep-stops", "--data", str(data)]) == 0
    assert "but for sales" in " ".join(capsys.readouterr().out.split())
    assert execute(["kill", "status", "--data", str(data)]) == 1
    assert "resting sales are kept" in capsys.readouterr().out
    assert execute(["kill", "status", "--data", str(data), "--json"]) == 1
    assert body(capsys)["keeps_sales"] is True
    assert execute(["kill", "on", "--data", str(data)]) == 0
    assert "but for sales" not in " ".join(capsys.readouterr().out.split())
    assert execute(["kill", "status", "--data", str(data)]) == 1
    assert "resting sales" not in capsys.readouterr().out


def test_a_file_deleted_by_hand_does_not_resume_and_status_says_so(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_events(data, HaltLatched(HaltName.KILL_SWITCH, "looks odd"))

    assert execute(["kill", "status", "--data", str(data)]) == 1
    text = capsys.readouterr().out
    assert "does not resume" in text
    assert "kill off" in text
    assert execute(["kill", "off", "--data", str(data)]) == 0
    assert "off already" in capsys.readouterr().out
    assert execute(["kill", "status", "--data", str(data)]) == 0


def test_off_says_which_halt_still_stands(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with_events(
        data,
        HaltLatched(HaltName.KILL_SWITCH, "looks odd"),
        HaltLatched(HaltName.DAILY_STOP, "3 % lost"),
    )

    assert execute(["kill", "off", "--data", str(data)]) == 0
    text = capsys.readouterr().out
    assert "daily_stop" in text
    assert "unlock halt daily_stop" in text
    assert all(len(line) <= 80 or str(data) in line for line in text.splitlines())


def test_where_nothing_trades_it_is_exit_7(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["kill", "on", "--data", str(tmp_path)]) == 7
    assert "NOTHING TRADES HERE" in capsys.readouterr().out
    assert (tmp_path / "KILL_SWITCH").exists()


def test_without_waiting_it_is_exit_7(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["kill", "on", "--no-wait", "--data", str(data)]) == 7
    assert "not proven" in capsys.readouterr().out


def test_a_trader_that_does_not_answer_is_exit_7_and_named(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "ACKNOWLEDGED_WITHIN", timedelta(0))
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z", book="paper-sim")

    assert execute(["kill", "on", "--data", str(data)]) == 7
    text = capsys.readouterr().out
    assert f"process {os.getpid()}" in text
    assert "NOT PROVEN" in text
    guard.release()


def test_the_json_keeps_its_shapes(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["kill", "on", "--reason", "x", "--data", str(data), "--json"]) == 0
    on = body(capsys)
    assert set(on) == {
        "schema_version", "on", "was_on", "data", "path", "since", "reason", "reason_written",
        "trader", "proof", "proven", "elapsed_ms", "running", "trouble", "venue",
        "keeps_sales", "kept",
    }  # fmt: skip
    assert (on["on"], on["proof"], on["reason"], on["trader"]) == (True, "at_next_start", "x", None)

    assert execute(["kill", "status", "--data", str(data), "--json"]) == 1
    status = body(capsys)
    assert (status["on"], status["latched"], status["acknowledged"]) == (True, False, None)
    assert status["since"] == on["since"]
    assert status["books"] == [{"book": "paper-sim", "latched": False, "trouble": None}]

    assert execute(["kill", "off", "--data", str(data), "--json"]) == 0
    off = body(capsys)
    assert (off["was_on"], off["done"]) == (True, [])
    assert off["books"] == [{"book": "paper-sim", "halts": [], "trouble": None}]

    assert execute(["kill", "status", "--data", str(data), "--json"]) == 0
    assert body(capsys)["on"] is False


@pytest.mark.slow
def test_raising_it_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from trader247.cli.main import execute\n"
        f"assert execute(['kill', 'on', '--data', {str(tmp_path)!r}]) == 7\n"
        "print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())

    assert "trader247.app.killing.raising" in loaded
    assert not {name for name in loaded if name.partition(".")[0] in HEAVY}
    assert "rich.table" not in loaded
    # Typer itself brings pydantic; nothing of ours may need it here.
    assert not {name for name in loaded if name.startswith("trader247.app.settings")}
    assert not {name for name in loaded if name.startswith(("trader247.core", "trader247.engine"))}


def test_a_folder_that_cannot_be_looked_at_counts_as_stopped_since_nobody_knows_when(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert execute(["kill", "status", "--data", str(tmp_path / "file" / "data")]) == 1
    assert "ON since a time that is not known" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("step", "word"),
    [("target_of", "may not be on"), ("proof_of", "stays on, and nothing is proven")],
)
def test_an_interrupt_does_not_call_a_switch_on_that_was_not_raised_yet(
    step: str,
    word: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(raising, step, interrupted)
    assert execute(["kill", "on", "--data", str(tmp_path)]) == 130
    assert f"interrupted: the switch {word}" in " ".join(capsys.readouterr().err.split())
    assert KillSwitch(tmp_path).is_raised() is (step == "proof_of")
