"""A process that works for another one ends with it, however that ends.

A worker that waits for its next task waits on a pipe that its brothers hold open, too: when the
one who gives out tasks is killed, nobody is left to close it. Linux ends such a worker by itself
where it asks for that; elsewhere it stays until it is ended.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """End, in the middle of anything, as soon as the process that began this one is gone.

    `parent` is that process as it knew itself: it may have ended before this was asked for.
    """
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if os.getppid() != parent:
        os._exit(1)
