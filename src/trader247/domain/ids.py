"""Names of things: which product, which order, which decision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha1
from typing import NewType
from weakref import WeakValueDictionary

OrderId = NewType("OrderId", str)
"""The venue's name of an order."""
ClientOrderId = NewType("ClientOrderId", str)
"""Our name of an order, minted once from the decision, before sending."""
EntryId = NewType("EntryId", str)
"""The venue's name of one ledger entry of a fill: the key by which fills are booked once."""
DecisionId = NewType("DecisionId", str)
"""The name of one approved decision; entry and exit of a position carry the entry's."""

OWN_PREFIX = "t247-"
"""Every order of ours, of any installation, has a client order id that starts so."""
ADOPTED = "adopted:"
"""How the decision begins of an order that a restored journal took back: its own is lost."""
NAME_MAX = 64
"""So long an order's name of ours may be: a journal has no room for a longer one."""
EPOCH_MAX = 1 << 62
"""The last epoch that a journal comes to: as many again, and no column holds it."""

_PRODUCT = re.compile(r"([A-Z0-9]{1,16})-([A-Z0-9]{1,10})\Z")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class ProductId:
    """What is traded, `BTC-USD`: base, then quote.

    There is one object of a name in a process, and it is compared by being that one: a cycle looks
    hundreds of times under a product's name.
    """

    base: str
    quote: str

    def __new__(cls, base: str, quote: str) -> ProductId:
        known = _KNOWN.get((base, quote))
        if known is None:
            known = _KNOWN.setdefault((base, quote), object.__new__(cls))
        return known

    def __reduce__(self) -> tuple[type[ProductId], tuple[str, str]]:
        return ProductId, (self.base, self.quote)

    def __lt__(self, other: ProductId) -> bool:
        if type(other) is not ProductId:
            return NotImplemented
        return (self.base, self.quote) < (other.base, other.quote)

    @staticmethod
    def parse(text: str) -> ProductId:
        """Read `BASE-QUOTE`.

        Raises:
            ValueError: the text is anything else, lower case and look-alike letters included.
        """
        return _parse(text)

    def __str__(self) -> str:
        return f"{self.base}-{self.quote}"


_KNOWN: WeakValueDictionary[tuple[str, str], ProductId] = WeakValueDictionary()


@lru_cache(maxsize=4096)
def _parse(text: str) -> ProductId:
    match = _PRODUCT.match(text)
    if match is None:
        raise ValueError(f"not a product id: {text!r}; expected BASE-QUOTE, like BTC-USD")
    return ProductId(match[1], match[2])


def decision_id(cycle: int, product: ProductId) -> DecisionId:
    """The name of a cycle's decision on a product: unique in a journal, whose cycles count up."""
    return DecisionId(f"{cycle}:{product}")


_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def derived_name(namespace: bytes, text: str) -> str:
    """`str(uuid.uuid5(namespace, text))`, for a namespace given by its sixteen bytes.

    The same text has the same name on every machine and for ever. Made without an object around
    it: a backtest derives one for each order of a year.
    """
    found = sha1(namespace + text.encode(), usedforsecurity=False).hexdigest()
    return (
        f"{found[:8]}-{found[8:12]}-5{found[13:16]}-"
        f"{_VARIANT[found[16]]}{found[17:20]}-{found[20:32]}"
    )
