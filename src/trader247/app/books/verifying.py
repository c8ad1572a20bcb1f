"""Whether a journal holds: its file and chain, its tables, its ledger, and its decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version

from trader247.adapters.sqlite.reader import JournalReader
from trader247.adapters.sqlite.verify import PROBLEMS_MAX
from trader247.app.books.choice import Choice
from trader247.app.books.places import Places, nothing_yet
from trader247.app.books.refolding import Refolding
from trader247.app.books.source import label_of
from trader247.app.past.redeciding import Redeciding, Redecision
from trader247.app.settings.problems import SettingsInvalid
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import LedgerError, StorageError
from trader247.domain.events.recorded import Recorded
from trader247.domain.portfolio import Portfolio

_NOT_REDECIDED = (
    "cycles are decided again by the very text that decided them: put that file back; without "
    "--decisions the record itself is verified"
)


@dataclass(frozen=True, slots=True)
class Decided:
    """What deciding again has given: `first` is the first cycle that came out otherwise."""

    cycles: int
    differing: int
    first: Redecision | None


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of a whole journal has found.

    `decided` is None unless every cycle was decided again. `notes` are no problems, but a reader
    should know of them.
    """

    places: Places
    market: str
    events: int
    head_hash: str
    cycles: int
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    decided: Decided | None

    @property
    def is_whole(self) -> bool:
        """Whether file, chain, tables and ledger hold."""
        return not self.problems

    @property
    def is_decided_alike(self) -> bool:
        """Whether no cycle came out otherwise."""
        return self.decided is None or self.decided.first is None


def verified(
    choice: Choice,
    *,
    with_decisions: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Verified:
    """Check the chosen book's journal, also beside its running trader; nothing is changed.

    `progress` is told how many of how many events are read, as cycles are decided again.

    Raises:
        SettingsInvalid, NotAllowed: as `Choice.settle` says.
        UsageError: the book does not exist yet.
        SettingsInvalid: the record holds as far as it was read, and what decided a cycle is gone.
        StorageError: the journal cannot be opened at all.
    """
    _, places = choice.settle()
    if not places.journal.exists():
        raise nothing_yet(places)
    with JournalReader.open(places.journal) as journal:
        deciding = _Deciding(journal, progress) if with_decisions else None
        return _verified(places, journal, deciding)


class _Deciding:
    """Counts the cycles that come out otherwise."""

    def __init__(self, journal: JournalReader, progress: Callable[[int, int], None]) -> None:
        self._again = Redeciding(journal)
        self._progress = progress
        self._events = journal.head.seq
        self._cycles = self._differing = 0
        self._first: Redecision | None = None

    def take(self, recorded: Recorded, before: Portfolio) -> None:
        self._count(self._again.take(recorded, before))
        self._progress(recorded.seq, self._events)

    def end(self) -> Decided:
        self._count(self._again.end())
        return Decided(self._cycles, self._differing, self._first)

    def _count(self, done: Redecision | None) -> None:
        if done is None:
            return
        self._cycles += 1
        if done.unlike:
            self._differing += 1
            self._first = self._first or done


def _verified(places: Places, journal: JournalReader, deciding: _Deciding | None) -> Verified:
    found = journal.verify()
    problems, notes = list(found.problems), list[str]()
    refolding = Refolding(journal, None if deciding is None else deciding.take)
    decided = None
    try:
        refolding.run()
        decided = None if deciding is None else deciding.end()
    except SettingsInvalid as error:
        if deciding is None or problems:
            problems.append(f"the journal cannot be folded again: {error}")
        else:
            # A file of a person's own is missing or another: that is no fault of the record.
            raise SettingsInvalid(error.problems, hint=_NOT_REDECIDED) from error
    except (LedgerError, StorageError) as error:
        hint = f" ({error.hint})" if error.hint else ""
        problems.append(f"the journal cannot be folded again: {error}{hint}")
    problems += refolding.problems
    notes += refolding.notes
    if decided is not None and decided.first is not None:
        notes += _about_versions(decided.first)
    return Verified(
        places=places,
        market=label_of(refolding.feed),
        events=found.events,
        head_hash=found.head_hash,
        cycles=refolding.cycles,
        problems=tuple(dict.fromkeys(problems))[:PROBLEMS_MAX],
        notes=tuple(notes),
        decided=decided,
    )


def _about_versions(first: Redecision) -> Iterator[str]:
    if first.code_version != version("trader247"):
        yield (
            f"cycle {first.cycle} was decided by version {first.code_version}, this is version "
            f"{version('trader247')}: another version may decide otherwise"
        )
