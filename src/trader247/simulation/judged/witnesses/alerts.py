"""What people were told."""

from __future__ import annotations

from collections import Counter

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.onlooker import Onlooker


class Alerts(Onlooker):
    """Each by its event."""

    def __init__(self) -> None:
        self.raised: Counter[str] = Counter()
        """How many, by severity."""
        self.digests = 0
        """How many days were told of."""
        self.unended = 0
        """How often people heard of orders that a stop may not have ended."""
        self.flipped = 0
        """How often they heard of a product that is not traded as usual any more."""
        self.untold: set[int] = set()
        """What a message that was not taken told of."""
        self.told_later: set[int] = set()
        """What of that was delivered after all."""

    def _see_alert(self, record: Record) -> None:
        if record["what"] == "tried" and record["code"] == "simulated":
            self.untold.add(record["id"])
        elif record["what"] == "delivered" and record["id"] in self.untold:
            self.told_later.add(record["id"])

    def _read_alert_raised(self, event: Record) -> None:
        payload = event["payload"]
        self.raised[payload["severity"].upper()] += 1
        self.digests += payload["code"] == "daily_digest"
        self.unended += payload["code"] == "orders_not_ended"
        self.flipped += payload["code"] == "product_flipped"
