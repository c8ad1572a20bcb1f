"""Numbers that look random and are the same on every machine.

Number n of a stream is a mix of the seed and n (splitmix64), so nothing need be kept between
calls. What follows from the numbers uses sums, products, quotients, square roots and comparisons
alone: IEEE 754 fixes those to the last bit, and says nothing of a library's logarithm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
_ALL = (1 << 64) - 1

_HALF = np.uint64(32)
_LOW_HALF = np.uint64((1 << 32) - 1)
_LOW_QUARTER = np.uint64((1 << 16) - 1)

# A normal is the sum of eight uniform numbers of 16 bits: exact in integers, within ±4.9.
_PIECES = 8
_MEAN = _PIECES * 65535 / 2
_DEVIATION = float(np.sqrt(_PIECES * float(65536 * 65536 - 1) / 12.0))


def _mixed(number: int) -> int:
    number = ((number ^ (number >> 30)) * _FIRST) & _ALL
    number = ((number ^ (number >> 27)) * _SECOND) & _ALL
    return number ^ (number >> 31)


class Stream:
    """An endless row of 64-bit words, reachable at any place."""

    def __init__(self, seed: int, name: int) -> None:
        # The seed is mixed first: streams of neighbouring seeds must not be shifts of one another.
        self._key = np.uint64(_mixed((_mixed(seed & _ALL) + name * _GOLDEN) & _ALL))

    def words(self, first: int, count: int) -> Words:
        """The words at `first`, `first` + 1, … as many as `count`."""
        number = np.arange(first + 1, first + 1 + count, dtype=np.uint64)
        number *= np.uint64(_GOLDEN)
        number += self._key
        number ^= number >> np.uint64(30)
        number *= np.uint64(_FIRST)
        number ^= number >> np.uint64(27)
        number *= np.uint64(_SECOND)
        number ^= number >> np.uint64(31)
        return number


def fractions(words: Words) -> tuple[Floats, Floats]:
    """Two uniform fractions of each word, from 0 up to but not 1."""
    return (
        (words & _LOW_HALF).astype(np.float64) / 4294967296.0,
        (words >> _HALF).astype(np.float64) / 4294967296.0,
    )


def normals(one: Words, other: Words) -> Floats:
    """A number of mean 0 and deviation 1 for each pair of words, close to a normal one."""
    total = np.zeros(one.shape, dtype=np.uint64)
    for word in (one, other):
        for shift in (0, 16, 32, 48):
            total += (word >> np.uint64(shift)) & _LOW_QUARTER
    return (total.astype(np.float64) - _MEAN) / _DEVIATION
