"""Nobody buys while nobody can be told of what is critical."""

from __future__ import annotations

from dataclasses import dataclass

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.promises.people import ESCALATED, is_named
from trader247.truth.times import MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World


@dataclass(slots=True)
class _Vain:
    """Since when what is critical by one code is told in vain, and for how many whole cycles."""

    tried: bool = False
    since_us: int | None = None
    cycles: int = 0


class Untold(Promise):
    """What is critical and was told in vain for five minutes halts buying, `alerts`, whichever
    process began to tell of it: who starts again and again would else buy for ever unheard.

    By the messages that went out, from the first whole cycle after the first of them on, by when it
    is journalled; seven minutes and a whole cycle may pass. Whoever acknowledged a code, or
    cleared what it says, knows. A clock that is set back, a machine that sleeps and a journal that
    was gone back to begin it anew, as a further alert of the code does.
    """

    id = "I18"

    _HALT, _LATE_US, _CYCLES, _SET_BACK_US = "alerts", 7 * MINUTE_US, 1, 3 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._vain: dict[str, _Vain] = {}
        self._off_us = 0

    def event_alert_raised(self, payload: Told, _: Told) -> Wrong:
        if payload["severity"].upper() == "CRITICAL":
            self._vain[payload["code"].removesuffix(ESCALATED)] = _Vain()
        return []

    def event_alert_acknowledged(self, payload: Told, _: Told) -> Wrong:
        for code in payload["codes"]:
            self._vain.pop(code.removesuffix(ESCALATED), None)
        return []

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        self._vain.pop(payload["name"], None)
        return []

    def event_ban_cleared(self, payload: Told, _: Told) -> Wrong:
        self._vain.pop(f"ban_{payload['control']}", None)
        return []

    def on_message(self, record: Told) -> Wrong:
        named = [code for code in self._vain if is_named(code, record)]
        for code in named:
            if record["is_taken"]:
                del self._vain[code]
            else:
                self._vain[code].tried = True
        return []

    def _begin_anew(self) -> None:
        for each in self._vain.values():
            each.since_us, each.cycles = None, 0

    def on_slept(self, _: Told) -> Wrong:
        self._begin_anew()
        return []

    def on_restored(self, _: Told) -> Wrong:
        self._vain.clear()
        return []

    def on_process(self, _: Told) -> Wrong:
        for each in self._vain.values():
            each.tried = each.since_us is not None  # what was not journalled by then is not known
            each.cycles = 0
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        world, now_us = self.world, self.world.now_us
        off_us = instant_us(event["time"]) - now_us
        if abs(off_us - self._off_us) > self._SET_BACK_US:
            self._begin_anew()
        self._off_us = off_us
        if payload.get("regime") == EXITS_ONLY:
            return []
        for each in self._vain.values():
            if each.tried:
                each.since_us = now_us if each.since_us is None else each.since_us
                each.cycles += 1
        if self._HALT in world.halts:
            return []
        late = {
            code: each.since_us
            for code, each in self._vain.items()
            if each.since_us is not None
            and now_us - each.since_us > self._LATE_US
            and each.cycles > self._CYCLES
        }
        for code in late:
            self._vain[code] = _Vain(tried=True)
        return [
            f"nobody could be told of {code} for {(now_us - since_us) // MINUTE_US} min, and "
            "buying goes on"
            for code, since_us in late.items()
        ]
