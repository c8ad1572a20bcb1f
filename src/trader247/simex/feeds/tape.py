"""One product's candles as whole numbers, and what was wrong with the file they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from trader247.simex.feeds.tape_numbers import Column


class Trouble(Enum):
    """What was found: rows that were dropped, rows in disorder (sorted), and minutes missing."""

    MALFORMED = "malformed"
    ABSURD = "absurd"
    CROSSED = "crossed"
    CONFLICTING = "conflicting"
    REPEATED = "repeated"
    OFF_GRID = "off_grid"
    UNTRADED = "untraded"
    DISORDERED = "disordered"
    HOLES = "holes"


@dataclass(frozen=True, slots=True)
class TapeReport:
    """What was found in one product's file: counts of each trouble, and the first example."""

    product_id: str
    path: Path
    rows: int
    bars: int
    interval_minutes: int
    counts: Mapping[Trouble, int]
    examples: Mapping[Trouble, str]

    def __str__(self) -> str:
        """One line for a person."""
        troubles = [
            f"{count} {trouble.value} ({self.examples[trouble]})"
            for trouble, count in self.counts.items()
            if count
        ]
        unit = "minutes" if self.interval_minutes == 1 else f"bars of {self.interval_minutes} min"
        return f"{self.product_id}: {self.bars} {unit}; {', '.join(troubles) or 'clean'}"

    @property
    def is_clean(self) -> bool:
        """Whether nothing had to be dropped, sorted or left open."""
        return not any(self.counts.values())


@dataclass(frozen=True, slots=True, eq=False)
class Tape:
    """Bars in order of time: `minute` since 1970, prices in ticks, volume in lots."""

    product_id: str
    interval: int
    """Minutes that each bar covers."""
    price_decimals: int
    base_decimals: int
    minute: Column
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column

    @property
    def first_minute(self) -> int:
        return int(self.minute[0])

    @property
    def last_minute(self) -> int:
        """The last minute that the last bar covers."""
        return int(self.minute[-1]) + self.interval - 1

    def canonical(self) -> bytes:
        """The tape's content, whatever the file's spelling of it."""
        head = f"{self.product_id} {self.interval} {self.price_decimals} {self.base_decimals}\n"
        columns = (self.minute, self.open, self.high, self.low, self.close, self.volume)
        return head.encode() + b"".join(column.astype("<i8").tobytes() for column in columns)
