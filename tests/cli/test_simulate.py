"""`simulate`, by what people type: a number that cannot be is refused before anything begins."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest

from trader247.cli.main import execute


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


def test_ctrl_c_tells_of_what_was_run_by_then() -> None:
    words = ["simulate", "--seeds", "0..23", "--days", "0.001", "--faults", "none"]
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
    assert re.search(r"^interrupted: [0-9]+ of 24 runs are done$", told, re.M)
    assert re.match(r"[0-9]+ seeds, ", said)
    assert "EVERY PROMISE HELD" in said
