"""The portfolio, and the only way in which it changes: record an event, then fold it."""

from __future__ import annotations

from trader247.core.alerts.digest import digest_for
from trader247.core.alerts.facts import alerts_for
from trader247.core.booking import fold
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import SubmissionSettled
from trader247.domain.events.people import AlertRaised
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant
from trader247.ports import Alert, Alerts, Clock, Journal

UNKEPT = 0
"""The number of an alert that no event of the journal has."""


class Ledger:
    """What the journal says, folded. Nobody else touches the portfolio.

    An event and the alert that it calls for are one transaction: a crash after a halt is latched
    cannot lose the message. Every alert recorded is handed over for delivery.
    """

    def __init__(
        self,
        *,
        journal: Journal,
        clock: Clock,
        alerts: Alerts,
        portfolio: Portfolio,
        passing: Passing = unwatched,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._alerts = alerts
        self._portfolio = portfolio
        self._passing = passing

    @property
    def portfolio(self) -> Portfolio:
        return self._portfolio

    def now(self) -> Instant:
        """The book's time, by which its events are dated."""
        return self._clock.now()

    def record(self, *events: AnyEvent) -> None:
        """Append `events` to the journal, all or none, then fold them.

        Folding is tried first, on values alone: an event that contradicts the ledger never
        reaches the disk.

        Raises:
            StorageError: the journal did not take them; the portfolio is unchanged.
            LedgerError: they contradict the ledger; nothing was written.
        """
        if not events:
            return
        now = self._clock.now()
        batch: list[AnyEvent] = []
        raised: list[tuple[int, AlertRaised]] = []
        after = self._portfolio
        for event in events:
            before = after
            recorded = Recorded(seq=before.seq + 1, time=now, event=event, hash="")
            after = fold(before, recorded)
            batch.append(event)
            if isinstance(event, AlertRaised):
                raised.append((after.seq, event))
            for alert in (alerts_for(recorded, before, after), digest_for(recorded, before)):
                if alert is None:
                    continue
                note = Recorded(seq=after.seq + 1, time=now, event=alert, hash="")
                after = fold(after, note)
                batch.append(alert)
                raised.append((note.seq, alert))
        written = self._journal.append(batch, now)
        assert written[-1].seq == after.seq, "journal and ledger count alike"
        open_before, self._portfolio = self._portfolio.open_alerts, after
        self._pass_by(events)
        for seq, alert in raised:
            self._alerts.send(Alert(alert.severity, alert.code, alert.text, seq))
        if after.open_alerts is not open_before:
            for code in open_before:
                if code not in after.open_alerts:
                    self._alerts.acknowledged(code)

    def tell_unkept(self, alert: AlertRaised) -> None:
        """Tell people of what the journal cannot keep any more, as this process ends.

        No later one can go on telling of it.
        """
        self._alerts.send(Alert(alert.severity, alert.code, alert.text, UNKEPT))

    def _pass_by(self, events: tuple[AnyEvent, ...]) -> None:
        for event in events:
            if isinstance(event, SubmissionSettled):
                self._passing(Milestone.OUTCOME_RECORDED)
            elif isinstance(event, HaltLatched):
                self._passing(Milestone.HALT_RECORDED)
