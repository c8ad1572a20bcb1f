"""Taking candles in from a file: what its columns are is guessed, and shown before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from trader247.app.candles import parquet
from trader247.app.candles.store import FOLDER, SUFFIXES, Source, Stored, load, read, write
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.ids import ProductId
from trader247.domain.time import MINUTE, Instant
from trader247.simex.feeds.tape import Trouble
from trader247.simex.feeds.tape_file import COLUMNS, TapeUnusable, head_of

COINBASE = "coinbase"
_IN_ORDER = {name: place for place, name in enumerate(COLUMNS)}


@dataclass(frozen=True, slots=True)
class Guess:
    """Where each column of a file is taken to stand. `sample` is its first row by our names.

    `is_certain` where the file names its columns as we do, so that nobody has to confirm it.
    `is_closing` where the times are those of each bar's end.
    """

    path: Path
    columns: Mapping[str, int] | None
    sample: Mapping[str, str]
    is_certain: bool
    is_closing: bool = False

    @property
    def text(self) -> str:
        """The guess in one line."""
        told = ", ".join(f"{name} = {value}" for name, value in self.sample.items())
        return f"{told}; times are of bars' ends" if self.is_closing else told


@dataclass(frozen=True, slots=True)
class Imported:
    """One file that was taken in, and where it went; `replaced` is whose place it took there.

    That is empty where nothing was there, or nothing else.
    """

    stored: Stored
    path: Path
    replaced: str

    @property
    def left_out(self) -> str:
        """Which rows of the file were left out, and how many; empty where all were taken."""
        lost = (each.value for each in Trouble if each not in (Trouble.DISORDERED, Trouble.HOLES))
        troubles = self.stored.troubles
        return ", ".join(f"{troubles[each]} {each}" for each in lost if troubles.get(each))


def guess(path: Path, *, is_closing: bool = False) -> Guess:
    """What the columns of a file are; `is_closing` where its times are said to be of bars' ends.

    Raises:
        UsageError: it cannot be told.
    """
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing"
        raise UsageError(
            f"{path}: found {found}; allowed: a file of candles, CSV, CSV.GZ or Parquet",
            hint="each file by its name, as in: trader247 data import candles/*.csv",
        )
    is_parquet = path.name.lower().endswith(".parquet")
    try:
        rows = parquet.head_of(path) if is_parquet else head_of(path)
    except TapeUnusable as error:
        raise UsageError(str(error)) from error
    if not rows:
        raise UsageError(
            f"{path} is empty", hint="a file of candles: time,open,high,low,close,volume"
        )
    header = [name.strip().lower() for name in rows[0]]
    ends = [at for at, name in enumerate(header) if _is_of_an_end(name)]
    if all(name in header for name in COLUMNS) and not (is_closing and ends):
        return Guess(path, None, {}, is_certain=True, is_closing=is_closing)
    places, is_headless = parquet.guessed(rows[0]), False
    if is_closing and ends:
        places["time"] = ends[0]
    # A Parquet file always has names.
    if (
        not is_parquet
        and not places
        and len(rows[0]) >= len(COLUMNS)
        and all(map(_is_number, rows[0][1:6]))
    ):
        places, is_headless = dict(_IN_ORDER), True
    missing = [name for name in COLUMNS if name not in places]
    if "time" in missing and ends:
        # To name it the time would put each bar where the next one belongs.
        raise UsageError(
            f"{path}: the only time is {header[ends[0]][:80]}, of each bar's end; a time is of its "
            "opening",
            hint="--times close takes the length of a bar off each",
        )
    if missing:
        raise UsageError(
            f"{path}: found the columns {','.join(header)[:200]}; cannot tell {', '.join(missing)}",
            hint="--columns time,open,high,low,close,volume names the file's columns in their "
            "order; use - for one to leave out",
        )
    sample = rows[0] if is_headless else (rows[1] if len(rows) > 1 else rows[0])
    return Guess(path, places, _sample(sample, places), is_certain=False, is_closing=is_closing)


def _is_of_an_end(name: str) -> bool:
    """Whether a column's name says that it is of the moments at which bars end."""
    plain = name.strip("\"'")
    return plain.startswith(("close", "end")) and "time" in plain


def named(path: Path, text: str, *, is_closing: bool = False) -> Guess:
    """The columns as a person names them, in the file's order.

    Raises:
        UsageError: one that is needed is not named.
    """
    names = [name.strip().lower() for name in text.split(",")]
    places = {name: names.index(name) for name in COLUMNS if name in names}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        raise UsageError(
            f"--columns {text} does not name {', '.join(missing)}",
            hint=f"it needs each of {','.join(COLUMNS)}; - stands for any other column",
        )
    return Guess(path, places, {}, is_certain=True, is_closing=is_closing)


def imported(known: Guess, data: Path, *, product: ProductId | None, source: str) -> Imported:
    """Take a file in: cleaned, as Parquet, with its checksum and its source.

    Raises:
        UsageError: it holds no candles, lies where it would go, or the library for Parquet is not
            installed.
    """
    if known.path.resolve().parent == (data / FOLDER).resolve():
        # What is written would take its place, and rows that are left out would be lost.
        raise UsageError(
            f"{known.path} lies in {data / FOLDER} already: it is read from there as it is",
            hint="move it to another folder to have it cleaned, or its source said",
        )
    name = None if product is None else str(product)
    stored = read(known.path, name, known.columns, is_closing=known.is_closing)
    kept = replace(stored, source=_source(stored, source, known.path))
    before = _standing(data / FOLDER, kept)
    return Imported(kept, write(data / FOLDER, kept, kept.source), before)


def _standing(folder: Path, kept: Stored) -> str:
    """What lies where candles would go, unless it is the same: it makes way, and is not joined."""
    told = []
    for end in SUFFIXES:
        path = folder / f"{kept.tape.product_id}{end}"
        if not path.is_file():
            continue
        try:
            known = load(path)
        except UsageError:
            told.append(f"{path.name}, which could not be used")
            continue
        if known.checksum != kept.checksum:
            span = f"{_day(known.tape.first_minute)} to {_day(known.tape.last_minute)}"
            told.append(f"{path.name}: {len(known.tape.minute)} bars, {span}")
    return "; ".join(told)


def _day(minute: int) -> str:
    return str(Instant(0) + minute * MINUTE)[:10]


def _source(stored: Stored, source: str, path: Path) -> Source:
    if not source and stored.source.label:
        return stored.source
    name = source or stored.source.name
    if name.lower() == COINBASE:
        return Source(COINBASE)
    return Source(name, f"candles of {path.name} ({name}), not Coinbase's own")


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", ""))  # one that is written with commas is refused later on
    except ValueError:
        return False
    return True


def _sample(row: list[str], places: Mapping[str, int]) -> dict[str, str]:
    return {name: row[place] for name, place in places.items() if place < len(row)}
