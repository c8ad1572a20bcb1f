"""What is kept for whoever comes when the trader cannot answer, and that it goes on at all."""

from __future__ import annotations

from trader247.truth.paths import ORDERS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US, instant_us
from trader247.truth.world import World


class LastSend(Promise):
    """When the last order left is in the trader's folder before its first byte does: whoever raises
    the switch without the trader waits that long until a listing proves anything.

    By the file itself: its time is that of the order's record, or at most five seconds later. One
    stands there still once the next process has begun, but after a power cut: a moment is written
    in the way of an order, and not synced.
    """

    id = "I2"

    _LATER_US = 5 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._recorded: tuple[str, int] = "", 0
        """Which order was recorded last, and when by the trader's clock."""
        self._kept: str | None = None
        """What the folder said as the last order left, while nothing may have lost that."""

    def on_process(self, record: Told) -> Wrong:
        if record["what"] == "power":
            self._kept = None
        # One that was kept back at last was kept too: it may say another moment, and not none.
        if self._kept is None or record.get("kept", self._kept) is not None:
            return []
        said, self._kept = self._kept, None
        return [f"the last order left at {said}, and who begins then says that none ever did"]

    def event_intent_recorded(self, payload: Told, event: Told) -> Wrong:
        self._recorded = payload["intent"]["client_order_id"], instant_us(event["time"])
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != ORDERS or "kept" not in record:
            return []
        name, kept = self.world.requests[record["id"]]["name"], record["kept"]
        self._kept = kept
        recorded, at_us = self._recorded
        if name != recorded:
            return []  # what left unrecorded is another promise's
        if kept is not None and 0 <= instant_us(kept) - at_us <= self._LATER_US:
            return []
        return [f"{name} leaves, and the folder says that the last order left at {kept}"]


class SwitchLasts(Promise):
    """A switch that the command raised outlives a power cut: its file and its name are synced."""

    id = "I10"

    def on_kill(self, record: Told) -> Wrong:
        if not record["is_on"] or record.get("is_synced", True):
            return []
        return ["the switch was raised, and a power cut may take it back"]


class RestoredLasts(Promise):
    """A journal that somebody went back to outlives a power cut under its name: the one that it
    replaced has lost its log by then.
    """

    id = "I10"

    def on_restored(self, record: Told) -> Wrong:
        if record.get("is_synced", True):
            return []
        return ["a backup took the journal's place, and a power cut may take it back"]


class GoesOn(Promise):
    """No process goes round for ever in one moment, in which it answers nobody and ends nothing."""

    id = "I23"

    def on_stuck(self, _: Told) -> Wrong:
        return ["it waits again and again for what is past, and no time passes"]
