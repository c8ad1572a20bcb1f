"""What is shown once more, and says nothing new."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_FALL_MIN, _FALL_PCT, _SHOWN_US = 9, 20, 70_000_000
_SECOND_US, _LOOKS, _FROZEN_US = 1_000_000, 300, 300_000_000
_NEARLY = 1
"""Of the three prints that confirm a price: what is shown from then on begins with the second."""


def _shown_again(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.halts.doubted_prices > 0, "a price that jumped"),
        *some(seen.course.words["stale_quote"] > 2, "quotes that were shown again"),
    ]


def _fall_and_freeze(run: Run) -> None:
    """All falls, and a minute later the exchange shows the same quotes again and again."""
    run.venue.crash_for(_FALL_MIN, _FALL_PCT)
    run.timeline.after(_SHOWN_US, lambda: run.quotes.freeze(is_time=True))


def _fall(run: Run) -> None:
    """All falls, and once two later prints have confirmed it the exchange shows nothing new."""
    run.venue.crash_for(_FALL_MIN, _FALL_PCT)
    _freeze_once_nearly_confirmed(run, _LOOKS)


def _freeze_once_nearly_confirmed(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    if run.people.is_confirmed(_NEARLY):
        run.quotes.freeze(is_time=True, for_us=_FROZEN_US)
    else:
        again = partial(_freeze_once_nearly_confirmed, run, looks - 1)
        run.timeline.after(_SECOND_US, again)


AGAIN = (
    Accident(
        "one-missing",
        "a fall by a fifth, and an exchange that shows the same again once it is nearly confirmed",
        "the last print that a price needs is a later one, like those before it",
        _shown_again,
        faults=frozenset({BRISK}),
        deeds={5: _fall},
        every=20,
        minutes=30,
    ),
    Accident(
        "shown-again",
        "a fall by a fifth, and an exchange that shows the same quotes again and again after it",
        "a price that jumped is confirmed by later quotes: the same one says nothing new",
        _shown_again,
        faults=frozenset({BRISK}),
        deeds={5: _fall_and_freeze},
        every=20,
        minutes=30,
    ),
)
