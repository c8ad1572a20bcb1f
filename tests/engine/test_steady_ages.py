"""How long an intent of unknown outcome has been known, whatever the clock is set to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from tests.core.ledger_values import START, an_intent, name_of

from trader247.domain.errors import VenueUnreachable
from trader247.domain.time import HOUR, MINUTE, SECOND, Instant
from trader247.engine.steady_ages import Moment, SteadyAges


@dataclass
class SetClock:
    """A clock that somebody sets, and the steady one beside it."""

    wall: Instant = START
    steady: timedelta = field(default_factory=timedelta)

    def now(self) -> Instant:
        return self.wall

    def monotonic(self) -> timedelta:
        return self.steady

    def wait_until(self, due: Instant, is_wanted: object) -> bool:
        raise AssertionError("nobody waits here")

    def pass_by(self, span: timedelta) -> None:
        self.wall, self.steady = self.wall + span, self.steady + span


def test_what_was_recorded_by_a_clock_that_ran_ahead_ages_all_the_same() -> None:
    clock = SetClock(wall=START + HOUR)
    ages = SteadyAges(clock, clock.now)
    name = name_of(1)
    assert an_intent().client_order_id == name
    recorded = Moment(clock.now(), clock.monotonic())
    clock.pass_by(MINUTE)
    ages.begin(name, recorded)
    assert ages.known_for() == {name: MINUTE}
    clock.wall = START
    clock.pass_by(10 * MINUTE)
    ages.begin(name, recorded)
    assert ages.known_for() == {name: 11 * MINUTE}


def test_what_another_process_recorded_is_known_since_it_was_first_read() -> None:
    clock = SetClock()
    ages = SteadyAges(clock, clock.now)
    ages.begin(name_of(1), None)
    clock.pass_by(5 * SECOND)
    ages.begin(name_of(1), None)
    ages.begin(name_of(2), None)
    assert ages.known_for() == {name_of(1): 5 * SECOND, name_of(2): timedelta(0)}
    ages.keep({name_of(2)})
    assert ages.known_for() == {name_of(2): timedelta(0)}


def test_what_another_process_recorded_has_no_age_while_the_venue_does_not_tell_its_time() -> None:
    clock, intent = SetClock(), an_intent()

    def untold() -> Instant:
        raise VenueUnreachable("it does not tell its time")

    ages = SteadyAges(clock, untold)
    clock.pass_by(HOUR)

    assert ages.at(intent, ages.now(), epoch=intent.epoch + 1) == intent.created
