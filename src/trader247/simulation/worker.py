"""A process that runs seeds and says one line of JSON for each: `python -m` starts it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from trader247.simulation.running import Wanted, run_seed


def work(arguments: Sequence[str]) -> None:
    """Run what the arguments say."""
    wanted = Wanted.read(arguments)
    for seed in wanted.seeds:
        sys.stdout.write(json.dumps(run_seed(seed, wanted).to_json()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    work(sys.argv[1:])
