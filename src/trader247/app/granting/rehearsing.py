"""The choice of a book that is rehearsed: LIVE, and on the simulated exchange."""

from __future__ import annotations

from pathlib import Path

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName


def rehearsal(config: Path, data: Path, key_file: Path) -> Choice:
    """What `--mode live --venue sim` chooses."""
    return Choice(config, data, Mode.LIVE, VenueName.SIM, key_file)
