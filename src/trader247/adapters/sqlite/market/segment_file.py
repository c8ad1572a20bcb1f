"""A folder of segments, read at a place: whole bytes or a refusal that says what is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from trader247.domain.errors import StorageError


class SegmentFile:
    """The segments of a folder; the one read last stays open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self._name = ""

    def read(self, segment: str, start: int, length: int) -> bytes:
        """`length` bytes of a segment from `start` on.

        Raises:
            StorageError: it is missing, unreadable or shorter.
        """
        try:
            if self._file is None or self._name != segment:
                self.close()
                if Path(segment).name != segment:
                    raise StorageError(f"{segment!r} is no name of a segment")
                self._file = (self._folder / segment).open("rb", buffering=0)
                self._name = segment
            data = os.pread(self._file.fileno(), length, start)
        except OSError as error:
            raise StorageError(f"cannot read {self._folder / segment}: {error.strerror}") from error
        if len(data) != length:
            raise StorageError(f"{segment} ends before {start + length}")
        return data

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._file = None
        self._name = ""
