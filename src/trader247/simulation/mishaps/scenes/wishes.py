"""What a person wants, or takes back: sold positions, an arming, a stop that outlives its day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import PATIENCE_US
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_MOST, _MUCH, _FALL_PCT = Decimal(995_000), 1200, 40
_UNTIL_MORNING_US = 1_800_000_000
_WORDS = {"reason": "simulated", "operator": "simulation"}


def _taken_back(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.intents.causes["flatten"] > 1, "two positions that a person wanted sold, and were"
        ),
        *some(seen.course.words["arming"] > 3, "wishes that nobody armed the book for"),
        *some(seen.course.restarts > 0, "a process after it was armed anew"),
    ]


def _stood_overnight(seen: Witness) -> Sequence[str]:
    return some("daily_stop" in seen.halts.stood_overnight, "a daily stop that stood over midnight")


def _sell_all(run: Run) -> None:
    run.people.ask(CommandKind.FLATTEN, _WORDS)


def _disarm(run: Run) -> None:
    run.people.ask(CommandKind.DISARM, _WORDS)


def _edit_policy(_: Run) -> None:
    """Whoever is started after this goes by another one."""
    path = Path("config") / "policy.yaml"
    text, count = re.subn(r"(?m)^( +score_min: )\S+", r"\g<1>0.06", path.read_text("utf-8"))
    assert count == 1, "policy.yaml says how well a product has to score"
    path.write_text(text, encoding="utf-8")


def _arm_anew(run: Run) -> None:
    """Before the run is calm: no process begins with a book that nobody armed."""
    run.arm_anew()


def _take_out_most(run: Run) -> None:
    """So that a day's limit is within reach of what may be bought."""
    run.people.patience_us = PATIENCE_US
    run.venue.move(-_MOST)


def _buy_much(run: Run) -> None:
    for _ in range(3):
        run.venue.buy_by_hand(spent=_MUCH)


def _fall_untold(run: Run) -> None:
    """All that is held at once; and nobody looks at it for half an hour."""
    run.people.patience_us = _UNTIL_MORNING_US
    run.venue.crash_for(2, _FALL_PCT)


WISHES = (
    Accident(
        "taken-back",
        "a wish that all be sold, an arming that is taken back, and that wish once more",
        "all of it leaves, armed or not; nothing is bought until the book is armed anew",
        _taken_back,
        faults=frozenset({BRISK}),
        deeds={
            5: _sell_all,
            8: _sell_all,
            9: _disarm,
            10: _sell_all,
            12: _edit_policy,
            13: _arm_anew,
        },
        minutes=18,
    ),
    Accident(
        "stood-overnight",
        "a daily stop that latches before midnight, and nobody who looks at it for half an hour",
        "a stop is ended by a person: a new day ends none",
        _stood_overnight,
        faults=frozenset({BRISK}),
        deeds={2: _take_out_most, 6: _buy_much, 13: _fall_untold},
        minutes=34,
    ),
)
