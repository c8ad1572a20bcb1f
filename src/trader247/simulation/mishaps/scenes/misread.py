"""What may be misread: listings that are no whole ones, what is told in part, an old word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD
from trader247.simulation.mishaps.scenes.deeds import (
    IN_NO_HURRY_US,
    PATIENCE_US,
    back_up_unused,
    for_a_while,
    list_all,
)
from trader247.simulation.mishaps.scenes.showing import some
from trader247.simulation.world.unsaid import COMMISSION, FEES, FREE, HOLD, RATE, Figure

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_FIGURES = (COMMISSION, HOLD, FREE, FEES, RATE)
_LOOK_US, _LOOKS, _YOUNG_US = 1_000_000, 900, 20_000_000
_UNTOLD_US = 240_000_000
_QUEUED_US = 20_000_000
_HIDDEN_US = 150_000_000
_UNENDED, _UNENDED_US = ("error_before@cancel", "no_funds@create"), 660_000_000
"""No new order is taken either: older ones than what is lost would have it read all the same."""
_BEYOND_US, _A_READING_US = 420_000_000, 90_000_000
"""Older than a usual reading goes back; and as long as one is away at most."""
_DAY_US = 86_400_000_000


def _circles(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.readings.unwhole > 5, "listings that lead back to where they have been"),
        *some(len(seen.fills.booked) > 5, "fills of orders"),
    ]


def _sideless(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.readings.unwhole > 3, "listings in which orders of ours have no side"),
        *some(len(seen.fills.booked) > 5, "fills of orders"),
    ]


def _figureless(seen: Witness) -> Sequence[str]:
    return [
        *chain.from_iterable(
            some(seen.readings.unsaid[each.field] > 0, f"an answer without {each.field}")
            for each in _FIGURES
        ),
        *some(len(seen.fills.booked) > 5, "fills of orders"),
    ]


def _untold_terms(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.restored.forgotten) > seen.stops.lost, "a lost buy"),
        *some(seen.stops.lost > 0, "a lost stop"),
    ]


def _untold_and_stopped(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.restored.forgotten) > seen.stops.lost, "a lost buy"),
        *some(seen.people.raised > 0, "a switch that somebody raised"),
        *some(seen.people.words_read > 0, "a word that nothing rests"),
    ]


def _unended(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.stops.lost > 0, "a lost stop"),
        *some(seen.restored.asked_to_end > 5, "many requests to end what was lost"),
    ]


def _left_out(seen: Witness) -> Sequence[str]:
    return [
        *_unended(seen),
        *some(bool(seen.fates.left_out), "a listing that leaves out an order that rests"),
    ]


def _sale_first(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.restored.forgotten) > 1, "a buy and its sale that were lost"),
        *some(len(seen.restored.taken_back) > 1, "both of them taken back"),
    ]


def _touched_again(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.people.words_read > 0, "a word that nothing rests"),
        *some(seen.people.raised > 1, "a second stop, after that word"),
    ]


def _reversed(seen: Witness) -> Sequence[str]:
    return some(seen.fills.set_aside > 0, "an entry that was set aside")


def _sleep_a_day(run: Run) -> None:
    """No ledger keeps in mind so long what an order that ended was."""
    run.machine.sleep(_DAY_US)


def _reverse_first_sale(run: Run) -> None:
    run.venue.reverse_first_sale()


def _hide_sides(run: Run) -> None:
    run.counterparty.hides_sides = True


def _show_sides(run: Run) -> None:
    run.counterparty.hides_sides = False


def _leaving_out(*figures: Figure) -> Callable[[Run], None]:
    return lambda run: run.counterparty.unsaid.leave_out(figures)


def _lose_one(run: Run) -> None:
    run.people.patience_us = IN_NO_HURRY_US
    _lose_one_once_filled(run, _LOOKS)


def _lose_one_and_stop(run: Run) -> None:
    """The same; whoever goes back raises the switch before the next process begins."""
    run.people.patience_us = PATIENCE_US
    _lose_one_once_filled(run, _LOOKS, is_stopped=True)


def _lose_one_unended(run: Run) -> None:
    """The same, and longer than a usual reading goes back no request to end anything is taken."""
    run.people.patience_us = IN_NO_HURRY_US
    _lose_one_once_filled(run, _LOOKS, is_unended=True)


def _lose_one_left_out(run: Run) -> None:
    """The same; a listing leaves out all that rests once it is older than one usually goes back."""
    _lose_one_unended(run)
    run.timeline.after(_BEYOND_US, lambda: _leave_out_all(run))


def _leave_out_all(run: Run) -> None:
    live = run.exchange.exchange.desk.live.values()
    run.counterparty.left_out = frozenset(each.order_id for each in live)
    run.timeline.after(_A_READING_US, lambda: list_all(run))


def _queue_cancels(run: Run) -> None:
    """Once its end was asked for an order lives on for a third of a minute, and soon no more."""
    market = run.exchange.exchange
    right = market.rules
    market.rules = replace(right, cancel_delay_us=_QUEUED_US)

    def hurry() -> None:
        market.rules = right

    run.timeline.after(3 * _QUEUED_US, hurry)


def _lose_one_once_filled(
    run: Run, looks: int, *, is_stopped: bool = False, is_unended: bool = False
) -> None:
    """As soon as one fills in part, and a stop rests: no listing says what either is for."""
    if run.odds.is_calm or not looks:
        return
    if run.is_alive and run.people.is_protected() and run.venue.fill_part(young_us=_YOUNG_US):
        untold = _untold_till_over if is_stopped else _untold
        run.counterparty.list_as(untold, sides=("BUY", "SELL"))
        if is_stopped:
            _queue_cancels(run)
            run.people.kill()
        if is_unended:
            for_a_while(run, _UNENDED, _UNENDED_US)
        run.go_back()
    else:
        again = partial(
            _lose_one_once_filled, run, looks - 1, is_stopped=is_stopped, is_unended=is_unended
        )
        run.timeline.after(_LOOK_US, again)


def _untold(row: Record) -> Record:
    """An order that waits for something, and of which neither limit nor size is told."""
    if row["status"] != "OPEN":
        return row
    return {**row, "status": "PENDING", "order_configuration": {}}


def _untold_till_over(row: Record) -> Record:
    """The same, also while its end is asked for and not come."""
    return _untold({**row, "status": "OPEN"} if row["status"] == "CANCEL_QUEUED" else row)


def _tell_terms(run: Run) -> None:
    run.counterparty.list_as(None)


def _go_back_once_sold(run: Run) -> None:
    run.people.patience_us = PATIENCE_US
    _lose_what_was_sold(run, _LOOKS)


def _lose_what_was_sold(run: Run, looks: int) -> None:
    """As soon as something was sold again: its sale is listed, and what it sold is not yet."""
    if run.odds.is_calm or not looks:
        return
    bought = run.venue.buys_that_were_sold() if run.is_alive else frozenset[str]()
    if bought:
        run.counterparty.fills_left_out = bought
        run.timeline.after(_HIDDEN_US, lambda: _list_fills(run))
        run.go_back()
    else:
        run.timeline.after(_LOOK_US, lambda: _lose_what_was_sold(run, looks - 1))


def _list_fills(run: Run) -> None:
    run.counterparty.fills_left_out = frozenset()


def _touch(run: Run) -> None:
    run.people.patience_us = PATIENCE_US
    run.people.kill(is_touched=True)


def _touch_and_read(run: Run) -> None:
    """Somebody touches the file once more, and reads at once what the folder says."""
    run.people.kill(is_touched=True)
    run.people.read_word()


MISREAD = (
    Accident(
        "in-circles",
        "listings of orders whose pages lead back to where they have been",
        "what leads in a circle is no whole listing: nothing is compared by it, or given up",
        _circles,
        rules=("lost_answer=30%@create", "looping_cursor=70%@orders"),
        has_small_pages=True,
        faults=frozenset({WILD}),
        minutes=20,
    ),
    Accident(
        "without-sides",
        "listings in which no order of ours that rests has a side, for five minutes",
        "an order of ours that cannot be read is not left out: the listing is none",
        _sideless,
        faults=frozenset({BRISK}),
        deeds={4: _hide_sides, 9: _show_sides, 13: _hide_sides, 17: _show_sides},
        minutes=24,
    ),
    Accident(
        "without-figures",
        "a fee tier without its rate, fills without their fee, wallets without what is on hold, "
        "orders without their fees, and wallets without what is free, one after the other",
        "what is not said is not nothing: an answer that lacks it is none, and nothing is booked",
        _figureless,
        faults=frozenset({BRISK}),
        deeds={
            0: _leaving_out(RATE),
            3: _leaving_out(),
            4: _leaving_out(COMMISSION),
            7: _leaving_out(),
            9: _leaving_out(HOLD),
            11: _leaving_out(),
            14: _leaving_out(FEES),
            16: _leaving_out(),
            18: _leaving_out(FREE),
            20: _leaving_out(),
        },
        minutes=25,
    ),
    Accident(
        "terms-untold",
        "a journal gone back to, whose lost buy and stop wait, without limit and size",
        "neither can be taken back yet, and both end: nobody here knows why they rest",
        _untold_terms,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _lose_one, 18: _tell_terms},
        minutes=20,
    ),
    Accident(
        "lost-unended",
        "a journal gone back to, whose lost buy and stop wait, without limit and size, while for "
        "eleven minutes the exchange takes no request to end an order",
        "what is lost is read for as long as it rests, and its end asked for again and again",
        _unended,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _lose_one_unended, 18: _tell_terms},
        minutes=20,
    ),
    Accident(
        "lost-left-out",
        "the same, and a listing that leaves both out once they are older than one usually goes "
        "back",
        "they are asked for by their ids, and read and asked to end as before",
        _left_out,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _lose_one_left_out, 18: _tell_terms},
        minutes=20,
    ),
    Accident(
        "lost-and-stopped",
        "a journal gone back to, whose lost buy and stop wait, without limit and size, and a "
        "switch that is raised meanwhile, at an exchange that takes 20 s to end an order",
        "nobody says that nothing rests before both have ended",
        _untold_and_stopped,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _lose_one_and_stop, 18: _tell_terms},
        minutes=20,
    ),
    Accident(
        "sale-first",
        "a journal gone back to, whose lost sale is listed minutes before what it sold",
        "a sale waits for its buy, which is still to come: both are booked",
        _sale_first,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _go_back_once_sold},
        minutes=24,
    ),
    Accident(
        "touched-again",
        "a switch that was raised, answered and taken away by hand, and is touched once more",
        "the word that nothing rests is one on the switch that it was given for",
        _touched_again,
        faults=frozenset({BRISK}),
        deeds={5: _touch, 14: _touch_and_read},
        minutes=18,
    ),
    Accident(
        "reversed-unnamed",
        "a sale taken back whose order nobody remembers, while no order can be looked up",
        "it may be ours: it is set aside, and nothing is bought until a person has looked",
        _reversed,
        rules=("error_before=100%@order",),
        faults=frozenset({WILD}),
        deeds={30: _sleep_a_day, 24 * 60 + 75: _reverse_first_sale},
        minutes=24 * 60 + 80,
    ),
)
