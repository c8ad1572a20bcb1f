"""How orders end: in part, against their cancel, with a part that is told later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import for_a_while
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_CANCELS, _REFUSED_US = 60, 150_000_000
_STOPPED_AT, _STOPPED_US, _SOON_US = 12, 330_000_000, 25_000_000
"""In which minute somebody raises the switch as well, and how long nothing ends then."""


def _late_parts(seen: Witness) -> Sequence[str]:
    return some(
        bool(seen.fills.ended_in_part), "an order that ended before what it filled was booked"
    )


def _ends_refused(seen: Witness) -> Sequence[str]:
    return some(len(seen.orders.cancelled_and_lived) > 2, "orders that their cancel left alive")


def _understated(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.fills.understated) > 2, "orders that ended with less than they had filled"),
        *some(len(seen.fills.booked_when_over) > 2, "fills of orders that were over"),
    ]


def _many_ends(seen: Witness) -> Sequence[str]:
    return some(seen.orders.cancels > _CANCELS, "more cancels than a minute may have")


def _end_in_part(run: Run) -> None:
    run.venue.end_in_part()


def _fill_a_part_and_end(run: Run) -> None:
    run.venue.end_one()


def _cancel_all(run: Run) -> None:
    words = {"orders": " ".join(run.people.orders()), "reason": "simulated"}
    run.people.ask(CommandKind.CANCEL_ORDERS, words)


def _cancel_each_often(run: Run) -> None:
    """Somebody who is in a hurry asks for the end of each order by itself, again and again."""
    if run.odds.is_calm:
        return
    names = run.people.orders()
    is_stopped = (run.now_us - run.first_us) // 60_000_000 == _STOPPED_AT
    for_a_while(run, ("partial_cancel@cancel",), _STOPPED_US if is_stopped else _REFUSED_US)
    if is_stopped:
        run.people.patience_us = _STOPPED_US
        run.timeline.after(_SOON_US, run.people.kill)
    for number in range(_CANCELS if names else 0):
        words = {"orders": names[number % len(names)], "reason": "simulated"}
        run.people.ask(CommandKind.CANCEL_ORDERS, words)


ENDINGS = (
    Accident(
        "late-parts",
        "orders that end in part before their fills are listed, on pages of two rows",
        "an order is over when all that it filled is booked, however late and wherever that stands",
        _late_parts,
        faults=frozenset({BRISK, "F22", "F24"}),
        deeds={2: _fill_a_part_and_end},
        every=1,
        minutes=60,
    ),
    Accident(
        "ends-refused",
        "cancels that often end nothing",
        "whose end was asked for is asked for again until it is over: a stop makes way for a sale",
        _ends_refused,
        rules=("partial_cancel=40%@cancel",),
        faults=frozenset({BRISK}),
        deeds={4: _cancel_all},
        every=2,
        minutes=40,
    ),
    Accident(
        "ends-understated",
        "orders that are listed as ended with nothing filled, though a part of them was",
        "a fill is booked though its order is over, and the order is not over any more",
        _understated,
        rules=("early_end:ms=120000", "late_fills:ms=60000"),
        faults=frozenset({BRISK}),
        deeds={2: _end_in_part},
        every=2,
        minutes=40,
    ),
    Accident(
        "many-ends",
        "somebody who asks for the end of each order again and again, and orders that live on",
        "cancels keep their pace: a minute has no more of them than it may",
        _many_ends,
        faults=frozenset({BRISK}),
        deeds={6: _cancel_each_often},
        every=6,
        minutes=25,
    ),
)
