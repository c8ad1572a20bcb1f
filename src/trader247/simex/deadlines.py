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
