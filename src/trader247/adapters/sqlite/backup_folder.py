"""The backups of one book: in one folder, one at a time, and as many as it takes to go back.

Kept are those of the newest hour, and the newest of each of the last 24 hours, 30 days and 12
months that have one, by the book's own time. A file without a backup's name never counts.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from trader247.adapters.files import TEMPORARY, private_folder, sync_folder
from trader247.adapters.sqlite.backup import ENDING, Backup, backing_up, market_of
from trader247.adapters.sqlite.backup_market import forget_unused
from trader247.adapters.sqlite.database import translated
from trader247.domain.errors import NotAllowed
from trader247.domain.time import Instant

HOURS, DAYS, MONTHS = 24, 30, 12
"""How many of each are kept."""

_NAME = re.compile(r"(\d{4}-\d\d-\d\dT)(\d\d)(\d\d)(\d\d)Z\.(\d{9})\.db\Z")


def backups_in(folder: Path) -> tuple[Backup, ...]:
    """Every backup that counts, oldest first."""
    found = []
    for path in folder.glob(f"*{ENDING}"):
        match = _NAME.match(path.name)
        if match is None or not path.is_file():
            continue
        with suppress(ValueError):
            time = Instant.parse(f"{match[1]}{match[2]}:{match[3]}:{match[4]}Z")
            found.append(Backup(path, time, int(match[5])))
    return tuple(sorted(found, key=lambda each: (each.time, each.seq)))


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Be the only one who makes backups in the folder, and clear what a crash left there.

    Raises:
        NotAllowed: another process makes one now.
        StorageError, UnsafePermission: the folder cannot be used.
    """
    private_folder(folder)
    with translated("use", folder):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with translated("lock", folder):
            try:
                # The kernel's lock ends with its process, as the instance guard's does.
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise NotAllowed(
                    f"another process makes a backup in {folder} now", hint="wait a moment"
                ) from None
            for left in folder.glob(f"*{TEMPORARY}*"):
                left.unlink()
        yield
    finally:
        os.close(descriptor)


def back_up_now(journal: Path, folder: Path) -> Backup:
    """Make a backup in one go; the caller is alone in the folder.

    Raises:
        ChainBroken, StorageError: as `backing_up` says.
    """
    work = backing_up(journal, folder)
    while True:
        try:
            next(work)
        except StopIteration as end:
            made = end.value
            assert isinstance(made, Backup), "the last step answers what was made"
            return made


def prune(folder: Path) -> tuple[Backup, ...]:
    """Remove what is not kept any more. Answers it.

    Raises:
        StorageError: a file cannot be removed, or a backup cannot be read.
    """
    found = backups_in(folder)
    kept = kept_of(found)
    gone = tuple(each for each in found if each not in kept)
    with translated("remove from", folder):
        for each in gone:
            each.path.unlink()
        if gone:
            forget_unused(folder, {market_of(each.path) for each in kept})
            sync_folder(folder)
    return gone


def kept_of(backups: Sequence[Backup]) -> set[Backup]:
    """All of the newest hour: a person may have made one; and the newest of each span before."""
    spans: tuple[tuple[Callable[[Backup], str], int], ...] = (
        (lambda each: str(each.time)[:13], HOURS),
        (lambda each: str(each.time)[:10], DAYS),
        (lambda each: str(each.time)[:7], MONTHS),
    )
    last = max((str(each.time)[:13] for each in backups), default="")
    kept = {each for each in backups if str(each.time).startswith(last)}
    for span, count in spans:
        newest = {span(each): each for each in sorted(backups, key=lambda e: (e.time, e.seq))}
        kept |= {newest[name] for name in sorted(newest)[-count:]}
    return kept
