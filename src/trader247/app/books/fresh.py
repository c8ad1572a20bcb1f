"""Beginning anew: a book's files move to the archive, whole, and nothing else does."""

from __future__ import annotations

from pathlib import Path

from trader247.app.books.modes import Mode
from trader247.app.books.places import Places
from trader247.domain.errors import NotAllowed
from trader247.domain.time import Instant


def archive(places: Places, now: Instant) -> Path | None:
    """Move the book's journal, segments and exchange to DATA/archive/TIME/.

    The caller holds the guard. The kill switch stays where it is. Answers the folder, or None
    where there was no book yet.

    Raises:
        NotAllowed: the book is a live one: it is never put away.
    """
    if places.mode is Mode.LIVE:
        raise NotAllowed(
            "--fresh never touches a live book",
            hint="a live journal is the record of real money: use another --data folder",
        )
    files = places.all_of_book()
    if not files:
        return None
    places.archive.mkdir(mode=0o700, exist_ok=True)
    stamp = str(now).replace(":", "").replace("-", "")
    folder = places.archive / stamp
    folder.mkdir(mode=0o700)
    for path in files:
        path.rename(folder / path.name)
    return folder
