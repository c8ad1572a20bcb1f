"""What nobody acknowledges goes to everybody."""

from __future__ import annotations

from trader247.truth.promise import Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.promises.lifted import Lifted
from trader247.truth.promises.people import ESCALATED
from trader247.truth.times import SECOND_US, instant_us
from trader247.truth.world import World


class Escalated(Lifted):
    """What is critical, and was not acknowledged for two minutes, is escalated: each time anew.

    By the journal's dates; three whole cycles after that may leave it out. Whoever acknowledges it,
    or lets go what it was about, ends it, and what is raised after that is another one.
    """

    id = "I18"

    _CYCLES, _AFTER_US = 3, 120 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._since_us: dict[str, int] = {}
        """Since when each code is open."""
        self._told: set[str] = set()
        """Those of them that were escalated."""
        self._late: dict[str, int] = {}

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        code = payload["code"].removesuffix(ESCALATED)
        if payload["severity"].upper() == "CRITICAL":
            self._since_us.setdefault(code, instant_us(event["time"]))
            if payload["code"] != code:
                self._told.add(code)
        return []

    def _end(self, code: str) -> None:
        self._since_us.pop(code, None)
        self._told.discard(code)

    def event_alert_acknowledged(self, payload: Told, _: Told) -> Wrong:
        for code in payload["codes"]:
            self._end(code)
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        until_us, before = instant_us(event["time"]) - self._AFTER_US, self._late
        self._late = {
            code: before.get(code, 0) + 1
            for code, since_us in self._since_us.items()
            if since_us <= until_us and code not in self._told
        }
        return [
            f"{code} is open for more than two minutes, and was not escalated"
            for code, count in self._late.items()
            if count > self._CYCLES
        ]
