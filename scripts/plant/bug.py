"""A bug to plant: what somebody could have written instead of what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path("src") / "trader247"


@dataclass(frozen=True, slots=True)
class Change:
    """A text that stands once in a file of the package, and what replaces it."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Bug:
    """One mistake, and what makes it."""

    name: str
    what: str
    changes: tuple[Change, ...]
    needs: frozenset[str] = frozenset()
    """Faults of a simulation in which it shows, where it takes some."""

    def plant(self, root: Path) -> None:
        """Write it into the copy of the source under `root`.

        Raises:
            LookupError: what it changes is not there once: the code has moved on.
        """
        for change in self.changes:
            path = root / PACKAGE / change.file
            text = path.read_text(encoding="utf-8")
            if text.count(change.old) != 1:
                found = text.count(change.old)
                raise LookupError(f"{self.name}: {change.file} has {found} times {change.old!r}")
            path.write_text(text.replace(change.old, change.new), encoding="utf-8")


def mistake(
    name: str,
    what: str,
    file: str,
    *changes: tuple[str, str],
    also: tuple[str, str, str] | None = None,
    besides: tuple[str, str, str] | None = None,
    needs: str = "",
) -> Bug:
    """A bug in a file, and in others where it takes two or three to let it through; seen best where
    it `needs` faults.
    """
    more = (Change(*each) for each in (also, besides) if each is not None)
    made = (*(Change(file, *each) for each in changes), *more)
    return Bug(name, what, made, frozenset(needs.split()))
