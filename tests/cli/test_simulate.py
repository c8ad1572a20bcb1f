"""`simulate`, by what people type: a number that cannot be is refused before anything begins."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest

from trader247.cli.main import execute
from trader247.simulation import running
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.outcome import RunOutcome


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--within", "9" * 400), "--within"),
        (("--within", "0"), "--within"),
        (("--seeds", "0..999999999"), "at most"),
        (("--seeds", "7..3"), "a range goes upwards"),
        (("--days", "1e-999"), "a minute"),
        (("--days", "0.0001"), "a minute"),
        (("--days", "NaN"), "at most"),
        (("--days", "1e999"), "at most"),
    ],
)
def test_what_cannot_be_run_is_refused(
    words: tuple[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["simulate", *words]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "bug" not in told


def interrupted(*more: str) -> tuple[str, str]:
    """What a run of many seeds says once it is interrupted amid the third: answer and remarks."""
    words = ["simulate", "--seeds", "0..23", "--days", "0.001", "--faults", "none", *more]
    with subprocess.Popen(
        [sys.executable, "-m", "trader247", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("2 of 24 runs, ")
        process.send_signal(signal.SIGINT)
        said, told = process.communicate(timeout=60)
    assert process.returncode == 130
    return said, told


def test_ctrl_c_tells_of_what_was_run_by_then() -> None:
    said, told = interrupted()
    assert re.search(r"^interrupted: [0-9]+ of 24 runs are done$", told, re.M)
    assert re.match(r"runs +[0-9]+ seeds$", said, re.M)
    assert "EVERY PROMISE HELD" in said


def test_ctrl_c_tells_of_it_in_json_too_and_calls_it_no_pass() -> None:
    """Hours of runs are not thrown away; and what was not run has shown nothing."""
    said, told = interrupted("--json")
    assert re.search(r"^interrupted: [0-9]+ of 24 runs are done$", told, re.M)
    body = json.loads(said)
    assert body["interrupted"] is True
    assert body["passed"] is False
    assert body["broken"] == []
    assert 2 <= body["seeds"] < 24
    assert len(body["digests"]) >= body["seeds"]


def test_scenarios_that_are_interrupted_are_told_of_as_far_as_they_were_played(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    played: list[str] = []
    play = running.run_accident

    def one_alone(scenario: Accident, seed: int) -> RunOutcome:
        if played:
            raise KeyboardInterrupt
        played.append(scenario.name)
        return play(scenario, seed)

    monkeypatch.setattr(running, "run_accident", one_alone)
    assert execute(["simulate", "--scenario", "all", "--json"]) == 130
    told = capsys.readouterr()
    body = json.loads(told.out)
    assert [each["name"] for each in body["scenarios"]] == played
    assert (body["interrupted"], body["passed"]) == (True, False)
    assert re.search(r"^interrupted: 1 of [0-9]+ scenarios are done$", told.err, re.M)
