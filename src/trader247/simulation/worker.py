"""A process that runs seeds and says one line of JSON for each: `python -m` starts it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from trader247.simulation.running import Wanted, worked


def work(arguments: Sequence[str]) -> None:
    """Run what the arguments say."""
    for outcome in worked(Wanted.read(arguments)):
        sys.stdout.write(json.dumps(outcome.to_json()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    work(sys.argv[1:])
