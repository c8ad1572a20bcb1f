"""The ledger written out for other programs: one file a list, figures exact, nothing rounded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

from trader247.adapters.files import folder_for, write_atomically
from trader247.app.books.choice import Choice
from trader247.app.books.ledger_view import ledger_of
from trader247.app.books.reading import Book, opened
from trader247.core.booking import fold
from trader247.core.figures.tax_lots import disposals
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.portfolio import Portfolio

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the beginning of a cell."""


class Form(Enum):
    """How files are written."""

    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the folder, each file with its rows, up to which event."""

    folder: Path
    files: Mapping[str, int]
    seq: int
    head_hash: str


Row = Mapping[str, object]


def export(choice: Choice, folder: Path, form: Form) -> Exported:
    """Write the chosen book's lists into `folder`, which is new or empty; also beside its trader.

    Raises:
        UsageError: the book does not exist yet, or the folder holds something.
        StorageError: the journal cannot be read, or the disk did not take a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty", hint="name a new folder")
    with opened(choice) as book:
        head = book.journal.head
        lists = _lists(book, head.seq)
        folder_for(folder)
        files: dict[str, int] = {}
        for name, rows in lists.items():
            path = folder / f"{name}.{form.value}"
            write_atomically(path, _written(rows, form).encode())
            files[path.name] = len(rows)
    return Exported(folder, files, head.seq, head.hash)


def _lists(book: Book, seq: int) -> dict[str, Sequence[Row]]:
    view = ledger_of(book)
    source: Row = {
        "market": view.source.market,
        "mode": view.source.mode.value,
        "venue": view.source.venue.value,
    }
    return {
        "events": [each.as_json() for each in book.journal.events() if each.row.seq <= seq],
        "orders": [_fields(each) for each in book.journal.orders()],
        "fills": [_fields(each) for each in book.journal.fills()],
        "positions": [_fields(each) for each in view.positions],
        "dust": [_fields(each) for each in view.dust],
        "pnl": [{**source, **_fields(view.pnl)}],
        "tax_lots": list(_tax_lots(book, seq)),
    }


def _tax_lots(book: Book, seq: int) -> Iterator[Row]:
    portfolio = Portfolio()
    for recorded in book.journal.recorded(until=seq):
        for each in disposals(portfolio, recorded.event, recorded.time):
            yield {**_fields(each), "gain": each.gain}
        portfolio = fold(portfolio, recorded)


def _fields(value: Any) -> Row:
    return {each.name: getattr(value, each.name) for each in fields(value)}


def _written(rows: Sequence[Row], form: Form) -> str:
    if form is Form.JSON:
        return "".join(json.dumps(_row(each, _plain), ensure_ascii=False) + "\n" for each in rows)
    text = io.StringIO()
    if rows:
        table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(_row(each, _cell) for each in rows)
    return text.getvalue()


def _row(row: Row, form: Callable[[object], object]) -> dict[str, object]:
    return {name: form(value) for name, value in row.items()}


def _plain(value: object) -> object:
    """As JSON holds it: figures as decimal text, unknown as null."""
    if value is None or isinstance(value, int | str | Mapping | list):
        return value
    return value.value if isinstance(value, Enum) else str(value)


def _cell(value: object) -> str:
    """As a cell holds it: unknown is empty, and no text from outside becomes a formula."""
    if value is None:
        return ""
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False)
    text = str(_plain(value))
    is_text = isinstance(value, str) and not _is_figure(text)
    return f"'{text}" if is_text and text.startswith(_FORMULA) else text


def _is_figure(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdecimal()
