"""The program as a person runs it: another process, judged by its exit code and its words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import starting

SECONDS_MAX = 120


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def body(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)

    @property
    def bodies(self) -> list[Any]:
        """Its JSON, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would steer the program."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TRADER247_")}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "200", **more}


def trader247(
    *arguments: object,
    before: Callable[[], None] | None = None,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Ended:
    """Run a command to its end. `before` runs in the child first.

    A traceback in what it says fails at once: nothing that these tests do is a bug of ours.
    """
    done = starting.run(
        arguments,
        environ=environ or environment(),
        before=before,
        cwd=cwd,
        seconds_max=SECONDS_MAX,
    )
    ended = Ended(done.returncode, done.stdout, done.stderr)
    said = f"{arguments}: exit {ended.code}\n{ended.out[-2000:]}\n{ended.err[-4000:]}"
    assert "Traceback" not in ended.out + ended.err, said
    assert ended.code != 70, said
    return ended


def begun(*arguments: object) -> subprocess.Popen[str]:
    """Start a command as a shell does, imports and all, and leave it running."""
    return subprocess.Popen(
        [sys.executable, "-m", "trader247", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        stdin=subprocess.DEVNULL,
    )
