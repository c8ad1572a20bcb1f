"""One instance a data folder: a kernel lock on a file that is never deleted.

The lock is the truth; the holder's file beside it only says who to ask. A dead process cannot keep
the lock, and a process id that was used again is told apart by its start time and the boot.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout

from trader247.adapters.files import read_small, write_atomically
from trader247.domain.errors import AlreadyRunning, NotAllowed, StorageError

LOCK = "trader247.lock"
HOLDER = "trader247.holder.json"
_TERM_SECONDS = 10.0
_KILL_SECONDS = 5.0
_ASKED_AGAIN = 3
_SIZE_MAX = 16_384


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds, or last held, the guard; `since` is RFC 3339 by the machine's clock."""

    pid: int
    boot: str
    started: str
    host: str
    command: str
    since: str

    @property
    def is_alive(self) -> bool | None:
        """Whether that very process lives; None where another host's cannot be asked."""
        if self.host != socket.gethostname():
            return None
        return self.boot == _boot() and self.started == _started(self.pid) != ""

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}: {self.command}"


class InstanceGuard:
    """The guard of one data folder."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = FileLock(data / LOCK, timeout=0, mode=0o600)

    def take(self, *, since: str) -> None:
        """Take the guard, at once or not at all.

        Raises:
            AlreadyRunning: another process holds it.
            StorageError: the lock is none that the kernel keeps, or cannot be made.
        """
        try:
            self._acquire()
        except Timeout:
            raise AlreadyRunning(
                f"ANOTHER INSTANCE IS ALREADY RUNNING: {self.holder() or 'holder unknown'}. "
                "Two at once would order twice, and each would take the other's fills for breaks",
                hint="`trader247 status` looks at it; Ctrl-C there, or `trader247 unlock --force` "
                "ends it; another --data folder keeps another book",
            ) from None
        except OSError as error:
            raise StorageError(
                f"{self._data / LOCK} cannot be locked: {error.strerror or error}",
                hint="use another --data",
            ) from error
        # The library takes a file's mere existence for a lock where the disk knows no other.
        if isinstance(self._lock, SoftFileLock):
            self._lock.release()
            raise StorageError(
                "this disk has no file locks that end with their process",
                hint="put the data folder on a local disk",
            )
        body = Holder(
            pid=os.getpid(),
            boot=_boot(),
            started=_started(os.getpid()),
            host=socket.gethostname(),
            command=shlex.join(sys.argv)[:500],
            since=since,
        )
        write_atomically(self._data / HOLDER, json.dumps(asdict(body)).encode())

    def _acquire(self) -> None:
        """Take the lock; one that no living process holds is asked for again.

        Whoever looks whether it is held holds it for a moment.
        """
        for _ in range(_ASKED_AGAIN):
            try:
                self._lock.acquire()
            except Timeout:
                holder = self.holder()
                if holder is not None and holder.is_alive is not False:
                    raise
                time.sleep(0.05)
            else:
                return
        self._lock.acquire()

    def release(self) -> None:
        """Let go of the guard; the lock's file stays."""
        self._lock.release()

    def is_held(self) -> bool:
        """Whether any process, this one included, holds the guard now."""
        if self._lock.is_locked:
            return True
        if not (self._data / LOCK).exists():
            return False
        probe = FileLock(self._data / LOCK, timeout=0, is_singleton=False)
        try:
            with probe:
                return False
        except Timeout:
            return True
        except OSError as error:
            raise StorageError(
                f"{self._data / LOCK} cannot be examined: {error.strerror or error}",
                hint="check the folder's owner and mode",
            ) from error

    def holder(self) -> Holder | None:
        """Who the holder's file names, alive or not; None where there is none to read."""
        try:
            body = json.loads(read_small(self._data / HOLDER, bytes_max=_SIZE_MAX))
            texts = {key: str(body[key]) for key in ("boot", "started", "host", "command", "since")}
            return Holder(pid=int(body["pid"]), **texts)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None

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
        if holder is None or not holder.is_alive:
            who = "unknown" if holder is None else str(holder)
            raise NotAllowed(
                f"the guard is held, but not by the process that its file names ({who})",
                hint="end the holder where it runs: it is on another host or wrote no file",
            )
        _signal(holder, signal.SIGTERM)
        if self._is_free_within(_TERM_SECONDS):
            return f"process {holder.pid} ended when asked"
        _signal(holder, signal.SIGKILL)
        if self._is_free_within(_KILL_SECONDS):
            return f"process {holder.pid} did not end in {_TERM_SECONDS:.0f} s and was killed"
        raise StorageError(f"process {holder.pid} was killed, and the guard is still held")

    def _is_free_within(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.is_held():
                return True
            time.sleep(0.05)
        return False


def _signal(holder: Holder, number: signal.Signals) -> None:
    """Signal that very process, and no other that has its number by now."""
    try:
        if sys.platform != "linux":
            if holder.is_alive:
                os.kill(holder.pid, number)
            return
        # The descriptor stays that process's, so what is verified after it was opened holds.
        descriptor = os.pidfd_open(holder.pid)
        try:
            if holder.is_alive:
                signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)
    except ProcessLookupError:
        return  # it has ended by itself
    except PermissionError as error:
        raise NotAllowed(
            f"process {holder.pid} is another user's", hint="end it as that user"
        ) from error


def _boot() -> str:
    """What tells this boot of the machine from another; empty where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return _told("/usr/sbin/sysctl", "-n", "kern.bootsessionuuid")


def _started(pid: int) -> str:
    """When a process started, in the kernel's words; empty where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        is_linux = Path("/proc/self/stat").exists()
        return "" if is_linux else _told("/bin/ps", "-o", "lstart=", "-p", str(pid))
    # The command, in parentheses, may hold anything; the fields after the last one are safe.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _told(*command: str) -> str:
    """What a system's own command prints; empty where it fails or is not there."""
    import subprocess

    try:
        done = subprocess.run(  # noqa: S603  # a fixed path and a number
            command, capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
