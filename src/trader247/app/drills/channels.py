"""The way of alerts is down: an endpoint hangs, channels take nothing, or the operator's own fail.

Each channel of the operator's gets one message that says DRILL: a webhook that does not answer
shows here, and not on the night when it is needed.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from trader247.adapters.alerts import UNDELIVERABLE_SECONDS, AlertOutbox, Route
from trader247.adapters.channels import Channel, NotDelivered, WebHook
from trader247.adapters.clock import SystemClock
from trader247.app.drills import steps
from trader247.app.drills.drill import Account, Drill, Yard, span
from trader247.app.drills.ground import Ground, Story
from trader247.app.outside.telling import channels_of
from trader247.app.wiring.threads import background
from trader247.domain.errors import ConfigInvalid
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.people import AlertRaised
from trader247.domain.reasons import HaltName, Reason, Severity
from trader247.domain.time import MINUTE, SECOND, Instant

FIRST_MAX = 5 * SECOND
MAIL_MAX = 9 * SECOND
"""What handing over a whole mail may take; a web hook has its answer sooner."""
CYCLE_MAX = 2 * SECOND
"""Less than a channel's patience: whoever waited for it would take longer."""
_CODE = "drill"
_TEXT = "A drill: nothing happened. Next: trader247 drill --list"
_LAST_SECONDS = 6.0


def _act(yard: Yard, account: Account) -> None:
    _own(yard, account)
    _hanging(yard, account)
    _dead(yard, account)


def _own(yard: Yard, account: Account) -> None:
    """What the operator's own channels do with a message."""
    app, clock = yard.settings.app, SystemClock()
    account.claim(
        "alerts are on",
        app.are_alerts_enabled,
        "on" if app.are_alerts_enabled else "off: monitoring.alerts_enabled is false",
    )
    if app.email is not None and app.smtp_url is None:
        account.claim("your channel email takes a message", False, "monitoring.smtp_url is not set")
    try:
        channels = channels_of(app)
    except ConfigInvalid as error:
        account.claim("your channels can be used", False, str(error))
        return
    if not channels:
        account.unshown = (
            "no channel is set up (monitoring in app.yaml): alerts reach the log alone, nobody can "
            "be told of anything, and that a message arrives cannot be shown. LIVE lacks this drill"
        )
    for each in channels:
        began = clock.monotonic()
        failure = _delivered(each, clock.now())
        took = clock.monotonic() - began
        account.claim(
            f"your channel {each.name} takes a message",
            not failure and took <= MAIL_MAX,
            f"{failure or 'taken'}, {span(took)}",
        )


def _delivered(channel: Channel, now: Instant) -> str:
    """Why a channel did not take a message, or empty."""
    try:
        channel.deliver(title="DRILL (trader247)", body=_TEXT, key=f"drill-{now.us}")
    except NotDelivered as error:
        return str(error)
    return ""


def _hanging(yard: Yard, account: Account) -> None:
    """A real endpoint that takes the connection and never answers."""
    clock = SystemClock()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        hook = WebHook("hanging", f"http://127.0.0.1:{port}/", is_private_allowed=True)
        outbox = _outbox(hook, monotonic=lambda: clock.monotonic() / SECOND)
        finish = background(outbox.workers, name="drill-alerts")
        try:
            _hang(yard, account, outbox, server, clock)
        finally:
            outbox.close()
            finish(_LAST_SECONDS)


def _hang(
    yard: Yard, account: Account, outbox: AlertOutbox, server: socket.socket, clock: SystemClock
) -> None:
    ground = Ground(yard, "hanging", alerts=outbox)
    ground.start()
    taken: list[timedelta] = []
    raised: list[timedelta] = []
    took: list[timedelta] = []

    def accepted() -> bool:
        with suppress(BlockingIOError):
            server.accept()[0].close()
            taken.append(clock.monotonic())
        return bool(taken)

    def story() -> Story:
        yield from steps.minutes(ground, 2)
        raised.append(clock.monotonic())
        _raise(ground)
        began = clock.monotonic()
        for _ in range(10):
            yield
            took.append(clock.monotonic() - began)
            began = clock.monotonic()
            if not taken:
                accepted()

    ground.play(story())
    ground.stop()
    if not taken:
        clock.wait_until(clock.now() + FIRST_MAX, accepted)
    account.within(
        "an endpoint that hangs: the first attempt is made",
        taken[0] - raised[0] if taken else None,
        FIRST_MAX,
    )
    account.within("an endpoint that hangs: no cycle waits for it", max(took), CYCLE_MAX)


@dataclass(slots=True)
class _Broken:
    """A channel that takes nothing until it is mended."""

    name: str = "broken"
    is_mended: bool = False
    taken: list[str] = field(default_factory=list)

    def deliver(self, *, title: str, body: str, key: str) -> None:
        del title, key
        if not self.is_mended:
            raise NotDelivered("broken by the drill")
        self.taken.append(body)


def _dead(yard: Yard, account: Account) -> None:
    """No channel takes anything, for minutes of the exchange's time."""
    channel = _Broken()
    grounds: list[Ground] = []
    outbox = _outbox(
        channel,
        monotonic=lambda: grounds[0].now.us / 1e6 if grounds[0].is_started else 0.0,
    )
    ground = Ground(yard, "dead", alerts=outbox)
    grounds.append(ground)

    def pump() -> None:
        while outbox.attempt(0):
            pass

    ground.on_turn = pump
    ground.start()
    ground.play(_dead_story(ground, account, channel))
    ground.stop()


def _dead_story(ground: Ground, account: Account, channel: _Broken) -> Story:
    yield from steps.minutes(ground, 2)
    raised, reports = ground.now, len(ground.reports)
    _raise(ground)
    patience = UNDELIVERABLE_SECONDS * SECOND
    yield from steps.wishing(ground, int(patience / ground.interval) + 4)
    halt = ground.seen.first(HaltLatched, lambda each: each.name is HaltName.ALERTS)
    account.within(
        "nobody can be told of something critical: nothing more is bought",
        None if halt is None else halt.time - raised,
        patience + 3 * MINUTE,
    )
    since = ground.now if halt is None else halt.time
    yield from steps.wishing(ground, 3)
    sent = ground.seen.sent_entries(since)
    refused = ground.seen.refused(reports, Reason.TRADING_STATE)
    account.claim(
        "whatever the rules wish for",
        halt is not None and sent == 0 and refused > 0,
        f"{sent} sent, {refused} wishes refused",
    )
    channel.is_mended = True
    mended = ground.now
    yield from steps.minutes(ground, 5)
    ours = [
        recorded
        for recorded, event in ground.seen.recorded(AlertRaised)
        if event.code == _CODE and recorded.time <= mended
    ]
    told = [body for body in channel.taken if _TEXT in body]
    account.claim(
        "once the channel is mended it is told, and once",
        len(told) == 1,
        "told once" if len(told) == 1 else f"told {len(told)} times",
    )
    ground.seen.show(account, ours[0], halt)


def _raise(ground: Ground) -> None:
    ground.trader.ledger.record(AlertRaised(Severity.CRITICAL, _CODE, _TEXT))


def _outbox(channel: Channel, *, monotonic: Callable[[], float]) -> AlertOutbox:
    return AlertOutbox(
        [Route(channel)],
        title="drill",
        log=lambda _: None,
        post=lambda _: None,
        redacted=str,
        monotonic=monotonic,
    )


CHANNELS = (
    Drill(
        name="alert_channel",
        emergency="the channels of alerts hang, fail, or do not answer",
        proves=("monitoring.alerts_enabled", "monitoring.slack_webhook", "monitoring.urls"),
        act=_act,
    ),
)
