"""The orders of one run as a report tells them.

Nineteen of twenty are stops placed anew with the terms of the one before. Of those only what
differs is kept, and a whole row is made when somebody reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

from trader247.backtest.result import OrderRow
from trader247.domain.changing import replace
from trader247.domain.ids import ClientOrderId
from trader247.domain.money import NOTHING
from trader247.domain.orders import OrderState
from trader247.domain.time import Instant


class _Renewed:
    """An order of the terms of another one."""

    __slots__ = ("created", "ended", "first", "leg")

    def __init__(self, first: OrderRow, leg: int, created: Instant) -> None:
        self.first = first
        self.leg = leg
        self.created = created
        self.ended: Instant | None = None

    def row(self, name: ClientOrderId) -> OrderRow:
        """The whole row."""
        return replace(
            self.first,
            client_order_id=name,
            leg=self.leg,
            filled=NOTHING,
            state=OrderState.OPEN if self.ended is None else OrderState.EXPIRED,
            created=self.created,
            ended=self.ended,
            detail="",
        )


class OrderRows:
    """By the order's name, in the order in which they were sent."""

    def __init__(self) -> None:
        self._rows: dict[ClientOrderId, OrderRow | _Renewed] = {}

    def get(self, name: ClientOrderId) -> OrderRow | None:
        """The row of an order; None for one that is not known."""
        row = self._rows.get(name)
        return row.row(name) if isinstance(row, _Renewed) else row

    def put(self, row: OrderRow) -> None:
        """A new order, or what has become of one."""
        self._rows[row.client_order_id] = row

    def renew(
        self, before: ClientOrderId, name: ClientOrderId, *, leg: int, created: Instant
    ) -> None:
        """An order that filled nothing ended when another one of its terms was placed."""
        row = self._rows[before]
        if isinstance(row, _Renewed):
            row.ended, first = created, row.first
        else:
            first = self._rows[before] = replace(row, state=OrderState.EXPIRED, ended=created)
        self._rows[name] = _Renewed(first, leg, created)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[OrderRow]:
        for name, row in self._rows.items():
            yield row.row(name) if isinstance(row, _Renewed) else row
