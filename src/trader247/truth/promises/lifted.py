"""What an alert was about is let go: a halt is cleared, or the last ban of a control is."""

from __future__ import annotations

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import World


class Lifted(Promise):
    """Whatever goes on until then asks `_end` of a code: nobody has to be told of it any more."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._bans: set[tuple[str, str]] = set()

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        self._end(payload["name"])
        return []

    def event_ban_latched(self, payload: Told, _: Told) -> Wrong:
        self._bans.add((payload["control"], payload["scope"]))
        return []

    def event_ban_cleared(self, payload: Told, _: Told) -> Wrong:
        control = payload["control"]
        self._bans.discard((control, payload["scope"]))
        if all(each != control for each, _ in self._bans):
            self._end(f"ban_{control}")
        return []

    def _end(self, code: str) -> None:
        raise NotImplementedError
