"""Candle files of every bad kind, made up: no market was ever recorded here."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from random import Random

PRICES = ("open", "high", "low", "close")
COLUMNS = ("time", "open", "high", "low", "close", "volume")
START = 1_735_689_600
MINUTES = 29 * 60
"""A day and two hours of history, an hour to trade in, and two more."""

Row = dict[str, str]


def candles(
    seed: int, *, price: float = 100.0, minutes: int = MINUTES, step: int = 60
) -> list[Row]:
    """A market that moves enough to be traded."""
    random = Random(seed)
    rows: list[Row] = []
    close = price
    for index in range(minutes * 60 // step):
        first = close
        drift = 0.00012 if index * step > minutes * 45 else 0.0
        close = first * (1 + random.gauss(drift, 0.0006))
        high, low = max(first, close) * 1.0005, min(first, close) * 0.9995
        figures = (first, high, low, close)
        rows.append(
            dict(
                zip(
                    COLUMNS,
                    (
                        str(START + index * step),
                        *(f"{each:.4f}" for each in figures),
                        f"{random.uniform(0.5, 1.5) * 60_000 / price * 100:.4f}",
                    ),
                    strict=True,
                )
            )
        )
    return rows


def write(path: Path, rows: list[Row], columns: tuple[str, ...] = COLUMNS) -> None:
    """A file of candles; packed where its name ends in .gz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    content = file.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def _times(row: Row, factor: float, *columns: str) -> None:
    for column in columns:
        row[column] = f"{float(row[column]) * factor:.4f}"


def holes(rows: list[Row]) -> list[Row]:
    return [row for index, row in enumerate(rows) if index % 23 and not 500 < index < 560]


def duplicates(rows: list[Row]) -> list[Row]:
    return [row for row in rows for _ in range(1 + int(int(row["time"]) % 300 == 0))]


def disorder(rows: list[Row]) -> list[Row]:
    shuffled = list(rows)
    Random(5).shuffle(shuffled)
    return shuffled


def crossed(rows: list[Row]) -> list[Row]:
    for row in rows[40::11]:
        row["high"], row["low"] = row["low"], row["high"]
    return rows


def absurd(rows: list[Row]) -> list[Row]:
    """Nought, negative, no number, infinite, ten times off, empty."""
    for offset, factor in enumerate((10.0, 0.1, 100.0)):
        for row in rows[60 + offset :: 211]:
            _times(row, factor, *PRICES)
    for offset, word in enumerate(("0", "-5", "NaN", "inf", "1e400", "", "abc", "1,5", "0x10")):
        for row in rows[40 + offset :: 97]:
            row["close"] = word
    for row in rows[40::131]:
        row["volume"] = "-1"
    for row in rows[40::137]:
        row["volume"] = "NaN"
    return rows


def late(rows: list[Row]) -> list[Row]:
    """The last hours are ten times off: the worst is at the end, where it is traded."""
    for row in rows[-200::9]:
        _times(row, 10.0, *PRICES)
    for row in rows[-199::9]:
        _times(row, 0.1, *PRICES)
    return rows


def silent(rows: list[Row]) -> list[Row]:
    """No trade at all for the last hours."""
    for row in rows[-220:]:
        row["volume"] = "0"
    return rows


def crash(rows: list[Row]) -> list[Row]:
    """Forty per cent down within minutes, and half of it back."""
    for index, row in enumerate(rows[-150:]):
        _times(row, 0.6 if index < 30 else 0.8, *PRICES)
    return rows


def milliseconds(rows: list[Row]) -> list[Row]:
    for row in rows:
        row["time"] += "000"
    return rows


def fractions(rows: list[Row]) -> list[Row]:
    for row in rows:
        row["time"] += ".0"
    return rows


def off_the_minute(rows: list[Row]) -> list[Row]:
    for row in rows:
        row["time"] = str(int(row["time"]) + 17)
    return rows


KINDS: dict[str, Callable[[list[Row]], list[Row]]] = {
    each.__name__: each
    for each in (
        holes,
        duplicates,
        disorder,
        crossed,
        absurd,
        late,
        silent,
        crash,
        milliseconds,
        fractions,
        off_the_minute,
    )
}
