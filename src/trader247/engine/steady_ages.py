"""How long ago an intent was first seen, whatever this machine's clock was set to meanwhile.

What is not in three listings was not created, if they are late enough: a request may still be on
its way for minutes. A wall clock that is set an hour on makes an order of a minute ago an old one.
So an age is the wall clock's where an intent is first seen in this process, and goes on steadily
from there; a machine that slept finds it younger than it is, and waits. What another process made
or looked for was timed by a clock that may have been set since, and counts as so much younger.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ClientOrderId
from trader247.domain.orders import RecordedIntent, WorkingIntent
from trader247.domain.time import SECOND, Instant
from trader247.ports import Clock

SET_SINCE = 10 * SECOND
"""What a clock that is right enough to buy by may be off, once each way."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant by both clocks."""

    wall: Instant
    steady: timedelta


class SteadyAges:
    """One process's memory of the intents whose outcome it does not know."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._first: dict[ClientOrderId, Moment] = {}
        self._missed: dict[ClientOrderId, Instant] = {}

    def now(self) -> Moment:
        """This moment."""
        return Moment(self._clock.now(), self._clock.monotonic())

    def keep(self, names: Collection[ClientOrderId]) -> None:
        """Forget all intents but these."""
        self._first = {name: each for name, each in self._first.items() if name in names}
        self._missed = {name: each for name, each in self._missed.items() if name in names}

    def at(self, intent: RecordedIntent, moment: Moment, *, epoch: int) -> Instant:
        """A moment by the wall clock of when the intent was first seen; `epoch` is ours."""
        first = self._first.setdefault(intent.client_order_id, moment)
        since = moment.steady - first.steady
        return first.wall + (since if intent.epoch == epoch else since - SET_SINCE)

    def missed(self, intent: RecordedIntent, *, epoch: int) -> None:
        """A listing was recorded now that does not hold it."""
        self._missed[intent.client_order_id] = self.at(intent, self.now(), epoch=epoch)

    def steadied(self, working: WorkingIntent) -> WorkingIntent:
        """The intent with its last such listing by the same clock, where it was ours."""
        missed = self._missed.get(working.intent.client_order_id)
        return working if missed is None else replace(working, last_unseen=missed)
