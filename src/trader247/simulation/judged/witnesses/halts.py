"""What kept the trader from trading: halts, bans, a price in doubt."""

from __future__ import annotations

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.course import Course
from trader247.simulation.judged.witnesses.onlooker import Onlooker

_LOSSES = ("daily_stop", "weekly_stop", "drawdown")
_DAY_US = 86_400_000_000


class Halts(Onlooker):
    """Each by its name."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self.latched: set[str] = set()
        self.stood_overnight: set[str] = set()
        """Halts of a day under which a cycle of another one was decided."""
        self.stopped_between = 0
        """Stop losses that were latched between two whole cycles."""
        self.peaks_accepted = 0
        self.bans = self.bans_cleared = self.refused_for_a_ban = 0
        self.doubted_prices = 0
        """How often a price that jumped was doubted."""
        self._standing: dict[str, int] = {}
        """On which day each halt began that stands."""

    def _read_halt_latched(self, event: Record) -> None:
        name = event["payload"]["name"]
        self.latched.add(name)
        self._standing.setdefault(name, self._course.now_us // _DAY_US)
        self.stopped_between += self._course.is_between and name in _LOSSES

    def _read_halt_cleared(self, event: Record) -> None:
        self._standing.pop(event["payload"]["name"], None)
        self.peaks_accepted += event["payload"].get("accepted_peak") is not None

    def _read_cycle_decided(self, event: Record) -> None:
        today = self._course.now_us // _DAY_US
        self.stood_overnight |= {name for name, day in self._standing.items() if day < today}
        endings = event["payload"]["endings"].values()
        self.refused_for_a_ban += sum(each["reason"] == "banned" for each in endings)

    def _read_ban_latched(self, _: Record) -> None:
        self.bans += 1

    def _read_ban_cleared(self, _: Record) -> None:
        self.bans_cleared += 1

    def _read_product_doubted(self, event: Record) -> None:
        self.doubted_prices += event["payload"]["level"] is not None
