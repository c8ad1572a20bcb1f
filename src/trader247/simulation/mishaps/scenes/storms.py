"""So much that is told within an hour that the rest would be folded, were it no more than that."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.scenes.deeds import raise_each_minute
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_TIMES = 23
_ALL_THE_TIME_US = 3_600_000_000
_MANY = 20
"""More warnings than that within an hour are folded."""
_FALL_MIN, _FALL_PCT = 2, 20
"""So that each of a dozen prices is doubted, and warned of."""
_LITTLE = Decimal("-0.37")


def _told(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.alerts.raised["CRITICAL"] > _MANY, "more critical alerts than are told of warnings"
        ),
        *some(
            seen.alerts.raised["WARNING"] > _MANY, "more warnings than are told of by themselves"
        ),
        *some("reconciliation_break" in seen.halts.latched, "one of another kind after them"),
    ]


def _stop_often(run: Run) -> None:
    """Each is critical."""
    raise_each_minute(run, times=_TIMES)


def _pause(run: Run) -> None:
    """So that nothing is held whose stop the switch would end each time."""
    run.people.patience_us = _ALL_THE_TIME_US
    run.people.ask(CommandKind.PAUSE, {"reason": "simulated"})


def _fall(run: Run) -> None:
    run.venue.crash_for(_FALL_MIN, _FALL_PCT)


def _lose_a_little(run: Run) -> None:
    run.venue.move(_LITTLE)


STORMS = (
    Accident(
        "storm",
        "two dozen warnings, as many critical alerts within half an hour, and then another kind",
        "what is critical and new is told at once, however much was told before it",
        _told,
        deeds={1: _pause, 2: _fall, 12: _fall, 15: _stop_often, 40: _lose_a_little},
        minutes=45,
    ),
)
