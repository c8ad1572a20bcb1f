"""The terminal's other screen, redrawn in place; the first one comes back at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from trader247.cli.layout import Row

WIDTH_MIN, HEIGHT_MIN = 40, 10
"""A smaller terminal shows nothing of use."""


def is_possible() -> bool:
    """Whether stdout is a terminal on which a screen can be redrawn."""
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


class Page:
    """Rows on the whole terminal. Make it, `open` it, `draw` at will, `close` it."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(markup=False, emoji=False, highlight=False)
        # Its own refreshing would be a thread that nobody here can watch or end.
        self._live = Live(
            console=self._console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows, now."""
        return self._console.size

    def open(self) -> None:
        """Take the terminal."""
        self._live.start()

    def draw(self, rows: Sequence[Row]) -> None:
        """Show `rows` in place of what was shown."""
        from rich.text import Text

        lines = Text(no_wrap=True, overflow="crop")
        for index, row in enumerate(rows):
            lines.append("\n" if index else "")
            for cell in row:
                lines.append(cell.text, style=cell.tone.value)
        self._live.update(lines, refresh=True)

    def close(self) -> None:
        """Give the terminal back."""
        self._live.stop()
