"""The switch is raised where no trader lives: the command empties the exchange by itself."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
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
_PROVEN_US = 240_000_000
"""Before then nobody lets a switch go: a proof beside a trader waits until its tokens are over."""
_WRITES = ("write", "fsync", "sync")


def _emptied(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.people.emptied > 1, "an exchange that was emptied twice, and proven to be"),
        *some(seen.people.ended_by_hand > 0, "orders that were ended by it"),
    ]


def _emptied_each_time(seen: Witness) -> Sequence[str]:
    return [
        *_emptied(seen),
        *some(not seen.people.unproven, "each time a proof that it was emptied"),
    ]


def _proven_beside(seen: Witness) -> Sequence[str]:
    return some(
        seen.people.emptied_beside > 1, "an exchange emptied twice beside a trader, and proven so"
    )


def _emptied_beside(seen: Witness) -> Sequence[str]:
    return [
        *_proven_beside(seen),
        *some(seen.people.ended_by_hand > 0, "orders that were ended by it"),
        *some(seen.people.words_read > 0, "a word of the trader's that nothing rests"),
    ]


def _kept_beside(seen: Witness) -> Sequence[str]:
    return [
        *_emptied_beside(seen),
        *some(seen.people.kept_beside > 0, "a sale that was kept"),
    ]


def _raise_beside(run: Run, *, keeps_sales: bool = False) -> None:
    """Somebody types `kill on` as a buy rests, beside the trader that lives."""
    run.people.patience_us = _PROVEN_US
    _once_bought_beside(run, _LOOKS, keeps_sales=keeps_sales)


def _once_bought_beside(run: Run, looks: int, *, keeps_sales: bool) -> None:
    if run.odds.is_calm or not looks:
        return
    if not (run.is_alive and run.people.is_buying()):
        run.timeline.after(
            _LOOK_US, lambda: _once_bought_beside(run, looks - 1, keeps_sales=keeps_sales)
        )
        return
    run.raise_beside(keeps_sales=keeps_sales)


def _raise_amid_an_order(run: Run) -> None:
    """Somebody types it as an order is recorded, and as the next one has left."""
    if run.odds.is_calm:
        return
    run.people.patience_us = _PROVEN_US
    due = [Milestone.INTENT_RECORDED, Milestone.REQUEST_SENT]

    def passing(milestone: Milestone) -> None:
        if due and milestone is due[0] and not run.people.is_stopped:
            del due[0]
            run.raise_beside()

    run.on_passing = passing


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
        *some(seen.course.restarts > 1, "two processes that the disk ended"),
        *some(seen.people.words_read > 0, "a word that nothing rests, of the next one"),
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
        faults=frozenset({BRISK, "F9"}),
        deeds={1: _queue_cancels, 3: _die_and_be_stopped},
        every=5,
        minutes=20,
    ),
    Accident(
        "still-on-its-way",
        "processes that die as an order has left that arrives seconds later, and somebody who "
        "raises the switch meanwhile, at an exchange that is slow to list",
        "what began before it could have arrived proves nothing",
        _emptied_each_time,
        rules=("late_request=100%@create:ms=9500", "late_answer=100%@orders:ms=7000"),
        faults=frozenset({BRISK}),
        has_small_pages=True,
        deeds={2: _die_amid_an_order},
        every=3,
        minutes=30,
    ),
    Accident(
        "emptied-beside",
        "somebody who types `kill on` while a trader lives and its buys rest; some requests and "
        "answers are minutes late",
        "the trader sends nothing more, both end what rests, and what the command says to be "
        "proven is so",
        _emptied_beside,
        faults=frozenset({BRISK, "F9"}),
        deeds={1: _queue_cancels, 3: _raise_beside},
        every=9,
        minutes=60,
    ),
    Accident(
        "beside-on-its-way",
        "somebody who types `kill on` as an order of a living trader is recorded, and as one has "
        "left that arrives ten seconds later",
        "what is recorded does not leave, and what began before it could have arrived proves "
        "nothing",
        _proven_beside,
        rules=("late_request=100%@create:ms=9500",),
        faults=frozenset({BRISK}),
        deeds={2: _raise_amid_an_order},
        every=25,
        minutes=60,
    ),
    Accident(
        "kept-beside",
        "somebody who types `kill on --keep-stops` while a trader lives, its buys rest and the "
        "stops of its positions",
        "the sales stay, and all else ends",
        _kept_beside,
        faults=frozenset({BRISK}),
        deeds={1: _queue_cancels, 3: partial(_raise_beside, keeps_sales=True)},
        every=9,
        minutes=60,
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
