"""What listings tell late, or on more than one page, while nothing else is under way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simex.faults.rules import read_rules
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import IN_NO_HURRY_US
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_SECOND_US, _LOOKS, _YOUNG_US = 1_000_000, 420, 20_000_000
_PIECES, _QUIET_US = 6, 420_000_000
_HIDDEN_US = 420_000_000
"""Longer than a reading goes back, and shorter than a fill may wait for its order."""
_HIDDEN = (("stale_list", "orders"), ("stale_order", "order"))
_ALL_HIDDEN = tuple(f"{name}:ms=600000" for name, _ in _HIDDEN)


def _out_of_sight(seen: Witness) -> Sequence[str]:
    return some(
        bool(seen.told_out_of_reach), "a lost order that was told when no reading goes back to it"
    )


def _first_in_pieces(seen: Witness) -> Sequence[str]:
    return some(
        len(seen.in_pieces_alone) > 1, "two orders in pieces, with no fill for minutes before"
    )


def _back_up_unused(run: Run) -> None:
    """Once the book is armed, and before any order: who goes back to this has none under way."""
    if run.is_alive and run.surroundings.account:
        run.back_up()
    else:
        run.timeline.after(_SECOND_US, lambda: _back_up_unused(run))


def _lose_one(run: Run) -> None:
    run.people.patience_us = IN_NO_HURRY_US
    _lose_one_once_filled(run, _LOOKS)


def _lose_one_once_filled(run: Run, looks: int) -> None:
    """As soon as one has filled in part it is lost, and seen again minutes later."""
    if run.odds.is_calm or not looks:
        return
    orders = run.venue.fill_part(young_us=_YOUNG_US) if run.is_alive else ()
    if orders:
        _hide(run, orders[0])
        run.go_back()
    else:
        run.timeline.after(_SECOND_US, lambda: _lose_one_once_filled(run, looks - 1))


def _hide(run: Run, order_id: str) -> None:
    """Let the exchange hide new orders for a while, and this one for long enough."""
    plan = run.counterparty.plan
    for seed in count():
        plan.change(read_rules(_ALL_HIDDEN), seed=seed)
        shots = [plan.hold(name, place, order_id) for name, place in _HIDDEN]
        if all(shot is not None and shot.span_us() > _HIDDEN_US for shot in shots):
            return


def _fill_in_pieces(run: Run) -> None:
    run.people.patience_us = _QUIET_US
    _fill_the_next(run, _LOOKS)


def _fill_the_next(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    if not run.venue.fill_in_a_moment(_PIECES):
        run.timeline.after(_SECOND_US, lambda: _fill_the_next(run, looks - 1))


def _rest(run: Run) -> None:
    """Sell all, and buy nothing until somebody lets it go on."""
    words = {"reason": "simulated", "operator": "simulation"}
    run.people.ask(CommandKind.PAUSE, words)
    run.people.ask(CommandKind.FLATTEN, words)


def _fill_the_first_after_it(run: Run) -> None:
    run.timeline.after(_QUIET_US, lambda: _fill_the_next(run, 2 * _LOOKS))


LISTINGS = (
    Accident(
        "out-of-sight",
        "a journal gone back to, whose lost order is told seven minutes after it filled",
        "what waits is read again until it is told, though nothing else is under way",
        _out_of_sight,
        faults=frozenset({BRISK}),
        deeds={0: _back_up_unused, 1: _lose_one},
        minutes=18,
    ),
    Accident(
        "first-in-pieces",
        "orders that fill in many pieces at once when nothing had filled for long, on small pages",
        "every page is read, and every row of it: the oldest fill may be as new as the rest",
        _first_in_pieces,
        faults=frozenset({BRISK}),
        has_small_pages=True,
        deeds={1: _fill_in_pieces, 9: _rest, 10: _fill_the_first_after_it},
        minutes=30,
    ),
)
