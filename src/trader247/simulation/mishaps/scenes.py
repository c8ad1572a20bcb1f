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
from trader247.simex.faults.rules import read_rules
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
_PATIENCE_US, _IN_NO_HURRY_US = 60_000_000, 900_000_000
"""How long people leave a halt alone."""
_QUICK_US, _QUICK_LOOKS, _YOUNG_US = 1_000_000, 180, 20_000_000
_HIDDEN = ("stale_list=70%@orders:ms=600000", "stale_order=70%@order:ms=600000")
_HIDDEN_US, _LATER_US = 570_000_000, (310_000_000, 340_000_000, 370_000_000)
_REBATE = Decimal("0.37")
_MOST, _MUCH, _FALL_PCT = Decimal(995_000), 500, 40
_CANCELS, _REFUSED_US = 60, 150_000_000


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


def _told_late(seen: Witness) -> Sequence[str]:
    return _some(bool(seen.filled_before_taken_back), "a lost order that filled before it was told")


def _past_its_end(seen: Witness) -> Sequence[str]:
    return _some(bool(seen.unlisted_past_end), "an order of unknown fate that outlived its end")


def _understated(seen: Witness) -> Sequence[str]:
    return [
        *_some(len(seen.understated) > 2, "orders that ended with less than they had filled"),
        *_some(len(seen.booked_when_over) > 2, "fills of orders that were over"),
    ]


def _beside_a_stop(seen: Witness) -> Sequence[str]:
    return _some(seen.broken_beside > 1, "breaks in coins of which a stop rested")


def _day_lost(seen: Witness) -> Sequence[str]:
    return _some("daily_stop" in seen.halts, "a day's loss at its limit")


def _forbidden(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.forbidden > 0, "a file that forbids sending"),
        *_some(len(seen.booked) > 5, "fills while it does not"),
    ]


def _untold(seen: Witness) -> Sequence[str]:
    return [
        *_some(len(seen.untold) > 2, "three alerts that were not taken"),
        *_some(len(seen.told_later) > 2, "three of them told of later"),
    ]


def _many_ends(seen: Witness) -> Sequence[str]:
    return _some(seen.cancels > _CANCELS, "more cancels than a minute may have")


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


def _go_back_as_one_fills(run: Run) -> None:
    """As soon as a young order has filled in part, before any listing tells of it."""
    run.people.patience_us = _PATIENCE_US
    _go_back_once_one_filled(run, _QUICK_LOOKS)


def _go_back_once_one_filled(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    if run.is_alive and run.venue.fill_part(young_us=_YOUNG_US):
        _for_a_while(run, _HIDDEN, _HIDDEN_US)
        for later_us in _LATER_US:
            run.timeline.after(later_us, lambda: _buy_by_hand(run))
        run.go_back()
    else:
        run.timeline.after(_QUICK_US, lambda: _go_back_once_one_filled(run, looks - 1))


def _buy_by_hand(run: Run) -> None:
    """A fill that comes later, and that nobody waits for."""
    if not run.odds.is_calm:
        run.venue.buy_by_hand()


def _for_a_while(run: Run, rules: tuple[str, ...], for_us: int) -> None:
    """Let the exchange err by rules of its own, and then no more."""
    plan = run.counterparty.plan
    plan.change(read_rules(rules), seed=run.seed)

    def as_before() -> None:
        if not run.odds.is_calm:
            plan.change((), seed=run.seed)

    run.timeline.after(for_us, as_before)


def _end_late(run: Run) -> None:
    run.venue.ends_late()


def _end_in_part(run: Run) -> None:
    run.venue.end_in_part()


def _rebate(run: Run) -> None:
    """Hardly anything, and a movement all the same."""
    run.people.patience_us = _IN_NO_HURRY_US
    run.venue.move(_REBATE)


def _buy_unhurried(run: Run) -> None:
    run.people.patience_us = _IN_NO_HURRY_US
    run.venue.buy_by_hand()


def _silence(run: Run) -> None:
    run.set_channel(is_up=False)


def _hear(run: Run) -> None:
    run.set_channel(is_up=True)


def _take_out_most(run: Run) -> None:
    """So that a day's limit is within reach of what may be bought."""
    run.people.patience_us = _PATIENCE_US
    run.venue.move(-_MOST)


def _buy_much(run: Run) -> None:
    for _ in range(3):
        run.venue.buy_by_hand(spent=_MUCH)


def _fall(run: Run) -> None:
    """All that is held at once: no single stop keeps that small."""
    run.venue.crash_for(2, _FALL_PCT)


def _cancel_each_often(run: Run) -> None:
    """Somebody who is in a hurry asks for the end of each order by itself, again and again."""
    if run.odds.is_calm:
        return
    names = run.people.orders()
    _for_a_while(run, ("partial_cancel@cancel",), _REFUSED_US)
    for number in range(_CANCELS if names else 0):
        words = {"orders": names[number % len(names)], "reason": "simulated"}
        run.people.ask(CommandKind.CANCEL_ORDERS, words)


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
        "past-its-end",
        "orders of unknown fate that no listing shows for minutes, and that end late",
        "none is given up while it may rest: not once its time is over, but a minute later",
        _past_its_end,
        rules=("lost_answer=60%@create", "stale_list:ms=300000"),
        faults=frozenset({WILD}),
        deeds={1: _end_late},
        minutes=40,
    ),
    Accident(
        "ends-understated",
        "orders that are listed as ended with nothing filled, though a part of them was",
        "a fill is booked though its order is over, and the order is not over any more",
        _understated,
        rules=("early_end:ms=120000", "late_fills:ms=60000"),
        faults=frozenset({BRISK}),
        deeds={2: _end_in_part},
        every=2,
        minutes=40,
    ),
    Accident(
        "beside-a-stop",
        "coins bought by hand beside a stop of ours that rests, and nobody who explains them",
        "what an order explains is what it can still do: a sale brings no coins",
        _beside_a_stop,
        faults=frozenset({BRISK}),
        deeds={6: _buy_unhurried},
        every=10,
        minutes=45,
    ),
    Accident(
        "day-lost",
        "much that was bought by hand and adopted, and a crash of all of it",
        "the daily stop latches in the cycle that sees the loss, and nothing is bought under it",
        _day_lost,
        faults=frozenset({BRISK}),
        deeds={2: _take_out_most, 6: _buy_much, 13: _fall, 19: _fall},
        minutes=30,
    ),
    Accident(
        "read-only",
        "an app.yaml that is edited while the trader runs, so that it lets nothing be sent",
        "no order leaves from then on, without a restart; it goes on once the file lets it",
        _forbidden,
        faults=frozenset({BRISK, "F48.config"}),
        minutes=40,
    ),
    Accident(
        "channel-down",
        "a channel that takes nothing while one alert comes after the other, and then 37 cents",
        "each is tried again until it is taken; what differs is told of, however little it is",
        _untold,
        faults=frozenset({BRISK}),
        deeds={1: _silence, 6: _hear, 16: _rebate},
        minutes=30,
    ),
    Accident(
        "many-ends",
        "somebody who asks for the end of each order again and again, and orders that live on",
        "cancels keep their pace: a minute has no more of them than it may",
        _many_ends,
        faults=frozenset({BRISK}),
        deeds={6: _cancel_each_often},
        every=6,
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
