"""The switch is raised where no trader lives: the command empties the exchange by itself."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trader247.adapters.kill_switch import ACKNOWLEDGEMENT
from trader247.domain.milestones import Milestone
from trader247.simulation.death import Cause
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.emptying import Emptying
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import PATIENCE_US
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_LOOK_US, _LOOKS = 1_000_000, 90
_QUEUED_US = 4_000_000
_WRITES = ("write", "fsync", "sync")


def _emptied(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.emptied > 1, "an exchange that was emptied twice, and proven to be"),
        *some(seen.ended_by_hand > 0, "orders that were ended by it"),
    ]


def _queue_cancels(run: Run) -> None:
    """From now on an order lives on for seconds once its end was asked for."""
    market = run.exchange.exchange
    market.rules = replace(market.rules, cancel_delay_us=_QUEUED_US)


def _die_and_be_stopped(run: Run) -> None:
    """The process dies as a buy rests, and whoever sees that raises the switch."""
    _once_bought(run, _LOOKS)


def _once_bought(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    if not run.people.is_buying():
        run.timeline.after(_LOOK_US, lambda: _once_bought(run, looks - 1))
        return
    _be_stopped_next(run)
    run.die(Cause.KILLED, "before the switch is raised")


def _be_stopped_next(run: Run) -> None:
    """Once the process has ended, somebody raises the switch before the next one begins."""
    run.people.patience_us = PATIENCE_US

    def stopped() -> None:
        run.on_rest = _nothing
        run.people.kill(is_touched=False)
        Emptying(
            run.timeline, run.clock, run.network, run.counterparty, data=run.data, tell=run.tell
        ).done()

    run.on_rest = stopped


def _die_amid_an_order(run: Run) -> None:
    """The process dies as the next order has left, which is still on its way."""
    if run.odds.is_calm:
        return

    def passing(milestone: Milestone) -> None:
        if milestone is Milestone.REQUEST_SENT:
            run.on_passing = _unseen
            _be_stopped_next(run)
            run.die(Cause.KILLED, milestone.value)

    run.on_passing = passing


def _failed_at_its_word(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.restarts > 1, "two processes that the disk ended"),
        *some(seen.words_read > 0, "a word that nothing rests, of the next one"),
    ]


def _refuse_its_word(run: Run) -> None:
    """The switch is raised, and the disk does not take the word that nothing rests."""
    if run.odds.is_calm:
        return
    touch = run.disk.on_touch

    def refusing(act: str, path: str) -> int:
        if ACKNOWLEDGEMENT not in path or act not in _WRITES:
            return touch(act, path)
        run.disk.on_touch = touch
        return errno.EIO

    run.disk.on_touch = refusing
    run.people.patience_us = 2 * PATIENCE_US
    run.people.kill()


def _nothing() -> None:
    """Nobody is there."""


def _unseen(_: Milestone) -> None:
    """Nobody looks."""


EMPTIED = (
    Accident(
        "emptied",
        "processes that die while buys rest, and somebody who raises the switch before the next "
        "one begins, at an exchange that takes seconds to end an order",
        "what the command says to be proven is so: nothing of ours rests, and nothing arrives",
        _emptied,
        faults=frozenset({BRISK}),
        deeds={1: _queue_cancels, 3: _die_and_be_stopped},
        every=5,
        minutes=20,
    ),
    Accident(
        "still-on-its-way",
        "processes that die as an order has left that arrives seconds later, and somebody who "
        "raises the switch meanwhile, at an exchange that is slow to list",
        "what began before it could have arrived proves nothing",
        _emptied,
        rules=("late_request=100%@create:ms=9500", "late_answer=100%@orders:ms=7000"),
        faults=frozenset({BRISK}),
        deeds={2: _die_amid_an_order},
        every=3,
        minutes=30,
    ),
    Accident(
        "word-refused",
        "a disk that does not take the word that nothing rests, and ends the process by that",
        "it has not ended in order, and says so: the next one looks through all of the journal",
        _failed_at_its_word,
        faults=frozenset({BRISK}),
        deeds={3: _refuse_its_word},
        every=7,
        minutes=20,
    ),
)
