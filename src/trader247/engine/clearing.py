"""Ending what works, and reading the books until that is proven: for a stop, and at an end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta

from trader247.domain.errors import ReadAborted, VenueError
from trader247.domain.intents import WorkingIntent
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import Collected
from trader247.engine.execution import Execution
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.ports import Clock

ROUNDS = 8
"""Readings after a request to cancel, before the end is called unproven."""

_PAUSE = timedelta(milliseconds=250)


class Clearing:
    """Asks for the end of what may not stay, and believes no answer but what is read then."""

    def __init__(
        self, *, ledger: Ledger, execution: Execution, reconciler: Reconciler, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._execution = execution
        self._reconciler = reconciler
        self._clock = clock

    def read_books(self) -> Collected | None:
        """Read them; None where a stop cut that short, which is attended to first."""
        try:
            return self._reconciler.collect()
        except ReadAborted:
            return None

    def clear(
        self, cause: str, stays: Callable[[WorkingIntent, Portfolio], bool], *, rounds: int = ROUNDS
    ) -> bool:
        """Cancel what works and may not stay, and read until none does.

        Returns whether that is proven.
        """

        def is_kept(working: WorkingIntent) -> bool:
            return stays(working, self._ledger.portfolio)

        for _ in range(rounds):
            # A venue that does not answer is asked again: the reading tells what still works.
            with contextlib.suppress(VenueError):
                self._execution.cancel_all(cause, is_kept=is_kept)
            collected = self.read_books()
            is_read = collected is not None and not collected.error
            is_read = is_read and not self._reconciler.strays.ending
            if is_read and all(map(is_kept, self._ledger.portfolio.working.values())):
                return True
            self._clock.wait_until(self._clock.now() + _PAUSE, lambda: False)
        return False
