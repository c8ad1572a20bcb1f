"""One promise: its id, its manual, and what it looks at."""

from __future__ import annotations

from typing import ClassVar

from trader247.truth.facts import Row
from trader247.truth.world import World


class Promise:
    """Something that must hold after everything that happens.

    `on_KIND` is asked after a record of that kind was told, `event_KIND` after an event of that
    kind was folded, `every` after each record. Each answers what is broken now, in words.
    """

    id: ClassVar[str]
    is_of_reads: ClassVar[bool] = False
    """Whether requests that change nothing concern it too: of thirty in a minute few do."""

    def __init__(self, world: World) -> None:
        self.world = world

    @classmethod
    def manual(cls) -> str:
        """What it promises, and what it looks at."""
        return cls.__doc__ or ""


Wrong = list[str]
Told = Row
