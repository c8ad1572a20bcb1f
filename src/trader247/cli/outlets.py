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
from typing import TextIO


class _Outlet(FileIO):
    """A pipe or socket that we write to; a device that swallows all, once its reader is gone."""

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self.is_heard = True

    def write(self, data: object, /) -> int | None:  # type: ignore[override]  # any buffer
        try:
            return super().write(data)  # type: ignore[arg-type]  # as above
        except BrokenPipeError:
            self.is_heard = False
            lead_nowhere(self.fileno())
            return super().write(data)  # type: ignore[arg-type]  # as above


def open_outlets() -> None:
    """Put an outlet in the place of stdout and of stderr, where that is a pipe or a socket.

    A terminal or file name may hold letters that the stream lacks: they become question marks, and
    end no command.
    """
    sys.stdout, sys.stderr = _opened(sys.stdout), _opened(sys.stderr)


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


def _opened(stream: TextIO) -> TextIO:
    if not isinstance(stream, TextIOWrapper):
        return stream
    mode = os.fstat(stream.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        stream.reconfigure(errors="replace")
        return stream
    outlet = _Outlet(stream.fileno())
    return TextIOWrapper(
        # PYTHONUNBUFFERED holds here too.
        outlet if stream.write_through else BufferedWriter(outlet),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
