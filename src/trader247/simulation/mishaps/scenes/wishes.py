"""What a person wants, or takes back: sold positions, an arming, a stop that outlives its day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from trader247.domain.reasons import HaltName
from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import PATIENCE_US
from trader247.simulation.mishaps.scenes.showing import some
from trader247.simulation.settings import ACCOUNTS

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_MOST, _MUCH, _FALL_PCT = Decimal(995_000), 1200, 40
_UNTIL_MORNING_US = 1_800_000_000
_WORDS = {"reason": "simulated", "operator": "simulation"}
_TOO_LOW, _SOON_US = "100", 5_000_000


def _taken_back(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.intents.causes["flatten"] > 1, "two positions that a person wanted sold, and were"
        ),
        *some(seen.course.words["arming"] > 3, "wishes that nobody armed the book for"),
        *some(seen.course.restarts > 0, "a process after it was armed anew"),
    ]


def _armed_for_minutes(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.intents.entries_us) > 3, "buys for as long as it is armed"),
        *some(seen.course.words["arming"] > 3, "wishes once that time is over"),
        *some(seen.course.restarts > 0, "a process after it was armed anew"),
    ]


def _stood_overnight(seen: Witness) -> Sequence[str]:
    return some("daily_stop" in seen.halts.stood_overnight, "a daily stop that stood over midnight")


def _cleared_too_soon(seen: Witness) -> Sequence[str]:
    return [
        *some("drawdown" in seen.halts.latched, "a drawdown, and a peak that is none"),
        *some(seen.people.let_go_under_it > 1, "a switch whose halt was to end while it was on"),
    ]


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


def _accept_too_low(run: Run) -> None:
    """Somebody accepts a peak below what is there: any loss from it would be none."""
    told = {"name": HaltName.DRAWDOWN.value, "accept_peak": _TOO_LOW, **_WORDS}
    run.people.ask(CommandKind.CLEAR_HALT, told)


def _let_go_under_it(run: Run) -> None:
    """The switch is raised, and somebody wants its halt over while its file is there."""
    run.people.patience_us = PATIENCE_US
    run.people.kill(is_touched=False)

    def let_go() -> None:
        if not run.odds.is_calm:
            run.people.ask(CommandKind.RELEASE_KILL, _WORDS)
            run.people.ask(CommandKind.CLEAR_HALT, {"name": HaltName.KILL_SWITCH.value, **_WORDS})

    run.timeline.after(_SOON_US, let_go)


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
        "armed-for-minutes",
        "a book that is armed for eight minutes, and armed anew for as many",
        "nothing is bought once that time is over, and what is held can leave",
        _armed_for_minutes,
        faults=frozenset({BRISK}),
        account=replace(ACCOUNTS[0], armed_minutes=8),
        deeds={19: _arm_anew},
        minutes=25,
    ),
    Accident(
        "cleared-too-soon",
        "halts that somebody clears while their cause stands: a drawdown by a peak below what is "
        "there, and the switch's under the switch",
        "they stand: trading goes on once their cause is gone",
        _cleared_too_soon,
        faults=frozenset({BRISK}),
        is_listening=True,
        deeds={
            2: _take_out_most,
            6: _buy_much,
            14: _fall_untold,
            17: _accept_too_low,
            19: _let_go_under_it,
        },
        minutes=23,
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
