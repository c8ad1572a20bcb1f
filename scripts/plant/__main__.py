"""Plant each bug in a copy of the source, run the simulation on it, and tell which were caught.

    python -m scripts.plant                    all of them, on the seeds and hours of `make sim`
    python -m scripts.plant --bug no-sync      one
    python -m scripts.plant --seeds 0..199     more seeds

A run ends at the first promise that it sees broken. Exit 1 where more than one in ten stays.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.plant.bug import Bug
from scripts.plant.catalogue import BUGS

from trader247.simulation.faults import Odds
from trader247.simulation.running import WORKER, Scope, Wanted

ROOT = Path(__file__).resolve().parents[2]
SEEDS, DAYS = "0..23", 0.0625
"""Those of `make sim`."""
_DAY_US = 86_400_000_000
_ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a bug: by which promise and in which seed it was caught, if it was."""

    bug: Bug
    promise: str
    where: str
    text: str
    seconds: float

    @property
    def row(self) -> str:
        """It as a line of a table."""
        found = f"{self.promise}, {self.where}" if self.promise else "**not caught**"
        return f"| {self.bug.name} | {self.bug.what} | {found} |"


def main() -> int:
    """Plant them; 0 if nine in ten were caught."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bug", action="append", help="only this one; may be repeated")
    parser.add_argument("--seeds", default=SEEDS)
    parser.add_argument("--days", type=float, default=DAYS)
    parser.add_argument("--no-tour", action="store_true")
    parser.add_argument("--most", type=int, help="of the seeds only so many, the likeliest")
    asked = parser.parse_args()
    first, _, last = asked.seeds.partition("..")
    seeds = tuple(range(int(first), int(last or first) + 1))
    wanted = Wanted(
        seeds, int(asked.days * _DAY_US), tour=Scope.NOTHING if asked.no_tour else Scope.POINTS
    )
    by_name = {each.name: each for each in BUGS}
    chosen = list(BUGS) if asked.bug is None else [by_name[each] for each in asked.bug]
    assert chosen, "there is no such bug"
    results = []
    for bug in chosen:
        result = tried(bug, replace(wanted, seeds=_likeliest(bug, seeds)[: asked.most]))
        print(f"{result.row} {result.seconds:.0f} s {result.text[:160]!r}", flush=True)
        results.append(result)
    caught = sum(bool(each.promise) for each in results)
    print(f"{caught} of {len(results)} caught")
    return 0 if caught >= _ENOUGH * len(results) else 1


def _likeliest(bug: Bug, seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds in an order in which a bug is found soon: it is caught whichever finds it."""

    def share(seed: int) -> int:
        odds = Odds.drawn(seed)
        return odds.hostility * len(bug.needs & odds.chosen) if bug.needs else -odds.hostility

    return tuple(sorted(seeds, key=share, reverse=True))


def tried(bug: Bug, wanted: Wanted) -> Result:
    """Run the simulation with a bug until it is caught, or all is run."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="t247-planted-") as folder:
        root = Path(folder)
        shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"))
        bug.plant(root)
        promise, where, text = _caught(root, wanted)
    return Result(bug, promise, where, text, time.monotonic() - began)


def _caught(root: Path, wanted: Wanted) -> tuple[str, str, str]:
    command = [sys.executable, "-B", "-m", WORKER, *wanted.arguments]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    with subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as worker:
        assert worker.stdin is not None, "it was asked for"
        assert worker.stdout is not None, "it was asked for"
        assert worker.stderr is not None, "it was asked for"
        # Seeds first: the tour takes longer than any of them.
        tasks = sorted(wanted.tasks, key=lambda task: not task.isdecimal())
        worker.stdin.write("\n".join(tasks) + "\n")
        worker.stdin.close()
        for line in worker.stdout:
            outcome = json.loads(line)
            if outcome["broken"]:
                worker.terminate()
                first = outcome["broken"][0]
                where = "tour" if outcome["is_tour"] else f"seed {outcome['seed']}"
                return first["invariant"], where, first["text"]
        said = worker.stderr.read()
        if worker.wait() != 0:
            return "its own end", "", said.strip().splitlines()[-1]
    return "", "", ""


if __name__ == "__main__":
    sys.exit(main())
