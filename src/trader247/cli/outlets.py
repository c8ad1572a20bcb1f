"""stdout and stderr that lead nowhere once nobody reads them, so that what was asked for is done.

`trader247 … | head -3` closes its end early. Python makes an error of that, which every library
between us and the pipe answers in a way of its own: Typer and Rich end the process with 1, which
says "refused" here. Ending at all is wrong: a report would not be written, a sale by hand would be
left half-way, and a gate's "these differ" would become the silence of its reader. So a command goes
on, unheard, and ends with its own exit code. What has no end asks `is_heard`.
"""

from __future__ import annotations

import os
import stat
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import Any, TextIO


class _Outlet(FileIO):
    """What we write to; a device that swallows all, once it fails as one of `ends` does."""

    def __init__(self, number: int, ends: type[OSError]) -> None:
        super().__init__(number, "w", closefd=False)
        self._ends = ends
        self.is_heard = True

    def write(self, data: Any, /) -> int | None:  # type: ignore[override]  # any buffer
        """Write what is any buffer of bytes; answers how many of them are dealt with."""
        try:
            written = super().write(data)
        except self._ends:
            self.is_heard = False
            lead_nowhere(self.fileno())
            written = super().write(data)
        if written is None and issubclass(BlockingIOError, self._ends):
            # It takes nothing now, and nobody waits: these words are lost, later ones may not be.
            return memoryview(data).nbytes
        return written


def open_outlets() -> None:
    """Put an outlet in the place of stderr, and of stdout where that is a pipe or a socket.

    Words on stderr end no command, whatever they fail of: a full disk, a terminal that is gone. An
    answer on stdout that finds no room is an error. A terminal or file name may hold letters that
    the stream lacks: they become question marks, and end no command.
    """
    sys.stdout, sys.stderr = _answering(sys.stdout), _talking(sys.stderr)


def lead_nowhere(number: int) -> None:
    """Let a file's number be that of a device which swallows all."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def is_heard() -> bool:
    """Whether somebody may still read stdout; that nobody does is known after writing to it."""
    buffer = getattr(sys.stdout, "buffer", None)
    outlet = getattr(buffer, "raw", buffer)
    return outlet.is_heard if isinstance(outlet, _Outlet) else True


def _answering(stream: TextIO) -> TextIO:
    if not isinstance(stream, TextIOWrapper):
        return stream
    mode = os.fstat(stream.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        stream.reconfigure(errors="replace")
        return stream
    return _outlet(stream, BrokenPipeError)


def _talking(stream: TextIO) -> TextIO:
    return _outlet(stream, OSError) if isinstance(stream, TextIOWrapper) else stream


def _outlet(stream: TextIOWrapper, ends: type[OSError]) -> TextIO:
    outlet = _Outlet(stream.fileno(), ends)
    return TextIOWrapper(
        # PYTHONUNBUFFERED holds here too.
        outlet if stream.write_through else BufferedWriter(outlet),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
