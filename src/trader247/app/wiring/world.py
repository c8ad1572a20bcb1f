"""What lies under a trader, whatever its venue: time, the way to the venue, a disk, threads.

There is one that is real, the machine's, and a simulation has one of its own. Everything above is
the same for both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from trader247.adapters.alerts import AlertOutbox, Route
from trader247.adapters.clock import SystemClock
from trader247.adapters.ids import far
from trader247.app.wiring.threads import background
from trader247.domain.dataclass import dataclass
from trader247.domain.milestones import Passing, unwatched
from trader247.ports import Alert, Clock, Delivery

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

    from trader247.app.wiring.stream import Hearing
    from trader247.core.market.senses import Senses

Finish = Callable[[float], None]
"""Waits at most so many seconds for what was begun to end."""


def in_threads(outbox: AlertOutbox) -> Finish:
    """Deliver alerts in threads of their own."""
    return background(outbox.workers, name="alerts")


@dataclass(frozen=True, slots=True)
class Beneath:
    """What a simulation puts in the place of the machine under a trader that sends.

    Its `transport` carries requests and asks meanwhile whether a stop was raised; `account` is the
    portfolio that its key is pinned to, for which nobody's leave is needed: it is nobody's money.
    Without a `vfs` of its own its files are the machine's.
    """

    transport: Callable[[Callable[[], bool]], BaseAdapter]
    account: str
    vfs: str | None
    hearing: Hearing | None = None
    """Who listens to the venue's streams, where somebody does."""
    senses: Senses | None = None
    """How the market is measured, where it is not as ever: some wish for what no strategy would."""
    is_time_standing_still: bool = False
    """Whether no time passes within a cycle: then no budget of requests may make it pass."""


@dataclass(frozen=True, slots=True)
class World:
    """One world. `clock` is the machine's; `routes` are the ways to people, None for those of the
    settings, and `delivering` begins to use them; `passing` sees how far a trader has come,
    `on_alert` and `on_delivery` what it tells people and what became of it.

    What lies `beneath` is None where it is the machine.
    """

    clock: Clock
    delivering: Callable[[AlertOutbox], Finish] = in_threads
    routes: tuple[Route, ...] | None = None
    passing: Passing = unwatched
    on_alert: Callable[[Alert], None] = lambda _: None
    on_delivery: Callable[[Delivery], None] = lambda _: None
    is_screen_silent: bool = False
    """Whether the log is for its file alone."""
    beneath: Beneath | None = None
    ahead: Callable[[], int] = lambda: 1
    """How far after the journal's last epoch a process begins whose orders go to a venue."""

    def monotonic(self) -> timedelta:
        """Time since some fixed point, in this world."""
        return self.clock.monotonic()


MACHINE = World(SystemClock(), ahead=far)
"""The real one."""
