"""Where the process begins: a signal that comes while modules load ends it quietly.

Loading takes a tenth of a second and more on a busy machine. Python's own answer to Ctrl-C there is
a traceback; what asks a `run` to end must be obeyed with exit 0 from its first moment to its last.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import NoReturn


def main() -> NoReturn:
    """The entry point of `trader247` and of `python -m trader247`."""
    is_run = next((each for each in sys.argv[1:] if not each.startswith("-")), "") == "run"
    asked = [signal.SIGINT, signal.SIGTERM] if is_run else [signal.SIGINT]

    def leave(_number: int, _frame: FrameType | None) -> None:
        # At once, past every `finally`: nothing is open yet, or all is closed already.
        with suppress(OSError, RuntimeError, ValueError):
            sys.stdout.flush()
        os._exit(0 if is_run else 130)

    for number in asked:
        # What was ignored before we started, as under nohup, stays so.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, leave)
    _open_streams()
    # What is imported stays: looking for garbage among it is a fifteenth of the time to `--help`.
    gc.disable()
    from trader247.cli.main import main as trader247

    gc.freeze()
    gc.enable()
    if not is_run and signal.getsignal(signal.SIGINT) is leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    told = _ToldToEnd()
    if not is_run:
        told.listen()
    try:
        trader247()
    finally:
        told.leave_if_told()
        if is_run:
            # Python takes its handlers down before the process is gone; this stands to the end.
            for number in asked:
                signal.signal(number, signal.SIG_IGN)


_TIDYING_S = 5.0
"""What has not tidied up by then ends where it stands."""
_SOON_S = 0.05


class _ToldToEnd:
    """SIGTERM and a closed terminal tidy up as Ctrl-C does, and end the process by their signal.

    Its own answer to them ends the process where it stands: files that are begun and folders that
    are temporary would stay. Another of them changes nothing: `timeout` sends each twice.
    """

    def __init__(self) -> None:
        self._number: int | None = None
        self._process = os.getpid()

    def listen(self) -> None:
        """Hear them from here on, but for what is ignored, as under nohup."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._process:
            # A worker that was forked from here has nothing of its own to tidy up.
            _end_by(number)
        if self._number is not None:
            return
        if _is_forgotten_in(frame):
            signal.signal(signal.SIGALRM, lambda _, later: self(number, later))
            signal.setitimer(signal.ITIMER_REAL, _SOON_S)
            return
        self._number = number
        signal.signal(signal.SIGALRM, lambda _, __: _end_by(number))
        signal.setitimer(signal.ITIMER_REAL, _TIDYING_S)
        raise KeyboardInterrupt

    def leave_if_told(self) -> None:
        """End as whoever asked for it expects, by the signal; else by the next that comes."""
        if self._number is not None:
            with suppress(OSError, RuntimeError, ValueError):
                sys.stdout.flush()
            _end_by(self._number)
        # All is tidied up, and what is raised while Python ends shows as a traceback.
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is self:
                signal.signal(number, signal.SIG_DFL)


def _end_by(number: int) -> NoReturn:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    # The first process of a container does not die of its own signal.
    os._exit(128 + number)


def _is_forgotten_in(frame: FrameType | None) -> bool:
    """Whether Python would drop what is raised there, with a traceback: where an object ends."""
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def _open_streams() -> None:
    """Give a process that was started with closed streams ones that lead nowhere.

    The next file that it opens would take their numbers, and what is meant for a screen would go
    into a journal.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
