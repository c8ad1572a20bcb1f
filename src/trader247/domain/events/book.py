"""Facts about the book itself: whose it is, who holds it, which policy and key it goes by."""

from __future__ import annotations

from typing import ClassVar

from trader247.domain.dataclass import dataclass
from trader247.domain.events.event import Event
from trader247.domain.keys import KeyPermissions


@dataclass(frozen=True, slots=True)
class JournalOpened(Event):
    """The first event of a journal: whose book it is, and on which market."""

    kind: ClassVar[str] = "journal_opened"
    book: str
    feed: str
    quote_currency: str


@dataclass(frozen=True, slots=True)
class SessionStarted(Event):
    """A process took the journal; `was_clean` says whether the last one ended properly."""

    kind: ClassVar[str] = "session_started"
    epoch: int
    code_version: str
    was_clean: bool


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """A process let go of the journal properly."""

    kind: ClassVar[str] = "session_ended"
    epoch: int
    cause: str


@dataclass(frozen=True, slots=True)
class PolicyAdopted(Event):
    """The policy in force from here on, in full."""

    kind: ClassVar[str] = "policy_adopted"
    policy_hash: str
    text: str


@dataclass(frozen=True, slots=True)
class PortfolioPinned(Event):
    """The venue's portfolio that this book is begun on: no key of another one trades for it."""

    kind: ClassVar[str] = "portfolio_pinned"
    portfolio: str
    portfolio_type: str

    @property
    def ref(self) -> str:
        return self.portfolio


@dataclass(frozen=True, slots=True)
class KeyRead(Event):
    """What the venue says that the key may do."""

    kind: ClassVar[str] = "key_read"
    permissions: KeyPermissions

    @property
    def ref(self) -> str:
        return self.permissions.portfolio


@dataclass(frozen=True, slots=True)
class InstanceRefused(Event):
    """A second instance was refused while this one held the guard."""

    kind: ClassVar[str] = "instance_refused"
    process: str
