"""Telling people: alerts and each cycle's line go to the log, and alerts to their channels."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

from trader247.adapters.inbox import FileInbox
from trader247.app.places import Places
from trader247.app.settings.load import Settings
from trader247.domain.reasons import Severity
from trader247.domain.reports import CycleReport
from trader247.ports import Alert

_LEVELS = {
    Severity.INFO: logging.INFO,
    Severity.WARNING: logging.WARNING,
    Severity.CRITICAL: logging.CRITICAL,
}


class Telling:
    """The Alerts port of a trading process; a context in which the log is open."""

    def __init__(self, settings: Settings, places: Places, inbox: FileInbox) -> None:
        self._settings = settings
        self._places = places
        self._inbox = inbox
        self._log = logging.getLogger("trader247")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is open yet."""

    def send(self, alert: Alert) -> None:
        """Log an alert."""
        self._log.log(_LEVELS[alert.severity], "alert code=%s %s", alert.code, alert.text)

    def cycle(self, report: CycleReport) -> None:
        """Log a cycle."""
        self._log.info("cycle=%d %s", report.cycle, report.collected.sentence)
