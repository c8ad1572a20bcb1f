"""Who works on a data folder: the file that says so, and whether that very process still lives.

The file is only a name to ask for; the kernel's lock is the truth. A process id that was used
again is told apart by the boot and by the moment at which the process started. Light to import:
`kill on` reads it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import sys
from functools import lru_cache
from pathlib import Path

from trader247.adapters.files import read_small
from trader247.domain.dataclass import dataclass

HOLDER = "trader247.holder.json"
LOCK = "trader247.lock"
_SIZE_MAX = 16_384
_COMMAND_MAX = 500
_TEXTS = ("boot", "started", "host", "command", "since")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds, or last held, the guard; `since` is RFC 3339 by the machine's clock.

    `book` is what it trades on, empty where it did not say.
    """

    pid: int
    boot: str
    started: str
    host: str
    command: str
    since: str
    book: str = ""

    @staticmethod
    def this_process(*, since: str, book: str = "") -> Holder:
        """The process that asks."""
        pid = os.getpid()
        command = shlex.join(sys.argv)[:_COMMAND_MAX]
        return Holder(pid, *_own_start(pid), os.uname().nodename, command, since, book)

    @property
    def is_here(self) -> bool:
        """Whether it is, or was, a process of this machine."""
        return self.host == os.uname().nodename

    @property
    def is_of_this_boot(self) -> bool:
        """Whether this machine has not started again since: its steady clock is the same one."""
        return self.is_here and self.boot == _boot() != ""

    @property
    def is_alive(self) -> bool | None:
        """Whether that very process lives; None where another host's cannot be asked."""
        if not self.is_here:
            return None
        return self.boot == _boot() and self.started == _started(self.pid) != ""

    def is_same_process(self, other: Holder) -> bool:
        """Whether both name one process, whatever it was at when each was written."""
        mine, its = ((each.pid, each.boot, each.started, each.host) for each in (self, other))
        return mine == its

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}: {self.command}"


def read_holder(path: Path) -> Holder | None:
    """Who a holder's file names, alive or not; None where there is none to read."""
    try:
        body = json.loads(read_small(path, bytes_max=_SIZE_MAX))
        texts = {key: str(body[key]) for key in _TEXTS}
        return Holder(pid=int(body["pid"]), book=str(body.get("book", "")), **texts)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, AttributeError):
        return None


def is_guarded(data: Path) -> bool:
    """Whether any process, this one included, holds the guard of a data folder now.

    Raises:
        OSError: it cannot be examined.
    """
    try:
        descriptor = os.open(data / LOCK, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two who look do not take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@lru_cache(maxsize=1)
def _own_start(pid: int) -> tuple[str, str]:
    """In which boot this process started, and when: neither changes while it lives."""
    return _boot(), _started(pid)


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
