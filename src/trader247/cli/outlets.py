"""stdout and stderr that lead nowhere once they cannot be written: what was asked for is done.

`trader247 … | head -3` closes its end early. Python makes an error of that, which every library
between us and the pipe answers in a way of its own: Typer and Rich end the process with 1, which
says "refused" here. Ending at all is wrong: a report would not be written, a sale by hand would be
left half-way, and a gate's "these differ" would become the silence of its reader. So a command goes
on, unheard, and ends with its own exit code. What has no end asks `is_heard`.

A log on a full disk and a terminal that is gone are the same, but for one thing: what was to be
kept is not. A command that did all else well says so and ends with 8.
"""

from __future__ import annotations

import errno
import os
import select
import sys
from io import BufferedWriter, FileIO, TextIOWrapper
from typing import TextIO

SECONDS_MAX = 60
"""For which an answer waits until a pipe that does not wait by itself takes more."""

PATIENCE_SECONDS = 5
"""For which whoever watches positions waits for a pager that stands still."""
_NOBODY = "nobody takes it"


class _Outlet(FileIO):
    """A file that we write to; a device that swallows all, once it cannot be written."""

    def __init__(self, number: int, *, is_talk: bool) -> None:
        super().__init__(number, "w", closefd=False)
        self._is_talk = is_talk
        self.is_heard = True
        self.failure: OSError | None = None
        self.seconds_max: float | None = None
        """How long to wait for a reader that takes nothing now; None is for ever."""

    def write(self, data: object, /) -> int:
        """Write all of it: without a buffer in front, what is not taken would be lost."""
        rest = memoryview(data).cast("B")  # type: ignore[arg-type]  # as above
        size = len(rest)
        while rest:
            rest = rest[self._taken(rest) :]
        return size

    def _taken(self, data: memoryview) -> int:
        try:
            if self.seconds_max is not None:
                # A pipe that takes anything takes so much at once.
                data = data[: select.PIPE_BUF]
                if not select.select([], [self], [], self.seconds_max)[1]:
                    raise BlockingIOError(errno.EAGAIN, _NOBODY)
            taken = super().write(data)
            if taken is None and not self._is_free():
                raise BlockingIOError(errno.EAGAIN, _NOBODY)
        except OSError as error:
            self.is_heard = False
            if not isinstance(error, BrokenPipeError):
                self.failure = error
            lead_nowhere(self.fileno())
            return len(data)
        if taken is None:
            # Talk that is not taken is lost, and what comes later may not be.
            return len(data) if self._is_talk else 0
        return taken

    def _is_free(self) -> bool:
        """Whether it takes more, in time; an end that does not wait is what ssh makes of ours."""
        return self._is_talk or bool(select.select([], [self], [], SECONDS_MAX)[1])


def open_outlets() -> None:
    """Put an outlet in the place of stdout and of stderr.

    A terminal or file name may hold letters that the stream lacks: they become question marks, and
    end no command.
    """
    sys.stdout, sys.stderr = (
        _opened(sys.stdout, is_talk=False),
        _opened(sys.stderr, is_talk=True),
    )


def lead_nowhere(number: int) -> None:
    """Let a file's number be that of a device which swallows all."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def wait_for_no_reader() -> None:
    """Let neither stream hold up this process for long: a full pipe stops whoever writes to it."""
    for stream in (sys.stdout, sys.stderr):
        outlet = _outlet_of(stream)
        if outlet is not None:
            outlet.seconds_max = PATIENCE_SECONDS


def is_heard() -> bool:
    """Whether somebody may still read stdout; that nobody does is known after writing to it."""
    outlet = _outlet_of(sys.stdout)
    return outlet is None or outlet.is_heard


def take_failure() -> OSError | None:
    """Why stdout could not be written, for the first who asks: who takes it tells of it."""
    outlet = _outlet_of(sys.stdout)
    if outlet is None:
        return None
    failure, outlet.failure = outlet.failure, None
    return failure


def _outlet_of(stream: TextIO) -> _Outlet | None:
    buffer = getattr(stream, "buffer", None)
    outlet = getattr(buffer, "raw", buffer)
    return outlet if isinstance(outlet, _Outlet) else None


def _opened(stream: TextIO, *, is_talk: bool) -> TextIO:
    if not isinstance(stream, TextIOWrapper):
        return stream
    outlet = _Outlet(stream.fileno(), is_talk=is_talk)
    return TextIOWrapper(
        # PYTHONUNBUFFERED holds here too.
        outlet if stream.write_through else BufferedWriter(outlet),
        encoding=stream.encoding,
        errors="replace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )
