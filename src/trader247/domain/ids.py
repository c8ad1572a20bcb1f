"""Names of things: which product, which order, which decision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NewType

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

_PRODUCT = re.compile(r"([A-Z0-9]{1,16})-([A-Z0-9]{1,10})\Z")


@dataclass(frozen=True, slots=True, order=True)
class ProductId:
    """What is traded, `BTC-USD`: base, then quote."""

    base: str
    quote: str

    @staticmethod
    def parse(text: str) -> ProductId:
        """Read `BASE-QUOTE`.

        Raises:
            ValueError: the text is anything else, lower case and look-alike letters included.
        """
        return _parse(text)

    def __str__(self) -> str:
        return f"{self.base}-{self.quote}"


@lru_cache(maxsize=4096)
def _parse(text: str) -> ProductId:
    match = _PRODUCT.match(text)
    if match is None:
        raise ValueError(f"not a product id: {text!r}; expected BASE-QUOTE, like BTC-USD")
    return ProductId(match[1], match[2])


def decision_id(cycle: int, product: ProductId) -> DecisionId:
    """The name of a cycle's decision on a product: unique in a journal, whose cycles count up."""
    return DecisionId(f"{cycle}:{product}")
