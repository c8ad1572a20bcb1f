"""A stop that ended when it was renewed, as the ledger keeps it: made whole when it is looked at.

The ledger keeps some dozens of ended intents, and asks of most no more than when they were begun
and what they are called. The rest of them would be made for nobody at each visit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from trader247.domain.ids import ClientOrderId, DecisionId, OrderId
from trader247.domain.orders import IntentState, RecordedIntent, WorkingIntent
from trader247.domain.time import Instant


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

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole(), name)

    def __eq__(self, other: object) -> bool:
        return bool(self.whole() == (other.whole() if isinstance(other, _Part) else other))

    def __hash__(self) -> int:
        return hash(self.whole())

    def __repr__(self) -> str:
        return repr(self.whole())


class _Intent(_Part):
    __slots__ = ("client_order_id", "created", "decision_id", "leg")

    def __init__(
        self, make: Callable[[], Any], name: ClientOrderId, like: RecordedIntent, *, leg: int
    ) -> None:
        super().__init__(make)
        self.client_order_id = name
        self.decision_id: DecisionId = like.decision_id
        self.leg = leg
        self.created: Instant


class _Ended(_Part):
    __slots__ = ("_order_id", "intent", "state")

    def __init__(
        self,
        make: Callable[[], Any],
        order_id: Callable[[], OrderId],
        intent: _Intent,
    ) -> None:
        super().__init__(make)
        self.intent = intent
        self.state = IntentState.DONE
        self._order_id = order_id

    @property
    def order_id(self) -> OrderId:
        return self._order_id()


def ended_stop(
    make: Callable[[], WorkingIntent],
    *,
    intent: Callable[[], RecordedIntent],
    order_id: Callable[[], OrderId],
    name: ClientOrderId,
    like: RecordedIntent,
    leg: int,
    created: Instant,
) -> WorkingIntent:
    """What `make` makes, later: an intent of such a name that ended with nothing filled.

    Its intent has a maker of its own: two parts that held each other would never be let go, since
    a run looks for no cycles of objects.
    """
    told = _Intent(intent, name, like, leg=leg)
    told.created = created
    # It has every part of one, under the same name.
    return cast("WorkingIntent", _Ended(make, order_id, told))
