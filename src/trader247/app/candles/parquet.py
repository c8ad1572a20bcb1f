"""Candles as Parquet: ours with exact decimals and their source, and whatever others wrote.

The library is an extra, and is imported when a Parquet file is read or written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from trader247.domain.errors import UsageError
from trader247.simex.feeds.tape import Tape
from trader247.simex.feeds.tape_file import COLUMNS, TapeUnusable
from trader247.simex.feeds.tape_numbers import NO_NUMBER, Column
from trader247.simex.feeds.tape_rows import Rows, rows_of_floats

META = b"trader247"
ALIASES: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "ts", "timestamp", "date", "datetime", "start", "open time", "unix"),
    "open": ("open", "o", "open price"),
    "high": ("high", "h", "high price"),
    "low": ("low", "l", "low price"),
    "close": ("close", "c", "close price"),
    "volume": ("volume", "vol", "v", "base volume", "volume base"),
}
"""What files call the columns that we need; capitals, brackets and lines below make no odds."""

_MONEY = {"usd", "usdt", "usdc", "eur", "gbp", "quote", "currency"}
"""What volume is also told in: worth, where we need coins."""

_WORD = re.compile("[a-z0-9]+")
_MILLISECONDS = {"s": (1000, 1), "ms": (1, 1), "us": (1, 1000), "ns": (1, 1_000_000)}


def guessed(header: list[str]) -> dict[str, int]:
    """Where each of our columns stands, by the names that a file gives them; those it can find."""
    names = [" ".join(_WORD.findall(name.lower())) for name in header]
    found: dict[str, int] = {}
    for column, aliases in ALIASES.items():
        place = next((names.index(alias) for alias in aliases if alias in names), None)
        if place is not None:
            found[column] = place
    in_coins = [
        place
        for place, (what, *unit) in enumerate(name.split() or [""] for name in names)
        if what == "volume" and len(unit) == 1 and unit[0] not in _MONEY
    ]
    if "volume" not in found and len(in_coins) == 1:
        found["volume"] = in_coins[0]
    return found


def head_of(path: Path) -> list[list[str]]:
    """The names of a Parquet file's columns, and its first row as text, if it has one.

    Raises:
        TapeUnusable: it cannot be read.
        UsageError: the library is not installed.
    """
    pyarrow, library = _library()
    try:
        with library.ParquetFile(path) as file:
            head = next(file.iter_batches(batch_size=1), None)
            rows = [list(file.schema_arrow.names)]
    except (OSError, pyarrow.ArrowException) as error:
        raise _unreadable(path, error) from error
    if head is not None and head.num_rows:
        rows.append([str(column[0]) for column in head.columns])
    return rows


def _unreadable(path: Path, error: Exception) -> TapeUnusable:
    return TapeUnusable(path, found=f"unreadable: {str(error)[:200]}", allowed="a Parquet file")


def read_rows(path: Path, named: Mapping[str, int] | None) -> tuple[Rows, dict[str, str]]:
    """The rows of a Parquet file, and what it says of its source.

    Raises:
        TapeUnusable: it cannot be read, or lacks a column.
        UsageError: the library is not installed.
    """
    pyarrow, library = _library()
    try:
        table = library.read_table(path, memory_map=True)
    except (OSError, pyarrow.ArrowException) as error:
        raise _unreadable(path, error) from error
    places = guessed(table.column_names) if named is None else dict(named)
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        raise TapeUnusable(
            path,
            found=f"the columns {','.join(table.column_names)}"[:200],
            allowed=f"columns named {','.join(COLUMNS)}; {', '.join(missing)} cannot be told",
        )
    try:
        said = json.loads((table.schema.metadata or {}).get(META, b"{}"))
        columns = {name: table.column(places[name]).combine_chunks() for name in COLUMNS}
        del table
        rows = _rows(pyarrow, columns)
    except (ValueError, TypeError, pyarrow.ArrowException) as error:
        raise TapeUnusable(
            path, found=f"a column that is none: {str(error)[:200]}", allowed="numbers"
        ) from error
    del columns
    pyarrow.default_memory_pool().release_unused()  # it would keep as much as a file holds
    return rows, said


def write(path: Path, tape: Tape, said: Mapping[str, str]) -> None:
    """Write a tape whole, or not at all. Raises UsageError: the library is not installed."""
    pyarrow, library = _library()
    columns = {"time": pyarrow.array(tape.minute * 60, type=pyarrow.int64())}
    for name in ("open", "high", "low", "close"):
        columns[name] = _to_decimal(pyarrow, getattr(tape, name), tape.price_decimals)
    columns["volume"] = _to_decimal(pyarrow, tape.volume, tape.base_decimals)
    table = pyarrow.table(columns).replace_schema_metadata({META: json.dumps(dict(said)).encode()})
    partial = path.with_suffix(".part")
    library.write_table(table, partial, compression="zstd")
    partial.replace(path)


def _library() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UsageError(
            "Parquet needs the library pyarrow, which is not installed",
            hint="pip install 'trader247[data]'; CSV files need nothing more",
        ) from None
    return pyarrow, pyarrow.parquet


def _rows(pyarrow: Any, columns: Mapping[str, Any]) -> Rows:
    stamp = _stamps(pyarrow, columns["time"])
    types = [columns[name].type for name in COLUMNS[1:]]
    if all(pyarrow.types.is_decimal128(each) for each in types):
        prices = [_from_decimal(columns[name]) for name in COLUMNS[1:5]]
        scales = {columns[name].type.scale for name in COLUMNS[1:5]}
        if len(scales) == 1:
            shown = columns
            return Rows(
                stamp=stamp,
                prices=tuple(prices),
                price_decimals=scales.pop(),
                volume=_from_decimal(columns["volume"]),
                base_decimals=columns["volume"].type.scale,
                shown=lambda row: ",".join(str(shown[name][row]) for name in COLUMNS),
                line=lambda row: row + 1,
            )
    floats = [
        np.asarray(
            columns[name].cast(pyarrow.float64()).to_numpy(zero_copy_only=False), dtype=np.float64
        )
        for name in COLUMNS[1:]
    ]
    return rows_of_floats(stamp, floats[:4], floats[4])


def _stamps(pyarrow: Any, column: Any) -> Column:
    """Opening instants in milliseconds since 1970."""
    kind = column.type
    if pyarrow.types.is_timestamp(kind):
        times, parts = _MILLISECONDS[kind.unit]
        whole = column.cast(pyarrow.int64())
        known = np.asarray(whole.fill_null(NO_NUMBER).to_numpy(zero_copy_only=False))
        return np.where(known == NO_NUMBER, NO_NUMBER, known * times // parts)
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        from trader247.simex.feeds.tape_numbers import times as read_times

        return read_times([str(each) for each in column.to_pylist()])
    if pyarrow.types.is_integer(kind):
        whole = column.fill_null(NO_NUMBER).to_numpy(zero_copy_only=False).astype(np.int64)
    else:
        values = column.cast(pyarrow.float64()).to_numpy(zero_copy_only=False)
        whole = np.where(np.isfinite(values), values, NO_NUMBER).astype(np.int64)
    units = [whole < 0, whole < 10**11, whole < 10**14, whole < 10**17]
    return np.select(units, [whole, whole * 1000, whole, whole // 1000], whole // 1_000_000)


def _to_decimal(pyarrow: Any, column: Column, decimals: int) -> Any:
    """Whole steps as decimals of so many places, exactly."""
    wide = np.zeros((len(column), 2), dtype=np.int64)
    wide[:, 0] = column
    kind = pyarrow.decimal128(38, decimals)
    return pyarrow.Array.from_buffers(kind, len(column), [None, pyarrow.py_buffer(wide)])


def _from_decimal(column: Any) -> Column:
    """The inverse of `_to_decimal`; a cell without a number is `NO_NUMBER`."""
    wide = np.frombuffer(column.buffers()[1], dtype=np.int64)
    lower = wide[::2][column.offset : column.offset + len(column)]
    upper = wide[1::2][column.offset : column.offset + len(column)]
    fits = upper == lower >> 63
    number = np.where(fits, lower, -1)
    if column.null_count:
        number = np.where(column.is_null().to_numpy(zero_copy_only=False), NO_NUMBER, number)
    return number
