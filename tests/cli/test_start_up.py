"""What must feel instant loads little: `make bench` times it, this says why it stays so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"rich.table", "numpy", "coinbase", "requests", "apsw", "yaml", "cryptography", "apprise"}
HEAVY |= {"pydantic"}

SCRIPT = """
import sys
from trader247.cli.main import execute
code = execute(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.slow
def test_kill_on_loads_neither_tables_nor_numbers_nor_a_venue(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    line = [sys.executable, "-c", SCRIPT, "kill", "on", "--data", str(data)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    loaded = set(done.stderr.split())
    assert "trader247.cli.commands.kill" in loaded, done.stderr
    assert not loaded & HEAVY


@pytest.mark.slow
def test_streams_that_are_closed_end_no_command_and_take_no_file_of_ours(tmp_path: Path) -> None:
    data = tmp_path / "data"
    line = f'exec {sys.executable} -m trader247 "$@" <&- >&- 2>&-'
    done = subprocess.run(
        ["sh", "-c", line, "sh", "cycle", "--mode", "paper", "--data", str(data)], check=False
    )

    assert done.returncode == 0
    log = (data / "logs" / "trader247.log").read_text(encoding="utf-8")
    assert all(" level=" in each for each in log.splitlines())
