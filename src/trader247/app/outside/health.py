"""Whether all is well, for monitors: a few facts, each known to be good or else bad."""

from __future__ import annotations

from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.choice import Choice
from trader247.app.books.places import Places
from trader247.app.books.reading import opened
from trader247.app.durations import in_words
from trader247.app.outside.pulse import Life, life_of
from trader247.core.alerts.words import severity_of
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import Trader247Error
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was looked at; what could not be found out is not well."""

    id: str
    is_well: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Health:
    """Every fact, in a fixed order; one that could not even be asked for is missing, not well."""

    facts: tuple[Fact, ...]

    @property
    def is_well(self) -> bool:
        return all(fact.is_well for fact in self.facts)


def health_of(choice: Choice) -> Health:
    """The chosen book's health. Nothing is locked, nothing changed, and nothing raised that a
    broken configuration, journal or disk can cause: each of them is a fact that is not well."""
    switch = KillSwitch(choice.data)
    is_raised = switch.is_raised()
    kill = Fact("kill_switch", not is_raised, "on" if is_raised else "off")
    try:
        _, places = choice.settle()
    except Trader247Error as error:
        return Health((Fact("configuration", False, str(error)), kill))
    life = life_of(places.data)
    return Health((kill, _trader(life, places), _heartbeat(life), *_books(choice, life)))


def _trader(life: Life, places: Places) -> Fact:
    if not life.is_of(places.book):
        other = f"; the last one was on {life.book}" if life.book else ""
        return Fact("trader", False, f"none trades on {places.book}{other}")
    if life.ended:
        return Fact("trader", False, f"none runs: the last one ended: {life.ended}")
    if life.is_once:
        return Fact("trader", True, "single cycles, called from outside")
    if not life.is_alive:
        what = "cannot be asked for from here" if life.is_alive is None else "died"
        what = "works on another folder, of which this is a copy" if life.is_elsewhere else what
        return Fact("trader", False, f"{life.holder or 'the trader'} {what}")
    return Fact("trader", True, f"runs: {life.holder}")


def _heartbeat(life: Life) -> Fact:
    if life.is_to_come:
        text = f"of {life.beat_at}, which is yet to come: was the clock set back?"
        return Fact("heartbeat", False, text)
    if life.age is None or life.age_max is None:
        return Fact("heartbeat", False, "there is none that can be read")
    text = f"{in_words(life.age)} ago, at most {in_words(life.age_max)}"
    return Fact("heartbeat", life.is_fresh, text)


def _books(choice: Choice, life: Life) -> tuple[Fact, ...]:
    try:
        with opened(choice) as book:
            portfolio = book.portfolio()
    except Trader247Error as error:
        return (Fact("journal", False, str(error)),)
    return (
        Fact("journal", True, f"read to event {portfolio.seq}"),
        _halts(portfolio),
        _reconciliation(portfolio, life),
    )


def _halts(portfolio: Portfolio) -> Fact:
    critical = [name.value for name in portfolio.halts if severity_of(name) is Severity.CRITICAL]
    return Fact("halts", not critical, ", ".join(critical) or "none that is critical")


def _reconciliation(portfolio: Portfolio, life: Life) -> Fact:
    breaks = [each.key for each in portfolio.differences.values() if each.is_break]
    if breaks:
        return Fact("reconciliation", False, f"breaks on {', '.join(breaks)}")
    if life.reconciliation_error:
        return Fact("reconciliation", False, life.reconciliation_error)
    if life.breaks != 0:
        return Fact("reconciliation", False, "what the last one found is unknown")
    return Fact("reconciliation", True, "no break")
