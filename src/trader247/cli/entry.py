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
    terminated = _Terminated()
    if not is_run and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, terminated)
    try:
        trader247()
    finally:
        if terminated.is_told:
            with suppress(OSError, RuntimeError, ValueError):
                sys.stdout.flush()
            terminated.leave()
        if is_run:
            # Python takes its handlers down before the process is gone; this stands to the end.
            for number in asked:
                signal.signal(number, signal.SIG_IGN)


_TIDYING_S = 5.0
"""What has not tidied up by then ends where it stands."""
_SOON_S = 0.05


class _Terminated:
    """SIGTERM tidies up as Ctrl-C does, and ends the process by that signal all the same.

    Its own answer ends the process where it stands: files that are begun and folders that are
    temporary would stay. A second one is obeyed at once.
    """

    def __init__(self) -> None:
        self.is_told = False
        self._process = os.getpid()

    def __call__(self, _number: int, frame: FrameType | None) -> None:
        # A worker that was forked from here has nothing of its own to tidy up.
        if self.is_told or os.getpid() != self._process:
            self.leave()
        signal.signal(signal.SIGALRM, self)
        if _is_forgotten_in(frame):
            signal.setitimer(signal.ITIMER_REAL, _SOON_S)
            return
        self.is_told = True
        signal.setitimer(signal.ITIMER_REAL, _TIDYING_S)
        raise KeyboardInterrupt

    def leave(self) -> None:
        """End as whoever asked for it expects: by the signal."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)


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
