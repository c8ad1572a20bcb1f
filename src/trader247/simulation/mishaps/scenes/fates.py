"""Orders of which nobody knows for a while what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trader247.domain.orders import Side
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD
from trader247.simulation.mishaps.scenes.deeds import IN_NO_HURRY_US
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run


_LOOK_US, _LOOKS = 5_000_000, 60
_SOON_US, _LOOKS_LONG = 1_000_000, 1500
_HALF, _PART, _WHOLE = 50, 80, 100


def _sales_in_doubt(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.fates.sales_in_doubt) > 2, "three sales of unknown fate"),
        *some(
            "reconciliation_break" in seen.halts.latched,
            "a break that one of unknown fate explained",
        ),
    ]


def _past_its_end(seen: Witness) -> Sequence[str]:
    return some(
        bool(seen.fates.unlisted_past_end), "an order of unknown fate that outlived its end"
    )


def _no_trace(seen: Witness) -> Sequence[str]:
    return some(len(seen.fates.unlisted_past_end) > 0, "orders of unknown fate that were there")


def _stopped_in_doubt(seen: Witness) -> Sequence[str]:
    return [
        *some("kill_switch" in seen.halts.latched, "a stop"),
        *some(seen.alerts.unended > 1, "orders of unknown fate that outlived it, and were told of"),
    ]


def _kept_in_doubt(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.people.raised > 0, "a switch that is raised while a sale is in doubt"),
        *some(seen.people.words_read > 0, "a word that nothing rests but what may"),
    ]


def _ends_hidden(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.words["self_match"] > 0, "a sale that waits for the end of a buy"),
        *some(len(seen.intents.left) > 0, "something that was sold"),
    ]


def _fill_half_of_the_oldest(run: Run) -> None:
    run.venue.fill_one(_HALF, is_oldest=True)


def _stop_unhurried(run: Run) -> None:
    run.people.patience_us = IN_NO_HURRY_US
    run.people.kill()


def _keep_a_sale_in_doubt(run: Run) -> None:
    """Raised with the wish that sales stay as soon as nobody knows what became of one."""
    run.people.patience_us = IN_NO_HURRY_US
    _keep_one_soon(run, _LOOKS_LONG)


def _keep_one_soon(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    if run.is_alive and run.people.is_in_doubt(Side.SELL):
        run.people.kill(keeps_sales=True)
        _read_word_often(run, _LOOKS)
    else:
        run.timeline.after(_SOON_US, lambda: _keep_one_soon(run, looks - 1))


def _read_word_often(run: Run, looks: int) -> None:
    if looks:
        run.people.read_word()
        run.timeline.after(_SOON_US, lambda: _read_word_often(run, looks - 1))


def _end_late(run: Run) -> None:
    run.venue.ends_late()


def _buy_beside_one(run: Run) -> None:
    """Somebody buys half as much as an order of unknown fate would have."""
    run.people.patience_us = IN_NO_HURRY_US
    _buy_beside_one_soon(run, _LOOKS)


def _buy_beside_one_soon(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    for product, worth in run.people.buys_in_doubt().items():
        run.venue.buy_of(product, worth / 2)
        return
    run.timeline.after(_LOOK_US, lambda: _buy_beside_one_soon(run, looks - 1))


def _fill_some(run: Run) -> None:
    """Most of the oldest, all of the youngest, and none, in turn."""
    turn = (run.now_us - run.first_us) // 60_000_000 % 4
    if turn == 1:
        run.venue.fill_one(_PART, is_oldest=True)
    elif turn == 3:
        run.venue.fill_one(_WHOLE, is_oldest=False)


FATES = (
    Accident(
        "sale-in-doubt",
        "sales that may have arrived, of positions that are still there",
        "nothing sells them once more, and no stop rests beside them, until it is known",
        _sales_in_doubt,
        rules=("lost_request=50%@create",),
        faults=frozenset({BRISK}),
        deeds={26: _buy_beside_one},
        minutes=50,
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
        "no-trace",
        "orders of unknown fate of which a hold or a wallet alone tells, for minutes",
        "none is given up while anything may be its trace, and none twice for one trace",
        _no_trace,
        rules=("lost_answer=50%@create", "stale_list=70%:ms=420000", "late_fills:ms=600000"),
        faults=frozenset({WILD}),
        deeds={2: _end_late, 3: _fill_some},
        every=1,
        minutes=45,
    ),
    Accident(
        "ends-hidden",
        "orders that are mostly not answered, and whose end no listing shows for minutes",
        "what is held can leave: a buy whose end was asked for keeps no sale back for long",
        _ends_hidden,
        rules=("lost_answer=90%@create", "stale_list:ms=480000"),
        faults=frozenset({WILD}),
        deeds={1: _fill_half_of_the_oldest},
        every=1,
        minutes=45,
    ),
    Accident(
        "stop-in-doubt",
        "a stop that is raised while nobody knows what became of orders, and that stands for long",
        "people hear of each order that may still rest, until it is known to have ended",
        _stopped_in_doubt,
        rules=("lost_request=60%@create",),
        faults=frozenset({BRISK}),
        deeds={5: _stop_unhurried},
        every=20,
        minutes=44,
    ),
    Accident(
        "kept-in-doubt",
        "a switch that is raised with the wish that sales stay while it is not known what became "
        "of one",
        "nobody says that nothing rests but what may before that is known",
        _kept_in_doubt,
        rules=("lost_request=50%@create",),
        faults=frozenset({BRISK}),
        deeds={1: _keep_a_sale_in_doubt},
        minutes=30,
    ),
)
