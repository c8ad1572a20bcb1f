"""What only a person may say: that a halt is over, that a trade may be, what money that moved was.

Counted by what people were seen to ask for, whatever the trader says that they did.
"""

from __future__ import annotations

from collections import Counter

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import World

_KILL, _PAUSE = "kill_switch", "pause"
_OPENING = "opening"


class Bidden(Promise):
    """No halt or ban is cleared, no yes given, no alert acknowledged more often than was asked for.

    Nor is any movement of money or coins explained, or a holding adopted, unless somebody said so:
    one word of theirs may explain several, all at once. What an order did by fills that were set
    aside is accepted if they named that order. What a process that died had obeyed, the next one
    may obey once more. The first reading of an account opens its books.
    """

    id = "I2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: Counter[tuple[str, str]] = Counter()
        self._done: Counter[tuple[str, str]] = Counter()
        self._named: set[str] = set()
        """Orders of which somebody asked to accept what they did."""
        self._is_open = self._is_opening = self._is_explained = False
        self._explained = self._deaths = 0

    def on_asked(self, record: Told) -> Wrong:
        what, told = record["what"], record["arguments"]
        self._asked[what, told.get("name", told.get("id", ""))] += 1
        if what == "accept_movement":
            self._named |= set(told.get("orders", "").split())
        return []

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        name = payload["name"]
        if name == _KILL:
            return self._each("release_kill", "")
        if name == _PAUSE and self._asked["resume", ""]:
            return self._each("resume", "")
        return self._each("clear_halt", name)

    def event_ban_cleared(self, payload: Told, _: Told) -> Wrong:
        return self._each("clear_halt", f"{payload['control']}:{payload['scope']}")

    def event_confirmation_given(self, payload: Told, _: Told) -> Wrong:
        return self._any("confirm", payload["id"])

    def event_alert_acknowledged(self, _: Told, __: Told) -> Wrong:
        return self._each("alert_ack", "")

    def event_cash_flowed(self, payload: Told, _: Told) -> Wrong:
        self._is_opening = self._is_opening or payload["cause"] == _OPENING
        return self._explain()

    def event_foreign_seen(self, _: Told, __: Told) -> Wrong:
        return self._explain()

    def event_lots_sold_by_hand(self, _: Told, __: Told) -> Wrong:
        return self._explain()

    def event_fills_accepted(self, payload: Told, _: Told) -> Wrong:
        name = payload["client_order_id"]
        if name in self._named:
            return self._explain()
        return [f"what {name} did was accepted, and nobody asked for that"]

    def _explain(self) -> Wrong:
        if self._is_opening and not self._is_open:
            return []
        self._is_explained = True
        return self._any("accept_movement", "")

    def on_journal(self, _: Told) -> Wrong:
        self._is_open = self._is_open or self._is_opening
        self._is_opening = False
        was_explained, self._is_explained = self._is_explained, False
        self._explained += was_explained
        asked = self._asked["accept_movement", ""]
        if not was_explained or not asked or self._explained <= asked + self._deaths:
            return []
        return [f"movements were explained {self._explained} times, and {asked} times by somebody"]

    def on_process(self, record: Told) -> Wrong:
        self._deaths += record["what"] in ("died", "power", "failed")
        return []

    def event_holding_adopted(self, _: Told, __: Told) -> Wrong:
        return self._any("adopt", "")

    def _any(self, what: str, which: str) -> Wrong:
        return [] if self._asked[what, which] else [f"nobody asked for {what} {which}".rstrip()]

    def _each(self, what: str, which: str) -> Wrong:
        self._done[what, which] += 1
        asked, done = self._asked[what, which], self._done[what, which]
        if done <= asked:
            return []
        return [f"{what} {which}".rstrip() + f" was done {done} times, and asked for {asked} times"]
