"""Take each control out in turn, run its own tests, and write docs/mutants.md.

Exit 1 where a mutant survives, or where its tests do not even pass on the code as it is.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence

# What the tests import besides the project: read once here, and shared by every fork.
import hypothesis.strategies
import numpy  # noqa: F401
import requests  # noqa: F401
from scripts.mutants.catalogue import mutants
from scripts.mutants.mutation import Mutant, source_hash
from scripts.mutants.table import PAGE, Line, read, written
from scripts.mutants.trial import tried

assert hypothesis.strategies

TOGETHER_SECONDS_MAX = 600


def main() -> int:
    """Try them all, or with --stale those whose line is old; 0 if each was noticed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stale", action="store_true", help="only what has changed since")
    parser.add_argument("--control", help="only this control")
    asked = parser.parse_args()
    known = read()
    lines: list[Line] = []
    wanted = [
        each
        for each in mutants()
        if asked.control in (None, each.control) and not (asked.stale and _is_done(each, known))
    ]
    if not _pass_as_they_are(wanted):
        return 1
    began, fresh = time.monotonic(), 0
    for mutant in mutants():
        line = known.get((mutant.control, mutant.name))
        if mutant in wanted:
            fresh += 1
            lines.append(_line(mutant))
        elif line is not None:
            lines.append(line)
    PAGE.write_text(written(lines), encoding="utf-8")
    lost = [each for each in lines if not each.killer]
    seconds = time.monotonic() - began
    print(f"{fresh} of {len(lines)} mutants tried in {seconds:.0f} s, {len(lost)} not noticed")
    return 1 if lost else 0


def _is_done(mutant: Mutant, known: Mapping[tuple[str, str], Line]) -> bool:
    line = known.get((mutant.control, mutant.name))
    return line is not None and is_current(mutant, line)


def _pass_as_they_are(wanted: Sequence[Mutant]) -> bool:
    """Whether the tests pass on the code as it is: else they would notice anything."""
    tests = tuple(sorted({test for mutant in wanted for test in mutant.tests}))
    if not tests:
        return True
    result = tried(None, tests, seconds=TOGETHER_SECONDS_MAX)
    if result.killer or result.remark:
        print(f"the code as it is fails {result.killer} {result.remark}")
    return not (result.killer or result.remark)


def is_current(mutant: Mutant, line: Line) -> bool:
    """Whether a line still tells of the code and the test that are there."""
    if not line.killer or line.file != mutant.file:
        return False
    try:
        return line.hash == source_hash(mutant, line.killer)
    except (LookupError, OSError):
        return False


def _line(mutant: Mutant) -> Line:
    result = tried(mutant, mutant.tests)
    if not result.killer:
        print(f"NOT NOTICED {mutant.control}: {mutant.name} {result.remark}", flush=True)
        return Line.of(mutant, "", "")
    print(f"{mutant.control}: {mutant.name}: {result.killer}", flush=True)
    return Line.of(mutant, result.killer, source_hash(mutant, result.killer))


if __name__ == "__main__":
    sys.exit(main())
