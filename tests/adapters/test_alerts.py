from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from trader247.adapters import alerts
from trader247.adapters.alerts import AlertOutbox
from trader247.adapters.channels import NotDelivered
from trader247.domain.reasons import Severity
from trader247.ports import Alert, Alerts, Delivery


@dataclass
class Scripted:
    """A channel that fails as often as it is told to."""

    name: str
    failures: int = 0
    taken: list[str] = field(default_factory=list)

    def deliver(self, *, title: str, body: str) -> None:
        if self.failures:
            self.failures -= 1
            raise NotDelivered("down, its key is hunter2")
        self.taken.append(f"{title}: {body}")


class Scene:
    """An outbox with a clock in the hand."""

    def __init__(self, *channels: Scripted) -> None:
        self.now = 1_000.0
        self.logged: list[Alert] = []
        self.posted: list[Delivery] = []
        self.outbox = AlertOutbox(
            channels,
            title="paper-sim",
            log=self.logged.append,
            post=self.posted.append,
            redacted=lambda text: text.replace("hunter2", "***"),
            monotonic=lambda: self.now,
        )

    def raise_(self, id: int = 1, *, code: str = "daily_stop") -> None:
        self.outbox.send(Alert(Severity.CRITICAL, code, f"text {id} hunter2", id))

    def work(self, *places: int) -> int:
        """Make all attempts that are due; how many."""
        count = 0
        for place in places:
            while self.outbox.attempt(place):
                count += 1
        return count


def test_it_is_the_port_that_the_engine_asks_for() -> None:
    port: Alerts = Scene().outbox

    port.send(Alert(Severity.INFO, "x", "y", 1))


def test_every_alert_is_logged_also_where_there_is_no_channel() -> None:
    scene = Scene()
    scene.raise_()

    assert [each.id for each in scene.logged] == [1]
    assert scene.outbox.waiting == 0
    assert scene.outbox.workers == ()


def test_the_first_channel_is_tried_at_once_and_the_result_posted() -> None:
    mail = Scripted("mail")
    scene = Scene(mail)
    scene.raise_()

    assert scene.work(0) == 1
    assert mail.taken == ["CRITICAL daily_stop (paper-sim): text 1 ***"]
    assert scene.posted == [Delivery(1, "mail", is_delivered=True, attempts=1, detail="")]
    assert scene.outbox.waiting == 0


def test_a_channel_that_is_down_is_tried_later_and_later_until_it_takes_the_alert() -> None:
    mail = Scripted("mail", failures=12)
    scene = Scene(mail)
    scene.raise_()

    waits = []
    while not mail.taken:
        before = scene.now
        while not scene.work(0):
            scene.now += 1
        waits.append(scene.now - before)

    assert waits == [0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert [each.attempts for each in scene.posted] == list(range(1, 14))
    assert [each.is_delivered for each in scene.posted] == [False] * 12 + [True]
    assert "hunter2" not in scene.posted[0].detail


def test_the_second_channel_joins_after_half_a_minute_without_a_delivery() -> None:
    mail, hook = Scripted("mail", failures=99), Scripted("hook")
    scene = Scene(mail, hook)
    scene.raise_()
    scene.work(0, 1)

    scene.now += 29
    scene.work(0, 1)
    assert hook.taken == []
    scene.now += 1
    scene.work(0, 1)

    assert len(hook.taken) == 1
    assert scene.outbox.waiting == 0


def test_the_second_channel_is_spared_what_the_first_delivered() -> None:
    mail, hook = Scripted("mail"), Scripted("hook")
    scene = Scene(mail, hook)
    scene.raise_()
    scene.work(0)
    scene.now += 100

    assert scene.work(0, 1) == 0
    assert hook.taken == []


@pytest.mark.parametrize("code", ["daily_stop:escalated", "test"])
def test_an_escalation_and_a_test_go_to_every_channel_at_once(code: str) -> None:
    mail, hook = Scripted("mail"), Scripted("hook", failures=1)
    scene = Scene(mail, hook)
    scene.raise_(code=code)
    scene.work(0, 1)
    scene.now += 2
    scene.work(0, 1)

    assert len(mail.taken) == len(hook.taken) == 1
    assert scene.outbox.waiting == 0


def test_alerts_that_wait_are_bounded_and_the_least_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alerts, "WAITING_MAX", 3)
    mail = Scripted("mail")
    scene = Scene(mail)
    for id, severity in enumerate([Severity.CRITICAL, Severity.INFO, *[Severity.WARNING] * 3], 1):
        scene.outbox.send(Alert(severity, "x", f"text {id}", id))
    scene.work(0)

    assert [each.alert for each in scene.posted[:2]] == [2, 3]
    assert [text[-1] for text in mail.taken] == ["1", "4", "5"]


def test_a_long_text_is_capped() -> None:
    mail = Scripted("mail")
    scene = Scene(mail)
    scene.outbox.send(Alert(Severity.INFO, "x", "y" * 100_000, 1))
    scene.work(0)

    assert len(mail.taken[0]) < alerts.BODY_MAX + 100


@pytest.mark.slow
def test_a_channel_that_hangs_holds_up_neither_the_trader_nor_another_channel() -> None:
    release, delivered = threading.Event(), threading.Event()

    class Hanging:
        name = "hanging"

        def deliver(self, *, title: str, body: str) -> None:
            release.wait(10)

    class Working:
        name = "working"

        def deliver(self, *, title: str, body: str) -> None:
            delivered.set()

    outbox = AlertOutbox(
        [Hanging(), Working()],
        title="x",
        log=lambda alert: None,
        post=lambda delivery: None,
        redacted=str,
        monotonic=lambda: 0.0,
    )
    threads = [threading.Thread(target=each) for each in outbox.workers]
    for thread in threads:
        thread.start()
    outbox.send(Alert(Severity.CRITICAL, "kill_switch:escalated", "x", 1))

    assert delivered.wait(5)
    release.set()
    outbox.close()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
