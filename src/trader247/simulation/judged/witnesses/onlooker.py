"""Somebody who looks on at a run, for one subject, and counts what scenes ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trader247.simulation.judged.history import Record

Handler = Callable[[Record], None]


class Onlooker:
    """It has a method `_see_KIND` for each kind of record that concerns it.

    And `_read_KIND` for each kind of event of the journal. It is told of nothing else.
    """

    def handlers(self, prefix: str) -> Iterator[tuple[str, Handler]]:
        """What it has for such kinds, each with its kind."""
        for name in dir(self):
            if name.startswith(prefix):
                yield name.removeprefix(prefix), getattr(self, name)
