"""What listings tell late, or on more than one page, while nothing else is under way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simex.faults.rules import read_rules
from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import (
    IN_NO_HURRY_US,
    PATIENCE_US,
    back_up_unused,
    for_a_while,
    list_all,
)
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_SECOND_US, _LOOKS, _YOUNG_US = 1_000_000, 420, 20_000_000
_PIECES, _QUIET_US = 6, 420_000_000
_DEARER, _OFF = Decimal("0.01"), Decimal("1.01")
_HIDDEN_US = 420_000_000
"""Longer than a reading goes back, and shorter than a fill may wait for its order."""
_HIDDEN = (("stale_list", "orders"), ("stale_order", "order"))
_UNASKED = ("error_before@order",)
_UNASKED_US = 780_000_000
"""Longer than a fill waits for an order that the exchange says it does not know."""
_ALL_HIDDEN = tuple(f"{name}:ms=600000" for name, _ in _HIDDEN)


def _out_of_sight(seen: Witness) -> Sequence[str]:
    return some(
        bool(seen.restored.told_out_of_reach),
        "a lost order that was told when no reading goes back to it",
    )


def _first_in_pieces(seen: Witness) -> Sequence[str]:
    return some(
        len(seen.fills.in_pieces_alone) > 1, "two orders in pieces, with no fill for minutes before"
    )


def _lose_one(run: Run) -> None:
    run.people.patience_us = IN_NO_HURRY_US
    _lose_one_once_filled(run, _LOOKS, _hide)


def _lose_one_once_filled(run: Run, looks: int, hide: Callable[[Run, str], None]) -> None:
    """As soon as one has filled in part it is lost, and seen again minutes later."""
    if run.odds.is_calm or not looks:
        return
    orders = run.venue.fill_part(young_us=_YOUNG_US) if run.is_alive else ()
    if orders:
        hide(run, orders[0])
        run.go_back()
    else:
        run.timeline.after(_SECOND_US, lambda: _lose_one_once_filled(run, looks - 1, hide))


def _hide(run: Run, order_id: str) -> None:
    """Let the exchange hide new orders for a while, and this one for long enough."""
    plan = run.counterparty.plan
    for seed in count():
        plan.change(read_rules(_ALL_HIDDEN), seed=seed)
        shots = [plan.hold(name, place, order_id) for name, place in _HIDDEN]
        if all(shot is not None and shot.span_us() > _HIDDEN_US for shot in shots):
            return


def _lose_one_unasked(run: Run) -> None:
    run.people.patience_us = IN_NO_HURRY_US
    _lose_one_once_filled(run, _LOOKS, _let_nobody_ask)


def _let_nobody_ask(run: Run, order_id: str) -> None:
    """No listing has it, and who asks for it by its id is told of an error, for long."""
    run.counterparty.left_out = frozenset({order_id})
    for_a_while(run, _UNASKED, _UNASKED_US)
    run.timeline.after(_UNASKED_US, lambda: list_all(run))


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


def _other_words(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.holdings.fees_differ > 0, "a break over what an order paid"),
        *some("invariant" in seen.halts.latched, "a halt for an order that is not what was sent"),
    ]


def _list_dearer(run: Run) -> None:
    """What ended has paid more than its fills did, and nobody says how many those are."""

    def dearer(row: Record) -> Record:
        if row["status"] == "OPEN" or not Decimal(row["filled_size"]):
            return row
        told = {**row, "total_fees": str(Decimal(row["total_fees"]) + _DEARER)}
        del told["number_of_fills"]
        return told

    run.counterparty.list_as(dearer)


def _list_at_another_price(run: Run) -> None:
    run.people.patience_us = PATIENCE_US

    def at_another_price(row: Record) -> Record:
        ((kind, terms),) = row["order_configuration"].items()
        other = f"{Decimal(terms['limit_price']) * _OFF:f}"
        return {**row, "order_configuration": {kind: {**terms, "limit_price": other}}}

    run.counterparty.list_as(at_another_price)


def _older_words(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.orders.older > 5, "ended orders that are listed as if they were not"),
        *some(len(seen.fills.booked) > 5, "fills of orders"),
    ]


def _list_in_older_words(run: Run) -> None:
    run.counterparty.tells_older = True


def _list_in_no_older_words(run: Run) -> None:
    run.counterparty.tells_older = False


def _list_as_it_is(run: Run) -> None:
    run.counterparty.list_as(None)


LISTINGS = (
    Accident(
        "out-of-sight",
        "a journal gone back to, whose lost order is told seven minutes after it filled",
        "what waits is read again until it is told, though nothing else is under way",
        _out_of_sight,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _lose_one},
        minutes=18,
    ),
    Accident(
        "unasked",
        "a journal gone back to, whose lost order nobody can ask for while its fill is listed",
        "who could not ask does not know: the fill waits until the exchange has answered",
        _out_of_sight,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _lose_one_unasked},
        minutes=26,
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
    Accident(
        "other-words",
        "orders that are listed at another price, and later with other fees than their fills have",
        "an order is ours if it is what was sent, and whole once its fees are: else people look",
        _other_words,
        rules=("lost_answer=40%@create",),
        faults=frozenset({BRISK}),
        deeds={
            1: _list_at_another_price,
            9: _list_as_it_is,
            11: _list_dearer,
            22: _list_as_it_is,
        },
        minutes=26,
    ),
    Accident(
        "older-words",
        "orders that ended, and that every third listing shows as they were before",
        "an end that was seen stays one: what an older listing says is no news",
        _older_words,
        faults=frozenset({BRISK}),
        deeds={1: _list_in_older_words, 24: _list_in_no_older_words},
        minutes=26,
    ),
)
