"""All promises, each asked of what concerns it, after everything that happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trader247.truth.facts import Row
from trader247.truth.promise import Promise, Wrong
from trader247.truth.promises import gate, leaving, limits, money, orders, people, records
from trader247.truth.promises.records import canonical
from trader247.truth.violation import Violation
from trader247.truth.world import World

PROMISES: tuple[type[Promise], ...] = (
    limits.Exposure,
    gate.Weighed,
    limits.Stopped,
    gate.Confirmed,
    orders.Recorded,
    orders.Once,
    orders.OneUnresolved,
    money.EachFillOnce,
    money.Balances,
    money.Profit,
    money.DoubleEntry,
    records.Kept,
    orders.Lawful,
    orders.Selling,
    orders.Lifetime,
    orders.Collar,
    orders.Fresh,
    limits.Pace,
    gate.Counted,
    gate.LeftAlone,
    limits.Marks,
    limits.Losses,
    leaving.Leaving,
    leaving.LetGo,
    leaving.Resting,
    people.Heard,
    people.Insisting,
    records.Sound,
    records.Chained,
    records.Unflipped,
    orders.OneSender,
    records.Secret,
    orders.Recovery,
    people.Alive,
    records.Bounded,
)
"""In the order of their ids; one id may have two that look at different evidence."""

Asked = tuple[str, Callable[..., Wrong]]


class Checker:
    """Whoever is told of everything, and answers what is broken by it.

    The work for a record is that of its own news: nothing is ever added up again.
    """

    def __init__(self) -> None:
        self._world = World()
        self._promises = tuple(each(self._world) for each in PROMISES)
        self._asked: dict[str, tuple[Asked, ...]] = {}
        self._every = self._who("every")

    def see(self, record: Row) -> list[Violation]:
        """Take the next thing that happened; what is broken by it."""
        world = self._world
        world.see(record)
        found: list[Violation] = []
        if record["kind"] == "journal":
            for event in record["events"]:
                self._learn(event, found)
        self._ask(f"on_{record['kind']}", found, record)
        if world.limits:
            for id, every in self._every:
                self._add(id, every(), found)
        return found

    def _learn(self, event: Row, found: list[Violation]) -> None:
        text = canonical(event)
        wrong = self._world.learn(event)
        if wrong:
            self._add("I8", [wrong], found)
        self._ask("on_event", found, event, text)
        self._ask(f"event_{event['kind']}", found, event["payload"], event)

    def _ask(self, method: str, found: list[Violation], *told: Row | str) -> None:
        asked = self._asked.get(method)
        if asked is None:
            asked = self._asked[method] = self._who(method)
        for id, ask in asked:
            self._add(id, ask(*told), found)

    def _who(self, method: str) -> tuple[Asked, ...]:
        return tuple(
            (each.id, getattr(each, method)) for each in self._promises if hasattr(each, method)
        )

    def _add(self, id: str, wrong: Wrong, found: list[Violation]) -> None:
        found += [Violation(id, self._world.now_us, text) for text in wrong]


def check(records: Iterable[Row]) -> list[Violation]:
    """Everything that is broken in a history."""
    checker = Checker()
    return [found for record in records for found in checker.see(record)]
