"""Prices that fall or are not told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD
from trader247.simulation.mishaps.scenes.deeds import PATIENCE_US, kill
from trader247.simulation.mishaps.scenes.showing import some
from trader247.simulation.settings import ACCOUNTS

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_CRASH, _APART_US = 6, 20_000_000
_STEEP = 5
_DIP_PCT, _STOPS_MIN = 1, 6
_SEVERAL, _EACH = ("BTC-USD", "SOL-USD", "DOGE-USD", "AVAX-USD", "DOT-USD", "UNI-USD"), Decimal(100)
_EXPLAINED_US, _HALTED_MIN, _LIMITED_MIN = 330_000_000, 8, 7
_PLAN = {"stop_pct": "15", "target_pct": "1", "hours": "3"}
_WORDS = {"reason": "simulated", "operator": "simulation"}
_MOST, _MUCH, _FALL_PCT = Decimal(995_000), 1_200, 40


def _dust_back(seen: Witness) -> Sequence[str]:
    return some(seen.holdings.taken_back_from_dust > 0, "dust that was worth a sale again")


def _in_pieces(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.readings.reconnects > 1, "streams that were begun anew"),
        *some(len(seen.orders.there) > 2, "orders meanwhile"),
    ]


def _day_lost(seen: Witness) -> Sequence[str]:
    return some("daily_stop" in seen.halts.latched, "a day's loss at its limit")


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


def _trailed(seen: Witness) -> Sequence[str]:
    return some(
        seen.intents.causes["trailing_stop"] > 0, "a sale by a stop that had followed the price"
    )


def _stopped_twice(seen: Witness) -> Sequence[str]:
    return some(seen.intents.causes["stop"] > _STOPS_MIN, "positions that were sold by their stops")


def _little_risked(seen: Witness) -> Sequence[str]:
    return some(len(seen.fills.booked) > 3, "buys of what may lose little")


def _first_money(seen: Witness) -> Sequence[str]:
    return [*some(len(seen.fills.booked) > 2, "positions that came and went")]


def _red_flagged(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.words["red_flagged"] > 10, "a product that its owner forbids"),
        *some(seen.course.words["banned"] > 2, "wishes for it all the same"),
        *some(len(seen.fills.booked) > 3, "fills of others"),
    ]


def _lost_in_a_row(seen: Witness) -> Sequence[str]:
    return some(
        seen.course.words["losing_streak"] > 5, "losses in a row after which nothing was bought"
    )


def _rise(run: Run) -> None:
    """By much and back again, and every other time by less, for as long as most of it is held."""
    minute = (run.now_us - run.first_us) // 60_000_000
    if minute % 12 == _STEEP:
        run.venue.crash_for(2, -3)
    else:
        run.venue.crash_for(6, -1)


def _adopt_several(run: Run) -> None:
    """Bought by hand, explained, and handed over until they have gained half a per cent."""
    run.people.patience_us = PATIENCE_US
    for product in _SEVERAL:
        run.venue.buy_of(product, _EACH)
        price = str(run.venue.price_of(product))
        wish = {"product": product, "price": price, "fee": "0", **_PLAN, **_WORDS}
        run.timeline.after(_EXPLAINED_US, partial(run.people.ask, CommandKind.ADOPT, wish))


def _dip(run: Run) -> None:
    """By more than a stop lies under its price, and by less than a sale may go at once."""
    run.venue.crash_for(3, _DIP_PCT)


def _rise_one_by_one(run: Run) -> None:
    run.venue.crash_each(2, -3, apart_us=_APART_US)


def _halt_first(run: Run) -> None:
    """What is due first cannot be sold."""
    run.venue.halt_this(_SEVERAL[0], _HALTED_MIN)


def _take_out_most(run: Run) -> None:
    """So that a day's limit is within reach of what may be bought."""
    run.people.patience_us = PATIENCE_US
    run.venue.move(-_MOST)


def _buy_much(run: Run) -> None:
    for _ in range(3):
        run.venue.buy_by_hand(spent=_MUCH)


def _lost_between(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.halts.stopped_between > 0, "a loss at its limit that was found between two cycles"
        ),
        *some(seen.halts.peaks_accepted > 0, "a drawdown whose new peak somebody accepted"),
    ]


def _midnight_lost(seen: Witness) -> Sequence[str]:
    return some("daily_stop" in seen.halts.latched, "a day's loss, by the high of the day before")


def _fall(run: Run) -> None:
    """All that is held at once: no single stop keeps that small."""
    run.venue.crash_for(2, _FALL_PCT)


def _day_of_fees(seen: Witness) -> Sequence[str]:
    return some("fees" in seen.halts.latched, "a day's fees at their limit")


def _far_off(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.halts.bans > 1, "two products that were banned"),
        *some(seen.halts.refused_for_a_ban > 2, "wishes that a ban refused"),
        *some(seen.halts.bans_cleared > 0, "a ban that somebody cleared"),
    ]


def _ask_too_much(run: Run) -> None:
    run.wild.is_far_off = True


def _ask_as_ever(run: Run) -> None:
    run.wild.is_far_off = False


def _shut_beneath(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.alerts.flipped > 1, "buys that were ended as their market shut"),
        *some(seen.course.words["product_status"] > 0, "a wish for what is not traded as usual"),
    ]


def _limit_beneath(run: Run) -> None:
    run.venue.limit_beneath(_LIMITED_MIN)


def _let_all_go(run: Run) -> None:
    """Somebody lets all be bought again that is banned."""
    for key in run.people.bans():
        words = {"reason": "looked at it", "operator": "simulation"}
        run.people.ask(CommandKind.CLEAR_HALT, {"name": key, **words})


MARKET = (
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
        "shut-beneath",
        "only limit orders are taken of what a buy rests in, one product after the other",
        "what buys it is ended by the cycle that reads so, and it is not bought until it is over",
        _shut_beneath,
        faults=frozenset({WILD}),
        deeds={2: _limit_beneath},
        every=4,
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
        "day-lost",
        "much that was bought by hand and adopted, and a crash of all of it",
        "the daily stop latches in the cycle that sees the loss, and nothing is bought under it",
        _day_lost,
        faults=frozenset({BRISK}),
        deeds={2: _take_out_most, 6: _buy_much, 13: _fall, 19: _fall},
        minutes=30,
    ),
    Accident(
        "midnight-lost",
        "a crash in the very minute in which a day begins, of what was bought by hand before it",
        "a day's loss counts from the high of 24 hours too: it began no higher than it is now",
        _midnight_lost,
        faults=frozenset({BRISK}),
        deeds={2: _take_out_most, 21: _buy_much, 29: _fall},
        minutes=36,
    ),
    Accident(
        "day-of-fees",
        "a day that may pay ten dollars in fees, which a few sales bring to more",
        "fees of buys and sales count: they halt in the cycle that sees it, and nothing is bought",
        _day_of_fees,
        faults=frozenset({BRISK}),
        account=replace(ACCOUNTS[0], fees_pct="0.001"),
        minutes=40,
    ),
    Accident(
        "trailing",
        "stops that follow the price, of what rises by three per cent and falls again, or by one "
        "for minutes",
        "a stop follows the highest bid upwards, and never back",
        _trailed,
        faults=frozenset({BRISK}),
        account=replace(ACCOUNTS[0], trailing_pct="0.4"),
        deeds={5: _rise},
        every=6,
        minutes=40,
    ),
    Accident(
        "stopped-twice",
        "all falls by one per cent every eight minutes, while a little of everything is bought",
        "what was stopped twice within a day is left alone for longest",
        _stopped_twice,
        faults=frozenset({BRISK}),
        deeds={6: _dip},
        every=8,
        minutes=60,
    ),
    Accident(
        "trailing-between",
        "the same of one product after the other, heard by who listens to streams",
        "a bid that is seen between two cycles moves a stop that trails; no exit waits for another",
        _trailed,
        faults=frozenset({BRISK}),
        is_listening=True,
        account=replace(ACCOUNTS[0], trailing_pct="0.4", hears_s=3),
        deeds={2: _adopt_several, 9: _halt_first, 10: _rise_one_by_one},
        every=10,
        minutes=40,
    ),
    Accident(
        "losses-in-a-row",
        "positions that are sold again within minutes, at a loss by their fees alone",
        "after as many losing closes in a row as there may be nothing is bought for five minutes",
        _lost_in_a_row,
        faults=frozenset({BRISK}),
        account=replace(ACCOUNTS[0], closes_max=1, streak_minutes=5),
        minutes=40,
    ),
    Accident(
        "little-risked",
        "a policy under which a position may lose a hundredth of a per cent of equity",
        "the lesser of share and risk is bought, and no more",
        _little_risked,
        account=replace(ACCOUNTS[1], cash=Decimal(20_000), risk_pct="0.01", stop_pct="2"),
        minutes=60,
    ),
    Accident(
        "first-money",
        "a book of so little money that one small position at a time is all it may have, and a "
        "strategy that asks for more all the time",
        "no order is larger than the first stage allows, and nothing is bought beside what is held",
        _first_money,
        faults=frozenset({BRISK}),
        account=replace(ACCOUNTS[1], cash=Decimal(1_200)),
        minutes=60,
    ),
    Accident(
        "red-flag",
        "a product that a tier lists, that its owner forbids for a time, and that is wanted still",
        "nothing of it is bought while that stands",
        _red_flagged,
        faults=frozenset({WILD}),
        account=replace(ACCOUNTS[0], red_flag="BTC-USD"),
        minutes=60,
    ),
    Accident(
        "lost-between",
        "a crash between two cycles of who listens to streams, with much that was adopted",
        "what is found between two cycles stops whoever buys as much as what a cycle finds",
        _lost_between,
        faults=frozenset({BRISK}),
        is_listening=True,
        deeds={2: _take_out_most, 6: _buy_much, 14: _fall},
        minutes=18,
    ),
    Accident(
        "far-off",
        "a strategy whose prices are all too high for minutes, and a process that is killed then",
        "what was refused for its price three times is not bought, until somebody says that it may",
        _far_off,
        faults=frozenset({WILD}),
        deeds={5: _ask_too_much, 9: _ask_as_ever, 12: kill, 20: _let_all_go},
        minutes=26,
    ),
)
