"""A run follows from its seed alone, trades, and crashes without losing anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SHORT = "0.014"  # days: twenty minutes


def simulated(*arguments: str, cwd: Path, **environment: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "trader247", "simulate", "--json", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
    )
    assert done.returncode in (0, 1), done.stderr
    body: dict[str, Any] = json.loads(done.stdout)
    return body


def test_the_same_seed_is_the_same_story_whatever_the_machine_is_set_to(tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    arguments = ("--seeds", "3", "--days", SHORT)
    one = simulated(*arguments, cwd=tmp_path, PYTHONHASHSEED="1", TZ="UTC")
    two = simulated(*arguments, cwd=other, PYTHONHASHSEED="2", TZ="Asia/Tokyo")
    assert one["digests"] == two["digests"]
    assert one["cycles"] >= 15
    assert one["broken"] == []
