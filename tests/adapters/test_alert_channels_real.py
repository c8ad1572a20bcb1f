"""Channels against real servers on this machine: in order, broken, slow, dripping and mute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from tests.adapters.loopback import Hook, Manner, Post, Server

from trader247.adapters import channels
from trader247.adapters.alerts import AlertOutbox, Route
from trader247.adapters.channels import Channel, Mail, NotDelivered, WebHook
from trader247.domain.reasons import Severity
from trader247.ports import Alert, Delivery

pytestmark = pytest.mark.slow


def hook(server: Server) -> Channel:
    return WebHook("slack", f"http://127.0.0.1:{server.port}/x?y=1", is_private_allowed=True)


def mail(server: Server) -> Channel:
    return Mail("email", f"smtp://127.0.0.1:{server.port}", "me@x.org", is_private_allowed=True)


Kind = tuple[type[Server], Callable[[Server], Channel]]
KINDS: list[Kind] = [(Hook, hook), (Post, mail)]


@pytest.fixture(params=KINDS, ids=["hook", "mail"])
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    found: list[Server] = []
    yield found
    for each in found:
        each.close()


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the real patience, so that a test of it takes no seconds."""
    monkeypatch.setattr(channels, "HOOK_SECONDS", 0.45)
    monkeypatch.setattr(channels, "MAIL_SECONDS", 0.8)
    monkeypatch.setattr(channels, "CONNECT_SECONDS", 0.3)


def test_the_patience_of_a_channel_lets_the_next_alert_begin_in_time() -> None:
    import importlib

    assert importlib.import_module("trader247.adapters.channels") is channels
    # The fixture has shortened them: ten times as long is the real patience.
    assert channels.HOOK_SECONDS * 10 <= 4.5
    assert channels.MAIL_SECONDS * 10 <= 8.0


@pytest.mark.parametrize("manner", ["broken", "reset", "drips", "mute"])
def test_who_does_not_take_it_in_time_has_not_taken_it(
    kind: Kind, manner: Manner, servers: list[Server]
) -> None:
    make, channel = kind
    servers.append(make(manner))
    began = time.monotonic()
    with pytest.raises(NotDelivered):
        channel(servers[0]).deliver(title="title", body="body", key="7")
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("manner", ["well", "slow"])
def test_a_message_arrives_with_a_key_that_stays_the_same(
    manner: Manner, servers: list[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "HOOK_SECONDS", 4.5)
    monkeypatch.setattr(channels, "MAIL_SECONDS", 8.0)
    servers += [Hook(manner), Post(manner)]
    for _ in range(2):
        hook(servers[0]).deliver(title="title", body="body", key="7")
        mail(servers[1]).deliver(title="title", body="body", key="7")
    assert servers[0].taken == ['{"text": "*title*\\nbody"}'] * 2
    ids = [
        line
        for text in servers[1].taken
        for line in text.splitlines()
        if line.startswith("Message-ID")
    ]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert "<7." in ids[0]


@contextmanager
def running(*routes: Channel) -> Iterator[tuple[AlertOutbox, list[tuple[float, Delivery]]]]:
    posted: list[tuple[float, Delivery]] = []
    outbox = AlertOutbox(
        [Route(each) for each in routes],
        title="paper-sim",
        log=lambda alert: None,
        post=lambda delivery: posted.append((time.monotonic(), delivery)),
        redacted=str,
        monotonic=time.monotonic,
    )
    threads = [threading.Thread(target=each) for each in outbox.workers]
    for thread in threads:
        thread.start()
    try:
        yield outbox, posted
    finally:
        outbox.close()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


def waited(is_so: Callable[[], bool], seconds: float = 5.0) -> float:
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        threading.Event().wait(0.01)
    return time.monotonic() - began


def test_handing_over_takes_no_time_and_attempts_begin_at_once_whatever_a_server_does(
    kind: Kind, servers: list[Server]
) -> None:
    make, channel = kind
    servers.append(make("mute"))
    with running(channel(servers[0])) as (outbox, posted):
        for id in range(1, 4):
            began = time.monotonic()
            outbox.send(Alert(Severity.CRITICAL, f"code{id}", f"text {id}", id))
            assert time.monotonic() - began < 0.05
            # Half of the real five seconds, at a tenth of the real patience.
            waited(lambda id=id: servers[0].connections >= id, 2.5)  # type: ignore[misc]
        waited(lambda: len({each.alert for _, each in posted}) == 3)
        assert not any(each.is_delivered for _, each in posted)


def test_what_waited_for_a_server_arrives_once_and_in_order_when_it_is_back(
    kind: Kind, servers: list[Server]
) -> None:
    make, channel = kind
    servers.append(make("reset"))
    with running(channel(servers[0])) as (outbox, posted):
        for id in range(1, 6):
            outbox.send(Alert(Severity.CRITICAL, f"code{id}", f"text {id}.", id))
        waited(lambda: len({each.alert for _, each in posted}) == 5)
        servers[0].manner = "well"
        waited(lambda: outbox.waiting == 0, 10)
    found = "".join(servers[0].taken)
    assert [found.count(f"text {id}.") for id in range(1, 6)] == [1] * 5
    assert sorted(range(1, 6), key=lambda id: found.index(f"text {id}.")) == [1, 2, 3, 4, 5]
    assert sorted(each.alert for _, each in posted if each.is_delivered) == [1, 2, 3, 4, 5]


def test_a_mute_hook_holds_up_no_mail(servers: list[Server]) -> None:
    servers += [Hook("mute"), Post("well")]
    with running(hook(servers[0]), mail(servers[1])) as (outbox, _):
        outbox.send(Alert(Severity.CRITICAL, "daily_stop:escalated", "text", 1))
        assert waited(lambda: servers[1].taken != []) < 2
