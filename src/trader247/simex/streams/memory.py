"""What the subscribers of a channel know: kept when it is written down, else forgotten again."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Known(Generic[K, V]):
    """A mapping whose latest entries may still turn out never to have happened."""

    __slots__ = ("_kept", "_new")

    def __init__(self) -> None:
        self._kept: dict[K, V] = {}
        self._new: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """What is known, the newest; None where nothing is."""
        found = self._new.get(key)
        return self._kept.get(key) if found is None else found

    def set(self, key: K, value: V) -> None:
        """Know something new."""
        self._new[key] = value

    def keep(self) -> None:
        """What is new has happened."""
        if self._new:
            self._kept.update(self._new)
            self._new.clear()

    def undo(self) -> None:
        """What is new has not happened."""
        self._new.clear()

    def drop(self, key: K) -> None:
        """Know nothing of a key any more."""
        self._kept.pop(key, None)
        self._new.pop(key, None)
