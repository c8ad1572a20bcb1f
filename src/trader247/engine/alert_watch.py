"""Nobody buys while nobody can be told: what the way of alerts means for trading."""

from __future__ import annotations

from trader247.core.alerts.words import stake
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.people import AlertRaised
from trader247.domain.reasons import HaltName, Severity
from trader247.engine.ledger import Ledger
from trader247.ports import Alerts

STORM = "alert_storm"


class AlertWatch:
    """Asks the outbox how it does; it answers at once, whatever its channels do."""

    def __init__(self, *, ledger: Ledger, alerts: Alerts) -> None:
        self._ledger = ledger
        self._alerts = alerts

    def look(self) -> None:
        """Latch if something critical cannot be told; say that there is a storm.

        Raises:
            StorageError: the journal failed.
        """
        cause = self.standing_cause()
        if cause and HaltName.ALERTS not in self._ledger.portfolio.halts:
            self._ledger.record(HaltLatched(HaltName.ALERTS, cause))
        storm = self._alerts.take_storm()
        if storm:
            text = (
                f"{storm} {stake(self._ledger.portfolio)}. Trading goes on as each of them says. "
                "Next: trader247 alerts list"
            )
            self._ledger.record(AlertRaised(Severity.CRITICAL, STORM, text))

    def standing_cause(self) -> str:
        """Why nobody can be told, or empty."""
        return self._alerts.undeliverable()
