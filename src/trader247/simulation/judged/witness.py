"""What was seen in a run, as whoever tells of an accident needs it. It judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trader247.simulation.judged.history import Record, Violation
from trader247.simulation.judged.witnesses.alerts import Alerts
from trader247.simulation.judged.witnesses.course import Course
from trader247.simulation.judged.witnesses.fates import Fates
from trader247.simulation.judged.witnesses.fills import Fills
from trader247.simulation.judged.witnesses.halts import Halts
from trader247.simulation.judged.witnesses.holdings import Holdings
from trader247.simulation.judged.witnesses.intents import Intents
from trader247.simulation.judged.witnesses.onlooker import Handler, Onlooker
from trader247.simulation.judged.witnesses.orders import Orders
from trader247.simulation.judged.witnesses.people import People
from trader247.simulation.judged.witnesses.readings import Readings
from trader247.simulation.judged.witnesses.restored import Restored
from trader247.simulation.judged.witnesses.stops import Stops


class Witness:
    """All who look on, one for each subject. Told of everything, like a judge.

    Whoever asks another one is told after it: of each record, and of each event of the journal.
    """

    def __init__(self) -> None:
        self.course = Course()
        self.readings = Readings()
        self.orders = Orders()
        self.fates = Fates(self.orders)
        self.fills = Fills(self.course, self.orders)
        self.restored = Restored(self.course, self.orders, self.fills)
        self.stops = Stops(self.readings, self.restored)
        self.intents = Intents(self.course, self.readings, self.fills)
        self.people = People(self.orders)
        self.halts = Halts(self.course)
        self.alerts = Alerts()
        self.holdings = Holdings()
        onlookers = [each for each in vars(self).values() if isinstance(each, Onlooker)]
        self._seeing = _by_kind(onlookers, "_see_")
        self._reading = _by_kind(onlookers, "_read_")

    def see(self, record: Record) -> Sequence[Violation]:
        """Take the next thing that happened."""
        self.course.now_us = record["at_us"]
        for handle in self._seeing.get(record["kind"], ()):
            handle(record)
        if record["kind"] == "journal":
            for event in record["events"]:
                for handle in self._reading.get(event["kind"], ()):
                    handle(event)
        return ()


def _by_kind(onlookers: Sequence[Onlooker], prefix: str) -> Mapping[str, Sequence[Handler]]:
    """Whom to tell of each kind, in their order."""
    handlers: dict[str, list[Handler]] = {}
    for each in onlookers:
        for kind, handler in each.handlers(prefix):
            handlers.setdefault(kind, []).append(handler)
    return handlers
