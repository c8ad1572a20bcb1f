"""Candle files as they lie on disk: which they are, and their rows as text.

A tape is one file or a folder of files, CSV or CSV.GZ, one product each, named `BTC-USD.csv` or
`BTC-USD.csv.gz`. Nothing is interpreted here.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trader247.domain.ids import ProductId

COLUMNS = ("time", "open", "high", "low", "close", "volume")
BYTES_MAX = 512 * 1024 * 1024
"""Uncompressed: some ten million bars, and a bound for what a small .gz may grow to."""
FILES_MAX = 500

_SUFFIXES = (".csv", ".csv.gz")
_HEADER_LINE = 1


class TapeUnusable(Exception):
    """A tape that cannot be replayed: where, what was found, and what is allowed.

    `hint` says what to do, where the fault is one that is known.
    """

    def __init__(
        self, path: Path, *, found: str, allowed: str, line: int | None = None, hint: str = ""
    ) -> None:
        place = str(path) if line is None else f"{path}, line {line}"
        super().__init__(f"{place}: found {found}; allowed: {allowed}")
        self.path = path
        self.line = line
        self.found = found
        self.allowed = allowed
        self.hint = hint


class ProductTwice(TapeUnusable):
    """Two files of one product: which one was meant?"""


@dataclass(frozen=True, slots=True)
class TextRows:
    """A file's rows: for each of `COLUMNS` its cells, and the line on which each row stands.

    `short_lines` are the lines that lack a column. `mark` parts the columns, `names` is how many
    the first line names and `width` how many the row after it has; 0 where no line names any.
    """

    lines: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]
    short_lines: tuple[int, ...]
    mark: str = ","
    names: int = 0
    width: int = 0

    def shown(self, row: int) -> str:
        """A row's cells as they stand in the file, those that hold its mark in quotes."""
        cells = (column[row] for column in self.cells)
        return self.mark.join(f'"{cell}"' if self.mark in cell else cell for cell in cells)


def tape_files(path: Path) -> dict[str, Path]:
    """The tape's files by product id, in the products' order.

    Raises:
        TapeUnusable: there is no such path, no candle file, or one whose name is no product.
        ProductTwice: two files of one product.
    """
    try:
        found = _candle_files(path)
    except OSError as error:
        raise TapeUnusable(
            path, found=_why(error), allowed="a file or folder that can be read"
        ) from error
    if not 1 <= len(found) <= FILES_MAX:
        raise TapeUnusable(
            path,
            found=f"{len(found)} candle files",
            allowed=f"1 to {FILES_MAX} files named like BTC-USD.csv or BTC-USD.csv.gz",
        )
    files: dict[str, Path] = {}
    for file in found:
        product = _product(file)
        if product in files:
            raise ProductTwice(
                path,
                found=f"{files[product].name} and {file.name}, both of {product}",
                allowed="one file for each product",
            )
        files[product] = file
    return dict(sorted(files.items()))


def _candle_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise TapeUnusable(path, found="no such file or folder", allowed="candle files")
    return [
        entry
        for entry in sorted(path.iterdir())
        if entry.name.lower().endswith(_SUFFIXES)
        and not entry.name.startswith(".")
        and entry.is_file()
    ]


def _product(file: Path) -> str:
    name = file.name.lower()
    stem = next((name.removesuffix(end) for end in _SUFFIXES if name.endswith(end)), name)
    try:
        return str(ProductId.parse(stem.upper()))
    except ValueError:
        raise TapeUnusable(
            file, found="a name that is no product", allowed="BTC-USD.csv or BTC-USD.csv.gz"
        ) from None


def read_rows(file: Path, named: Mapping[str, int] | None = None) -> TextRows:
    """The cells of `COLUMNS`, whatever their order in the file; other columns are left out.

    `named` says in which place each of them stands, where the file's first line does not say it in
    these words; a first line that holds no price is left out then.

    Raises:
        TapeUnusable: the file cannot be read or unpacked, is no CSV, or lacks a column.
    """
    text = _text(file)
    mark = _mark(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        rows = _rows(file, reader) if named is None else _rows_named(reader, named)
        return replace(rows, mark=mark)
    except csv.Error as error:
        raise TapeUnusable(
            file, line=reader.line_num, found=str(error), allowed="comma separated values"
        ) from error


def _mark(text: str) -> str:
    """What parts the columns: a comma, or what parts the first line into enough of them.

    A comma comes last: it also stands within the numbers of a line whose columns semicolons part.
    """
    first = text.partition("\n")[0]
    enough = len(COLUMNS) - 1
    return next((mark for mark in ";\t," if first.count(mark) >= enough), ",")


def _text(file: Path) -> str:
    try:
        with file.open("rb") as packed:
            if file.name.lower().endswith(".gz"):
                with gzip.open(packed) as unpacked:
                    data = unpacked.read(BYTES_MAX + 1)
            else:
                data = packed.read(BYTES_MAX + 1)
        if len(data) > BYTES_MAX:
            raise TapeUnusable(
                file, found="more than 512 MiB", allowed="512 MiB uncompressed; split the tape"
            )
        return data.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        raise TapeUnusable(
            file, found=_why(error), allowed="a CSV or CSV.GZ file that can be read"
        ) from error
    except UnicodeDecodeError as error:
        raise TapeUnusable(
            file, found=f"a byte that is no text at {error.start}", allowed="text in UTF-8"
        ) from error


def _rows(file: Path, reader: Iterator[list[str]]) -> TextRows:
    header = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in COLUMNS if name not in header]
    repeated = [name for name in COLUMNS if header.count(name) > 1]
    if missing or repeated:
        raise TapeUnusable(
            file,
            line=_HEADER_LINE,
            found=f"the columns {','.join(header) or '(none)'}"[:200],
            allowed=f"a first line that names {','.join(COLUMNS)}, each once, in any order",
        )
    places = [header.index(name) for name in COLUMNS]
    rows = list(reader)
    width = len([cell for cell in rows[0] if cell.strip()]) if rows else 0
    return replace(_cells(rows, places, _HEADER_LINE + 1), names=len(header), width=width)


def _rows_named(reader: Iterator[list[str]], named: Mapping[str, int]) -> TextRows:
    rows, first = list(reader), _HEADER_LINE
    if rows and not is_priced(rows[0], named):
        rows, first = rows[1:], first + 1
    return _cells(rows, [named[name] for name in COLUMNS], first)


def is_priced(row: Sequence[str], named: Mapping[str, int]) -> bool:
    """Whether a line has a number where the price should be: a line of names has none."""
    try:
        # A number with commas is refused later on; it is no name.
        return float(row[named["close"]].replace(",", "")) > 0
    except (ValueError, IndexError):
        return False


def head_of(file: Path, lines: int = 5) -> list[list[str]]:
    """The first lines of a file, for whoever has to guess what its columns are.

    Raises:
        TapeUnusable: as `read_rows`.
    """
    text = _text(file)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text), strict=True)
    try:
        return [row for row, _ in zip(reader, range(lines), strict=False)]
    except csv.Error as error:
        raise TapeUnusable(
            file, line=reader.line_num, found=str(error), allowed="comma separated values"
        ) from error


def _cells(rows: list[list[str]], places: list[int], first: int) -> TextRows:
    needed = max(places) + 1
    whole = [row for row in rows if len(row) >= needed]
    lines = [line for line, row in enumerate(rows, first) if len(row) >= needed]
    short = [line for line, row in enumerate(rows, first) if 0 < len(row) < needed]
    # Rows may differ in what comes after the last column that is needed: zip cuts it off.
    columns = tuple(zip(*whole, strict=False)) if whole else ((),) * needed
    return TextRows(tuple(lines), tuple(columns[place] for place in places), tuple(short))


def _why(error: Exception) -> str:
    """Why a file cannot be read, in words."""
    if isinstance(error, OSError) and error.strerror:
        return f"that it cannot be read ({error.strerror.lower()})"
    return f"that it cannot be read ({error})"
