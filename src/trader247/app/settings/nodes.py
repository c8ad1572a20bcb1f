"""A configuration file as it is written: mappings, lists, and scalars kept as their own text."""

from __future__ import annotations

from trader247.domain.dataclass import dataclass

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value's own text. `is_plain` is False where it was quoted."""

    text: str
    line: int
    is_plain: bool

    @property
    def is_null(self) -> bool:
        """Whether nothing is written here."""
        return self.is_plain and self.text in _NULLS


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping; `lines` has the line of each key."""

    entries: dict[str, Node]
    lines: dict[str, int]
    line: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    nodes: tuple[Node, ...]
    line: int


Node = Scalar | Table | Items
