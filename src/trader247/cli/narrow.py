"""Help on a narrow screen: every name whole, in plain lines.

Typer's decorated help stands in six columns, and on forty cuts the names of options off. Its plain
one wraps; what is set here are its own settings: the markup, the width, and how much of a line the
names may take.
"""

from __future__ import annotations

from shutil import get_terminal_size
from typing import Any

DECORATED = 72
"""Columns from which on the decorated help keeps the longest of our names whole."""
_NAMES = 18
"""Of a line: longer names stand on one of their own, with what they mean below."""


def is_narrow() -> bool:
    """Whether the screen is too narrow for the decorated help."""
    return get_terminal_size().columns < DECORATED


def fit(command: Any) -> None:
    """Let a command, and those below it, draw its help for the screen as it is now.

    `command` is Typer's; it has no public type.
    """
    if not is_narrow():
        return
    command.rich_markup_mode = None
    command.context_class = _context(command.context_class, get_terminal_size().columns)
    command.help = _kept_lines(command.help or "")
    for each in getattr(command, "commands", {}).values():
        # What stands in the list is cut to one line otherwise.
        each.short_help = (each.help or "").split("\n\n")[0]
        fit(each)


def _context(kind: Any, columns: int) -> Any:
    class Formatter(kind.formatter_class):  # type: ignore[misc] # known at run time alone
        def __init__(self, **given: Any) -> None:
            super().__init__(**{**given, "width": max(columns, 20)})

        def write_dl(self, rows: Any, col_max: int = _NAMES, col_spacing: int = 2) -> None:
            super().write_dl(rows, min(col_max, _NAMES), col_spacing)

    class Narrow(kind):  # type: ignore[misc] # each command's own, as above
        formatter_class = Formatter

    return Narrow


def _kept_lines(text: str) -> str:
    """Paragraphs with indented lines stay as they are written: examples, and a file's form."""
    return "\n\n".join(
        f"\b\n{each}" if any(line.startswith(" ") for line in each.splitlines()) else each
        for each in text.split("\n\n")
    )
