"""Metrics where they are wanted: a file that the trader renews each cycle, or text on demand."""

from __future__ import annotations

import logging
from pathlib import Path

from trader247.adapters.files import write_atomically
from trader247.app.books.choice import Choice
from trader247.app.books.overview import Frame, overview_of_report
from trader247.app.books.status import status_of
from trader247.app.outside.metrics import families_of, rendered
from trader247.app.wall import wall_clock
from trader247.domain.errors import StorageError
from trader247.domain.reports import CycleReport


class Meter:
    """Renews one file after each cycle; where it cannot, that is logged once and trading goes on.

    The file appears whole or not at all, as Prometheus' textfile collector wants it.
    """

    def __init__(self, named: str, data: Path) -> None:
        """`named` is a path, below the data folder where it is relative; empty is no file."""
        self._path = data / named if named else None
        self._frame: Frame | None = None
        self._is_said = False

    def begin(self, frame: Frame) -> None:
        """From here on it is known whose figures they are."""
        self._frame = frame

    def cycled(self, report: CycleReport) -> None:
        """Write what a cycle left."""
        if self._path is None or self._frame is None:
            return
        view = overview_of_report(self._frame, report)
        try:
            self._write(self._path, rendered(families_of(view, now=wall_clock(), is_alive=True)))
        except StorageError as error:
            if not self._is_said:
                logging.getLogger("trader247").warning("no metrics are written: %s", error)
            self._is_said = True

    def _write(self, path: Path, text: str) -> None:
        write_metrics(path, text)
        self._is_said = False


def write_metrics(path: Path, text: str) -> None:
    """Put a text in a file's place, whole.

    Raises:
        StorageError: the disk did not take it.
    """
    write_atomically(path, text.encode())


def metrics_of(choice: Choice) -> str:
    """The chosen book's metrics as its journal tells them now. Nothing is locked or changed.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as `reading.opened` says.
    """
    status = status_of(choice)
    return rendered(families_of(status.overview, now=wall_clock(), is_alive=status.is_traded))
