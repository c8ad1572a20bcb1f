"""One instance a data folder: a kernel lock on a file that is never deleted.

The lock is the truth; the holder's file beside it only says who to ask. A dead process cannot keep
the lock, so a guard never needs to be broken: it is enough to end its holder.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout

from trader247.adapters.files import remedy, write_atomically
from trader247.adapters.holder import HOLDER, LOCK, Holder, is_guarded, read_holder
from trader247.domain.errors import AlreadyRunning, NotAllowed, StorageError

_TERM_SECONDS = 10.0
_KILL_SECONDS = 5.0
_PROBE_SECONDS = 0.2
"""How long a lock without a living holder is tried for: somebody is only looking at it."""


class InstanceGuard:
    """The guard of one data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._path = data / LOCK
        self._lock = FileLock(self._path, timeout=0, mode=0o600)

    def take(self, *, since: str, book: str = "") -> Holder:
        """Take the guard, at once or not at all, and say whose it is.

        Raises:
            AlreadyRunning: another process holds it.
            StorageError: the lock is none that the kernel keeps, or cannot be made.
        """
        try:
            self._acquire()
        except OSError as error:
            raise StorageError(
                f"{self._path} cannot be locked: {error.strerror or error}",
                hint=remedy(error),
            ) from error
        if isinstance(self._lock, SoftFileLock):
            # Only its existence would lock: a crash would leave it locked, a race would not.
            self._lock.release()
            raise StorageError(
                "this disk has no file locks that end with their process",
                hint="put the data folder on a local disk",
            )
        holder = Holder.this_process(since=since, book=book)
        try:
            write_atomically(self._data / HOLDER, json.dumps(asdict(holder)).encode())
        except StorageError:
            self._lock.release()
            raise
        return holder

    def release(self) -> None:
        """Let go of the guard, and of the file that names us; the lock's file stays."""
        if not self._lock.is_locked:
            return
        # What it says is not true any more; left over, it only names a process that has ended.
        with suppress(OSError):
            (self._data / HOLDER).unlink()
        self._lock.release()

    def is_held(self) -> bool:
        """Whether any process, this one included, holds the guard now.

        Raises:
            StorageError: it cannot be examined.
        """
        if self._lock.is_locked:
            return True
        try:
            return is_guarded(self._data)
        except OSError as error:
            raise StorageError(
                f"{self._path} cannot be examined: {error.strerror or error}",
                hint="check the folder's owner and mode",
            ) from error

    def holder(self) -> Holder | None:
        """Who the holder's file names, alive or not; None where there is none to read."""
        return read_holder(self._data / HOLDER)

    def forget_holder(self) -> bool:
        """Remove the file of a holder that has ended. Answers whether there was one.

        Raises:
            NotAllowed: the guard is held, or the file names a process of another host.
            StorageError: the file cannot be removed.
        """
        path = self._data / HOLDER
        if not path.exists():
            return False
        holder = self.holder()
        if self.is_held():
            raise NotAllowed(f"the guard is held: {holder or 'holder unknown'}")
        if holder is not None and not holder.is_here:
            raise _elsewhere(holder)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"{path} cannot be removed: {error.strerror or error}") from error
        return True

    def end_holder(self) -> str:
        """End the process that holds the guard, and wait until the kernel has let go of it.

        Asks it to end first and waits ten seconds, then kills it. Answers what was done.

        Raises:
            NotAllowed: nobody holds it, or the holder is on another host or not to be verified.
            StorageError: the lock stays held.
        """
        holder = self.holder()
        if not self.is_held():
            raise NotAllowed("nobody holds the guard", hint="there is nothing to force")
        if holder is not None and not holder.is_here:
            raise _elsewhere(holder)
        if holder is None or not holder.is_alive:
            who = "the file is missing" if holder is None else str(holder)
            raise NotAllowed(
                f"the guard is held, but not by the process that its file names ({who})",
                hint=f"find who holds it: fuser {self._path}, and end that process",
            )
        if not _signalled(holder, signal.SIGTERM) or self._is_free_within(_TERM_SECONDS):
            return f"process {holder.pid} ended when asked"
        if not _signalled(holder, signal.SIGKILL) or self._is_free_within(_KILL_SECONDS):
            return f"process {holder.pid} did not end in {_TERM_SECONDS:.0f} s and was killed"
        raise StorageError(f"process {holder.pid} was killed, and the guard is still held")

    def _acquire(self) -> None:
        """Take the lock; where no holder lives, whoever has it is only looking.

        Raises:
            AlreadyRunning: another process holds it.
            OSError: it cannot be made.
        """
        end = time.monotonic() + _PROBE_SECONDS
        while True:
            try:
                self._lock.acquire()
            except Timeout:
                holder = self.holder()
                is_known = holder is not None and holder.is_alive is not False
                if is_known or time.monotonic() >= end:
                    raise _running(holder) from None
                time.sleep(0.01)
            else:
                return

    def _is_free_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.is_held():
                return True
            time.sleep(0.05)
        return False


def _running(holder: Holder | None) -> AlreadyRunning:
    return AlreadyRunning(
        f"ANOTHER INSTANCE IS ALREADY RUNNING: {holder or 'holder unknown'}. "
        "Two at once would order twice, and each would take the other's fills for breaks",
        hint="`trader247 status` looks at it; Ctrl-C there, or `trader247 unlock --force` "
        "ends it; another --data folder keeps another book",
    )


def _elsewhere(holder: Holder) -> NotAllowed:
    return NotAllowed(
        f"the guard's file names a process of another host, {holder.host}: whether it lives "
        f"cannot be told here ({holder})",
        hint=f"unlock on {holder.host}; if that machine is gone for good, remove {HOLDER} by hand",
    )


def _signalled(holder: Holder, number: signal.Signals) -> bool:
    """Send a signal to that very process, never to one that got its number later.

    Answers False where it has ended already.

    Raises:
        NotAllowed: the system does not let us.
    """
    try:
        if sys.platform != "linux":
            if not holder.is_alive:
                return False
            os.kill(holder.pid, number)
            return True
        descriptor = os.pidfd_open(holder.pid)
        try:
            # The descriptor is the process itself: verified after it was opened, it stays true.
            if not holder.is_alive:
                return False
            signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)
    except ProcessLookupError:
        return False
    except PermissionError as error:
        raise NotAllowed(
            f"process {holder.pid} may not be ended by this user",
            hint="end it as its owner, or as root",
        ) from error
    return True
