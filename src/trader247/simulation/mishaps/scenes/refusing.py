"""What forbids to buy: a clock ahead, wide or frozen books, orders that would take, haste."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD
from trader247.simulation.mishaps.scenes.deeds import PATIENCE_US, for_a_while
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_AHEAD_US, _AHEAD_FOR_US = 22_000_000, 240_000_000
_CROSSING, _CROSSING_US = ("post_only_met@create",), 240_000_000
_SPREAD_BPS, _THINNER = 32, 4
_OLDER_US, _HUNG_US, _CYCLE_US = 28_900_000, 1_500_000, 10_000_000
"""So old that a quote may not be a second older; so long the first order of a cycle takes."""
_LOOK_US = 200_000


def _ahead(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.words["clock_skew"] > 2, "wishes that a clock which is ahead refused"),
        *some(len(seen.fills.booked) > 3, "fills while it was right"),
    ]


def _wide(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.words["spread_wide"] > 20, "books that are wider than their tier allows"),
        *some(len(seen.fills.booked) > 1, "fills while they are not"),
    ]


def _crossing(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.words["declined_by_venue"] > 2, "orders that would not have rested"),
        *some(len(seen.fills.booked) > 1, "fills of others"),
    ]


def _still(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.readings.asked_for_all > 5, "books that were asked for, though they are streamed"
        ),
        *some(len(seen.orders.there) > 2, "orders meanwhile"),
    ]


def _nearly_old(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.orders.grown_old > 0, "an order whose quote grew old as others of its cycle left"
        ),
        *some(len(seen.fills.booked) > 3, "fills of others"),
    ]


def _hasty(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.halts.bans > 0, "a strategy that was banned"),
        *some(seen.halts.refused_for_a_ban > 2, "wishes that the ban refused"),
    ]


def _set_ahead(run: Run) -> None:
    run.clock.ahead_us = _AHEAD_US

    def right() -> None:
        run.clock.ahead_us = 0

    run.timeline.after(_AHEAD_FOR_US, right)


def _widen(run: Run) -> None:
    run.quotes.widen(_SPREAD_BPS)


def _thin_asks(run: Run) -> None:
    run.quotes.thin_asks(_THINNER)


def _mend_quotes(run: Run) -> None:
    run.quotes.mend()


def _still_streams(run: Run) -> None:
    run.quotes.are_streams_still = True


def _grow_old(run: Run) -> None:
    """All prices are nearly too old, and the first order of each cycle takes a while to leave."""
    hung_us = 0

    def hang() -> None:
        nonlocal hung_us
        if run.now_us - hung_us > _CYCLE_US:
            hung_us = run.now_us
            run.pass_by(_HUNG_US)

    run.quotes.older_us = _OLDER_US
    run.on_connected = hang


def _be_young(run: Run) -> None:
    run.on_connected = _nothing
    run.quotes.mend()


def _nothing() -> None:
    """No order takes longer than another."""


def _let_all_cross(run: Run) -> None:
    for_a_while(run, _CROSSING, _CROSSING_US)


def _stop_in_haste(run: Run) -> None:
    """Somebody raises the switch as soon as a buy rests, again and again."""
    run.people.patience_us = PATIENCE_US
    _stop_once_bought(run)


def _stop_once_bought(run: Run) -> None:
    if run.odds.is_calm:
        return
    if run.people.is_buying():
        run.people.kill()
    run.timeline.after(_LOOK_US, lambda: _stop_once_bought(run))


REFUSING = (
    Accident(
        "clock-ahead",
        "a clock that is some seconds ahead: too little for any price to look old",
        "nothing is bought by a clock that is off, whichever of the two is ahead",
        _ahead,
        faults=frozenset({BRISK}),
        deeds={4: _set_ahead},
        every=9,
        minutes=20,
    ),
    Accident(
        "wide-books",
        "books that are wider for minutes than a tier allows, and later four times thinner above",
        "each product has the bound of its own tier, and its book is as deep as its lesser side",
        _wide,
        deeds={4: _widen, 24: _mend_quotes, 25: _thin_asks},
        minutes=34,
    ),
    Accident(
        "books-stand-still",
        "streams whose messages of books come as ever, and change nothing",
        "best prices that have not moved for half a minute may be frozen: the exchange is asked",
        _still,
        faults=frozenset({BRISK}),
        is_listening=True,
        deeds={4: _still_streams, 15: _mend_quotes},
        minutes=18,
    ),
    Accident(
        "nearly-old",
        "prices that are nearly too old, and orders of one cycle that wait for each other",
        "what grew old meanwhile is not sent: a price is looked at again as its order is to leave",
        _nearly_old,
        faults=frozenset({WILD}),
        deeds={2: _grow_old, 8: _be_young, 11: _grow_old, 17: _be_young},
        minutes=20,
    ),
    Accident(
        "would-take",
        "orders that are refused for some minutes, since they would have taken what rests",
        "after ten minutes the product is bought again",
        _crossing,
        deeds={2: _let_all_cross},
        minutes=30,
    ),
    Accident(
        "in-haste",
        "a switch that somebody raises again and again, within a second after an order rests",
        "a strategy whose orders hardly ever had a chance to trade buys nothing any more",
        _hasty,
        faults=frozenset({BRISK}),
        deeds={0: _stop_in_haste},
        minutes=26,
    ),
)
