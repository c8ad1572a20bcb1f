"""stdout is data, stderr is talk: JSON of stable shapes, and tables that hold at 80 columns."""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, TextIO

from trader247.domain.dataclass import dataclass

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA_VERSION = 1
"""Of every object that `--json` prints; it rises when a name or a meaning changes."""
_TABLE_GAP = 3
"""Columns between two of a table."""
_WIDE_LEAST = 8
"""Of a table's wide column: under it a text falls into letters."""


class Tone(Enum):
    """How a cell is coloured; the words must make sense without it."""

    PLAIN = ""
    GOOD = "green"
    WARN = "yellow"
    BAD = "bold red"
    DIM = "dim"


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text with its tone."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: figures stand to the right; where one is wide, only that one wraps."""

    title: str
    is_figure: bool = False
    is_wide: bool = False


def clean(text: str) -> str:
    """`text` without control and direction characters: what came from outside stays on its line.

    A line end stays; a tab or a wide space becomes a space.
    """
    if text.isprintable():
        return text
    return "".join(_kept(each) for each in text)


def emit_json(payload: object) -> None:
    """Print one JSON object, on one line, with its `schema_version`.

    `payload` is a mapping or a dataclass.
    """
    # The types of money are many: whoever prints text does not wait for them.
    from trader247.cli.plain import plain_data

    body = plain_data(payload)
    assert isinstance(body, dict), "a JSON answer is one object"
    line = json.dumps({"schema_version": SCHEMA_VERSION, **body}, ensure_ascii=False)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def show(text: str = "") -> None:
    """Print a line of the answer on stdout; a terminal gets it broken between words."""
    sys.stdout.write(_laid_out(clean(text), sys.stdout) + "\n")


def show_code(line: str) -> None:
    """Print a line that somebody will copy on stdout: in one piece, however long."""
    sys.stdout.write(clean(line) + "\n")


def say(text: str) -> None:
    """Print a line of talk on stderr; a terminal gets it broken between words."""
    sys.stderr.write(_laid_out(clean(text), sys.stderr) + "\n")
    sys.stderr.flush()


def is_writable(text: str) -> bool:
    """Whether stdout has every letter of `text`."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def width_of() -> int:
    """The terminal's columns, or 80 where there is none."""
    return _console().width


def show_rows(rows: Sequence[Sequence[Cell]]) -> None:
    """Print rows that were laid out before, as they are."""
    if not sys.stdout.isatty() and not os.environ.get("FORCE_COLOR"):
        # Nothing will be coloured: whoever pipes text does not wait for what colours it.
        for row in rows:
            show("".join(cell.text for cell in row))
        return
    from rich.text import Text

    console = _console()
    for row in rows:
        line = Text(no_wrap=True, overflow="ignore")
        for cell in row:
            line.append(clean(cell.text), style=cell.tone.value)
        console.print(line, crop=False)


def show_table(
    columns: Sequence[Column], rows: Sequence[Sequence[str | Cell]], *, title: str = ""
) -> None:
    """Print a table as wide as the terminal, or 80 columns where there is none.

    Where that is too narrow an entry follows the other, its figures below its name: a figure that
    is cut is another one.
    """
    texts = [[clean(each.text if isinstance(each, Cell) else each) for each in row] for row in rows]
    if not _has_room(columns, texts):
        _show_entries(columns, texts, title=title)
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    has_wide = any(column.is_wide for column in columns)
    for column in columns:
        table.add_column(
            column.title,
            justify="right" if column.is_figure else "left",
            overflow="fold",
            no_wrap=has_wide and not column.is_wide,
            ratio=1 if column.is_wide else None,
        )
    for row in rows:
        cells = [each if isinstance(each, Cell) else Cell(each) for each in row]
        table.add_row(*(Text(clean(each.text), style=each.tone.value) for each in cells))
    console = _console()
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as printed:
        console.print(table)
    # What fills a line up to the edge of a screen is nothing to whoever searches or compares.
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))


def _has_room(columns: Sequence[Column], texts: Sequence[Sequence[str]]) -> bool:
    """Whether every column but a wide one keeps its whole text, and the wide one a few words."""
    if not any(column.is_wide for column in columns):
        return True
    needed = 2
    for at, column in enumerate(columns):
        widest = max([len(column.title), *(len(each[at]) for each in texts)])
        needed += _TABLE_GAP + (min(widest, _WIDE_LEAST) if column.is_wide else widest)
    return needed - _TABLE_GAP <= width_of()


def _show_entries(columns: Sequence[Column], texts: Sequence[Sequence[str]], *, title: str) -> None:
    from trader247.domain.lines import fitted

    if title:
        show(title)
    for row in texts:
        show("\n".join(fitted(row[0], width_of(), indent="", hanging="  ")))
        told = [
            f"{column.title} {text}".strip()
            for column, text in zip(columns[1:], row[1:], strict=True)
            if text not in ("", "-")
        ]
        if told:
            show("\n".join(fitted(", ".join(told), width_of(), indent="  ", hanging="  ")))


def _laid_out(text: str, stream: TextIO) -> str:
    """`text` as it goes to a stream: each line of it fits into a terminal, if that is one."""
    if not stream.isatty():
        return text
    width = shutil.get_terminal_size().columns
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width))


def _broken(line: str, width: int) -> list[str]:
    if len(line) <= width:
        return [line]
    from trader247.domain.lines import fitted

    indent = " " * (len(line) - len(line.lstrip()))
    return fitted(line.lstrip(), width, indent=indent, hanging=f"{indent}  ")


def _console() -> Console:
    from rich.console import Console

    return Console(markup=False, emoji=False, highlight=False)


def _kept(character: str) -> str:
    if character.isprintable() or character == "\n":
        return character
    return " " if character == "\t" or unicodedata.category(character) == "Zs" else ""
