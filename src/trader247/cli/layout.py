"""Text laid out in rows of cells: parts that flow, columns that fit, sections of one screen."""

from __future__ import annotations

from collections.abc import Sequence

from trader247.cli.output import Cell, Tone, clean
from trader247.domain.dataclass import dataclass

Row = tuple[Cell, ...]

GAP = 2
"""Columns between two parts of a row."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of figures: the greater `weight` is, the sooner it goes where width is scarce."""

    title: str
    cells: tuple[Cell, ...]
    is_figure: bool = True
    weight: int = 0

    @property
    def width(self) -> int:
        return max(len(self.title), *(len(each.text) for each in self.cells))


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a head; `least` of the rows are shown before any other section gets more.

    `more` says where the rest is, when not all rows fit.
    """

    head: tuple[Row, ...]
    rows: tuple[Row, ...] = ()
    least: int = 0
    more: str = ""


def plain_row(text: str, tone: Tone = Tone.PLAIN) -> Row:
    """A row of one cell."""
    return (Cell(clean(text).replace("\n", " "), tone),)


def row_text(row: Row) -> str:
    """A row without its colours."""
    return "".join(cell.text for cell in row)


def fitted(row: Row, width: int) -> Row:
    """A row of at most `width` columns; what is cut ends in an ellipsis."""
    kept: list[Cell] = []
    left = width
    for cell in row:
        if len(cell.text) > left:
            kept.append(Cell(cell.text[: max(left - 1, 0)] + "…" * (left > 0), cell.tone))
            break
        kept.append(cell)
        left -= len(cell.text)
    return tuple(kept)


def spread(left: Row, right: Row, width: int) -> Row:
    """One part at each edge of a row; the left one is cut where both do not fit."""
    room = width - len(row_text(right)) - GAP
    start = fitted(left, max(room, 0))
    return (*start, Cell(" " * max(width - len(row_text(start)) - len(row_text(right)), 0)), *right)


def flowed(parts: Sequence[Row], width: int, *, indent: int = 0) -> tuple[Row, ...]:
    """Parts side by side, on as many rows as they need; rows after the first are indented."""
    rows: list[Row] = []
    current: Row = ()
    for part in parts:
        if not current:
            current = part
        elif len(row_text(current)) + GAP + len(row_text(part)) <= width:
            current = (*current, Cell(" " * GAP), *part)
        else:
            rows.append(fitted(current, width))
            current = (Cell(" " * indent), *part)
    return (*rows, fitted(current, width)) if current else tuple(rows)


def wrapped(text: str, width: int, *, indent: int = 0) -> tuple[Row, ...]:
    """A sentence on as many rows as it needs, each of them indented."""
    lines: list[str] = []
    for word in clean(text).split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(" " * indent + word)
    return tuple((Cell(line),) for line in lines)


def fits(fields: Sequence[Field], width: int) -> bool:
    """Whether all of these columns have room beside each other."""
    return sum(each.width + GAP for each in fields) - GAP <= width


def columns(fields: Sequence[Field], width: int) -> tuple[Row, ...]:
    """A head and a row for each entry, of the columns that fit: the heaviest go first."""
    shown = list(fields)
    while len(shown) > 1 and not fits(shown, width):
        heaviest = max(each.weight for each in shown)
        shown.remove(next(each for each in reversed(shown) if each.weight == heaviest))
    head = _joined([(Cell(each.title, Tone.DIM), each) for each in shown])
    count = len(fields[0].cells)
    rows = [_joined([(each.cells[index], each) for each in shown]) for index in range(count)]
    return tuple(fitted(row, width) for row in (head, *rows))


def arranged(sections: Sequence[Section], width: int, height: int | None) -> tuple[Row, ...]:
    """The sections one below the other, in at most `height` rows; blank rows where there is room.

    Heads and least rows come first, then each section takes what it needs, in order.
    """
    shares = _shares(sections, height)
    blocks = [_block(each, share) for each, share in zip(sections, shares, strict=True)]
    used = sum(map(len, blocks))
    blanks = len(blocks) - 1 if height is None else max(height - used, 0)
    rows: list[Row] = []
    for block in blocks:
        if rows and block and blanks > 0:
            rows.append(())
            blanks -= 1
        rows += block
    return tuple(fitted(row, width) for row in rows[:height])


def _shares(sections: Sequence[Section], height: int | None) -> list[int]:
    if height is None:
        return [len(each.rows) for each in sections]
    shares = [min(each.least, len(each.rows)) for each in sections]
    left = height - sum(len(each.head) for each in sections) - sum(shares)
    for index, each in enumerate(sections):
        taken = max(0, min(left, len(each.rows) - shares[index]))
        shares[index] += taken
        left -= taken
    return shares


def _block(section: Section, share: int) -> list[Row]:
    rows = section.rows
    if len(rows) <= share or not share:
        return [*section.head, *rows[:share]]
    hidden = len(rows) - share + 1
    note = plain_row(f"  … {hidden} more{': ' if section.more else ''}{section.more}", Tone.DIM)
    return [*section.head, *rows[: share - 1], note]


def _joined(cells: Sequence[tuple[Cell, Field]]) -> Row:
    row: list[Cell] = []
    for cell, field in cells:
        pad = Cell(" " * (field.width - len(cell.text)))
        row += [Cell(" " * GAP)] if row else []
        row += [pad, cell] if field.is_figure else [cell, pad]
    return tuple(row)
