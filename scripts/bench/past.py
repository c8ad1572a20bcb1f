"""A journal of a year: what asking it takes, how large it is, and how soon a trader starts on it.

Shortened, a small run is told often enough for some weeks: what is asked of the past does not
depend on how much of it there is, and the line for a year's size is per cycle. In full, as
`make year` has it, it is five thousand real cycles and a year, and every reader is asked once.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from scripts.bench.measure import Row, Target, in_turn
from scripts.bench.simulation import opened, trader
from scripts.bench.startup import BIN, ENVIRONMENT, command
from scripts.bench.year import YEAR, make

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.settings.load import load_settings
from trader247.domain.events.book import JournalOpened
from trader247.domain.time import Instant

REAL, TOLD = 1_500, 12_000
REAL_LONG = 5_000
WHY_MS_MAX = 300
GB_A_YEAR_MAX = 2.5
START_S_MAX = 2
STARTS = 5
READERS = (
    ("replay {early}", 2),
    ("replay {late}", 2),
    ("state show", 2),
    ("state show pnl", 2),
    ("state show funnel", 2),
    ("status", 2),
    ("risk status", 2),
    ("reconcile", 4),
    ("state backup", 120),
    ("report --since 30d", 60),
    ("report", 240),
)
"""What reads a year, and the seconds of a processor that it may take."""


def past() -> Iterator[Row]:
    """On a journal of some weeks."""
    yield from _past(REAL, TOLD)


def long_past() -> Iterator[Row]:
    """On a journal of a year, told from five thousand real cycles: all that reads it."""
    yield from _past(REAL_LONG, YEAR, readers=READERS)


def _past(real: int, told: int, *, readers: Sequence[tuple[str, float]] = ()) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="trader247-year-") as folder:
        data = Path(folder) / "data"
        with trader(lambda *_: None) as made:
            made.loop.run(cycles=real, until=None)
            cycles = make(made.journal.path.parent, data, cycles=told)
        _with_exchange(data)
        size = sum(each.stat().st_size for each in data.rglob("*") if "exchange" not in each.name)
        yield Row(
            f"a year's journal, of {cycles:,} cycles",
            "GB",
            size / cycles * YEAR / 1e9,
            None,
            None,
            Target.MEASURED_AT_MOST,
            GB_A_YEAR_MAX,
        )
        for share in (0.11, 0.55, 0.97):
            yield _why(data, folder, int(cycles * share), cycles)
        yield _start(data, folder, cycles)
        for reader, limit in readers:
            yield _read(reader, data, folder, cycles, limit)


def _read(reader: str, data: Path, folder: str, cycles: int, limit: float) -> Row:
    """The processor's time of one command, run once: wall time would tell of the disk's cache."""
    line = reader.format(early=cycles // 9, late=cycles - 40).split()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # A year may end under a halt: there alone 1 says so, and reading it costs the same.
    codes = (0, 1) if reader == "risk status" else (0,)
    command([str(BIN / "trader247"), *line, "--data", str(data)], folder, codes=codes)()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Row(" ".join(line), "s cpu", spent, None, None, Target.MEASURED_AT_MOST, limit)


def _why(data: Path, folder: str, cycle: int, cycles: int) -> Row:
    asked = ["why", "BTC-USD", "--cycle", str(cycle), "--data", str(data)]
    ours = command([str(BIN / "trader247"), *asked], folder)
    bare = command([str(BIN / "trader247"), "--help"], folder)
    pairs = in_turn(ours, bare)
    beyond = statistics.median(one - other for one, other in pairs)
    helped = statistics.median(other for _, other in pairs)
    name = f"why, cycle {cycle:,} of {cycles:,}, beyond help"
    return Row(name, "ms", beyond, helped, None, Target.MEASURED_AT_MOST, WHY_MS_MAX)


def _start(data: Path, folder: str, cycles: int) -> Row:
    """From the command to its first cycle's line, after a clean end."""
    line = [str(BIN / "trader247"), "run", "--speed", "max", "--cycles", "1", "--data", str(data)]
    spans = []
    for _ in range(STARTS + 1):
        began = time.perf_counter()
        with subprocess.Popen(
            line,
            cwd=folder,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None, "it is a pipe"
            if not process.stdout.readline():
                sys.exit(f"{' '.join(line)} said nothing")
            spans.append(time.perf_counter() - began)
            process.stdout.read()
    # The first one finds a chain that nobody verified before, and verifies it whole.
    name = f"run starts on {cycles:,} cycles"
    return Row(
        name, "s", statistics.median(spans[1:]), None, None, Target.MEASURED_AT_MOST, START_S_MAX
    )


def _with_exchange(data: Path) -> None:
    """Give a told journal the exchange at which its market goes on."""
    with JournalReader.open(data / "paper-sim.db") as journal:
        opening = journal.opened
    assert isinstance(opening, JournalOpened), "a journal begins with its opening"
    start = Instant.parse(opening.feed.rpartition(":start=")[2])
    settings = load_settings(None)
    settings = replace(settings, app=replace(settings.app, sim_start=start))
    with opened(settings, lambda *_: None) as made:
        folder = made.journal.path.parent
        for each in folder.glob("paper-sim.*"):
            if "exchange" in each.name or "market" in each.name:
                shutil.copy(each, data / each.name)
