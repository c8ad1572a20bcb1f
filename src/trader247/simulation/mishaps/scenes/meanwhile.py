"""What changes between a decision and its order: what was looked at before says nothing of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trader247.domain.milestones import Milestone
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import PATIENCE_US, forbid
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_TIMES, _FORBIDDEN_US = 4, 20_000_000


def _forbidden_meanwhile(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.people.forbidden > 1, "an app.yaml that lets nothing be sent, twice"),
        *some(seen.intents.unsent > 1, "orders that were recorded by then, and did not leave"),
    ]


def _forbid_amid_orders(run: Run) -> None:
    """Somebody forbids it as an order is recorded, a few times."""
    if run.odds.is_calm:
        return
    run.people.patience_us = PATIENCE_US
    left, free_us = _TIMES, run.now_us

    def passing(milestone: Milestone) -> None:
        nonlocal left, free_us
        if milestone is Milestone.INTENT_RECORDED and left and run.now_us > free_us:
            left, free_us = left - 1, run.now_us + _FORBIDDEN_US
            forbid(run, _FORBIDDEN_US)

    run.on_passing = passing


MEANWHILE = (
    Accident(
        "forbidden-meanwhile",
        "an app.yaml that lets nothing be sent from the moment on in which an order is recorded",
        "the file is read once more before the order leaves, and it does not",
        _forbidden_meanwhile,
        faults=frozenset({BRISK}),
        deeds={2: _forbid_amid_orders},
        minutes=20,
    ),
)
