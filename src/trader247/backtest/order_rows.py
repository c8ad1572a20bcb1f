"""The orders of one run as a report tells them.

Nineteen of twenty are stops placed anew with the terms of the one before. Of those no more is kept
than how many there were and since when. Of all others what changes is kept beside what was sent.
Whole rows are made when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from trader247.backtest.result import OrderRow
from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ClientOrderId
from trader247.domain.money import NOTHING, Quantity
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


class _Kept:
    """An order as it was `sent`, and how it stands.

    `again` is the leg and the minute of one that was placed with the terms of `sent`, which are
    another one's then.
    """

    __slots__ = ("again", "detail", "ended", "filled", "name", "sent", "state")

    def __init__(self, name: ClientOrderId, sent: OrderRow) -> None:
        self.name = name
        self.sent = sent
        self.again: tuple[int, int] | None = None
        self.state = sent.state
        self.filled = sent.filled
        self.ended = sent.ended
        self.detail = sent.detail

    def renewed(self, name: ClientOrderId, leg: int, minute: int) -> _Kept:
        """One of the same terms, as it rests when it was just placed."""
        made = _Kept(name, self.sent)
        made.again = leg, minute
        made.state, made.filled, made.ended, made.detail = OrderState.OPEN, NOTHING, None, ""
        return made

    def row(self) -> OrderRow:
        """All of it."""
        sent = self.sent
        leg, created = sent.leg, sent.created
        if self.again is not None:
            leg, created = self.again[0], _minute(self.again[1])
        return replace(
            sent,
            client_order_id=self.name,
            leg=leg,
            created=created,
            state=self.state,
            filled=self.filled,
            ended=self.ended,
            detail=self.detail,
        )


class OrderRows(Collection[OrderRow]):
    """In the order in which they were sent."""

    def __init__(self) -> None:
        self._sent: list[ClientOrderId | Renewals] = []
        self._known: dict[ClientOrderId, _Kept] = {}
        """All but those that ended when they were renewed."""
        self._count = 0

    def put(self, row: OrderRow) -> None:
        """One that is about to be sent."""
        name = row.client_order_id
        assert name not in self._known, "each is sent once"
        self._known[name] = _Kept(name, row)
        self._sent.append(name)
        self._count += 1

    def answered(
        self,
        name: ClientOrderId,
        state: OrderState,
        *,
        ended: Instant | None = None,
        detail: str = "",
    ) -> None:
        """What came of sending one; `detail` are its words, if it had any."""
        known = self._known[name]
        known.state, known.ended = state, ended or known.ended
        known.detail = detail or known.detail

    def seen(self, name: ClientOrderId, state: OrderState, filled: Quantity, time: Instant) -> None:
        """What the exchange told of one at a time; nothing, if it is not known."""
        known = self._known.get(name)
        if known is not None:
            known.state, known.filled = state, filled
            known.ended = (known.ended or time) if state.is_final else None

    def renew(self, renewals: Renewals) -> None:
        """Orders that filled nothing ended when another one of their terms was placed."""
        for each in renewals.each:
            before = self._known[each.before]
            before.state, before.ended = OrderState.EXPIRED, _minute(each.first)
            number = each.count - 1
            begun = each.first + number * renewals.step
            self._known[each.last] = before.renewed(each.last, each.leg + number, begun)
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
                yield self._known[sent].row()

    def _rows(self, renewals: Renewals) -> Iterator[OrderRow]:
        for each, number in renewals.in_time():
            if number == each.count - 1:
                yield self._known[each.last].row()
                continue
            leg, begun = each.leg + number, each.first + number * renewals.step
            one = self._known[each.before].renewed(each.name(leg), leg, begun)
            one.state, one.ended = OrderState.EXPIRED, _minute(begun + renewals.step)
            yield one.row()


def _minute(minute: int) -> Instant:
    return Instant(0) + minute * MINUTE
