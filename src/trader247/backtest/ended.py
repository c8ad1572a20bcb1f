"""A stop that ended when it was renewed, as the ledger keeps it: made whole when it is looked at.

The ledger keeps some dozens of ended intents, and asks of most no more than when they were begun,
what they are called, and what they share with the stop before them. The rest of them would be made
for nobody at each visit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, Protocol, cast

from trader247.domain.ids import ClientOrderId, OrderId
from trader247.domain.orders import IntentState, RecordedIntent, WorkingIntent
from trader247.domain.time import Instant

RENEWED = frozenset(
    {
        "client_order_id", "leg", "cycle", "reference", "end_time", "body", "body_sha256",
        "created", "taker_fee_fraction",
    }
)  # fmt: skip
"""What of an intent is another one's when it is renewed; all else stays as it was."""
_SAME_INTENT = frozenset(each.name for each in fields(RecordedIntent)) - RENEWED
_SAME = frozenset(each.name for each in fields(WorkingIntent)) - {
    "intent",
    "state",
    "order_id",
    "order",
}


class Maker(Protocol):
    """Makes what is asked for of a stop that ended."""

    def whole(self) -> WorkingIntent:
        """The stop as the ledger keeps it."""

    def intent(self) -> RecordedIntent:
        """Its intent."""

    def order_id(self) -> OrderId:
        """The exchange's name of it."""


class _Part:
    """Has every part of a value that is made at the first look at one that is not at hand."""

    __slots__ = ("_make", "_whole")

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._whole: Any = None

    def whole(self) -> Any:
        """The value itself."""
        if self._whole is None:
            self._whole = self._make()
        return self._whole

    def __eq__(self, other: object) -> bool:
        return bool(self.whole() == (other.whole() if isinstance(other, _Part) else other))

    def __hash__(self) -> int:
        return hash(self.whole())

    def __repr__(self) -> str:
        return repr(self.whole())


class _Intent(_Part):
    __slots__ = (
        "_like", "client_order_id", "created", "decision_id", "leg", "product", "purpose",
    )  # fmt: skip

    def __init__(
        self, maker: Maker, name: ClientOrderId, like: RecordedIntent, leg: int, created: Instant
    ) -> None:
        super().__init__(maker.intent)
        self._like = like
        self.client_order_id = name
        self.leg = leg
        self.created = created
        # What each proposal asks of each: the others are found when they are asked for.
        self.decision_id = like.decision_id
        self.product = like.product
        self.purpose = like.purpose

    def __getattr__(self, name: str) -> Any:
        return getattr(self._like if name in _SAME_INTENT else self.whole(), name)


class _Ended(_Part):
    __slots__ = ("_like", "_maker", "intent", "state")

    def __init__(self, maker: Maker, like: WorkingIntent, intent: _Intent) -> None:
        super().__init__(maker.whole)
        self._maker = maker
        self._like = like
        self.intent = intent
        self.state = IntentState.DONE

    def __getattr__(self, name: str) -> Any:
        return getattr(self._like if name in _SAME else self.whole(), name)

    @property
    def order_id(self) -> OrderId:
        return self._maker.order_id()


def ended_stop(
    maker: Maker, *, like: WorkingIntent, name: ClientOrderId, leg: int, created: Instant
) -> WorkingIntent:
    """What `maker` makes, later: an intent like another one that ended with nothing filled.

    Its maker must not hold it: two parts that held each other would never be let go, since a run
    looks for no cycles of objects.
    """
    # It has every part of one, under the same name.
    return cast(
        "WorkingIntent", _Ended(maker, like, _Intent(maker, name, like.intent, leg, created))
    )
