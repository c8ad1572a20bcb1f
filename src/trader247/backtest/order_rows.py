"""The orders of one run as a report tells them.

Nineteen of twenty are stops placed anew with the terms of the one before. Of those no more is kept
than how many there were and since when; whole rows are made when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from trader247.backtest.result import OrderRow
from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ClientOrderId
from trader247.domain.money import NOTHING
from trader247.domain.orders import OrderState
from trader247.domain.time import MINUTE, Instant


@dataclass(frozen=True, slots=True)
class Renewed:
    """Stops of one position that followed each other: the first of them in the minute `first`.

    `before` is the order whose terms they have, `leg` the first one's, `name` names each by its
    leg, and `last` is the name of the last, which may still rest.
    """

    before: ClientOrderId
    last: ClientOrderId
    first: int
    count: int
    leg: int
    name: Callable[[int], ClientOrderId]


@dataclass(frozen=True, slots=True)
class Renewals:
    """What was renewed between two visits, in the order of the exchange's cycles: every `step`."""

    each: tuple[Renewed, ...]
    step: int

    def __len__(self) -> int:
        return sum(each.count for each in self.each)

    def in_time(self) -> Iterator[tuple[Renewed, int]]:
        """Each renewal by its place in its row, oldest first; at one time in the order of rows."""
        found = [
            (row.first + number * self.step, place, number)
            for place, row in enumerate(self.each)
            for number in range(row.count)
        ]
        return ((self.each[place], number) for _, place, number in sorted(found))


class OrderRows(Collection[OrderRow]):
    """In the order in which they were sent."""

    def __init__(self) -> None:
        self._sent: list[ClientOrderId | Renewals] = []
        self._known: dict[ClientOrderId, OrderRow] = {}
        """All but those that ended when they were renewed."""
        self._count = 0

    def get(self, name: ClientOrderId) -> OrderRow | None:
        """The row of an order that may still change; None for one that is not known."""
        return self._known.get(name)

    def put(self, row: OrderRow) -> None:
        """A row as it is now."""
        name = row.client_order_id
        if name not in self._known:
            self._sent.append(name)
            self._count += 1
        self._known[name] = row

    def renew(self, renewals: Renewals) -> None:
        """Orders that filled nothing ended when another one of their terms was placed."""
        for each in renewals.each:
            row = self._known[each.before]
            ended = _minute(each.first)
            self._known[each.before] = replace(row, state=OrderState.EXPIRED, ended=ended)
            number = each.count - 1
            begun = _minute(each.first + number * renewals.step)
            self._known[each.last] = _like(row, each.last, each.leg + number, begun)
        self._sent.append(renewals)
        self._count += len(renewals)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, row: object) -> bool:
        return any(each == row for each in self)

    def __iter__(self) -> Iterator[OrderRow]:
        for sent in self._sent:
            if isinstance(sent, Renewals):
                yield from self._rows(sent)
            else:
                yield self._known[sent]

    def _rows(self, renewals: Renewals) -> Iterator[OrderRow]:
        for each, number in renewals.in_time():
            if number == each.count - 1:
                yield self._known[each.last]
                continue
            leg, begun = each.leg + number, each.first + number * renewals.step
            row = _like(self._known[each.before], each.name(leg), leg, _minute(begun))
            ended = _minute(begun + renewals.step)
            yield replace(row, state=OrderState.EXPIRED, ended=ended)


def _like(row: OrderRow, name: ClientOrderId, leg: int, created: Instant) -> OrderRow:
    """A row of the same terms, as it rests when it was just placed."""
    return replace(
        row,
        client_order_id=name,
        leg=leg,
        filled=NOTHING,
        state=OrderState.OPEN,
        created=created,
        ended=None,
        detail="",
    )


def _minute(minute: int) -> Instant:
    return Instant(0) + minute * MINUTE
