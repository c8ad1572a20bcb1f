"""Check the model in every state within a bound, then plant each bug and show how it is found.

`make model` runs it whole. Exit 1 where a promise breaks, or where a planted bug goes unseen.
"""

from __future__ import annotations

import argparse
import sys
import time

from scripts.model.bugs import BUGS, TRIALS
from scripts.model.moves import MOVES, moves_of
from scripts.model.search import Search
from scripts.model.state import Start

WHOLE = (Start(), Start(crashes=1), Start(flaws=1), Start(switches=1))
"""Each kind of trouble by itself, in every state that it leads to."""
TOGETHER = Start(crashes=2, flaws=2, switches=1, stops=1, cap=4)
"""All of it at once, and two orders that may live side by side: as far as the bound reaches."""


def main() -> int:
    """Search, settle, plant; 0 if the model holds and every bug is found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--states", type=int, default=1_500_000, help="bound of the last search")
    parser.add_argument("--traces", action="store_true", help="show how each planted bug is found")
    asked = parser.parse_args()
    total = 0
    for start in WHOLE:
        total += _searched(start, states_max=sys.maxsize)
    total += _searched(TOGETHER, states_max=asked.states)
    print(f"{total:,} states, no promise broken, and from each of them everything is resolved")
    missed = [name for name in BUGS if not _found(name, is_shown=asked.traces)]
    print(f"{len(BUGS) - len(missed)} of {len(BUGS)} planted bugs found")
    return 1 if missed else 0


def _searched(start: Start, *, states_max: int) -> int:
    began = time.monotonic()
    search = Search(start.state(), moves_of())
    reach = search.run(states_max=states_max)
    if reach.trace is None:
        search.settle()
    if reach.trace is not None:
        print("\n".join(reach.trace.lines()))
        sys.exit(1)
    seconds = time.monotonic() - began
    kinds = sum(1 for name in MOVES if reach.taken[name])
    bound = "all of them" if reach.is_whole else "up to the bound"
    print(
        f"{start}\n  {reach.states:,} states ({bound}), {reach.transitions:,} moves of {kinds} "
        f"kinds, {reach.depth} deep; resolved within {reach.calm_steps_max} steps of calm; "
        f"{seconds:.0f} s",
        flush=True,
    )
    return reach.states


def _found(name: str, *, is_shown: bool) -> bool:
    search = Search(TRIALS[name].state(), moves_of(BUGS[name]))
    reach = search.run(states_max=6_000)
    if reach.trace is None:
        search.settle()
    if reach.trace is None:
        print(f"  NOT FOUND: {BUGS[name]}")
        return False
    print(f"  {BUGS[name]}: {reach.trace.wrong}, after {len(reach.trace.steps)} moves")
    if is_shown:
        print("\n".join(f"      {line}" for line in reach.trace.lines()[1:]))
    return True


if __name__ == "__main__":
    sys.exit(main())
