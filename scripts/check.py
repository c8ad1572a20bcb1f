"""Run every check, whatever the earlier ones said, and say at the end which passed.

A tool that is missing is a failure, never a skip.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Step:
    """One tool and what its success means."""

    name: str
    promise: str
    command: tuple[str, ...]


ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
"""The tests start the program hundreds of times: without bytecode each start compiles it anew."""

SIMULATION = (
    *("trader247", "simulate", "--seeds", "0..23", "--days", "0.042", "--points"),
    *("--every-fault", "--jobs", "2"),
)
"""As many simulated hours as there is time for; `make sim-long` runs more."""

STEPS = (
    Step("ruff format", "one way of writing", ("ruff", "format", "--check", ".")),
    Step("ruff check", "no known mistake", ("ruff", "check", ".")),
    Step("mypy --strict", "the types hold", ("mypy",)),
    Step("import-linter", "imports go downward", ("lint-imports", "--no-logo")),
    Step("pytest", "it does what it says", ("pytest", "-q", "-n", "2")),
    Step("simulation", "no fault breaks a promise", SIMULATION),
)


@dataclass(frozen=True, slots=True)
class Result:
    """How a step ended."""

    step: Step
    is_passed: bool
    seconds: float


def run(step: Step) -> Result:
    """Run one step in the foreground."""
    print(f"== {step.name}", flush=True)
    began = time.monotonic()
    tool, *arguments = step.command
    try:
        command = (str(BIN / tool), *arguments)
        code = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=False).returncode
    except FileNotFoundError:
        print(f"{tool} is not installed beside {sys.executable}", file=sys.stderr)
        code = 127
    return Result(step, code == 0, time.monotonic() - began)


def main() -> int:
    """Run all steps, or --only the one of a name; 0 if every one passed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=[each.name for each in STEPS])
    only = parser.parse_args().only
    results = [run(step) for step in STEPS if only in (None, step.name)]
    print("\nsummary")
    for result in results:
        word = "passed" if result.is_passed else "FAILED"
        print(f"  {word}  {result.step.name:<14} {result.seconds:6.1f} s  {result.step.promise}")
    failed = [result.step.name for result in results if not result.is_passed]
    print(f"FAILED: {', '.join(failed)}" if failed else "ALL CHECKS PASSED")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
