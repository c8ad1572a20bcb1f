"""The journal of sweeps: how often which data was tried on, in all, for good.

Trying again until something fits is what makes a backtest lie: the number of trials on the same
candles counts over every sweep, whatever became of its files. One line a sitting, each with the
hash of the one before.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from filelock import FileLock, Timeout

from trader247.adapters.files import private_folder, sync_folder
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant

NAME = "journal.jsonl"
_START = "0" * 64
_WAIT_S = 10
"""A line takes milliseconds."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One line: which sweep made how many trials on which data."""

    time: str
    sweep: str
    data: str
    trials: int


class TrialJournal:
    """Trials, counted. Sweeps that end together write one after the other.

    A last line without an end was never written: a power cut or a full disk left it. Whichever
    sweep wrote it counts those trials when it goes on.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        private_folder(folder)

    def sittings(self) -> tuple[Sitting, ...]:
        """Every line, oldest first.

        Raises:
            StorageError: it cannot be read, or a line was changed or taken out.
        """
        found, last = [], _START
        for number, line in enumerate(self._lines(), 1):
            try:
                body = json.loads(line)
                told = body.pop("hash")
                whole = body.pop("prev_hash") == last and _hash(last, body) == told
                found.append(Sitting(**body))
            except (ValueError, KeyError, TypeError, AttributeError):
                whole = False
            if not whole:
                raise StorageError(
                    f"{self._path} does not hold at line {number}: trials are not counted any more",
                    hint="put the file back as it was; a new --data folder begins anew",
                )
            last = told
        return tuple(found)

    def trials_on(self, data: str) -> int:
        """All trials that were ever made on the same data. Raises as `sittings` does."""
        return sum(each.trials for each in self.sittings() if each.data == data)

    def trials_on_other(self, data: str) -> int:
        """All trials that were made on any other data. Raises as `sittings` does."""
        return sum(each.trials for each in self.sittings() if each.data != data)

    def trials_of(self, sweep: str) -> int:
        """All trials of a sweep that were counted. Raises as `sittings` does."""
        return sum(each.trials for each in self.sittings() if each.sweep == sweep)

    def note(self, *, at: Instant, sweep: str, data: str, trials: int) -> None:
        """Count some more, durably.

        Raises:
            StorageError: the disk did not take it, or the journal does not hold.
        """
        try:
            with FileLock(self._path.with_name("journal.lock"), timeout=_WAIT_S):
                self._append(at, sweep, data, trials)
        except Timeout:
            raise StorageError(f"{self._path} is held by another process") from None
        except OSError as error:
            raise StorageError(f"{self._path} could not be written: {error.strerror}") from error

    def _append(self, at: Instant, sweep: str, data: str, trials: int) -> None:
        self.sittings()
        lines = self._lines()
        last = json.loads(lines[-1])["hash"] if lines else _START
        body = {"time": str(at), "sweep": sweep, "data": data, "trials": trials}
        line = json.dumps({**body, "prev_hash": last, "hash": _hash(last, body)}) + "\n"
        with self._path.open("ab") as file:
            os.fchmod(file.fileno(), 0o600)
            file.truncate(sum(len(f"{each}\n".encode()) for each in lines))
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._path.parent)

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text(encoding="utf-8").split("\n")[:-1]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(f"{self._path} cannot be read: {error.strerror}") from error


def _hash(last: str, body: dict[str, object]) -> str:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{last}{text}".encode()).hexdigest()
