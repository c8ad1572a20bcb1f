"""Stops that rest at the exchange: that grow, that are declined, that a sale would take away."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import (
    IN_NO_HURRY_US,
    PATIENCE_US,
    for_a_while,
    forbid,
    raise_each_minute,
)
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_HELD, _EACH = "BTC-USD", Decimal(100)
_EXPLAINED_US = 330_000_000
_TWICE, _SOON_US = 2, 30_000_000
_DECLINED, _DECLINED_US = ("no_funds=100%@create",), 480_000_000
_NO_LISTS, _NO_LISTS_US = ("error_before@orders,fills,accounts",), 420_000_000
_NO_READING = ("error_before@orders,order,fills,accounts",)
_LOOK_US, _BETWEEN_US, _PIECE = 200_000, 45_000_000, 10
_RISEN_US, _RISEN_MIN, _RISE_PCT = 8_000_000, 3, 7
"""Beyond the target of what is held, by less than makes a quote one in doubt."""
_AN_HOUR_US = 3_900_000_000
_FALL_MIN, _FALL_PCT = 6, 4
"""Not so deep as its stop, and deeper than a sale may go at once."""
_TIMES = 12
_FORBIDDEN_US = 240_000_000
_WORDS = {"reason": "simulated", "operator": "simulation"}


def _grown(seen: Witness) -> Sequence[str]:
    return some(seen.holdings.adopted_beside > 0, "coins adopted beside those that a stop covers")


def _declined(seen: Witness) -> Sequence[str]:
    return some(seen.stops.declined > 2, "three stops in a row that the exchange declined")


def _kept(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.words["collar"] > 3, "sales that are due and cannot be sent"),
        *(
            f"{name} was given up for a sale that is none"
            for name in seen.stops.given_up_for_nothing
        ),
    ]


def _meanwhile(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.stops.switched_off) > 0, "a stop of what is held that the switch ended"),
        *some(seen.course.words["collar"] > 1, "sales that are due and cannot be sent"),
        *some(seen.stops.laid_meanwhile > 0, "a stop that is laid for what cannot be sold yet"),
    ]


def _renewed(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.people.raised >= _TIMES, "a switch that was raised a dozen times"),
        *some(
            len(seen.stops.switched_off) > _TIMES // 2,
            "stops of what is held that the switch ended",
        ),
    ]


def _kept_and_forbidden(seen: Witness) -> Sequence[str]:
    return some(
        seen.people.kept_and_forbidden > 0, "a sale that was to stay as nothing may be sent"
    )


def _keep_for_long(run: Run) -> None:
    """Raised with the wish that sales stay; nobody lets it go soon."""
    run.people.patience_us = IN_NO_HURRY_US
    run.people.kill(keeps_sales=True)


def _forbid(run: Run) -> None:
    """Somebody writes into app.yaml that nothing may be sent, and takes it back later."""
    forbid(run, _FORBIDDEN_US)


def _stop_each_minute(run: Run) -> None:
    """Each time a stop ends."""
    raise_each_minute(run, times=_TIMES)


def _back_at_once(seen: Witness) -> Sequence[str]:
    return some(
        seen.people.raised > _TWICE, "a switch that was raised again soon after it was let go"
    )


def _unlisted(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.readings.unread > 2, "readings of the account that were refused"),
        *some(bool(seen.intents.sold_unread), "something that was sold while they were"),
    ]


def _unlisted_and_unasked(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.readings.unread > 2, "readings of the account that were refused"),
        *some(bool(seen.intents.left), "something that was sold in the end"),
        *(f"{name} ended, and nobody could learn of it" for name in seen.stops.given_up_unread),
    ]


def _refuse_lists(run: Run) -> None:
    for_a_while(run, _NO_LISTS, _NO_LISTS_US)


def _refuse_all_reading(run: Run) -> None:
    for_a_while(run, _NO_READING, _NO_LISTS_US)


def _refuse_between(run: Run) -> None:
    """As soon as a cycle has ended and a buy rests: of that a piece is filled, and all rises."""
    _refuse_once_past(run, run.tally.cycles)


def _refuse_once_past(run: Run, cycles: int) -> None:
    if run.odds.is_calm:
        return
    buys = run.people.known_buys() if run.is_alive and run.tally.cycles != cycles else []
    if not buys:
        cycles = run.tally.cycles
        run.timeline.after(_LOOK_US, lambda: _refuse_once_past(run, cycles))
        return
    for_a_while(run, _NO_READING, _BETWEEN_US)
    run.venue.fill_this(buys[0], _PIECE)  # streams tell of it: it is read
    run.timeline.after(_RISEN_US, lambda: run.venue.crash_for(_RISEN_MIN, -_RISE_PCT))


def _unread_between(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.stops.stayed_between > 0, "a stop that stayed, though a sale was due"),
        *some(bool(seen.intents.left), "something that was sold in the end"),
    ]


def _raise_twice(run: Run) -> None:
    raise_each_minute(run, times=_TWICE, again_us=_SOON_US)


def _switch_off_for_long(run: Run) -> None:
    """Nobody lets it go before it is time."""
    if not run.odds.is_calm:
        run.people.patience_us = IN_NO_HURRY_US
        run.people.kill()


def _let_go_and_sell(run: Run) -> None:
    """Both in one breath, just after a minute has begun: the next cycle finds it due."""
    if not run.odds.is_calm:
        run.people.release()
        run.people.ask(CommandKind.FLATTEN, _WORDS)


def _adopt_for_little(run: Run) -> None:
    """The same, to be sold again once it has risen by a twentieth."""
    _adopt_a_little(run, target_pct="5")


def _adopt_a_little(run: Run, target_pct: str = "15") -> None:
    """Bought by hand, explained, and handed over for some hours."""
    run.people.patience_us = PATIENCE_US
    run.venue.buy_of(_HELD, _EACH)
    price = str(run.venue.price_of(_HELD))
    plan = {"stop_pct": "15", "target_pct": target_pct, "hours": "3"}
    wish = {"product": _HELD, "price": price, "fee": "0", **plan, **_WORDS}
    run.timeline.after(_EXPLAINED_US, lambda: run.people.ask(CommandKind.ADOPT, wish))


def _decline(run: Run) -> None:
    for_a_while(run, _DECLINED, _DECLINED_US)


def _sleep_an_hour(run: Run) -> None:
    if not run.odds.is_calm:
        run.machine.sleep(_AN_HOUR_US)


def _fall(run: Run) -> None:
    run.venue.crash_for(_FALL_MIN, _FALL_PCT)


def _sell_all(run: Run) -> None:
    run.people.ask(CommandKind.FLATTEN, _WORDS)


STOPS = (
    Accident(
        "stop-grows",
        "a little that is bought by hand and adopted, and as much again minutes later",
        "the stop that rests for it covers what comes as well",
        _grown,
        deeds={2: _adopt_a_little, 8: _adopt_a_little},
        minutes=22,
    ),
    Accident(
        "stop-declined",
        "stops that the exchange declines for eight minutes, and a machine that sleeps for an hour",
        "after an hour it is tried again: what is held has its stop",
        _declined,
        deeds={2: _adopt_a_little, 7: _decline, 17: _sleep_an_hour},
        minutes=93,
    ),
    Accident(
        "stop-kept",
        "a fall by four per cent within a minute, and somebody who wants all sold right after it",
        "no stop makes way for a sale that its collar refuses",
        _kept,
        deeds={2: _adopt_a_little, 10: _fall, 11: _sell_all},
        minutes=20,
    ),
    Accident(
        "stop-meanwhile",
        "a switch that ends the stop of what is held, a fall by four per cent within a minute, and "
        "somebody who wants all sold as he lets the switch go",
        "what its collar refuses to sell has its stop again until it can be sold",
        _meanwhile,
        deeds={2: _adopt_a_little, 9: _switch_off_for_long, 10: _fall, 11: _let_go_and_sell},
        minutes=20,
    ),
    Accident(
        "lists-refused",
        "lists of orders, fills and balances that are refused for minutes, and somebody who wants "
        "all sold meanwhile",
        "what is held leaves: that its stop has ended is asked for by the stop's own id",
        _unlisted,
        faults=frozenset({BRISK}),
        deeds={2: _adopt_a_little, 10: _refuse_lists, 11: _sell_all},
        minutes=22,
    ),
    Accident(
        "reading-refused",
        "minutes in which nothing of the account is told, not even of one order by its id, and "
        "somebody who wants all sold meanwhile",
        "its stop stays until it can be learnt that it has ended",
        _unlisted_and_unasked,
        faults=frozenset({BRISK}),
        deeds={2: _adopt_a_little, 10: _refuse_all_reading, 11: _sell_all},
        minutes=24,
    ),
    Accident(
        "refused-between",
        "nothing of the account told from the end of a cycle of who listens to streams until soon "
        "before the next one, while what is held rises to its target",
        "between two cycles too a stop stays by the latest reading, not by that of its cycle",
        _unread_between,
        faults=frozenset({BRISK}),
        is_listening=True,
        deeds={2: _adopt_for_little, 12: _refuse_between},
        minutes=20,
    ),
    Accident(
        "stop-each-minute",
        "a switch that is raised for eight seconds each minute, and ends the stop of what is held",
        "whenever it is let go the next cycle lays a stop anew",
        _renewed,
        deeds={2: _adopt_a_little, 10: _stop_each_minute},
        minutes=25,
    ),
    Accident(
        "kept-and-forbidden",
        "a switch that is raised with the wish that sales stay, and an app.yaml that lets nothing "
        "be sent from the next minute on",
        "what one halt lets rest another ends: it stays where all of them keep it",
        _kept_and_forbidden,
        deeds={2: _adopt_a_little, 10: _keep_for_long, 11: _forbid},
        minutes=20,
    ),
    Accident(
        "back-at-once",
        "a switch that is raised again half a minute after it was raised, and let go each time",
        "each time somebody is told: the last word is not that it was let go",
        _back_at_once,
        deeds={3: _raise_twice},
        every=6,
        minutes=20,
    ),
)
