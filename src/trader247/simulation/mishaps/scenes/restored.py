"""A journal gone back to an older copy of itself, and what was sent since."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD
from trader247.simulation.mishaps.scenes.deeds import (
    IN_NO_HURRY_US,
    PATIENCE_US,
    back_up_unused,
    for_a_while,
    kill,
)
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_LOOK_US, _LOOKS = 5_000_000, 24
_LISTED_US = 150_000_000
_QUICK_US, _QUICK_LOOKS, _YOUNG_US = 1_000_000, 180, 20_000_000
_HIDDEN = ("stale_list=70%@orders:ms=600000", "stale_order=70%@order:ms=600000")
_UNREAD, _UNREAD_US = ("error_before@orders",), 60_000_000
_HELD, _SPENT = "ADA-USD", Decimal(150)
_EXPLAINED_US, _ADOPTED_US = 290_000_000, 300_000_000
_WORDS = {"reason": "simulated", "operator": "simulation"}
_PLAN = {"stop_pct": "15", "target_pct": "15", "hours": "3"}
_HIDDEN_US, _LATER_US = 570_000_000, (310_000_000, 340_000_000, 370_000_000)


def _epoch_lost(seen: Witness) -> Sequence[str]:
    return [
        *some(bool(seen.restored.epochs), "an order of an epoch that was lost"),
        *some(seen.restored.taken_back_in_part > 0, "one that was filled in part then"),
    ]


def _told_late(seen: Witness) -> Sequence[str]:
    return some(
        bool(seen.restored.filled_before_taken_back), "a lost order that filled before it was told"
    )


def _unread_at_first(seen: Witness) -> Sequence[str]:
    return some(len(seen.restored.void) > 1, "two lost orders that had ended, and filled nothing")


def _adoption_lost(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.fills.accepted > 0, "a sale that was set aside, and that somebody accepted"),
        *some(seen.intents.bought_after_accepting > 0, "an entry after that"),
    ]


def _kept_though_lost(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.people.raised > 0, "a switch"),
        *some(seen.stops.taken_back > 0, "a stop that was lost, and taken back"),
    ]


def _adopt_once_backed_up(run: Run) -> None:
    """Coins are bought by hand, and explained; then comes a backup, and then they are adopted."""
    run.people.patience_us = PATIENCE_US
    run.venue.buy_of(_HELD, _SPENT)
    price = str(run.venue.price_of(_HELD))
    wish = {"product": _HELD, "price": price, "fee": "0", **_PLAN, **_WORDS}
    run.timeline.after(_EXPLAINED_US, run.back_up)
    run.timeline.after(_ADOPTED_US, lambda: run.people.ask(CommandKind.ADOPT, wish))


def _sell_all(run: Run) -> None:
    run.people.ask(CommandKind.FLATTEN, _WORDS)


def _go_back_at_once(run: Run) -> None:
    run.go_back()


def _back_up(run: Run) -> None:
    run.back_up()


def _go_back(run: Run) -> None:
    run.people.patience_us = PATIENCE_US
    _go_back_once_bought(run)


def _go_back_once_bought(run: Run) -> None:
    """Once something was bought, and had the time to be listed: its epoch is lost then."""
    if run.odds.is_calm:
        return
    if run.people.is_buying():
        run.timeline.after(_LISTED_US, lambda: _go_back_amid_a_part(run, _LOOKS))
    else:
        run.timeline.after(_LOOK_US, lambda: _go_back_once_bought(run))


def _go_back_amid_a_part(run: Run, looks: int) -> None:
    """As another one ends of which a part was filled: it is lost with that."""
    if looks and not run.people.is_buying():
        run.timeline.after(_LOOK_US, lambda: _go_back_amid_a_part(run, looks - 1))
        return
    run.venue.end_in_part()
    run.go_back()


def _go_back_as_one_fills(run: Run) -> None:
    """As soon as a young order has filled in part, before any listing tells of it."""
    run.people.patience_us = PATIENCE_US
    _go_back_once_one_filled(run, _QUICK_LOOKS)


def _go_back_once_one_filled(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    if run.is_alive and run.venue.fill_part(young_us=_YOUNG_US):
        for_a_while(run, _HIDDEN, _HIDDEN_US)
        for later_us in _LATER_US:
            run.timeline.after(later_us, lambda: _buy_by_hand(run))
        run.go_back()
    else:
        run.timeline.after(_QUICK_US, lambda: _go_back_once_one_filled(run, looks - 1))


def _go_back_unread(run: Run) -> None:
    """And at first whoever begins on it cannot read which orders there are."""
    run.people.patience_us = PATIENCE_US
    for_a_while(run, _UNREAD, _UNREAD_US)
    run.go_back()


def _go_back_and_keep(run: Run) -> None:
    run.people.patience_us = IN_NO_HURRY_US
    _go_back_once_protected(run, _QUICK_LOOKS)


def _go_back_once_protected(run: Run, looks: int) -> None:
    """As soon as a stop rests somebody stops all but that, and goes back."""
    if run.odds.is_calm or not looks:
        return
    if run.is_alive and run.people.is_protected():
        run.people.kill(keeps_sales=True)
        run.go_back()
    else:
        run.timeline.after(_LOOK_US, lambda: _go_back_once_protected(run, looks - 1))


def _buy_by_hand(run: Run) -> None:
    """A fill that comes later, and that nobody waits for."""
    if not run.odds.is_calm:
        run.venue.buy_by_hand()


RESTORED = (
    Accident(
        "epoch-lost",
        "a journal gone back to after two more processes had sent orders",
        "whoever goes on takes an epoch that none of the lost ones had: no name is given twice",
        _epoch_lost,
        faults=frozenset({BRISK}),
        deeds={5: _back_up, 6: kill, 9: kill, 11: _go_back},
        minutes=60,
    ),
    Accident(
        "told-late",
        "a journal gone back to, whose lost orders are listed minutes after their fills",
        "a fill waits for its order, and is read again until it is told, whatever comes after it",
        _told_late,
        faults=frozenset({WILD}),
        deeds={5: _back_up, 6: _go_back_as_one_fills},
        every=14,
        minutes=60,
    ),
    Accident(
        "unread-at-first",
        "a journal gone back to, by a process that cannot read at first which orders there are",
        "the wide reading of a start is owed until it was made: what ended long ago is found by it",
        _unread_at_first,
        faults=frozenset({WILD}),
        deeds={0: back_up_unused, 14: _go_back_unread},
        minutes=24,
    ),
    Accident(
        "adoption-lost",
        "coins adopted and sold, and a journal gone back to from before they were adopted",
        "a sale that no book takes is accepted by a person, as what it was, and buying goes on",
        _adoption_lost,
        faults=frozenset({BRISK}),
        deeds={2: _adopt_once_backed_up, 9: _sell_all, 13: _go_back_at_once},
        minutes=40,
    ),
    Accident(
        "kept-though-lost",
        "a switch that keeps sales, and a journal gone back to that does not know of any",
        "a stop that was lost is taken back, and rests on for as long as that switch stands",
        _kept_though_lost,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _go_back_and_keep},
        minutes=24,
    ),
)
