"""Telling people: everything to the log, alerts to their channels too, each off this thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from trader247.adapters import logs
from trader247.adapters.alerts import AlertOutbox, Route, Unfinished
from trader247.adapters.channels import AppriseAddress, Channel, ChannelRefused, Mail, WebHook
from trader247.adapters.inbox import FileInbox
from trader247.adapters.outbound_ping import PingTarget
from trader247.adapters.redaction import Redactor
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.app.books.places import Places
from trader247.app.settings.app_file import AppSettings
from trader247.app.settings.secrets import Secret
from trader247.app.wiring.world import MACHINE, World
from trader247.domain.errors import ConfigInvalid
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity
from trader247.domain.reports import CycleReport
from trader247.domain.time import HOUR, Instant
from trader247.ports import Alert, Delivery

T = TypeVar("T")

_LEVELS = {
    Severity.INFO: logging.INFO,
    Severity.WARNING: logging.WARNING,
    Severity.CRITICAL: logging.CRITICAL,
}
_LAST_TRIES_SECONDS = 5.0
"""How long the channels may take for what is due when the process ends."""


class Telling:
    """The Alerts port of a process that holds a book. Make it, then `close` it."""

    def __init__(
        self, settings: AppSettings, places: Places, inbox: FileInbox, world: World | None = None
    ) -> None:
        """Open the log, and start a worker for each channel of the `world`: the machine's, if None.

        Raises:
            ConfigInvalid: an address that is configured cannot be used.
            StorageError, UnsafePermission: the log's folder cannot be used.
        """
        redactor = Redactor()
        for secret in secrets_of(settings):
            redactor.register(secret.reveal())
        world = MACHINE if world is None else world
        self._wall = world.clock.now
        logs.setup(places.data, redactor, screen_level=_screen_level(world))
        self._inbox = inbox
        self._world = world
        self._log = logging.getLogger("trader247")
        self._outbox = AlertOutbox(
            routes_of(settings) if world.routes is None else world.routes,
            title=places.book,
            log=self._logged,
            post=self._post,
            redacted=redactor.redacted,
            monotonic=lambda: world.clock.monotonic().total_seconds(),
            is_quiet=lambda: is_quiet_at(settings, self._wall()),
        )
        self._finish = world.delivering(self._outbox)

    def send(self, alert: Alert) -> None:
        """Log an alert and queue it for the channels; never waits."""
        self._world.on_alert(alert)
        self._outbox.send(alert)

    def acknowledged(self, code: str) -> None:
        """Tell nobody again of the critical alerts of a code."""
        self._outbox.acknowledged(code)

    def undeliverable(self) -> str:
        """Why nobody can be told of something critical, if for too long; else empty."""
        return self._outbox.undeliverable()

    def take_storm(self) -> str:
        """That there are too many warnings to tell each, once; else empty."""
        return self._outbox.take_storm()

    def resume(self, journal: SqliteJournal, portfolio: Portfolio) -> None:
        """Go on where an earlier process ended: with what it could not deliver, and with what
        nobody has acknowledged.

        Without a channel the log had it all: said again, a stop that ended long ago would look as
        if it stood.

        Raises:
            StorageError: the journal cannot be read.
        """
        if not self._outbox.has_channels:
            return
        waiting = journal.undelivered()
        open_ids = {id for each in portfolio.open_alerts.values() for id in each.ids}
        latest = {each.ids[-1]: each for each in portfolio.open_alerts.values()}
        tried = journal.delivery_times(
            [*(each.id for each in (*waiting.single, *waiting.folded)), *latest]
        )
        now = self._wall()

        def unfinished(alert: Alert) -> Unfinished:
            failed, _ = tried.get(alert.id, (None, None))
            return Unfinished(alert, 0.0 if failed is None else _seconds(failed, now))

        for alert in waiting.folded:
            self._outbox.fold_again(unfinished(alert))
        for alert in waiting.single:
            if alert.severity is Severity.CRITICAL and alert.id not in open_ids:
                # A person has cleared or acknowledged it meanwhile.
                self._post(Delivery(alert.id, "acknowledged", True, 0, "known before"))
                continue
            self._outbox.resume(unfinished(alert))
        for id, each in latest.items():
            _, told = tried.get(id, (None, None))
            ago = 0.0 if told is None else _seconds(told, now)
            alert = Alert(Severity.CRITICAL, each.code, each.text, id)
            self._outbox.remember(
                alert, told_seconds_ago=ago, raised_seconds_ago=_seconds(each.since, now)
            )

    def are_workers_alive(self, within: float) -> bool:
        """Whether each channel's workers have turned round in that many seconds."""
        return self._outbox.are_workers_alive(within)

    def cycle(self, report: CycleReport) -> None:
        """Log a cycle."""
        equity = "unknown" if report.equity is None else f"{report.equity.value:.2f}"
        self._log.info(
            "cycle=%d market_time=%s state=%s equity=%s orders=%d %s",
            report.cycle,
            report.time,
            report.trading_state.value,
            equity,
            report.orders_sent,
            report.collected.sentence(report.portfolio.quote_currency),
        )

    def close(self) -> None:
        """Try once more what is due, then let the channels and the log go."""
        self._outbox.close()
        self._finish(_LAST_TRIES_SECONDS)
        logs.close()

    def _post(self, delivery: Delivery) -> None:
        self._world.on_delivery(delivery)
        self._inbox.post_delivery(delivery)

    def _logged(self, alert: Alert) -> None:
        self._log.log(
            _LEVELS[alert.severity],
            "alert=%s %s",
            alert.code,
            alert.text,
            extra={"said": alert.text},
        )


def _seconds(since: Instant, now: Instant) -> float:
    """What has passed since then; 0 where the machine's clock was put back meanwhile."""
    return max(0.0, (now - since).total_seconds())


def _screen_level(world: World) -> int:
    return logging.CRITICAL + 1 if world.is_screen_silent else logging.WARNING


def is_quiet_at(settings: AppSettings, now: Instant) -> bool:
    """Whether `now` lies in the quiet hours, which may go over midnight."""
    hour = (now - now.day_start) // HOUR
    begin, end = settings.quiet_from, settings.quiet_until
    return begin <= hour < end if begin <= end else hour >= begin or hour < end


def ping_target(settings: AppSettings) -> PingTarget | None:
    """Where to say that all is well, or None.

    Raises:
        ConfigInvalid: the address cannot be used.
    """
    if settings.heartbeat_url is None:
        return None
    url = settings.heartbeat_url.reveal()
    return _made(
        "monitoring.heartbeat_url", lambda: PingTarget(url, settings.may_alert_private_hosts)
    )


def routes_of(settings: AppSettings) -> tuple[Route, ...]:
    """The configured channels, each with the least severity that it is for."""
    least = {"slack": settings.slack_least, "email": settings.email_least}
    return tuple(
        Route(channel, least.get(channel.name, settings.urls_least))
        for channel in channels_of(settings)
    )


def channels_of(settings: AppSettings) -> tuple[Channel, ...]:
    """The configured ways to reach a person, the first one first; none if alerts are off.

    Raises:
        ConfigInvalid: an address cannot be used; it says which setting, never the address.
    """
    if not settings.are_alerts_enabled:
        return ()
    private = settings.may_alert_private_hosts
    found: list[Channel] = []
    if settings.slack_webhook is not None:
        url = settings.slack_webhook.reveal()
        found.append(_made("monitoring.slack_webhook", lambda: WebHook("slack", url, private)))
    if settings.email is not None and settings.smtp_url is not None:
        server, to = settings.smtp_url.reveal(), settings.email.reveal()
        found.append(_made("monitoring.smtp_url", lambda: Mail("email", server, to, private)))
    for number, secret in enumerate(settings.alert_urls):
        if secret is not None:
            found.append(_further(number, secret, is_private_allowed=private))
    return tuple(found)


def _further(number: int, secret: Secret, *, is_private_allowed: bool) -> Channel:
    url = secret.reveal()

    def made() -> Channel:
        try:
            scheme = urlsplit(url).scheme
        except ValueError:
            raise ChannelRefused("it is no address") from None
        return AppriseAddress(f"{scheme}-{number + 1}", url, is_private_allowed)

    return _made(f"monitoring.urls[{number}]", made)


def _made(key: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except ChannelRefused as error:
        raise ConfigInvalid(
            f"{key} cannot be used: {error}", hint="mend the variable that it names, or remove it"
        ) from error


def secrets_of(settings: AppSettings) -> tuple[Secret, ...]:
    """Every secret that the settings name."""
    single = (
        settings.slack_webhook,
        settings.email,
        settings.smtp_url,
        settings.heartbeat_url,
        *settings.alert_urls,
    )
    return tuple(each for each in single if each is not None)
