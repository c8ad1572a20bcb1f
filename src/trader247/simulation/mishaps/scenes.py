"""What takes two rare things at once, made to happen: scenes that each check plays, by name.

Seeds come to these by luck, once in a dozen of them or never. A scene is a run of its own, judged
as ever, and fails where it does not show what it is for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.death import Cause
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_LOOK_US, _LISTED_US = 5_000_000, 150_000_000
_LOOKS = 24
_CRASH = 6
_AHEAD_US, _AHEAD_FOR_US = 3_600_000_000, 240_000_000
_BEHIND_US, _BEHIND_FOR_US = 30_000_000, 130_000_000
_PATIENCE_US = 60_000_000
"""How long people leave a halt alone."""


def _sales_in_doubt(seen: Witness) -> Sequence[str]:
    return _some(len(seen.sales_in_doubt) > 2, "three sales of unknown fate")


def _epoch_lost(seen: Witness) -> Sequence[str]:
    return [
        *_some(bool(seen.lost_epochs), "an order of an epoch that was lost"),
        *_some(seen.lost_parts > 0, "one that was filled in part then"),
    ]


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


def _clock_set(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.words["stale_quote"] > 2, "prices that no clock of ours can be right about"),
        *_some(len(seen.doubted) > 2, "orders of unknown fate"),
    ]


def _dust_back(seen: Witness) -> Sequence[str]:
    return _some(seen.taken_back_from_dust > 0, "dust that was worth a sale again")


def _in_pieces(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.reconnects > 1, "streams that were begun anew"),
        *_some(len(seen.there) > 2, "orders meanwhile"),
    ]


def _retold(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.retold > 0, "fills that were listed otherwise"),
        *_some("reconciliation_break" in seen.halts, "a halt for it"),
    ]


def _looped(seen: Witness) -> Sequence[str]:
    return _some("crash_loop" in seen.halts, "a loop of crashes")


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


def _cancel_all(run: Run) -> None:
    words = {"orders": " ".join(run.people.orders()), "reason": "simulated"}
    run.people.ask(CommandKind.CANCEL_ORDERS, words)


def _fill_a_part_and_end(run: Run) -> None:
    run.venue.end_one()


def _set_behind(run: Run) -> None:
    _set_clock(run, -_BEHIND_US, _BEHIND_FOR_US)


def _set_ahead_in_doubt(run: Run) -> None:
    """Looks for an order of unknown fate until the next time, and sets the clock then."""
    _ahead_in_doubt(run, _LOOKS)


def _ahead_in_doubt(run: Run, looks: int) -> None:
    if run.people.is_in_doubt():
        _set_clock(run, _AHEAD_US, _AHEAD_FOR_US)
    elif looks:
        run.timeline.after(_LOOK_US, lambda: _ahead_in_doubt(run, looks - 1))


def _set_clock(run: Run, by_us: int, for_us: int) -> None:
    """Set the wall clock off, and right again."""
    if run.odds.is_calm or run.clock.ahead_us:
        return
    run.clock.ahead_us = by_us

    def right() -> None:
        run.clock.ahead_us = 0

    run.timeline.after(for_us, right)


def _leave_little(run: Run) -> None:
    """Too little for a sale, while the rest may fill; enough for one, until prices have fallen; or
    nothing is done. Once they fall.
    """
    minute = (run.now_us - run.first_us) // 60_000_000
    if minute == _CRASH:
        run.venue.crash_for(2, 70)
    elif minute % 4 == 3:
        run.venue.leave_little(Decimal("0.6"), ends_after_us=60_000_000)
    elif minute % 4 == 0:
        run.venue.leave_little(Decimal("1.5"), ends_after_us=1_000_000)


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
    Accident(
        "clock-set",
        "a clock that is set an hour on amid an order of unknown fate, and half a minute back",
        "no order is older for it, and nothing is bought by a clock that is off, either way",
        _clock_set,
        rules=("lost_request=40%@create",),
        faults=frozenset({BRISK}),
        deeds={3: _set_behind, 4: _set_ahead_in_doubt, 9: _set_behind, 10: _set_ahead_in_doubt},
        every=12,
        minutes=30,
    ),
    Accident(
        "dust-comes-back",
        "a little of orders is bought, all falls by 70 % and is back in two minutes",
        "what no sale takes is dust, and a position again once it is worth one",
        _dust_back,
        faults=frozenset({WILD}),
        deeds={1: _leave_little},
        every=1,
        minutes=40,
    ),
    Accident(
        "stream-in-pieces",
        "messages of books that are lost, late or come after the next one",
        "what was lost is missed: the book is begun anew, and nothing is bought by what it was",
        _in_pieces,
        rules=("stream_gap=3%@level2", "stream_swapped=1%@level2", "stream_hang=1/2000@level2"),
        faults=frozenset({BRISK, "F12"}),
        minutes=20,
    ),
    Accident(
        "fills-retold",
        "fills that are listed with another fee, two minutes after they were booked",
        "what is booked stays booked, and nothing is bought until somebody has looked at it",
        _retold,
        rules=("restated_fills=50%:ms=120000",),
        faults=frozenset({BRISK}),
        minutes=25,
    ),
    Accident(
        "crash-loop",
        "a process that is killed each minute",
        "the sixth time that it begins it buys nothing more until somebody has looked at it",
        _looped,
        faults=frozenset({BRISK}),
        deeds={2: _kill},
        every=1,
        minutes=12,
    ),
)
"""Every one, by its name."""
