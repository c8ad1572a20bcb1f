"""What streams tell late: later and later, and without a silence that anybody would notice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run


def _late(seen: Witness) -> Sequence[str]:
    return some(len(seen.fills.booked) > 3, "fills of orders")


def _lag(run: Run) -> None:
    run.network.streams_lag_since_us = run.now_us


def _lag_no_more(run: Run) -> None:
    run.network.streams_lag_since_us = None


LATE = (
    Accident(
        "late-streams",
        "streams that say all of it later and later, up to most of a minute, without a silence",
        "a streamed book is as old as its own time: the exchange is asked instead",
        _late,
        faults=frozenset({BRISK}),
        is_listening=True,
        deeds={6: _lag, 18: _lag_no_more},
        minutes=20,
    ),
)
