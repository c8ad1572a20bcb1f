"""What takes two rare things at once, made to happen: scenes that each check plays, by name.

Seeds come to these by luck, once in a dozen of them or never. A scene is a run of its own, judged
as ever, and fails where it does not show what it is for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.death import Cause
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_LOOK_US, _LISTED_US = 5_000_000, 150_000_000
_PATIENCE_US = 60_000_000
"""How long people leave a halt alone."""


def _sales_in_doubt(seen: Witness) -> Sequence[str]:
    return _some(len(seen.sales_in_doubt) > 2, "three sales of unknown fate")


def _epoch_lost(seen: Witness) -> Sequence[str]:
    return _some(bool(seen.lost_epochs), "an order of an epoch that was lost")


def _late_parts(seen: Witness) -> Sequence[str]:
    return _some(bool(seen.ended_in_part), "an order that ended before what it filled was booked")


def _by_hand(seen: Witness) -> Sequence[str]:
    return _some(seen.adopted_beside > 0, "coins adopted beside those that were held")


def _unread(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.wallets_unread > 5, "wallets that could not be read"),
        *_some(len(seen.booked) > 5, "fills while they could not"),
    ]


def _ends_refused(seen: Witness) -> Sequence[str]:
    return _some(len(seen.cancelled_and_lived) > 2, "orders that their cancel left alive")


def _some(is_shown: bool, what: str) -> list[str]:
    return [] if is_shown else [f"not shown: {what}"]


def _back_up(run: Run) -> None:
    run.back_up()


def _kill(run: Run) -> None:
    run.die(Cause.KILLED, "after a backup")


def _go_back(run: Run) -> None:
    run.people.patience_us = _PATIENCE_US
    _go_back_once_bought(run)


def _go_back_once_bought(run: Run) -> None:
    """Once something was bought, and had the time to be listed: its epoch is lost then."""
    if run.odds.is_calm:
        return
    if run.people.is_buying():
        run.timeline.after(_LISTED_US, run.go_back)
    else:
        run.timeline.after(_LOOK_US, lambda: _go_back_once_bought(run))


def _cancel_all(run: Run) -> None:
    words = {"orders": " ".join(run.people.orders()), "reason": "simulated"}
    run.people.ask(CommandKind.CANCEL_ORDERS, words)


def _fill_a_part_and_end(run: Run) -> None:
    run.venue.end_one()


def _buy_more(run: Run) -> None:
    run.people.patience_us = _PATIENCE_US
    run.venue.buy_by_hand()


def _named(*scenes: Accident) -> Mapping[str, Accident]:
    return MappingProxyType({each.name: each for each in scenes})


SCENES = _named(
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
        "epoch-lost",
        "a journal gone back to after two more processes had sent orders",
        "whoever goes on takes a later epoch than any that was lost: no name is given twice",
        _epoch_lost,
        faults=frozenset({BRISK}),
        deeds={5: _back_up, 6: _kill, 9: _kill, 11: _go_back},
        minutes=60,
    ),
    Accident(
        "late-parts",
        "orders that end in part before their fills are listed, on pages of two rows",
        "an order is over when all that it filled is booked, however late and wherever that stands",
        _late_parts,
        faults=frozenset({BRISK, "F22", "F24"}),
        deeds={2: _fill_a_part_and_end},
        every=1,
        minutes=60,
    ),
    Accident(
        "two-prices",
        "coins bought by hand and adopted beside those that are held",
        "each lot has its own cost and fee; stop and target follow from the average of them",
        _by_hand,
        faults=frozenset({BRISK}),
        deeds={6: _buy_more},
        every=5,
        minutes=60,
    ),
    Accident(
        "wallets-unread",
        "wallets that cannot be read while fills come in",
        "what could not be read says nothing: no difference is found in it",
        _unread,
        rules=("error_before=30%@accounts",),
        faults=frozenset({BRISK}),
        minutes=50,
    ),
    Accident(
        "ends-refused",
        "cancels that often end nothing",
        "whose end was asked for is asked for again until it is over: a stop makes way for a sale",
        _ends_refused,
        rules=("partial_cancel=40%@cancel",),
        faults=frozenset({BRISK}),
        deeds={4: _cancel_all},
        every=2,
        minutes=40,
    ),
)
"""Every one, by its name."""
