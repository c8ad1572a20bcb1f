"""The kill switch after it was raised: lowering it, and what stands of it."""

from __future__ import annotations

from pathlib import Path

from trader247.adapters.holder import Holder
from trader247.adapters.kill_switch import Acknowledgement, KillSwitch, Raised
from trader247.app.killing.halted import HaltedBook, halted_books
from trader247.app.killing.raising import since
from trader247.app.people.asking import release_kill
from trader247.app.running.traders import trader_of
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import ChainBroken, NotAllowed, Trader247Error


@dataclass(frozen=True, slots=True)
class KillOff:
    """How lowering the switch ended: what the trader, or this command, made of the halt."""

    data: Path
    was_on: bool
    outcomes: tuple[str, ...]
    books: tuple[HaltedBook, ...]


@dataclass(frozen=True, slots=True)
class KillStatus:
    """The switch, who has seen it, and whether the journals of the folder remember it."""

    path: Path
    is_on: bool
    since: str | None
    said: Raised
    trader: Holder | None
    acknowledgement: Acknowledgement | None
    books: tuple[HaltedBook, ...]

    @property
    def is_clear(self) -> bool:
        """Whether the switch is off and no journal holds it, as far as all could be read."""
        return not self.is_on and all(book.is_kill_latched is False for book in self.books)


def kill_off(data: Path, *, reason: str) -> KillOff:
    """Lower the switch and clear the halt that it latched, in every book of the folder.

    A running trader is asked; where none runs, this command clears it itself. Another halt stands.

    Raises:
        StorageError: the switch cannot be removed.
        NotAllowed, Trader247Error: the switch is off, and the halt could not be cleared: it says
            why. Trading stays halted, or it says that nobody knows.
    """
    folder = data.resolve()
    was_on = KillSwitch(folder).lower()
    try:
        outcomes = release_kill(folder, reason=reason)
    except Trader247Error as error:
        raise type(error)(
            f"the switch is off, {_what_stands(folder, error)}: {error}",
            hint=error.hint or "trader247 kill off again; trader247 kill status shows what stands",
        ) from error
    return KillOff(folder, was_on, outcomes, halted_books(folder))


def _what_stands(folder: Path, error: Trader247Error) -> str:
    """Whether trading is halted still, though nobody answered: by what the journals remember."""
    latched = [book.is_kill_latched for book in halted_books(folder)]
    if isinstance(error, ChainBroken) or any(latched):
        return "but trading stays halted"
    if None in latched or not isinstance(error, NotAllowed):
        # A journal that could not be written may not have known of the switch either: once it can
        # be, nothing halts.
        return "but whether a journal remembers it is not known"
    return "no journal remembers it, and a trader that moves again goes on"


def kill_status(data: Path) -> KillStatus:
    """The switch as it stands. Reads the journals beside a running trader."""
    folder = data.resolve()
    switch = KillSwitch(folder)
    return KillStatus(
        path=switch.path,
        is_on=switch.is_raised(),
        since=since(switch),
        said=switch.said(),
        trader=trader_of(folder),
        acknowledgement=switch.acknowledgement(),
        books=halted_books(folder),
    )
