"""One promise: its id, its manual, and what it looks at."""

from __future__ import annotations

from collections.abc import Container
from typing import ClassVar

from trader247.truth.facts import Row
from trader247.truth.world import World

Wrong = list[str]
Told = Row


class _Each(Container[str]):
    """All that there is."""

    def __contains__(self, word: object) -> bool:
        return True


EACH = _Each()
"""Whatever is read, it concerns a promise."""


class Promise:
    """Something that must hold after everything that happens.

    `on_KIND` is asked after a record of that kind was told, `event_KIND` after an event of that
    kind was folded. Each answers what is broken now, in words.
    """

    id: ClassVar[str]
    of_reads: ClassVar[Container[str]] = ()
    """Which requests that change nothing concern it too, by the last word of their path: of thirty
    in a minute few do."""
    of_yeses: ClassVar[Container[str]] = EACH
    """Which of those concern it once they are answered as they should be; other answers all do."""

    def __init__(self, world: World) -> None:
        self.world = world

    @classmethod
    def manual(cls) -> str:
        """What it promises, and what it looks at."""
        return cls.__doc__ or ""


class Lasting(Promise):
    """One that time alone may break, whatever is told: `every` is asked after each record.

    Not before `due_us`: until then nothing can be broken of what it looks at.
    """

    NEVER_US: ClassVar = 1 << 63

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.due_us = self.NEVER_US

    def every(self) -> Wrong:
        raise NotImplementedError
