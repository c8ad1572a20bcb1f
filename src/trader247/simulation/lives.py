"""The processes that trade on one machine, one after the other, and how each of them ends."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import traceback
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

from trader247.adapters.holder import LOCK
from trader247.app.running.tenure import Tenure
from trader247.domain.errors import Trader247Error
from trader247.simulation.death import BrokenPromise, Cause, Death
from trader247.simulation.judged.chronicle import Chronicle
from trader247.simulation.judged.journal_reader import JournalReader
from trader247.simulation.judged.judging import Found
from trader247.simulation.judged.remains import torn_backups, torn_files
from trader247.simulation.judged.tally import Tally
from trader247.simulation.mishaps.machine import MachineMishaps
from trader247.simulation.world.disk import Disk
from trader247.simulation.world.files import Files
from trader247.simulation.world.words import is_cleared

_WRITING, _JOURNAL = ("write", "sync", "truncate", "remove"), (".db", ".db-wal")
_LOG = ".db-wal"


class Lives:
    """Whichever process trades now, if one does; each finds what the last left on the disk."""

    def __init__(
        self,
        data: Path,
        chronicle: Chronicle,
        reader: JournalReader,
        tally: Tally,
        *,
        disk: Disk,
        files: Files,
        machine: MachineMishaps,
        now_us: Callable[[], int],
    ) -> None:
        self.is_alive = False
        self.death: Death | None = None
        self.held: Tenure | None = None
        self.failures = 0
        """How many of the latest ones failed in a row."""
        self.has_failed = self._has_written_on = False
        """Whether the process that trades saw its journal's disk fail, and wrote to it since."""
        self._unflips: list[Callable[[], None]] = []
        """What puts each bit that flipped, and that nobody has noticed yet, right again."""
        self._last = "", ""
        """What was last done to a file, and to which."""
        self._data = data
        self._guard = data / LOCK
        self._looked: tuple[FileIO, tuple[int, int]] | None = None
        """The guard's file, once somebody has opened it to look, with its names as they were."""
        self._chronicle = chronicle
        self._reader = reader
        self._tally = tally
        self._disk = disk
        self._files = files
        self._machine = machine
        self._now_us = now_us

    @property
    def is_going_on(self) -> bool:
        """Whether one trades, and nothing has ended it yet."""
        return self.is_alive and self.death is None

    def die(self, cause: Cause, where: str) -> None:
        """End the process that trades now.

        Raises:
            Death: always, where one trades.
        """
        if self.is_going_on:
            self.death = Death(cause, where)
            self._disk.is_dead = True
            raise self.death

    def terminate(self) -> None:
        """Ask the process that trades now to end, as SIGTERM does."""
        if self.is_alive and self.held is not None:
            self.held.trader.loop.end("SIGTERM")

    def touched(self, act: str, path: str) -> None:
        """It is about to change a file."""
        is_amid = (act, path) == self._last and _is_of_a_commit(act, path)
        self._last = act, path
        is_asked = self.is_going_on and not is_amid and not path.endswith(LOCK)
        if is_asked and not self._is_guarded():
            self._chronicle.tell({"kind": "unguarded", "act": act, "file": Path(path).name})
        if self.has_failed and act in _WRITING and path.endswith(_JOURNAL):
            self._has_written_on = True

    def _is_guarded(self) -> bool:
        """Whether a process holds the guard of the folder, as the kernel sees it."""
        # Asked at each write. Not by the trader's own means: its files are counted, and may fail.
        try:
            fcntl.flock(self._guard_as_named(), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            return False
        self.let_go()
        return False

    def _guard_as_named(self) -> FileIO:
        """The file that has the guard's name: opened once, and anew where a name was given or
        taken since. Opening it at each write took three times as long.

        Raises:
            FileNotFoundError: no file has it.
        """
        if self._looked is not None:
            file, as_it_was = self._looked
            if _names(file) == as_it_was:
                return file
            self.let_go()
        file = FileIO(str(self._guard))
        self._looked = file, _names(file)
        return file

    def let_go(self) -> None:
        """Close what was opened to look at the guard, and take no part in it any more."""
        if self._looked is not None:
            self._looked[0].close()
        self._looked = None

    def catch_up(self) -> None:
        """Tell of what the journal has committed since this was last asked."""
        if self.death is None:
            self._reader.read()

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """A process's life.

        Raises:
            BrokenPromise: it ended by a bug, or by a judge's word.
        """
        self._forget_the_last()
        self._chronicle.incarnation += 1
        self._tally.starts += 1
        self.is_alive = True
        self._reader.look_again()
        if (unflip := self._machine.flipped()) is not None:
            self._unflips.append(unflip)
        self.has_failed = self._has_written_on = False
        self._chronicle.tell({"kind": "process", "what": "started"})
        what, cause, is_let_go = "ended", "", None
        try:
            yield
            self.catch_up()
        except BaseException as error:
            if self.death is None and not isinstance(error, Exception):
                raise
            what, cause = self._end_of(error)
        finally:
            self.is_alive = False
            self.held = None
            is_let_go = self._reader.is_let_go()
            self._reader.let_go()
        self._lose_what_was_not_synced()
        if what == "failed":
            # Whoever looks after it puts the right file there again, also where an earlier process
            # had not looked at what flipped: after a proper end old events are not read.
            for unflip in self._unflips:
                unflip()
            self._unflips.clear()
        self.failures = self.failures + 1 if what == "failed" else 0
        self.death, self._disk.is_dead = None, False
        self._disk.process += 1
        self._tally.ends[what] += 1
        self._chronicle.tell(
            {
                "kind": "process",
                "what": what,
                "cause": cause,
                "wrote_on": self._has_written_on,
                "is_cleared": is_cleared(self._data),
                "is_let_go": is_let_go,
            }
        )

    def _forget_the_last(self) -> None:
        """Let go of all that the last process held, as the kernel does: nothing of it writes.

        Not before now: the frames in which it died hold what it had open until they are left. A
        connection that outlives it would tell the next one of pages that a power cut took.
        """
        self._disk.is_dead = True
        gc.collect()
        if not self._disk.open_files:
            # What is left lives on beside the processes: it is looked through once, not at each
            # start. Where something still holds a file, the next collection has to find it.
            gc.freeze()
        self._disk.is_dead = False

    def _end_of(self, error: BaseException) -> tuple[str, str]:
        """What became of a process and why, as the judge is told of it."""
        if self.death is not None:
            return self.death.cause.value, self.death.where
        if isinstance(error, Trader247Error):
            return "failed", f"{type(error).__name__}: {error}"
        self._chronicle.violations.append(_crash(self._now_us(), error))
        raise BrokenPromise from error

    def _lose_what_was_not_synced(self) -> None:
        if self.death is None:
            return
        self._tally.crashes += 1
        if self.death.cause is Cause.POWER:
            self._disk.fail_power()
            self._files.fail_power()
            for torn in torn_files(self._data):
                self._chronicle.tell(torn)
            for folder in self._data.glob("*.backups"):
                for torn in torn_backups(folder):
                    self._chronicle.tell(torn)


def _is_of_a_commit(act: str, path: str) -> bool:
    """Whether this, done several times in a row, is one deed as far as the guard goes.

    SQLite writes all pages of a commit to its log in one go, and syncs it after them: between two
    of those writes no line of the trader runs, so that the guard is what it was.
    """
    return act == "write" and path.endswith(_LOG)


def _names(file: FileIO) -> tuple[int, int]:
    """How many names a file has, and since when: it is another moment after each change of them."""
    found = os.fstat(file.fileno())
    return found.st_nlink, found.st_ctime_ns


def _crash(at_us: int, error: BaseException) -> Found:
    """A bug that ended the process: the trader says so itself, and it should never have to."""
    trace = "".join(traceback.format_exception(error)[-3:])
    return Found("CRASH", at_us, f"{type(error).__name__}: {error}\n{trace}")
