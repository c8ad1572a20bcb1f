"""What a cycle tells of requests that failed: those since the cycle before, and no others."""

from __future__ import annotations

from typing import ClassVar

from trader247.truth.paths import LISTING, ORDERS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.world import World


class Failures(Promise):
    """A cycle tells of no request that failed, of none that was refused for its rate, and of no row
    of failures, where every one since the cycle before was answered as it should be. What failed
    hours ago would else keep a breaker open for ever. A row goes on where nothing was asked.

    By what the exchange answered to one process. Of an order nobody here knows whether its answer
    was understood: where one left, nothing is asked.
    """

    id = "I23"
    of_reads, of_yeses = ("batch",), ()

    _WELL = 200
    _COUNTS: ClassVar = {
        "errors": "requests that failed",
        "rate_limited": "requests that were refused for their rate",
    }
    _ROW: ClassVar = {"errors_running": "failures running"}

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._is_well = False
        """Whether every request since the last whole cycle was answered well."""
        self._is_asked = False
        """Whether there was any: of orders, which each cycle asks for first."""

    def on_process(self, _: Told) -> Wrong:
        self._is_well = False
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._is_well = False
        return []

    def on_unsent(self, _: Told) -> Wrong:
        self._is_well = False
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["path"] == LISTING:
            self._is_asked = True
        if record["path"] == ORDERS:
            self._is_well = False
        return []

    def on_answer(self, record: Told) -> Wrong:
        is_well = record["status"] == self._WELL and record.get("is_legible", True)
        self._is_well = self._is_well and is_well
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        was_well, self._is_well = self._is_well, not self.world.requests
        was_asked, self._is_asked = self._is_asked, False
        if not was_well:
            return []
        counts = {**self._COUNTS, **self._ROW} if was_asked else self._COUNTS
        return [
            f"cycle {payload['cycle']} tells of {payload[key]} {what}, and none has failed"
            for key, what in counts.items()
            if payload.get(key)
        ]


class Owned(Promise):
    """A cycle tells of every request that the exchange answered with an error of its own since the
    cycle before: who does not count them buys on however often it fails.

    By what one process was answered. Maintenance, which has a word of its own, is none of those.
    """

    id = "I15"
    of_yeses = ()

    _ERRORS, _MAINTENANCE = 500, 503

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._failed: int | None = None
        """How many were since this process has told of them; None before its first whole cycle."""

    def on_process(self, _: Told) -> Wrong:
        self._failed = None
        return []

    def on_answer(self, record: Told) -> Wrong:
        status = record["status"]
        if self._failed is None or status is None or status < self._ERRORS:
            return []
        self._failed += status != self._MAINTENANCE
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY or "errors" not in payload:
            return []
        failed, self._failed = self._failed or 0, 0
        if payload["errors"] >= failed:
            return []
        return [f"cycle {payload['cycle']} tells of {payload['errors']} errors, {failed} were told"]
