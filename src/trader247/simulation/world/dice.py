"""What is left to chance in a simulation: drawn from its seed, in whole numbers, on any machine."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")

_ALL = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15
MILLION = 1_000_000


class Dice:
    """A row of draws of its own for each name, so that no part of a run shifts another's luck."""

    def __init__(self, seed: int, name: str) -> None:
        digest = sha256(f"trader247 simulation/{seed}/{name}".encode()).digest()
        self._state = int.from_bytes(digest[:8])

    def word(self) -> int:
        """The next 64 bits (splitmix64)."""
        self._state = (self._state + _GOLDEN) & _ALL
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _ALL
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _ALL
        return mixed ^ (mixed >> 31)

    def below(self, count: int) -> int:
        """A number from 0 up to but not `count`."""
        assert count > 0, "there is nothing to draw from"
        return self.word() % count

    def between(self, least: int, most: int) -> int:
        """A number from `least` to `most`, both included."""
        assert most >= least, "there is nothing to draw from"
        return least + self.word() % (most - least + 1)

    def chance(self, millionths: int) -> bool:
        """True so many times in a million."""
        return self.word() % MILLION < millionths

    def pick(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[self.below(len(options))]
