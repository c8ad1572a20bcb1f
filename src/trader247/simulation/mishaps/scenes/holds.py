"""Orders of which for minutes nothing tells but what is on hold for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from trader247.simex.faults.rules import read_rules
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import (
    PATIENCE_US,
    back_up_unused,
    for_a_while,
    list_all,
)
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_SECOND_US, _LOOKS = 1_000_000, 480
_UNANSWERED = ("lost_answer@create", "stale_list:ms=600000")
_ONE_HIDDEN = ("stale_list=25%@orders:ms=600000",)
_HIDDEN_US, _FILLED_US = 330_000_000, 100_000_000
_RISEN_MIN, _RISE_PCT, _HALF = 6, 3, 50
_UNASKED, _WHOLE = ("error_before@order",), 100
_AT_ONCE_US, _LATER_US = 2_000_000, 70_000_000
"""What differs stops all buying two minutes later: until then two cycles might buy."""
_UNSEEN_US, _OUT_OF_REACH_MIN, _A_LITTLE_PCT = 420_000_000, 7, 1
"""Longer than an order rests."""


def _held_alone(seen: Witness) -> Sequence[str]:
    return [
        *some(
            len(seen.fates.unseen_for_long) > 1, "orders of unknown fate that rested for minutes"
        ),
        *some(len(seen.fills.booked) > 5, "fills of others"),
    ]


def _hide_the_next_buy(run: Run) -> None:
    """The next buy is taken and not answered, and no listing has it; others fill in part."""
    run.venue.ends_late()
    run.counterparty.plan.change(read_rules(_UNANSWERED), seed=run.seed)
    _hide_once_bought(run, _LOOKS)


def _hide_once_bought(run: Run, looks: int) -> None:
    if run.odds.is_calm:
        return
    found = [run.venue.buy_that_rests(each) for each in run.people.buys_in_doubt()]
    if not any(found):
        if looks:
            run.timeline.after(_SECOND_US, lambda: _hide_once_bought(run, looks - 1))
        return
    plan, order_id = run.counterparty.plan, next(each for each in found if each)
    for seed in count():
        plan.change(read_rules(_ONE_HIDDEN), seed=seed)
        shot = plan.hold("stale_list", "orders", order_id)
        if shot is not None and shot.span_us() > _HIDDEN_US:
            break
    run.venue.crash_for(_RISEN_MIN, -_RISE_PCT)  # so that nobody trades with it
    run.timeline.after(_FILLED_US, lambda: _fill_half_of_each(run, run.now_us + _HIDDEN_US, set()))
    run.timeline.after(_HIDDEN_US, lambda: _as_before(run))


def _fill_half_of_each(run: Run, until_us: int, done: set[str]) -> None:
    """Of whatever is known to rest, once: less is on hold for it then than it was sent for."""
    if run.odds.is_calm or run.now_us > until_us:
        return
    for order_id in run.people.known_buys():
        if order_id not in done:
            run.venue.fill_this(order_id, _HALF)
            done.add(order_id)
    run.timeline.after(_SECOND_US, lambda: _fill_half_of_each(run, until_us, done))


def _rests_unknown(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.restored.kept_back_for_a_hold > 1, "cycles that bought nothing beside a lost buy"
        ),
        *some(len(seen.restored.taken_back) > 0, "a lost buy that was taken back"),
    ]


def _lose_a_buy(run: Run) -> None:
    """As soon as a buy rests it is lost, and no listing has it until it is over."""
    run.people.patience_us = PATIENCE_US
    _lose_once_it_rests(run, _LOOKS)


def _lose_once_it_rests(
    run: Run, looks: int, then: Callable[[Run, Sequence[str]], None] | None = None
) -> None:
    if run.odds.is_calm or not looks:
        return
    buys = run.people.known_buys() if run.is_alive else []
    if not buys:
        run.timeline.after(_SECOND_US, lambda: _lose_once_it_rests(run, looks - 1, then))
        return
    run.venue.crash_for(_OUT_OF_REACH_MIN, -_A_LITTLE_PCT)  # so that nobody trades with it
    run.counterparty.left_out = frozenset(buys)
    run.timeline.after(_UNSEEN_US, lambda: list_all(run))
    if then is not None:
        then(run, buys)
    run.go_back()


def _filled_unknown(seen: Witness) -> Sequence[str]:
    return some(
        len(seen.restored.filled_before_taken_back) > 0, "a lost buy that filled before it was told"
    )


def _lose_a_buy_that_fills(run: Run) -> None:
    """Its fill is listed, and nobody can ask for it: in no listing it is either."""
    run.people.patience_us = _AT_ONCE_US
    _lose_once_it_rests(run, _LOOKS, _fill_later)


def _fill_later(run: Run, buys: Sequence[str]) -> None:
    def fill() -> None:
        for order_id in buys:
            run.venue.fill_this(order_id, _WHOLE)

    for_a_while(run, _UNASKED, _UNSEEN_US)
    run.timeline.after(_LATER_US, fill)


def _never_listed(seen: Witness) -> Sequence[str]:
    return some(len(seen.fates.left_out_at_its_end) > 0, "an order that ended in no listing")


def _leave_a_buy_out(run: Run) -> None:
    """As soon as a buy rests no listing has it any more."""
    _leave_out_once_it_rests(run, _LOOKS)


def _leave_out_once_it_rests(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    buys = run.people.known_buys() if run.is_alive else []
    if not buys:
        run.timeline.after(_SECOND_US, lambda: _leave_out_once_it_rests(run, looks - 1))
        return
    run.venue.crash_for(_OUT_OF_REACH_MIN, -_A_LITTLE_PCT)  # so that nobody trades with it
    run.counterparty.left_out = frozenset(buys)


def _as_before(run: Run) -> None:
    if not run.odds.is_calm:
        run.counterparty.plan.change((), seed=run.seed)


HOLDS = (
    Accident(
        "never-listed",
        "a buy of ours that no listing has from soon after it rests, nor when it has ended",
        "once its time is over it is asked for by its id: nothing works for ever",
        _never_listed,
        faults=frozenset({BRISK}),
        deeds={1: _leave_a_buy_out},
        minutes=18,
    ),
    Accident(
        "held-alone",
        "orders of unknown fate of which a hold alone tells, beside others that filled in part",
        "a hold of as much as an order is its trace: it is not given up while it may rest",
        _held_alone,
        faults=frozenset({BRISK}),
        deeds={4: _hide_the_next_buy},
        every=14,
        minutes=70,
    ),
    Accident(
        "rests-unknown",
        "a journal gone back to, whose lost buy rests and is in no listing until it is over",
        "cash that is held for no order which is known may be for one of ours: nothing is bought",
        _rests_unknown,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _lose_a_buy},
        minutes=18,
    ),
    Accident(
        "filled-unknown",
        "a journal gone back to, whose lost buy fills a minute later and is in no listing",
        "a fill that nobody can explain may be ours: nothing is bought beside it",
        _filled_unknown,
        faults=frozenset({BRISK}),
        deeds={0: back_up_unused, 1: _lose_a_buy_that_fills},
        minutes=18,
    ),
)
