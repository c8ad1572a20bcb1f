"""What became of a planted bug."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from scripts.plant.bug import Bug


@dataclass(frozen=True, slots=True)
class Result:
    """By which promise and in which seed a bug was caught, if it was; and by which tests."""

    name: str
    what: str
    promise: str
    where: str
    text: str
    seconds: float
    """Of processor time."""
    tests: str = ""
    """The first test that fails on it, or what was asked in vain."""

    @staticmethod
    def of(bug: Bug, found: tuple[str, str, str], seconds: float) -> Result:
        """What a trial found, if anything."""
        return Result(bug.name, bug.what, *found, round(seconds, 1))

    @staticmethod
    def from_json(told: dict[str, Any]) -> Result:
        """It as it was kept."""
        return Result(**told)

    def to_json(self) -> dict[str, Any]:
        """It as it is kept."""
        return asdict(self)

    @property
    def row(self) -> str:
        """It as a line of a table."""
        found = f"{self.promise}, {self.where}" if self.promise else "**not caught**"
        return f"| {self.name} | {self.what} | {found} | {self.tests} |"
