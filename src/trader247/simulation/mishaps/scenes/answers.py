"""What the exchange answers: words of another order, words that nobody knows, no time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD
from trader247.simulation.mishaps.scenes.deeds import PATIENCE_US, for_a_while, kill
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_UNTOLD_US = 300_000_000
_SLOW_US = 1_400_000
"""So slow a way leaves time for one order of a cycle, and not for the next one."""


def _id_known(seen: Witness) -> Sequence[str]:
    return some(
        len(seen.fates.doubted_then_taken) > 2, "orders of a known id that were found to be ours"
    )


def _other_price(seen: Witness) -> Sequence[str]:
    return some("invariant" in seen.halts.latched, "a halt for an answer that is another order's")


def _odd_words(seen: Witness) -> Sequence[str]:
    return some(len(seen.fills.booked) > 5, "fills of orders, whatever is said of their state")


def _untold(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.words["clock_skew"] > 0, "a wish that nobody knows the time for"),
        *some(len(seen.fills.booked) > 5, "fills while it is told"),
    ]


def _slow(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.orders.too_late > 1, "two orders whose decision was too old once they could leave"
        ),
        *some(len(seen.fills.booked) > 3, "fills of others"),
    ]


def _connect_slowly(run: Run) -> None:
    run.network.connect_us = _SLOW_US


def _connect_at_once(run: Run) -> None:
    run.network.connect_us = 0


def _may_transfer(seen: Witness) -> Sequence[str]:
    return some("key" in seen.halts.latched, "a halt for what the key may do")


def _tell_no_time(run: Run) -> None:
    if not run.odds.is_calm:
        for_a_while(run, ("error_before@time",), _UNTOLD_US)


def _let_transfer(run: Run) -> None:
    """And somebody starts the trader anew, which reads what its key may do."""
    run.people.patience_us = PATIENCE_US
    run.venue.let_transfer(is_allowed=True)
    kill(run)


def _let_transfer_no_more(run: Run) -> None:
    run.venue.let_transfer(is_allowed=False)


ANSWERS = (
    Accident(
        "id-known",
        "orders that are taken, and answered as if their id had been known",
        "that is no no: the order may be there, and is looked for",
        _id_known,
        rules=("known_id=40%@create",),
        faults=frozenset({BRISK}),
        minutes=30,
    ),
    Accident(
        "other-price",
        "an order that is taken, and told of with another limit price",
        "a yes to another order is none: everything halts until somebody has looked",
        _other_price,
        rules=("other_price=20%@create",),
        faults=frozenset({BRISK}),
        minutes=30,
    ),
    Accident(
        "odd-words",
        "listings of orders in which some word is one that nobody has heard of",
        "a state that is not known is no end: what the order reserves stays reserved",
        _odd_words,
        rules=("unknown_enum=25%@orders",),
        faults=frozenset({BRISK}),
        minutes=40,
    ),
    Accident(
        "time-untold",
        "an exchange that tells everything but its time, for five minutes",
        "a clock that nobody compared is not right: nothing is bought by what it was before",
        _untold,
        faults=frozenset({BRISK}),
        deeds={5: _tell_no_time},
        every=12,
        minutes=36,
    ),
    Accident(
        "slow-way",
        "connections that take longer than a second to be made, so that orders wait in turn",
        "a decision is as old as it is, however often its order was put off: too old, it stays",
        _slow,
        faults=frozenset({WILD}),
        deeds={2: _connect_slowly, 26: _connect_at_once},
        minutes=30,
    ),
    Accident(
        "key-may-transfer",
        "a key that may move money out of the account from some minute on",
        "whoever starts reads what it may, and sends nothing with it",
        _may_transfer,
        faults=frozenset({BRISK}),
        deeds={6: _let_transfer, 12: _let_transfer_no_more},
        minutes=30,
    ),
)
