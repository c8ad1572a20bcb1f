"""What lies beyond a journal's end: what its folder has of events that the journal itself lacks.

A crash or a power cut leaves none of it. A backup holds nothing but committed events, which are
synced before anybody can read them. A frame of what a cycle saw is synced before its event, so one
that no event refers to may be there, but no second one after it: the next process cuts it off
before it writes its own. Both are counted by numbers and places, by no clock.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from trader247.adapters.sqlite.backups import manifest
from trader247.adapters.sqlite.backups.backup import Backup
from trader247.adapters.sqlite.backups.chunks import FOLDER, reading
from trader247.adapters.sqlite.backups.folder import backups_in
from trader247.adapters.sqlite.database import open_reader, translated
from trader247.adapters.sqlite.market.segment_file import SegmentFile
from trader247.adapters.sqlite.market.segment_frames import HEADER, framed, size_of
from trader247.adapters.sqlite.rows import Head, head, rows_after
from trader247.domain.errors import StorageError
from trader247.domain.events.cycles import SegmentRef

_OF_A_CRASH = 1
"""Frames without an event that a process can leave which was ended at any point."""


def backups_beyond(folder: Path, end: Head, common: Head) -> tuple[Backup, ...]:
    """The backups that go beyond a journal's `end` and hold the event `common` too, furthest first.

    One that cannot be read tells nothing.
    """
    found = []
    for each in backups_in(folder):
        if each.seq > end.seq:
            with suppress(StorageError):
                if _holds(each, common):
                    found.append(each)
    return tuple(sorted(found, key=lambda backup: backup.seq, reverse=True))


def segment_beyond(segments: Path, last: SegmentRef | None) -> str | None:
    """The file with more frames after the frame `last` than a crash leaves; None: there is none.

    Files of later months count in a journal without a cycle alone: what of them was lost before is
    cut off only once a cycle is written there.
    """
    file = SegmentFile(segments)
    try:
        if last is not None:
            is_longer = _is_longer(file, last.segment, last.offset + last.length)
            return last.segment if is_longer else None
        names = sorted(path.name for path in segments.glob("*.seg"))
        return next((name for name in names if _is_longer(file, name, 0)), None)
    finally:
        file.close()


def _holds(backup: Backup, common: Head) -> bool:
    """Whether an event is in a backup as it is in the journal.

    Raises:
        StorageError: it cannot be read, or is damaged.
    """
    if backup.is_whole:
        with translated("read", backup.path):
            connection = open_reader(backup.path)
            try:
                if head(connection).seq != backup.seq:
                    return False
                rows = rows_after(connection, common.seq - 1, until=common.seq)
                return any(row.hash == common.hash for row in rows)
            finally:
                connection.close(force=True)
    found = manifest.read(backup.path)
    if found.standing.head.seq != backup.seq:
        return False
    before = found.standing.genesis
    for chunk in found.chunks:
        if chunk.first <= common.seq <= chunk.last:
            path = backup.path.parent / FOLDER / chunk.name
            rows = reading(chunk, path, prev_hash=before)
            return any(row.hash == common.hash for row in rows if row.seq == common.seq)
        before = chunk.hash
    return False


def _is_longer(file: SegmentFile, name: str, start: int) -> bool:
    """Whether more whole frames follow than a crash leaves."""
    with suppress(StorageError):
        for _ in range(_OF_A_CRASH + 1):
            header = file.read(name, start, HEADER.size)
            size = size_of(header, segment=name, start=start)
            data = file.read(name, start + HEADER.size, size)
            start = framed(header, data, segment=name, start=start).end
        return True
    return False
