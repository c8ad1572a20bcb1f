"""How a run has gone so far: its time, its processes and their cycles."""

from __future__ import annotations

import json
from collections import Counter

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.onlooker import Onlooker

_UNSEEN = ("no_quote", "stale_quote", "crossed_quote")


class Course(Onlooker):
    """Of a run."""

    def __init__(self) -> None:
        self.now_us = 0
        """When the last thing happened, whatever it was."""
        self.is_up = False
        self.is_blind = self.is_between = False
        """Whether the last cycle saw no market, and whether it judged exits alone."""
        self.restarts = 0
        self.cycles = 0
        self.blind_cycles = 0
        self.short_of_room = 0
        """Cycles that bought nothing for want of room on the disk."""
        self.words: Counter[str] = Counter()
        """What cycles said of products, by how often."""
        self.secrets = 0
        self.journal_bytes = 0
        self.working_max = 0
        self._begun_us = 0

    @property
    def minutes(self) -> int:
        """How long it has gone on."""
        return (self.now_us - self._begun_us) // 60_000_000

    def _see_begun(self, record: Record) -> None:
        self._begun_us = record["at_us"]
        self.secrets = len(record["secrets"])

    def _see_process(self, record: Record) -> None:
        what = record["what"]
        self.is_up = what in ("started", "recovered")
        self.restarts += what in ("died", "power", "failed")

    def _see_folded(self, record: Record) -> None:
        self.working_max = max(self.working_max, len(record["portfolio"]["working"]))

    def _see_journal(self, record: Record) -> None:
        self.journal_bytes += sum(len(json.dumps(event)) for event in record["events"])

    def _read_cycle_decided(self, event: Record) -> None:
        payload = event["payload"]
        self.cycles += 1
        self.is_between = payload["regime"] == "exits"
        words = [each["reason"] for each in payload["endings"].values()]
        self.words.update(words)
        self.is_blind = bool(words) and all(each in _UNSEEN for each in words)
        self.blind_cycles += self.is_blind
        self.short_of_room += "disk" in payload.get("tripped", ())
