"""Rows of listings, each understood once as long as the venue says the same of it.

Books are read back an hour and more, twice in a cycle, and nearly all of their rows are those of
the reading before. A row that differs in anything at all is understood anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from trader247.adapters.coinbase.fields import Fields

T = TypeVar("T")

KEPT_MAX = 2_000
"""Rows kept; where there are more, all are forgotten."""


class Understood(Generic[T]):
    """What `understand` made of the latest rows, by the field that names a row."""

    def __init__(self, name: str, understand: Callable[[Fields], T]) -> None:
        self._name = name
        self._understand = understand
        self._known: dict[object, tuple[Fields, T]] = {}

    def of(self, fields: Fields) -> T:
        """What a row says.

        Raises:
            VenueError: it cannot be read; of such a row nothing is kept.
        """
        name = fields.get(self._name)
        known = self._known.get(name) if isinstance(name, str) else None
        if known is not None and (known[0] is fields or known[0] == fields):
            return known[1]
        value = self._understand(fields)
        if not isinstance(name, str):
            return value
        if len(self._known) >= KEPT_MAX:
            self._known.clear()
        self._known[name] = fields, value
        return value
