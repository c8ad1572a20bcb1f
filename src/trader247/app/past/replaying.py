"""Deciding past cycles again from the journal alone: as they were, or under another policy."""

from __future__ import annotations

from pathlib import Path

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.source import Source
from trader247.app.past.again import Unlike
from trader247.app.past.book import past_book
from trader247.app.past.cycle import past_cycle, policy_before, portfolio_before, version_before
from trader247.app.past.redeciding import Redeciding, Redecision
from trader247.app.settings.canonical import policy_of_file
from trader247.core.booking import fold
from trader247.core.decide import decide
from trader247.domain.dataclass import dataclass
from trader247.domain.events.book import PolicyAdopted
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.ids import ProductId

__all__ = ["Unlike"]


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One product that another policy would have ended otherwise."""

    product: ProductId
    reason: str
    detail: str
    other_reason: str
    other_detail: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What deciding again gave, from cycle `first` to cycle `last`.

    Without another policy: `unlike` is the first cycle that does not come out as it was, None
    where all do. With one, whose hash is `policy_hash`: `cycle` is the first in which it decides
    otherwise, with every product that it does so for.
    """

    source: Source
    first: int
    last: int
    cycles: int
    unlike: Redecision | None
    policy_hash: str | None
    cycle: int | None
    otherwise: tuple[Otherwise, ...]

    @property
    def is_same(self) -> bool:
        """Whether every cycle was decided as it was."""
        return self.unlike is None and self.cycle is None


def replayed(choice: Choice, first: int, last: int, policy: Path | None) -> Replayed:
    """Decide the cycles from `first` to `last` again, under `policy` where one is given.

    Raises:
        UsageError: there is no such book, or no cycle in that range.
        SettingsInvalid: the policy cannot be used.
        NotAllowed, StorageError, FeedMismatch, LedgerError: as `past_book` says.
    """
    with past_book(choice) as book:
        journal = book.journal
        start = journal.cycle(first)
        if start is None:
            past_cycle(journal, first)  # says which cycles there are
            raise AssertionError("a cycle that is not there cannot be read")
        if policy is None:
            count, unlike = _again(journal, start.seq, last)
            return Replayed(book.source, first, last, count, unlike, None, None, ())
        # Read once against the first cycle's universe, so that a wrong file is told at once.
        other = policy_of_file(policy, policy_before(journal, start.seq))
        count, cycle, found = _under(journal, start.seq, last, policy)
        return Replayed(book.source, first, last, count, None, other.hash, cycle, found)


def _again(journal: JournalReader, seq: int, last: int) -> tuple[int, Redecision | None]:
    """Every cycle bit for bit, until one differs."""
    portfolio = portfolio_before(journal, seq)
    redeciding = Redeciding(
        journal, policy=policy_before(journal, seq), code_version=version_before(journal, seq)
    )
    count = 0
    for recorded in journal.recorded(seq - 1):
        done = redeciding.take(recorded, portfolio)
        if done is not None:
            count += 1
            if done.unlike:
                return count, done
            if done.cycle >= last:
                return count, None
        portfolio = fold(portfolio, recorded)
    done = redeciding.end()
    if done is None:
        return count, None
    return count + 1, done if done.unlike else None


def _under(
    journal: JournalReader, seq: int, last: int, path: Path
) -> tuple[int, int | None, tuple[Otherwise, ...]]:
    """Every cycle under another policy, until one is decided otherwise."""
    portfolio = portfolio_before(journal, seq)
    other = policy_of_file(path, policy_before(journal, seq))
    count = 0
    for recorded in journal.recorded(seq - 1):
        event = recorded.event
        if isinstance(event, PolicyAdopted):
            other = policy_of_file(path, policy_before(journal, recorded.seq + 1))
        if isinstance(event, CycleDecided):
            if event.cycle > last:
                break
            count += 1
            snapshot = journal.snapshot_of(event.seen)
            outcomes = decide(snapshot, portfolio, other).outcomes
            found = tuple(
                Otherwise(product, ending.reason, ending.detail, again.reason.value, again.detail)
                for product, ending in event.endings.items()
                if (again := outcomes.get(product)) is not None
                and (again.reason.value, again.detail) != (ending.reason, ending.detail)
            )
            if found:
                return count, event.cycle, found
        portfolio = fold(portfolio, recorded)
    return count, None, ()
