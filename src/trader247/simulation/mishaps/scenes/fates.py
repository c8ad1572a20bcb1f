"""Orders of which nobody knows for a while what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run


def _sales_in_doubt(seen: Witness) -> Sequence[str]:
    return some(len(seen.sales_in_doubt) > 2, "three sales of unknown fate")


def _past_its_end(seen: Witness) -> Sequence[str]:
    return some(bool(seen.unlisted_past_end), "an order of unknown fate that outlived its end")


def _end_late(run: Run) -> None:
    run.venue.ends_late()


FATES = (
    Accident(
        "sale-in-doubt",
        "sales that may have arrived, of positions that are still there",
        "nothing sells them once more, and no stop rests beside them, until it is known",
        _sales_in_doubt,
        rules=("lost_request=50%@create",),
        faults=frozenset({BRISK}),
        minutes=50,
    ),
    Accident(
        "past-its-end",
        "orders of unknown fate that no listing shows for minutes, and that end late",
        "none is given up while it may rest: not once its time is over, but a minute later",
        _past_its_end,
        rules=("lost_answer=60%@create", "stale_list:ms=300000"),
        faults=frozenset({WILD}),
        deeds={1: _end_late},
        minutes=40,
    ),
)
