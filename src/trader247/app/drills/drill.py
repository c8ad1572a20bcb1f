"""A drill: an emergency that is made to happen, and what was measured of what must hold in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from trader247.app.settings.load import Settings
from trader247.domain.dataclass import dataclass
from trader247.domain.time import SECOND


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that must hold, whether it did, and the figures of this very run."""

    text: str
    holds: bool
    measured: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where in a drill's journal something stands that a claim is based on."""

    seq: int
    kind: str
    ref: str

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.ref}".rstrip()


@dataclass(slots=True)
class Account:
    """What a drill found so far: its claims, and the events that show them."""

    claims: list[Claim]
    evidence: list[Evidence]
    unshown: str = ""
    """What this configuration makes impossible to show, or empty."""

    def claim(self, text: str, holds: bool, measured: str) -> None:
        """Write down one claim."""
        self.claims.append(Claim(text, holds, measured))

    def within(self, text: str, took: timedelta | None, most: timedelta) -> None:
        """Claim that something happened, and no later than `most`; None is that it did not."""
        measured = "never" if took is None else f"{span(took)} of {span(most)}"
        self.claim(text, took is not None and took <= most, measured)


@dataclass(frozen=True, slots=True)
class Yard:
    """Where a drill is held: the operator's settings, and a folder of its own.

    `busiest` is how many orders the operator's books sent in their busiest hour; 0 where none did.
    """

    settings: Settings
    folder: Path
    busiest: int = 0


Act = Callable[[Yard, Account], None]


@dataclass(frozen=True, slots=True)
class Drill:
    """One emergency. `proves` are the keys of the configuration that it puts to the test."""

    name: str
    emergency: str
    proves: tuple[str, ...]
    act: Act


@dataclass(frozen=True, slots=True)
class Result:
    """How one drill ended; `trouble` is why it could not be held to its end, or empty.

    `unshown` is what the configuration leaves nothing to try of: all else held, and yet the drill
    proves nothing.
    """

    drill: Drill
    claims: tuple[Claim, ...]
    evidence: tuple[Evidence, ...]
    took: timedelta
    trouble: str = ""
    unshown: str = ""

    @property
    def passed(self) -> bool:
        """Whether it was held to its end, and all that must hold was shown and did."""
        return not self.has_failed and not self.unshown

    @property
    def has_failed(self) -> bool:
        """Whether it could not be held to its end, or something did not hold."""
        is_empty = not self.claims and not self.unshown
        return bool(self.trouble) or is_empty or not all(each.holds for each in self.claims)

    @property
    def failures(self) -> Iterator[Claim]:
        """What did not hold."""
        return (each for each in self.claims if not each.holds)


class Unheld(Exception):
    """The emergency could not be made to happen under this configuration: nothing is shown."""


def span(took: timedelta) -> str:
    """A span of time as a person reads it: exact where it is short."""
    seconds = took / SECOND
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 600:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
