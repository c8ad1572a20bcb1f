"""Whether messages were lost: the numbers of one connection, whatever it is that they count.

The venue counts the messages of a connection over all channels; one source says that it counts for
each product. Both are kept until one of them cannot be.
"""

from __future__ import annotations

from enum import Enum


class Step(Enum):
    """What a message's number says."""

    NEXT = "next"
    OLD = "old"
    """A repetition, or one that comes too late: it tells nothing new."""
    GAP = "gap"
    """Messages were lost: what was built from them is not known any more."""


class Sequence:
    """The numbers of one connection."""

    def __init__(self) -> None:
        self._whole: int | None = 0
        """The next number if the connection is counted; None once it cannot be."""
        self._products: dict[str, int] | None = {}
        """The next number of each product if those are counted; None once they cannot be."""

    def take(self, number: int, product: str | None) -> Step:
        """Judge the next message's number."""
        key = product or ""
        of_whole, products = self._whole, self._products
        of_product = None if products is None else products.get(key, 0)
        is_whole, is_product = number == of_whole, number == of_product
        if not is_whole and not is_product:
            expected = [each for each in (of_whole, of_product) if each is not None]
            # Where it is open what is counted, only the lower number is certainly old.
            return Step.OLD if number < min(expected) else Step.GAP
        self._whole = number + 1 if is_whole else None
        if is_product and products is not None:
            products[key] = number + 1
        else:
            self._products = None
        return Step.NEXT
