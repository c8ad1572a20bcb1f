"""Run every check, whatever the earlier ones said, and say at the end which passed.

A tool that is missing is a failure, never a skip.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Step:
    """One tool and what its success means."""

    name: str
    promise: str
    command: tuple[str, ...]
    is_beside: bool = False
    """Whether the next ones begin while it runs: it has a core of its own."""
    is_quiet: bool = False
    """Whether what it says is of interest only where it fails."""


ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
"""The tests start the program hundreds of times: without bytecode each start compiles it anew."""

END_BY = "TRADER247_CHECKS_END_BY"
"""The moment, in Unix seconds, at which whoever waits for all checks gives up: said by .ci/run."""

SIMULATION = (
    *("trader247", "simulate", "--seeds", "0..23", "--days", "0.25", "--points"),
    *("--every-fault", "--jobs", "2"),
)
"""Two dozen seeds of six simulated hours, or what there is time for; `make sim-long` runs more."""

TESTS = (
    *("pytest", "-q", "-n", "3", "--dist", "worksteal"),
    *("-o", "tmp_path_retention_policy=failed"),
)
"""One more than there are cores: many a test waits for a process, and leaves its core to others."""

MEMORY, LEAST_BYTES = Path("/dev/shm"), 2 << 30
"""Where the tests' folders are, if there is room: syncing costs nothing there. Whether a disk keeps
what was synced to it no test can see; whether it is asked to, the simulated disk does."""

STEPS = (
    Step("ruff format", "one way of writing", ("ruff", "format", "--check", ".")),
    Step("ruff check", "no known mistake", ("ruff", "check", ".")),
    Step("mypy --strict", "the types hold", ("mypy",), is_beside=True),
    # mypy has one core. What the other does here each of the tests' processes would do by itself:
    # compile two thousand modules.
    Step("collection", "every test is found", ("pytest", "-qq", "--collect-only"), is_quiet=True),
    Step("import-linter", "imports go downward", ("lint-imports", "--no-logo")),
    Step("pytest", "it does what it says", TESTS),
    Step("simulation", "no fault breaks a promise", SIMULATION),
)
"""In order."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a step ended."""

    step: Step
    is_passed: bool
    seconds: float


def run(step: Step) -> Result:
    """Run one step in the foreground."""
    if step.is_quiet:
        return run_quietly(step)
    print(f"== {step.name}", flush=True)
    if step.command is SIMULATION:
        step = replace(step, command=(*SIMULATION, *within(os.environ.get(END_BY), time.time())))
    if step.command is TESTS and has_room(MEMORY):
        with tempfile.TemporaryDirectory(prefix="t247-tests-", dir=MEMORY) as folder:
            return _ended(step, None, {"TMPDIR": folder})
    return _ended(step, None)


def has_room(memory: Path) -> bool:
    """Whether the tests' folders find room in memory."""
    return os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= LEAST_BYTES


def within(end_by: str | None, now_s: float) -> tuple[str, ...]:
    """How long the last step may take, where somebody waits: it says itself what it left out."""
    return () if end_by is None else ("--within", str(max(1, int(int(end_by) - now_s))))


def run_quietly(step: Step) -> Result:
    """Run one step; what it says is shown when it has ended, if it failed."""
    with tempfile.TemporaryFile("w+") as said:
        result = _ended(step, said)
        said.seek(0)
        # One write: nobody's line stands between.
        print(f"== {step.name}\n{'' if result.is_passed else said.read()}", end="", flush=True)
    return result


def _ended(
    step: Step, said: IO[str] | None, more: Mapping[str, str] = MappingProxyType({})
) -> Result:
    began = time.monotonic()
    tool, *arguments = step.command
    try:
        code = subprocess.run(
            (str(BIN / tool), *arguments),
            cwd=ROOT,
            env={**ENVIRONMENT, **more},
            stdout=said,
            stderr=said and subprocess.STDOUT,
            check=False,
        ).returncode
    except FileNotFoundError:
        print(f"{tool} is not installed beside {sys.executable}", file=sys.stderr)
        code = 127
    return Result(step, code == 0, time.monotonic() - began)


def run_all(steps: Sequence[Step]) -> list[Result]:
    """How each of them ended, in their order."""
    with ThreadPoolExecutor(len(steps)) as pool:
        ends = [
            pool.submit(run_quietly, each) if each.is_beside else _ended_already(run(each))
            for each in steps
        ]
        return [each.result() for each in ends]


def _ended_already(result: Result) -> Future[Result]:
    end: Future[Result] = Future()
    end.set_result(result)
    return end


def main() -> int:
    """Run all steps, or --only the one of a name; 0 if every one passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=[each.name for each in STEPS])
    only = parser.parse_args().only
    results = run_all([each for each in STEPS if only in (None, each.name)])
    print("\nsummary")
    for result in results:
        word = "passed" if result.is_passed else "FAILED"
        print(f"  {word}  {result.step.name:<14} {result.seconds:6.1f} s  {result.step.promise}")
    failed = [result.step.name for result in results if not result.is_passed]
    print(f"FAILED: {', '.join(failed)}" if failed else "ALL CHECKS PASSED")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
