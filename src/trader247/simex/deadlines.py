"""What time does to a live order: its cancel comes about, its date passes, a bucket begins."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from trader247.simex.orders.order import Order


class Deadline(IntEnum):
    """What comes about; of one instant, in this order."""

    CANCEL = 0
    END = 1
    BUCKET = 2


def deadlines(order: Order) -> Iterator[tuple[int, Deadline]]:
    """What is still to come, and when."""
    if order.cancel_due_us is not None:
        yield order.cancel_due_us, Deadline.CANCEL
    if order.terms.end_us is not None:
        yield order.terms.end_us, Deadline.END
    schedule = order.terms.schedule
    if schedule is not None and (begins_us := schedule.begins_us(order.begun)) is not None:
        yield begins_us, Deadline.BUCKET


class Timetable:
    """The live orders of which something comes by time alone: most have no time of their own.

    `late_us` is by how much an order outlives its date.
    """

    def __init__(self) -> None:
        self._orders: dict[int, Order] = {}

    def note(self, order: Order) -> None:
        """Look after an order, if it has a time."""
        if next(deadlines(order), None) is not None:
            self._orders[order.number] = order

    def drop(self, order: Order) -> None:
        """It is live no more."""
        self._orders.pop(order.number, None)

    def is_anything_over(self, until_us: int, *, late_us: int) -> bool:
        """Whether some order's time is over at `until_us`; asked at each step of time."""
        end_us = until_us - late_us
        for order in self._orders.values():
            terms, cancel_us = order.terms, order.cancel_due_us
            if cancel_us is not None and cancel_us <= until_us:
                return True
            if terms.end_us is not None and terms.end_us <= end_us:
                return True
            if terms.schedule is not None:
                return bool(self.due(until_us, late_us=late_us))
        return False

    def due(self, until_us: int, *, late_us: int) -> list[tuple[int, int, Deadline]]:
        """What is due by then: when, of which order, and what; in that order."""
        return sorted(
            (planned_us + (late_us if deadline is Deadline.END else 0), order.number, deadline)
            for order in self._orders.values()
            for planned_us, deadline in deadlines(order)
            if planned_us + (late_us if deadline is Deadline.END else 0) <= until_us
        )
