"""How long ago an intent was first seen, whatever this machine's clock was set to meanwhile.

What is not in three listings was not created, if they are late enough: a request may still be on
its way for minutes. A wall clock that is set an hour on makes an order of a minute ago an old one.
So an age begins where an intent is recorded in this process, whatever is done to the clock while
its answer is waited for, and goes on steadily from there; a machine that slept finds it younger
than it is, and waits. What another process made was timed by a clock that may have been set since:
its age is the venue's word, less what a clock may be off that is right enough to trade by; and
until the venue tells its time, it has no age.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import VenueError
from trader247.domain.ids import ClientOrderId
from trader247.domain.intents import RecordedIntent, WorkingIntent
from trader247.domain.time import SECOND, Instant
from trader247.ports import Clock

SET_MIN = 5 * SECOND
"""By less than this nobody sets a clock: it is what two that agree may be apart."""
OFF_MAX = 10 * SECOND
"""What a clock that is right enough to buy by may be off, once each way."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant by both clocks."""

    wall: Instant
    steady: timedelta


class SteadyAges:
    """One process's memory of the intents whose outcome it does not know."""

    def __init__(self, clock: Clock, venue_time: Callable[[], Instant]) -> None:
        """`venue_time` is asked where the order of another process is first seen."""
        self._clock = clock
        self._venue_time = venue_time
        self._first: dict[ClientOrderId, Moment] = {}
        self._missed: dict[ClientOrderId, Instant] = {}
        self._known: dict[ClientOrderId, timedelta] = {}
        """When each was recorded here, or first seen, by the steady clock."""

    def now(self) -> Moment:
        """This moment."""
        return Moment(self._clock.now(), self._clock.monotonic())

    def is_set_since(self, moment: Moment) -> bool:
        """Whether somebody set the wall's clock since then, or the machine slept."""
        now = self.now()
        return abs((now.wall - moment.wall) - (now.steady - moment.steady)) > SET_MIN

    def keep(self, names: Collection[ClientOrderId]) -> None:
        """Forget all intents but these."""
        self._first = {name: each for name, each in self._first.items() if name in names}
        self._missed = {name: each for name, each in self._missed.items() if name in names}
        self._known = {name: each for name, each in self._known.items() if name in names}

    def begin(self, name: ClientOrderId, recorded: Moment | None) -> None:
        """Count from the moment at which this process recorded an intent, where that is known."""
        if recorded is not None:
            self._first.setdefault(name, recorded)
        steady = self._clock.monotonic() if recorded is None else recorded.steady
        self._known.setdefault(name, steady)

    def known_for(self) -> dict[ClientOrderId, timedelta]:
        """How long each has been known here: it is at least so old."""
        now = self._clock.monotonic()
        return {name: now - since for name, since in self._known.items()}

    def at(self, intent: RecordedIntent, moment: Moment, *, epoch: int) -> Instant:
        """A moment by the clock of when the intent was first seen; `epoch` is ours.

        It is that of the intent's creation where nobody knows how long ago that was.
        """
        name = intent.client_order_id
        first = self._first.get(name)
        if first is None:
            first = moment if intent.epoch == epoch else self._told(moment)
            if first is None:
                return intent.created
            self._first[name] = first
        return first.wall + (moment.steady - first.steady)

    def _told(self, moment: Moment) -> Moment | None:
        """That moment by the venue's clock; None where it does not tell its time."""
        try:
            theirs = self._venue_time()
        except VenueError:
            return None
        since = self._clock.monotonic() - moment.steady
        return Moment(theirs - since - OFF_MAX, moment.steady)

    def missed(self, intent: RecordedIntent, *, epoch: int) -> None:
        """A listing was recorded now that does not hold it."""
        self._missed[intent.client_order_id] = self.at(intent, self.now(), epoch=epoch)

    def steadied(self, working: WorkingIntent) -> WorkingIntent:
        """The intent with its last such listing by the same clock, where it was ours."""
        missed = self._missed.get(working.intent.client_order_id)
        return working if missed is None else replace(working, last_unseen=missed)
