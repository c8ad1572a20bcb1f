"""Memory of a run: what it holds after thousands of cycles beside what it held after 500.

A fresh process runs them, so that nothing that another measure left behind hides its growth.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.bench.measure import Row, Target
from scripts.bench.simulation import trader

from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant

SHORT, LONG = 1_500, 10_000
SETTLED = 500
EVERY = 100
GROWTH_MB_MAX = 5

_ROOT = Path(__file__).resolve().parents[2]
_STATM = Path("/proc/self/statm")


def memory(*, cycles: int = SHORT) -> Iterator[Row]:
    """How much the resident memory of a run grows between cycle 500 and its worst moment."""
    if not _STATM.exists():
        print("memory: not measured, as this system has no /proc", file=sys.stderr)
        return
    line = [sys.executable, "-m", "scripts.bench.memory", str(cycles)]
    done = subprocess.run(line, cwd=_ROOT, stdout=subprocess.PIPE, check=True)
    sizes: list[float] = json.loads(done.stdout)
    first, *later = sizes
    name = f"memory grown, cycle {SETTLED} to {cycles:,}"
    yield Row(name, "MB", max(later) - first, None, None, Target.MEASURED_AT_MOST, GROWTH_MB_MAX)


def long_memory() -> Iterator[Row]:
    """The same over ten thousand cycles."""
    yield from memory(cycles=LONG)


def _sizes(cycles: int) -> list[float]:
    """Resident megabytes from cycle `SETTLED` on, every `EVERY` cycles, garbage collected."""
    sizes: list[float] = []

    def on_report(report: CycleReport, _: Instant) -> None:
        if report.cycle >= SETTLED and report.cycle % EVERY == 0:
            gc.collect()
            sizes.append(_resident_mb())

    with trader(on_report) as made:
        made.loop.run(cycles=cycles, until=None)
    return sizes


def _resident_mb() -> float:
    pages = int(_STATM.read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    print(json.dumps(_sizes(int(sys.argv[1]))))
