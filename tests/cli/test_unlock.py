"""`trader247 unlock`, `pause` and `resume`: what they say, their exit codes and their JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.controls.test_report import with_events
from tests.app.small_books import copied

from trader247.adapters.instance_guard import InstanceGuard
from trader247.cli.main import execute
from trader247.domain.events.halts import HaltLatched
from trader247.domain.reasons import HaltName


@pytest.fixture
def data(traded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "80")
    return copied(traded, tmp_path / "data")


@pytest.fixture
def held(data: Path) -> Iterator[Path]:
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z", book="paper-sim")
    yield data
    guard.release()


def body(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_nobody_holds_it_and_nothing_is_latched(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["unlock", "--data", str(data)]) == 0
    text = capsys.readouterr().out
    assert "nobody holds the guard" in text
    assert "no halt is latched" in text


def test_a_living_holder_is_shown_and_kept(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["unlock", "--data", str(held)]) == 1
    text = capsys.readouterr().out
    assert f"process {os.getpid()}" in text
    assert "it lives" in text
    assert "REFUSED" in text
    assert (held / "trader247.holder.json").exists()


def test_latched_halts_are_shown_with_what_clears_them(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_events(
        data,
        HaltLatched(HaltName.DRAWDOWN, "10.2 % under the high-water mark"),
        HaltLatched(HaltName.PAUSE, "lunch"),
    )

    assert execute(["unlock", "--data", str(data)]) == 0
    text = capsys.readouterr().out
    assert "HALT drawdown, since 2026-01-05" in text
    assert "--accept-peak EQUITY" in text
    assert "trader247 resume" in text
    assert max(map(len, (line for line in text.splitlines() if str(data) not in line))) <= 80


def test_the_json_says_who_and_what(held: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["unlock", "--data", str(held), "--json"]) == 1
    found = body(capsys)
    assert set(found) == {"schema_version", "data", "held", "alive", "holder", "done", "books"}
    assert (found["held"], found["alive"], found["done"]) == (True, True, None)
    assert found["holder"]["pid"] == os.getpid()
    assert set(found["holder"]) == {"pid", "host", "command", "since", "book"}


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_force_asks_and_where_nobody_answers_nothing_is_ended(
    more: list[str], held: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["unlock", "--force", "--data", str(held), *more]) == 2
    assert "--yes" in capsys.readouterr().err
    assert InstanceGuard(held).is_held()


def test_force_spells_out_what_follows_and_wants_the_number_typed(
    held: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: "yes")

    assert execute(["unlock", "--force", "--data", str(held)]) == 1
    said = capsys.readouterr().err
    assert "SIGTERM" in said
    assert "nobody watches their stops" in said
    assert "not confirmed" in said


def test_a_holder_of_another_host_is_not_released(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z")
    holder = json.loads((data / "trader247.holder.json").read_text())
    guard.release()
    (data / "trader247.holder.json").write_text(json.dumps({**holder, "host": "elsewhere.example"}))

    assert execute(["unlock", "--data", str(data)]) == 1
    assert "elsewhere.example" in capsys.readouterr().err
    assert (data / "trader247.holder.json").exists()


def test_yes_alone_and_a_folder_that_is_not_there_are_wrong_usage(tmp_path: Path) -> None:
    assert execute(["unlock", "--yes", "--data", str(tmp_path)]) == 2
    assert execute(["unlock", "--data", str(tmp_path / "nowhere")]) == 2


def test_a_halt_is_cleared_or_refused_with_the_sentence(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_events(
        data,
        HaltLatched(HaltName.CRASH_LOOP, "six unclean ends"),
        HaltLatched(HaltName.DRAWDOWN, "10.2 %"),
    )
    line = ["unlock", "halt", "--data", str(data), "--reason", "looked into it"]

    assert execute([*line, "crash_loop"]) == 0
    assert "crash_loop cleared; still halted by: drawdown" in capsys.readouterr().out
    assert execute([*line, "drawdown"]) == 1
    assert "--accept-peak" in capsys.readouterr().out
    assert execute([*line, "drawdown", "--json"]) == 1
    found = body(capsys)
    assert (found["halt"], found["done"]) == ("drawdown", False)
    assert found["answers"][0]["book"] == "paper-sim"


def test_an_unknown_halt_lists_the_names_and_a_reason_is_required(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["unlock", "halt", "hunger", "--reason", "x", "--data", str(data)]) == 2
    assert "daily_stop" in capsys.readouterr().err
    assert execute(["unlock", "halt", "pause", "--data", str(data)]) == 2
    assert "--reason" in capsys.readouterr().err


def test_a_pause_stands_until_resume(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["pause", "--reason", "lunch", "--data", str(data)]) == 0
    assert "paused" in capsys.readouterr().out
    assert execute(["unlock", "--data", str(data)]) == 0
    assert "lunch" in capsys.readouterr().out
    assert execute(["resume", "--data", str(data), "--json"]) == 0
    assert body(capsys)["answers"] == [
        {
            "book": "paper-sim",
            "trader": None,
            "done": True,
            "text": "pause cleared; nothing else halts trading",
        }
    ]
    assert execute(["resume", "--data", str(data)]) == 0
    assert "not paused" in capsys.readouterr().out


def test_there_is_nothing_to_pause_without_a_book(tmp_path: Path) -> None:
    assert execute(["pause", "--data", str(tmp_path)]) == 2
    assert execute(["resume", "--data", str(tmp_path)]) == 2
