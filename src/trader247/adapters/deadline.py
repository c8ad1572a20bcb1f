"""One deadline for a whole conversation: a peer that sends a byte a second is as good as mute.

A socket's own timeout begins anew with every byte.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable


class Deadline:
    """A moment that does not move, however often it is asked how much time is left."""

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ends = monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds left. Raises TimeoutError when there are none."""
        left = self._ends - self._monotonic()
        if left <= 0:
            raise TimeoutError("no time is left")
        return left


class Lines:
    """Lines from a socket until the deadline; what `smtplib` reads from, instead of a file."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._buffer = b""

    def readline(self, most: int = 65_536) -> bytes:
        """The next line with its end; what there is where the peer has closed.

        Raises:
            TimeoutError: it did not come in time.
            OSError: the connection is broken.
        """
        while b"\n" not in self._buffer and len(self._buffer) < most:
            self._sock.settimeout(self._deadline.left)
            chunk = self._sock.recv(4_096)
            if not chunk:
                break
            self._buffer += chunk
        end = self._buffer.find(b"\n") + 1 or len(self._buffer)
        end = min(end, most)
        line, self._buffer = self._buffer[:end], self._buffer[end:]
        return line

    def close(self) -> None:
        """The socket is closed by whoever opened it."""
