"""That each of several things which happen at once is told of by its own name."""

from __future__ import annotations

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import World


class Named(Promise):
    """What becomes a break, and what is banned, is told of in the same breath, by its own name: of
    two currencies that differ at once nobody may take the second for the first one again.
    """

    id = "I18"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._standing: set[tuple[str, str]] = set()
        self._unsaid: dict[tuple[str, str], str] = {}
        """By code and name, the words with which an alert of that code says the name."""

    def _stands(self, code: str, name: str, words: str) -> None:
        if (code, name) not in self._standing:
            self._standing.add((code, name))
            self._unsaid[code, name] = words

    def event_difference_found(self, payload: Told, _: Told) -> Wrong:
        if payload["is_break"]:
            self._stands("reconciliation_break", payload["key"], f" on {payload['key']}:")
        return []

    def event_difference_healed(self, payload: Told, _: Told) -> Wrong:
        self._standing.discard(("reconciliation_break", payload["key"]))
        return []

    def event_ban_latched(self, payload: Told, _: Told) -> Wrong:
        self._stands(f"ban_{payload['control']}", payload["scope"], f"{payload['scope']} is banned")
        return []

    def event_ban_cleared(self, payload: Told, _: Told) -> Wrong:
        self._standing.discard((f"ban_{payload['control']}", payload["scope"]))
        return []

    def event_alert_raised(self, payload: Told, _: Told) -> Wrong:
        self._unsaid = {
            (code, name): words
            for (code, name), words in self._unsaid.items()
            if code != payload["code"] or words not in payload["text"]
        }
        return []

    def on_journal(self, _: Told) -> Wrong:
        unsaid, self._unsaid = self._unsaid, {}
        return [f"{name} is a {code}, and no alert names it" for code, name in unsaid]
