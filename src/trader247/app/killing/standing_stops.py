"""Stops that stand, in the words of their alerts: journalled ones, and a switch just raised."""

from __future__ import annotations

from trader247.adapters.kill_switch import KillSwitch
from trader247.core.alerts.faults import unlock_ban
from trader247.core.alerts.words import NOTES, cause_of
from trader247.domain.dataclass import dataclass
from trader247.domain.portfolio import Ban, Halt, Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class StandingStop:
    """A stop; `cause` names it first, as `Daily stop loss hit: …`. `clears` is what to type.

    `since` is None where the journal has not learned of it yet.
    """

    name: str
    cause: str
    since: Instant | None
    consequence: str
    clears: str


def standing_stops(portfolio: Portfolio, switch: KillSwitch) -> tuple[StandingStop, ...]:
    """Every stop that stands now, whether the trader has journalled it or not."""
    stops = [*map(in_words, portfolio.halts.values()), *map(ban_in_words, portfolio.bans.values())]
    if HaltName.KILL_SWITCH not in portfolio.halts and switch.is_raised():
        note = NOTES[HaltName.KILL_SWITCH]
        cause = f"{note.title}: {switch.said().reason or 'the kill switch is on'}"
        stops.insert(
            0, StandingStop(note.name.value, cause, None, note.consequence, note.next_command)
        )
    return tuple(stops)


def in_words(halt: Halt) -> StandingStop:
    """A latched halt as a person should read it."""
    note = NOTES[halt.name]
    name = halt.name.value
    return StandingStop(name, cause_of(halt), halt.since, note.consequence, note.next_command)


def ban_in_words(ban: Ban) -> StandingStop:
    """A banned product or strategy as a person should read it."""
    cause = f"{ban.scope} is banned by {ban.control}: {ban.cause}"
    consequence = f"{ban.scope} buys nothing, exits still work."
    return StandingStop(ban.key, cause, ban.since, consequence, unlock_ban(ban.key))
