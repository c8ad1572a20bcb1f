"""The backups of one book: in one folder, one at a time, and as many as it takes to go back.

Kept are those of the newest hour, and the newest of each of the last 24 hours, 30 days and 12
months that have one, by the book's own time; and as many of those that a clock ahead has dated. A
file without a backup's name never counts.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from trader247.adapters.files import TEMPORARY, private_folder, sync_folder
from trader247.adapters.sqlite.backups import chunks, manifest
from trader247.adapters.sqlite.backups import whole as backup_whole
from trader247.adapters.sqlite.backups.added import adding
from trader247.adapters.sqlite.backups.backup import (
    ADDED,
    WHOLE,
    Backup,
    Made,
    Steps,
    Told,
    finished,
    untold,
)
from trader247.adapters.sqlite.backups.market import forget_unused
from trader247.adapters.sqlite.database import open_reader, translated
from trader247.adapters.sqlite.schema import is_older
from trader247.domain.errors import NotAllowed
from trader247.domain.milestones import Passing, unwatched
from trader247.domain.time import Instant

HOURS, DAYS, MONTHS = 24, 30, 12
"""How many of each are kept."""

_NAME = re.compile(r"(\d{4}-\d\d-\d\dT)(\d\d)(\d\d)(\d\d)Z\.(\d{9,})\.(?:db|json)\Z")


def backups_in(folder: Path) -> tuple[Backup, ...]:
    """Every backup that counts, oldest first."""
    found = []
    for path in (*folder.glob(f"*{WHOLE}"), *folder.glob(f"*{ADDED}")):
        match = _NAME.match(path.name)
        if match is None or not path.is_file():
            continue
        with suppress(ValueError):
            time = Instant.parse(f"{match[1]}{match[2]}:{match[3]}:{match[4]}Z")
            found.append(Backup(path, time, int(match[5])))
    return tuple(sorted(found, key=lambda each: (each.time, each.seq, each.is_whole)))


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
            for place in (folder, folder / chunks.FOLDER):
                for left in place.glob(f"*{TEMPORARY}*"):
                    left.unlink()
        yield
    finally:
        os.close(descriptor)


def backing_up(
    journal: Path, folder: Path, *, passing: Passing = unwatched, told: Told = untold
) -> Steps:
    """Back up `journal` in the form that fits, a step at a time; the caller is alone in the folder.

    Raises:
        ChainBroken, StorageError: as the two forms say.
    """
    with translated("back up", journal):
        source = open_reader(journal)
        try:
            is_of_before = is_older(source)
        finally:
            source.close(force=True)
    if is_of_before:
        return (yield from backup_whole.copying(journal, folder, passing=passing))
    earlier = backups_in(folder)
    return (yield from adding(journal, folder, earlier=earlier, passing=passing, told=told))


def back_up_now(journal: Path, folder: Path, *, told: Told = untold) -> Made:
    """Make a backup in one go; the caller is alone in the folder. Given up, it leaves no half one.

    Raises:
        ChainBroken, StorageError: as `backing_up` says.
    """
    return finished(backing_up(journal, folder, told=told))


def prune(folder: Path, made: Backup | None = None) -> tuple[Backup, ...]:
    """Remove what is not kept any more. Answers it.

    Those that are dated after the one that was `made` just now were dated by a clock that ran
    ahead: they have places of their own, and take none from others until their time has come.

    Raises:
        StorageError: a file cannot be removed, or a backup cannot be read.
    """
    found = backups_in(folder)
    ahead = [each for each in found if made is not None and each.time > made.time]
    kept = kept_of([each for each in found if each not in ahead]) | kept_of(ahead)
    gone = tuple(each for each in found if each not in kept)
    with translated("remove from", folder):
        for each in gone:
            each.path.unlink()
        if gone:
            # What is used is removed last: a crash leaves too much, never too little.
            sync_folder(folder)
            added = [manifest.read(each.path) for each in kept if not each.is_whole]
            whole = [backup_whole.market_of(each.path) for each in kept if each.is_whole]
            forget_unused(folder, {*whole, *(each.market for each in added)})
            used = {chunk.name for each in added for chunk in each.chunks}
            chunks.forget_unused(folder / chunks.FOLDER, used)
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
