"""The unit for systemd says what the program does: its options, its exits, its hardening."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from trader247.cli.exits import ExitCode

UNIT = Path(__file__).resolve().parents[2] / "docs" / "systemd" / "trader247.service"
LINES = [
    line.partition("=")[::2]
    for line in UNIT.read_text(encoding="utf-8").splitlines()
    if "=" in line and not line.startswith("#")
]
FOUND = dict(LINES)


def test_what_a_restart_cannot_mend_stays_down() -> None:
    kept_down = {ExitCode(int(each)) for each in FOUND["RestartPreventExitStatus"].split()}
    assert kept_down == {
        ExitCode.REFUSED,
        ExitCode.USAGE,
        ExitCode.ALREADY_RUNNING,
        ExitCode.CONFIG,
        ExitCode.PERMISSION,
    }
    assert FOUND["Restart"] == "on-failure"


def test_the_loop_is_watched_and_its_end_waited_for() -> None:
    assert (FOUND["Type"], FOUND["WatchdogSec"], FOUND["KillSignal"]) == ("notify", "60", "SIGTERM")
    assert (FOUND["StartLimitIntervalSec"], FOUND["StartLimitBurst"]) == ("600", "5")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("MemoryDenyWriteExecute", "yes"),
        ("LimitCORE", "0"),
        ("UMask", "0077"),
        ("MemoryMax", "512M"),
        ("CapabilityBoundingSet", ""),
        ("StateDirectoryMode", "0700"),
        ("User", "trader247"),
    ],
)
def test_it_may_do_as_little_as_it_needs(name: str, value: str) -> None:
    assert FOUND[name] == value
    assert ("SystemCallFilter", "@system-service") in LINES


def test_its_command_is_one_that_the_program_takes(capsys: pytest.CaptureFixture[str]) -> None:
    from trader247.cli.main import execute

    program, *words = shlex.split(FOUND["ExecStart"])
    assert program.endswith("/trader247")
    assert words[0] == "run"
    assert execute(["run", "--help"]) == 0
    help_text = capsys.readouterr().out
    assert all(word in help_text for word in words if word.startswith("--"))
