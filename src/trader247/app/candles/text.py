"""Candles as lines of text again, for whoever reads nothing else."""

from __future__ import annotations

from pathlib import Path

from trader247.app.candles.store import Stored, candle_files, load

HEADER = "time,open,high,low,close,volume\n"
_PARQUET = ".parquet"
_HOUR = 60


def rows_of(stored: Stored) -> dict[int, str]:
    """Candles as lines, by their time in seconds since 1970."""
    tape = stored.tape
    prices, sizes = tape.price_decimals, tape.base_decimals
    columns = (tape.open, tape.high, tape.low, tape.close)
    rows: dict[int, str] = {}
    for at, minute in enumerate(tape.minute.tolist()):
        cells = [f"{int(column[at])}e-{prices}" for column in columns]
        rows[minute * 60] = ",".join([str(minute * 60), *cells, f"{int(tape.volume[at])}e-{sizes}"])
    return rows


def replayable(path: Path, folder: Path, *, minutes: int | None = None) -> Path:
    """`path`, if it has no Parquet; else a folder under `folder` with its candles as text.

    All of them, or those of the first `minutes`: as text a bar takes a ten-thousandth of a second
    to be read. A product that begins later keeps its first hour.

    Raises:
        UsageError: a file cannot be read, its name is no product, or two are of one product.
    """
    if path.is_file() and path.name.lower().endswith(_PARQUET):
        files = [path]
    elif path.is_dir() and any(path.glob(f"*{_PARQUET}")):
        files = list(candle_files(path).values())
    else:
        return path
    target = folder / path.name.removesuffix(_PARQUET)
    target.mkdir(parents=True)
    known = [load(file) for file in files]
    until = None
    if minutes is not None:
        until = min(each.tape.first_minute for each in known) + minutes
    for stored in known:
        rows = rows_of(stored)
        if until is not None:
            least = {*list(rows)[:_HOUR]}
            rows = {at: row for at, row in rows.items() if at < until * 60 or at in least}
        lines = HEADER + "\n".join(rows.values()) + "\n"
        (target / f"{stored.tape.product_id}.csv").write_text(lines, encoding="utf-8")
    return target
