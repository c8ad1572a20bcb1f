"""A process that reads tasks and says one line of JSON for each: `python -m` starts it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence

from trader247.simulation.running import worked
from trader247.simulation.wanted import Wanted


def work(arguments: Sequence[str], tasks: Iterable[str]) -> None:
    """Run each task as the arguments say."""
    for outcome in worked(Wanted.read(arguments), tasks):
        sys.stdout.write(json.dumps(outcome.to_json()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    work(sys.argv[1:], (line.strip() for line in iter(sys.stdin.readline, "")))
