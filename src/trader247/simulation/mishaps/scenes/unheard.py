"""Processes that end while nobody can be told: what they had to say is said by the next one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import IN_NO_HURRY_US, kill
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_SOON_US = 3_000_000
_REBATE = Decimal("0.37")
_WORDS = {"reason": "simulated", "operator": "simulation"}


def _ended_unheard(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.alerts.told_later) > 0, "an alert that was told of later"),
        *some("pause" in seen.halts.latched, "a pause"),
    ]


def _unheard_for_long(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.restarts > 2, "three unclean ends"),
        *some("alerts" in seen.halts.latched, "a halt because nobody could be told"),
    ]


def _killed_unheard(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.restarts > 0, "an unclean end"),
        *some("pause" in seen.halts.latched, "a pause"),
    ]


def _pause_and_kill(run: Run) -> None:
    """Somebody pauses it, of which nobody has to hear twice, and it is killed seconds later."""
    run.people.ask(CommandKind.PAUSE, _WORDS)
    run.timeline.after(_SOON_US, lambda: kill(run))


def _silence(run: Run) -> None:
    run.set_channel(is_up=False)


def _hang(run: Run) -> None:
    run.hang_channel()


def _hear(run: Run) -> None:
    run.set_channel(is_up=True)


def _pause_and_end(run: Run) -> None:
    """Somebody pauses it, and asks it to end seconds later."""
    run.people.ask(CommandKind.PAUSE, _WORDS)
    run.timeline.after(_SOON_US, run.terminate)


def _resume(run: Run) -> None:
    run.people.ask(CommandKind.RESUME, _WORDS)


def _rebate(run: Run) -> None:
    """Hardly anything, and critical all the same: it differs."""
    run.people.patience_us = IN_NO_HURRY_US
    run.venue.move(_REBATE)


UNHEARD = (
    Accident(
        "killed-unheard",
        "a process that is killed while the first attempt to tell of a pause hangs",
        "the next one tells of what nobody was told, though nobody kept that it was tried",
        _killed_unheard,
        faults=frozenset({BRISK}),
        deeds={3: _hang, 4: _pause_and_kill, 5: _hear, 7: _resume},
        minutes=20,
    ),
    Accident(
        "ended-unheard",
        "a process that is asked to end while its channel takes nothing, and another while an "
        "attempt hangs",
        "the next one tells of what nobody was told",
        _ended_unheard,
        faults=frozenset({BRISK}),
        deeds={
            3: _silence,
            4: _pause_and_end,
            6: _hear,
            8: _resume,
            10: _hang,
            11: _pause_and_end,
            13: _hear,
            14: _resume,
        },
        minutes=18,
    ),
    Accident(
        "unheard-for-long",
        "a channel that takes nothing for a quarter of an hour, and a process killed every four "
        "minutes",
        "nothing is bought once nobody could be told for minutes, whoever began to tell",
        _unheard_for_long,
        faults=frozenset({BRISK}),
        deeds={2: _rebate, 3: _silence, 7: kill, 11: kill, 15: kill, 18: _hear},
        minutes=24,
    ),
)
