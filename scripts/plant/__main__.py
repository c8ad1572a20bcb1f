"""Plant each bug in a copy of the source, run the simulation on it, and tell which were caught.

    python -m scripts.plant                    all of them, on the seeds and hours of `make sim`
    python -m scripts.plant --bug no-sync      one
    python -m scripts.plant --most 3           the likeliest three of the seeds, and no more
    python -m scripts.plant --missed           those that were not caught when last tried
    python -m scripts.plant --further          what these do not find: its faults alone, 200 seeds
    python -m scripts.plant --tests            and which of the project's own tests notice it

A run ends at the first promise that it sees broken. What was found is kept in build/plant.json, and
not looked for again while the source is the same. Exit 1 where more than one in ten stays.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from scripts.plant.bug import Bug
from scripts.plant.catalogue import BUGS
from scripts.plant.kept import Kept
from scripts.plant.trial import noticed, tried, tried_further

from trader247.simulation.wanted import Scope, Wanted

SEEDS, DAYS = "0..23", 0.0625
"""Those of `make sim`, and the least of them that it runs, however slow the machine is."""
_DAY_US = 86_400_000_000
_ENOUGH = 0.9


def main() -> int:
    """Plant them; 0 if nine in ten were caught."""
    asked = _asked()
    first, _, last = asked.seeds.partition("..")
    seeds = tuple(range(int(first), int(last or first) + 1))
    scope = Scope.NOTHING if asked.no_tour else Scope.POINTS
    wanted = Wanted(seeds, int(asked.days * _DAY_US), tour=scope)
    kept = Kept.read()
    results = []
    for bug in _chosen(asked.bug, kept, is_missed=asked.missed):
        result = kept.of(bug)
        if result is None or (not result.promise and asked.missed):
            found = tried(bug, wanted, most=asked.most, hint=kept.where(bug))
            if asked.further and not found.promise:
                found = tried_further(bug, wanted)
            result = replace(found, tests=kept.tests(bug))
        if asked.tests and not result.tests:
            result = replace(result, tests=noticed(bug))
        kept.keep(result)
        print(f"{result.row} {result.seconds:.0f} s {result.text[:160]!r}", flush=True)
        results.append(result)
    caught = sum(bool(each.promise) for each in results)
    print(f"{caught} of {len(results)} caught")
    return 0 if caught >= _ENOUGH * len(results) else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bug", action="append", help="only this one; may be repeated")
    parser.add_argument("--seeds", default=SEEDS)
    parser.add_argument("--days", type=float, default=DAYS)
    parser.add_argument("--no-tour", action="store_true")
    parser.add_argument("--most", type=int, help="of the seeds only so many, the likeliest")
    parser.add_argument("--missed", action="store_true", help="those not caught yet, once more")
    parser.add_argument("--further", action="store_true", help="what these do not find, by more")
    parser.add_argument("--tests", action="store_true", help="ask the project's own tests too")
    return parser.parse_args()


def _chosen(names: Sequence[str] | None, kept: Kept, *, is_missed: bool) -> list[Bug]:
    by_name = {each.name: each for each in BUGS}
    chosen = list(BUGS) if names is None else [by_name[each] for each in names]
    if is_missed:
        chosen = [each for each in chosen if not kept.was_caught(each)]
    assert chosen, "there is no such bug"
    return chosen


if __name__ == "__main__":
    sys.exit(main())
