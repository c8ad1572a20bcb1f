"""Speed, as ratios to a baseline that runs in turn with it, pinned to one core.

Absolute times hold for one machine and one hour; a ratio to a baseline of the same run does not
care. Each measure is one function that answers its rows. Exit 1 if a target is missed.

    make bench                              all but the long ones
    make bench LONG=1                       a million fills, ten thousand cycles: minutes more
    python -m scripts.bench help kill       some of it
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

from scripts.bench.backtest import backtest, long_backtest
from scripts.bench.cycle import cycle
from scripts.bench.fills import fills, most_fills
from scripts.bench.gate import gate
from scripts.bench.measure import HEADER, REPETITIONS, Row, pin
from scripts.bench.memory import long_memory, memory
from scripts.bench.past import long_past, past
from scripts.bench.serving import serving
from scripts.bench.startup import help_screen, kill_switch
from scripts.bench.wire import served_cycle, signed_request

Measure = Callable[[], Iterator[Row]]

SHORT: dict[str, Measure] = {
    "help": help_screen,
    "kill": kill_switch,
    "cycle": cycle,
    "fills": fills,
    "memory": memory,
    "gate": gate,
    "past": past,
    "backtest": backtest,
    "serving": serving,
    "request": signed_request,
    "served": served_cycle,
}
LONG: dict[str, Measure] = {
    **SHORT,
    "fills": most_fills,
    "memory": long_memory,
    "past": long_past,
    "backtest": long_backtest,
}


def main(arguments: Sequence[str]) -> int:
    """Run the measures of those names, or all; 1 if one misses its target."""
    measures = LONG if "--long" in arguments else SHORT
    names = [each for each in arguments if each != "--long"] or list(measures)
    unknown = [name for name in names if name not in measures]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(measures)}", file=sys.stderr)
        return 2
    size = "everything in full" if measures is LONG else "the long measures shortened: see --long"
    print(f"medians of at least {REPETITIONS}, {pin()}, {size}")
    print(HEADER)
    is_met = True
    for name in names:
        for row in measures[name]():
            is_met = is_met and row.is_met
            print(row.line(), flush=True)
    print("ALL TARGETS MET" if is_met else "A TARGET IS MISSED")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
