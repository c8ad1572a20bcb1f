"""What two processes and their files weigh at one simulated hour, read from /proc and the disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from trader247.app.books.places import Places

PAGE = os.sysconf("SC_PAGE_SIZE")
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Weight:
    """One process, as the kernel counts it."""

    rss_mb: float
    descriptors: int
    threads: int


@dataclass(frozen=True, slots=True)
class Sample:
    """Both processes and the book's files after so many simulated days and cycles."""

    days: float
    cycles: int
    orders: int
    trader: Weight
    exchange: Weight
    journal_mb: float
    """The database without its write-ahead log: what lasts."""
    wal_mb: float
    segments_mb: float
    backups_mb: float
    logs_mb: float


def weight(pid: int) -> Weight:
    """What the kernel says of a process now.

    Raises:
        FileNotFoundError, ProcessLookupError: it has ended.
    """
    proc = Path("/proc") / str(pid)
    pages = int((proc / "statm").read_text().split()[1])
    threads = len(os.listdir(proc / "task"))
    return Weight(pages * PAGE / MB, len(os.listdir(proc / "fd")), threads)


def sample(
    days: float, cycles: int, orders: int, *, trader: int, exchange: int, places: Places
) -> Sample:
    """Weigh everything now."""
    journal = places.journal
    return Sample(
        days=days,
        cycles=cycles,
        orders=orders,
        trader=weight(trader),
        exchange=weight(exchange),
        journal_mb=_size(journal),
        wal_mb=_size(journal.with_name(journal.name + "-wal")),
        segments_mb=_size(places.segments),
        backups_mb=_size(places.backups),
        logs_mb=_size(places.data / "logs"),
    )


def _size(path: Path) -> float:
    """MB of a file, or of all files below a folder; what comes and goes meanwhile is left out."""
    if path.is_file():
        return path.stat().st_size / MB
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += (Path(folder) / name).stat().st_size
            except FileNotFoundError:
                continue  # a backup that was just replaced
    return total / MB
