"""The trader's own machine: its clock, its life, its way to people."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.mishaps.scenes.deeds import IN_NO_HURRY_US, kill
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_LOOK_US, _LOOKS = 5_000_000, 24
_AHEAD_US, _AHEAD_FOR_US = 3_600_000_000, 240_000_000
_BEHIND_US, _BEHIND_FOR_US = 30_000_000, 130_000_000
_HUNG_US, _UNSEEN_US = 3_000_000, 100_000_000
_DAY_US = 86_400_000_000
_DAYS_AHEAD_US = 2 * _DAY_US
_LONG_US, _NEARLY_A_DAY_US = _DAY_US // 2, _DAY_US - 1_200_000_000
_ASKED_US, _CYCLES = 4_000_000, 18
_BEFORE_MIDNIGHT_US, _FOR_A_WHILE_US = 900_000_000, 130_000_000
_REBATE = Decimal("0.0037")
_LITTLE_ROOM, _MUCH_ROOM = 400, 50_000
"""Megabytes: of a thousand that have to be free."""


def _clock_set(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.course.words["stale_quote"] > 2, "prices that no clock of ours can be right about"
        ),
        *some(len(seen.fates.doubted) > 2, "orders of unknown fate"),
    ]


def _forbidden(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.people.forbidden > 0, "a file that forbids sending"),
        *some(len(seen.fills.booked) > 5, "fills while it does not"),
    ]


def _untold(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.alerts.untold) > 2, "three alerts that were not taken"),
        *some(len(seen.alerts.told_later) > 2, "three of them told of later"),
    ]


def _looped(seen: Witness) -> Sequence[str]:
    return some("crash_loop" in seen.halts.latched, "a loop of crashes")


def _stricter(seen: Witness) -> Sequence[str]:
    return some(
        len(seen.people.rested_under_a_stop) > 1, "two sales that were to stay, and then not"
    )


def _keep_sales(run: Run) -> None:
    run.people.kill(keeps_sales=True)


def _keep_none(run: Run) -> None:
    run.people.kill()


def _lose_sight(run: Run) -> None:
    """The switch cannot be looked at."""
    if not run.odds.is_calm:
        run.hide_switch(_UNSEEN_US)


def _slept_a_day(seen: Witness) -> Sequence[str]:
    return some(seen.alerts.digests > 1, "two days that were told of")


def _counted_on(seen: Witness) -> Sequence[str]:
    last = max(seen.intents.entries_us, default=0)
    ages = [last - each for each in seen.intents.entries_us]
    return [
        *some(any(age > _DAY_US for age in ages), "an entry, and one more than a day before it"),
        *some(any(_LONG_US < age < _DAY_US for age in ages), "and others not so long before it"),
    ]


def _sleep_nearly_a_day(run: Run) -> None:
    """The machine is suspended for so long that some of what it sent is a day old by then."""
    if not run.odds.is_calm:
        run.machine.sleep(_NEARLY_A_DAY_US)


def _sleep(run: Run) -> None:
    """The machine is suspended until the next midnight is over."""
    if not run.odds.is_calm:
        run.machine.sleep(_DAY_US)


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


def _set_back_as_one_leaves(run: Run) -> None:
    """As the next order has its connection the machine stops for seconds, and its clock is set
    back meanwhile: by the wall's time hardly any has gone by.
    """

    def hung() -> None:
        run.on_connected = _nothing
        _set_clock(run, -_BEHIND_US, _BEHIND_FOR_US)
        run.pass_by(_HUNG_US)

    run.on_connected = hung


def _nothing() -> None:
    """Nobody looks any more."""


def _midnight_twice(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.fills.booked_a_day_back > 0, "a fill that was booked on the day before"),
        *some(seen.intents.bought_anew > 1, "two buys of the day that came back"),
    ]


def _set_back_over_midnight(run: Run) -> None:
    """The clock goes back to yesterday, for as long as a few cycles, and what rests then fills."""
    _back_once_bought(run, _LOOKS)


def _back_once_bought(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    if run.people.is_buying():
        _set_clock(run, -_BEFORE_MIDNIGHT_US, _FOR_A_WHILE_US)
        run.venue.fill_in_part()
    else:
        run.timeline.after(_LOOK_US, lambda: _back_once_bought(run, looks - 1))


def _days_ahead(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.course.words["stale_quote"] > 2, "prices that no clock of ours can be right about"
        ),
        *some(len(seen.fills.booked) > 8, "fills before it, and after it"),
    ]


def _set_days_ahead(run: Run) -> None:
    """A few cycles are of the day after tomorrow."""
    _set_clock(run, _DAYS_AHEAD_US, _FOR_A_WHILE_US)


def _silence(run: Run) -> None:
    run.set_channel(is_up=False)


def _hear(run: Run) -> None:
    run.set_channel(is_up=True)


def _flatten_what_is_bought(run: Run) -> None:
    """Somebody wants all sold, what is only being bought as well, as soon as a buy rests."""
    _flatten_once_bought(run, _LOOKS)


def _flatten_once_bought(run: Run, looks: int) -> None:
    if run.odds.is_calm or not looks:
        return
    if run.people.is_buying():
        words = {"reason": "simulated", "operator": "simulation"}
        run.people.ask(CommandKind.FLATTEN, words)
    else:
        run.timeline.after(_LOOK_US, lambda: _flatten_once_bought(run, looks - 1))


def _rebate(run: Run) -> None:
    """Hardly anything, and a movement all the same."""
    run.people.patience_us = IN_NO_HURRY_US
    run.venue.move(_REBATE)


def _little_room(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.course.short_of_room > 8, "cycles that were short of room"),
        *some(len(seen.fills.booked) > 5, "fills"),
    ]


def _leave_little_room(run: Run) -> None:
    run.machine.leave(_LITTLE_ROOM)


def _hide_room(run: Run) -> None:
    run.machine.leave(None)


def _make_room(run: Run) -> None:
    run.machine.leave(_MUCH_ROOM)


def _put_right(seen: Witness) -> Sequence[str]:
    return [
        *some(
            seen.course.words["stale_quote"] > 2, "prices that no clock of ours can be right about"
        ),
        *some(seen.course.cycles > _CYCLES, "cycles each minute"),
    ]


def _ahead_and_right(run: Run) -> None:
    """The clock is an hour ahead, and right again; then somebody wants something amid a wait."""
    _set_clock(run, _AHEAD_US, _AHEAD_FOR_US)
    for after_us in (_ASKED_US, 2 * _ASKED_US):
        run.timeline.after(
            _AHEAD_FOR_US + after_us, lambda: run.people.ask(CommandKind.ALERT_TEST, {})
        )


MACHINE = (
    Accident(
        "put-right",
        "a clock that is an hour ahead and is put right, while somebody asks for something",
        "the next cycle comes when it is due: nobody waits for an hour that was none",
        _put_right,
        faults=frozenset({BRISK}),
        deeds={3: _ahead_and_right},
        every=8,
        minutes=24,
    ),
    Accident(
        "midnight-twice",
        "a clock that is set back over midnight for two minutes, while what rests fills",
        "a day that comes back has bought what it had bought: it makes no room for more",
        _midnight_twice,
        faults=frozenset({BRISK}),
        deeds={37: _set_back_over_midnight},
        every=6,
        minutes=54,
    ),
    Accident(
        "days-ahead",
        "a clock that is two days ahead for two minutes, after some orders, and right again",
        "the day goes on: what it sent, bought and lost counts as ever, and no digest is of it yet",
        _days_ahead,
        faults=frozenset({BRISK}),
        deeds={9: _set_days_ahead},
        every=12,
        minutes=36,
    ),
    Accident(
        "clock-set",
        "a clock that is set an hour on amid an order of unknown fate, and half a minute back",
        "no order is older for it, and nothing is bought by a clock that is off, either way",
        _clock_set,
        rules=("lost_request=60%@create",),
        faults=frozenset({BRISK}),
        deeds={
            3: _set_behind,
            4: _set_ahead_in_doubt,
            7: _set_back_as_one_leaves,
            9: _set_behind,
            10: _set_ahead_in_doubt,
        },
        every=12,
        minutes=30,
    ),
    Accident(
        "stricter",
        "a switch that is raised with the wish that sales stay, and two minutes later without it",
        "the stricter word counts: what was left to rest is ended as well",
        _stricter,
        faults=frozenset({BRISK}),
        deeds={3: _lose_sight, 7: _keep_sales, 9: _keep_none},
        every=16,
        minutes=30,
    ),
    Accident(
        "slept-a-day",
        "a machine that sleeps for a day, some minutes after a midnight",
        "each day is told of by what it made and paid itself, and begins with its own first value",
        _slept_a_day,
        faults=frozenset({BRISK}),
        deeds={45: _sleep},
        minutes=24 * 60 + 55,
    ),
    Accident(
        "slept-nearly",
        "a machine that sleeps for twenty minutes less than a day, after some orders",
        "what was sent counts for a day, each by itself: others that are older take none with them",
        _counted_on,
        faults=frozenset({BRISK}),
        deeds={30: _sleep_nearly_a_day},
        minutes=24 * 60 + 28,
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
        "a channel that takes nothing while one alert follows the other, then a third of a cent",
        "each is tried again until it is taken; what differs is told of, however little it is",
        _untold,
        faults=frozenset({BRISK}),
        deeds={
            1: _silence,
            6: _hear,
            9: _flatten_what_is_bought,
            12: _flatten_what_is_bought,
            16: _rebate,
            20: _flatten_what_is_bought,
        },
        minutes=30,
    ),
    Accident(
        "crash-loop",
        "a process that is killed each minute",
        "the sixth time that it begins it buys nothing more until somebody has looked at it",
        _looped,
        faults=frozenset({BRISK}),
        deeds={2: kill},
        every=1,
        minutes=12,
    ),
    Accident(
        "little-room",
        "a disk with little room for seven minutes, and later one whose room nobody can tell",
        "nothing is bought that might not be written down; what is held can leave",
        _little_room,
        faults=frozenset({BRISK}),
        deeds={5: _leave_little_room, 12: _make_room, 18: _hide_room, 26: _make_room},
        minutes=30,
    ),
)
