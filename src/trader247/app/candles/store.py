"""The candles of a data folder: what is there, and each product's as whole numbers, fast.

`DATA/candles` holds a file a product: Parquet of our own with its source, or any candle file that
a replay could read. Beside them lies `.cache`: what was read, as an array that is mapped into
memory. It is made anew whenever a file's size or time is another one, and may be deleted.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from trader247.adapters.files import write_atomically
from trader247.app.candles import parquet
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.ids import ProductId
from trader247.simex.feeds.tape import Tape
from trader247.simex.feeds.tape_cleaning import MINUTE_MS, tape_of
from trader247.simex.feeds.tape_file import TapeUnusable, read_rows
from trader247.simex.feeds.tape_rows import rows_of_text

FOLDER = "candles"
SUFFIXES = (".parquet", ".csv", ".csv.gz")
CACHE = ".cache"
_CACHE_VERSION = 1
UNSAID = "unsaid"

_A_ROW = (
    "a row is a time (Unix seconds, milliseconds or ISO 8601) and five numbers with a decimal "
    "point, as 1780129560,1.341,1.342,1.340,1.341,11431"
)
"""What to do about rows of which nothing can be made; `data verify` would say the same of them."""

_A_FILE = (
    "trader247 data download or data import makes it anew; the columns are time, open, high, low, "
    "close and volume"
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where candles came from. `label` is what they are, where they are not Coinbase's own."""

    name: str
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """One product's candles. `checksum` is of their content, `troubles` what was wrong with it."""

    tape: Tape
    path: Path
    source: Source
    checksum: str
    troubles: Mapping[str, int]

    @property
    def missing(self) -> int:
        """Minutes between the first bar and the last in which there is none."""
        tape = self.tape
        spans = (tape.last_minute - tape.first_minute + 1) // tape.interval
        return (spans - len(tape.minute)) * tape.interval


def candle_files(folder: Path) -> dict[ProductId, Path]:
    """The candle files of a folder by product.

    Raises:
        UsageError: a file's name is no product, or two files are of one product.
    """
    files: dict[ProductId, Path] = {}
    if not folder.is_dir():
        return files
    for path in sorted(folder.iterdir()):
        name = path.name.lower()
        end = next((end for end in SUFFIXES if name.endswith(end)), None)
        if end is None or name.startswith(".") or not path.is_file():
            continue
        product = product_of(path)
        if product in files:
            raise UsageError(
                f"{files[product].name} and {path.name} in {folder} are both of {product}",
                hint="keep one file for each product",
            )
        files[product] = path
    return dict(sorted(files.items()))


def product_of(path: Path) -> ProductId:
    """The product that a file's name says. Raises UsageError: it says none."""
    name = path.name
    end = next((end for end in SUFFIXES if name.lower().endswith(end)), "")
    try:
        return ProductId.parse(name[: len(name) - len(end)].upper())
    except ValueError:
        raise UsageError(
            f"{path}: its name is no product; allowed: BTC-USD.csv, BTC-USD.csv.gz, "
            "BTC-USD.parquet",
            hint="rename it, or say --product BTC-USD when it is imported",
        ) from None


def load(path: Path) -> Stored:
    """One product's candles, from the cache where that is as new as the file.

    Raises:
        UsageError: the file cannot be read, or holds no candles.
    """
    product, stamp = str(product_of(path)), _stamp(path)
    array, note = _cache_paths(path)
    known = _cached(array, note, stamp)
    if known is not None:
        return _from_cache(path, product, known, array)
    stored = read(path)
    _keep(stored, array, note, stamp)
    return stored


def read(
    path: Path,
    product: str | None = None,
    named: Mapping[str, int] | None = None,
    *,
    is_closing: bool = False,
) -> Stored:
    """One product's candles from a file of any of the formats, as they are there.

    Times that are of bars' ends (`is_closing`) are made those of their openings.

    Raises:
        UsageError: the file cannot be read, or holds no candles.
    """
    name = str(product_of(path)) if product is None else product
    source = Source(UNSAID)
    try:
        if path.name.lower().endswith(".parquet"):
            rows, said = parquet.read_rows(path, named)
            source = Source(said.get("source", UNSAID), said.get("label", ""))
        else:
            rows = rows_of_text(read_rows(path, named))
        if is_closing:
            # Some say the last second or millisecond of a bar, others the moment after it.
            whole = -(-rows.stamp // MINUTE_MS) * MINUTE_MS
            rows = replace(rows, stamp=np.where(rows.stamp < 0, rows.stamp, whole))
        tape, report = tape_of(name, path, rows)
        if is_closing:
            tape = replace(tape, minute=tape.minute - tape.interval)
    except TapeUnusable as error:
        is_text = not path.name.lower().endswith(".parquet")
        hint = error.hint or (_A_ROW if is_text else _A_FILE)
        raise UsageError(str(error), hint=hint) from error
    troubles = {trouble.value: count for trouble, count in report.counts.items() if count}
    return Stored(tape, path, source, checksum_of(tape), troubles)


def checksum_of(tape: Tape) -> str:
    """The sha256 of a tape's content, whatever its file's spelling of it."""
    return sha256(tape.canonical()).hexdigest()


def write(folder: Path, stored: Stored, source: Source) -> Path:
    """Keep candles as Parquet, with their source and checksum; an older file makes way.

    They are read back once, so that whoever trades them first finds them in the cache.

    Raises:
        UsageError: the library for it is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stored.tape.product_id}.parquet"
    said = {
        "source": source.name,
        "label": source.label,
        "checksum": stored.checksum,
        "interval": str(stored.tape.interval),
    }
    parquet.write(path, stored.tape, said)
    for end in SUFFIXES[1:]:
        (folder / f"{stored.tape.product_id}{end}").unlink(missing_ok=True)
    load(path)
    return path


def _stamp(path: Path) -> list[int]:
    try:
        found = path.stat()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from error
    return [found.st_size, found.st_mtime_ns]


def _cache_paths(path: Path) -> tuple[Path, Path]:
    folder = path.parent / CACHE
    return folder / f"{path.name}.npy", folder / f"{path.name}.json"


def _cached(array: Path, note: Path, stamp: list[int]) -> dict[str, Any] | None:
    try:
        known: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_same = known.get("stamp") == stamp and known.get("version") == _CACHE_VERSION
    return known if is_same and array.exists() else None


def _from_cache(path: Path, product: str, known: dict[str, Any], array: Path) -> Stored:
    columns = np.load(array, mmap_mode="r")
    tape = Tape(
        product, known["interval"], known["price_decimals"], known["base_decimals"], *columns
    )
    source = Source(known["source"], known["label"])
    return Stored(tape, path, source, known["checksum"], known["troubles"])


def _keep(stored: Stored, array: Path, note: Path, stamp: list[int]) -> None:
    """Write the cache; where that cannot be done, the file is read again the next time."""
    tape = stored.tape
    columns = (tape.minute, tape.open, tape.high, tape.low, tape.close, tape.volume)
    body = {
        "version": _CACHE_VERSION,
        "stamp": stamp,
        "interval": tape.interval,
        "price_decimals": tape.price_decimals,
        "base_decimals": tape.base_decimals,
        "source": stored.source.name,
        "label": stored.source.label,
        "checksum": stored.checksum,
        "troubles": dict(stored.troubles),
    }
    partial = array.with_suffix(".part")
    try:
        array.parent.mkdir(exist_ok=True)
        note.unlink(missing_ok=True)
        with partial.open("wb") as file:
            np.save(file, np.stack(columns))
        partial.replace(array)
        write_atomically(note, json.dumps(body).encode())
    except OSError:
        # A disk that is full is not left fuller: what was begun is of no use to anybody.
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
