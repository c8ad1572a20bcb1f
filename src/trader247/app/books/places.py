"""Where a book's files are: one journal and one exchange for each (mode, venue), for ever."""

from __future__ import annotations

from pathlib import Path

from trader247.app.books.modes import Mode, VenueName
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError


@dataclass(frozen=True, slots=True)
class Places:
    """The files of one book in one data folder."""

    data: Path
    mode: Mode
    venue: VenueName

    @property
    def book(self) -> str:
        """The book's name, `paper-sim`: what a journal is bound to."""
        return f"{self.mode.slug}-{self.venue.slug}"

    @property
    def is_embedded(self) -> bool:
        """Whether the book's exchange is simulated inside the trader, its store beside it."""
        return self.venue is VenueName.SIM and self.mode is not Mode.LIVE

    @property
    def journal(self) -> Path:
        return self.data / f"{self.book}.db"

    @property
    def segments(self) -> Path:
        """The folder of what the cycles saw, by month."""
        return self.data / f"{self.book}.segments"

    @property
    def backups(self) -> Path:
        """The folder of the journal's backups."""
        return self.data / f"{self.book}.backups"

    @property
    def exchange(self) -> Path:
        """The simulated exchange's own store."""
        return self.data / f"{self.book}.exchange.db"

    @property
    def is_mirrored(self) -> bool:
        """Whether the book's exchange is our own, and is shown a real venue's market."""
        return self.mode is Mode.PAPER and self.venue is VenueName.COINBASE

    @property
    def has_exchange(self) -> bool:
        """Whether the book's orders go to an exchange of our own, whose store lies beside it."""
        if self.mode is Mode.LIVE:
            return False
        return self.venue is VenueName.SIM or self.is_mirrored

    @property
    def market(self) -> Path:
        """Which simulated market this book was begun on."""
        return self.data / f"{self.book}.market.json"

    @property
    def monitor(self) -> Path:
        """What the account was worth as the day opened, by the monitor that watches this book."""
        return self.data / f"{self.book}.monitor.json"

    @property
    def archive(self) -> Path:
        return self.data / "archive"

    def all_of_book(self) -> tuple[Path, ...]:
        """Every file and folder of this book that exists, side files of SQLite included."""
        stems = (self.journal, self.exchange)
        files = [stem.with_name(stem.name + end) for stem in stems for end in ("", "-wal", "-shm")]
        others = (self.segments, self.backups, self.market, self.monitor)
        return tuple(path for path in (*files, *others) if path.exists())


def books_in(data: Path) -> tuple[Places, ...]:
    """Every book that a data folder holds: those whose journal is there."""
    all_of = (Places(data, mode, venue) for mode in Mode for venue in VenueName)
    return tuple(places for places in all_of if places.journal.exists())


def nothing_yet(places: Places) -> UsageError:
    """What to say of a book that does not exist."""
    mode, venue = places.mode.slug, places.venue.slug
    return UsageError(
        f"there is no {mode} book on {venue} in {places.data} yet",
        hint=f"trader247 run --mode {mode} --venue {venue} begins one; --data names another folder",
    )
