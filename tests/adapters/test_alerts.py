from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field

import pytest

from trader247.adapters import alerts
from trader247.adapters.alert_waiting import BODY_MAX
from trader247.adapters.alerts import AlertOutbox, Route, Unfinished
from trader247.adapters.channels import NotDelivered
from trader247.domain.reasons import Severity
from trader247.ports import Alert, Alerts, Delivery


@dataclass
class Scripted:
    """A channel that fails as often as it is told to."""

    name: str
    failures: int = 0
    taken: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def deliver(self, *, title: str, body: str, key: str) -> None:
        self.keys.append(key)
        if self.failures:
            self.failures -= 1
            raise NotDelivered("down, its key is hunter2")
        self.taken.append(f"{title}: {body}")


class Scene:
    """An outbox with a clock in the hand."""

    def __init__(self, *channels: Scripted, least: tuple[Severity, ...] = ()) -> None:
        self.now = 1_000.0
        self.is_quiet = False
        self.logged: list[Alert] = []
        self.posted: list[Delivery] = []
        self.outbox = AlertOutbox(
            [
                Route(each, least[place] if least else Severity.INFO)
                for place, each in enumerate(channels)
            ],
            title="paper-sim",
            log=self.logged.append,
            post=self.posted.append,
            redacted=lambda text: text.replace("hunter2", "***"),
            monotonic=lambda: self.now,
            is_quiet=lambda: self.is_quiet,
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


def test_the_same_message_has_one_key_and_no_other_has_it() -> None:
    """Who has seen a key drops what comes with it once more."""
    mail = Scripted("mail", failures=1)
    scene = Scene(mail)
    scene.raise_()
    scene.work(0)
    scene.now += 2
    scene.work(0)
    assert mail.keys == [mail.keys[0]] * 2, "tried again"
    later = Scene(mail)
    later.outbox.resume(Unfinished(scene.logged[0], 10.0))
    later.work(0)
    assert mail.keys == [mail.keys[0]] * 3, "by another process"

    scene.now += 301
    scene.work(0)
    assert mail.taken[-1].startswith("CRITICAL daily_stop (paper-sim): Again, not acknowledged")
    back = Scene(mail)
    back.outbox.send(Alert(Severity.CRITICAL, "daily_stop", "after going back to a backup", 1))
    back.work(0)
    assert len(set(mail.keys)) == 3, "a repetition, and an id that is given again"


def test_a_repetition_by_another_process_has_a_key_of_its_own() -> None:
    """It says for how long nobody acknowledged the alert, and not since when it was repeated."""
    mail, alert = Scripted("mail"), Alert(Severity.CRITICAL, "daily_stop", "the fact", 1)
    for raised in (10, 320):
        scene = Scene(mail)
        scene.outbox.remember(alert, told_seconds_ago=10, raised_seconds_ago=raised)
        scene.now += 290
        scene.work(0)
    assert [each.partition(", ")[2].partition(":")[0] for each in mail.taken] == [
        "not acknowledged for 5 min",
        "not acknowledged for 10 min",
    ]
    assert len(set(mail.keys)) == 2


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
    tried = [each for each in scene.posted if each.channel == "mail"]
    assert [each.attempts for each in tried] == list(range(1, 14))
    assert [each.is_delivered for each in tried] == [False] * 12 + [True]
    assert "hunter2" not in tried[0].detail


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
        scene.outbox.send(Alert(severity, f"x{id}", f"text {id}", id))
    scene.work(0)

    assert [each.alert for each in scene.posted[:2]] == [2, 3]
    assert [text[-1] for text in mail.taken] == ["1", "4", "5"]


def test_a_long_text_is_capped() -> None:
    mail = Scripted("mail")
    scene = Scene(mail)
    scene.outbox.send(Alert(Severity.INFO, "x", "y" * 100_000, 1))
    scene.work(0)

    assert len(mail.taken[0]) < BODY_MAX + 100


@pytest.mark.slow
def test_a_channel_that_hangs_holds_up_neither_the_trader_nor_another_channel() -> None:
    release, delivered = threading.Event(), threading.Event()

    class Hanging:
        name = "hanging"

        def deliver(self, *, title: str, body: str, key: str) -> None:
            release.wait(10)

    class Working:
        name = "working"

        def deliver(self, *, title: str, body: str, key: str) -> None:
            delivered.set()

    outbox = AlertOutbox(
        [Route(Hanging()), Route(Working())],
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


def texts(channel: Scripted) -> list[str]:
    return [id for body in channel.taken for id in re.findall(r"text \d+", body)]


def test_after_ten_minutes_down_all_were_delivered_once_and_in_order() -> None:
    hook = Scripted("hook", failures=10_000)
    scene = Scene(hook)
    for second in range(600):
        scene.now += 1
        if second % 20 == 0:
            scene.outbox.send(Alert(Severity.INFO, f"code{second}", f"text {second}", second + 1))
        scene.work(0)
    assert scene.outbox.waiting == 20, "twenty notes an hour, the rest is folded"
    hook.failures = 0
    for _ in range(1_200):
        scene.now += 1
        scene.work(0)

    assert texts(hook) == [f"text {second}" for second in range(0, 400, 20)]
    assert hook.taken[-1].startswith("INFO folded")
    assert scene.outbox.waiting == 0
    assert len({each.alert for each in scene.posted if each.is_delivered}) == 30


def test_a_new_alert_is_tried_at_once_while_the_channel_is_down() -> None:
    hook = Scripted("hook", failures=99)
    scene = Scene(hook)
    scene.raise_(1)
    for _ in range(600):
        scene.now += 1
        scene.work(0)
    scene.raise_(2, code="drawdown")
    scene.now += 1

    assert scene.work(0) == 1
    assert [each.alert for each in scene.posted if each.channel == "hook"][-2:] == [1, 2]


def test_what_is_new_is_tried_at_once_though_a_whole_message_of_older_ones_waits() -> None:
    mail = Scripted("mail", failures=10**6)
    scene = Scene(mail)
    for id in range(1, 21):
        scene.outbox.send(Alert(Severity.CRITICAL, f"code_{id}", "text " * 100, id))
        scene.work(0)
        scene.now += 1
    scene.now += 60
    scene.work(0)
    attempts = mail.failures

    scene.raise_(30)
    for _ in range(8):
        scene.now += 0.25
        scene.work(0)

    first = next(each for each in scene.posted if each.alert == 30)
    assert (first.channel, first.is_delivered, first.detail) == ("outbox", False, "not at once")
    assert attempts - mail.failures == 1, "and it asks a channel that is down no more for that"
    mail.failures = 0
    scene.now += 300
    scene.work(0)
    assert scene.outbox.waiting == 0


def test_an_outage_of_more_than_five_minutes_is_told_to_the_loop() -> None:
    hook, mail = Scripted("hook", failures=99), Scripted("mail", failures=99)
    scene = Scene(hook, mail)
    scene.outbox.send(Alert(Severity.WARNING, "x", "y", 1))
    scene.now += 1_000
    assert scene.outbox.undeliverable() == "", "a warning may wait"
    scene.raise_(2)
    scene.now += 300
    scene.work(0, 1)
    assert scene.outbox.undeliverable() == ""
    scene.now += 1
    assert "daily_stop for 5 min" in scene.outbox.undeliverable()
    mail.failures = 0
    scene.now += 300
    scene.work(0, 1)
    assert scene.outbox.undeliverable() == ""


def test_what_one_channel_took_is_no_outage_though_another_is_down() -> None:
    hook, mail = Scripted("hook"), Scripted("mail", failures=99)
    scene = Scene(hook, mail)
    scene.raise_(code="daily_stop:escalated")
    scene.work(0, 1)
    scene.now += 1_000
    assert scene.outbox.waiting == 1, "it is for every channel"
    assert scene.outbox.undeliverable() == ""


def test_an_outage_goes_on_across_processes() -> None:
    scene = Scene(Scripted("hook", failures=99))
    alert = Alert(Severity.CRITICAL, "daily_stop", "text", 1)
    scene.outbox.resume(Unfinished(alert, failing_seconds=301))
    assert "daily_stop" in scene.outbox.undeliverable()


def test_what_a_person_knows_is_no_longer_sent() -> None:
    hook = Scripted("hook", failures=1)
    scene = Scene(hook)
    scene.raise_(1)
    scene.work(0)
    scene.outbox.acknowledged("daily_stop")
    scene.now += 10_000
    scene.work(0)

    assert hook.taken == []
    assert scene.posted[-1] == Delivery(1, "acknowledged", True, 0, "known before")
    assert scene.outbox.undeliverable() == ""


def test_a_repetition_waits_for_the_first_telling_and_reaches_every_channel() -> None:
    hook, mail = Scripted("hook"), Scripted("mail", failures=4)
    scene = Scene(hook, mail)
    scene.raise_(1)
    for _ in range(301):
        scene.now += 1
        scene.work(0, 1)
    assert len(hook.taken) == 2
    assert "Again" in hook.taken[1]
    for _ in range(1_000):
        scene.now += 1
        scene.work(0, 1)
    assert len(hook.taken) == 5
    assert all("Again" in each for each in mail.taken)
    assert scene.outbox.waiting == 0


def test_a_channel_gets_what_it_is_for() -> None:
    hook, mail = Scripted("hook"), Scripted("mail")
    scene = Scene(hook, mail, least=(Severity.CRITICAL, Severity.WARNING))
    for id, severity in enumerate(Severity, 1):
        scene.outbox.send(Alert(severity, "x", f"text {id}", id))
    scene.now += 40
    scene.work(0, 1)
    assert texts(hook) == ["text 3"]
    assert texts(mail) == ["text 2"]
    assert len(scene.logged) == 3
    scene.outbox.send(Alert(Severity.INFO, "test", "text 4", 4))
    scene.work(0, 1)
    assert texts(hook)[-1] == texts(mail)[-1] == "text 4"


def test_quiet_hours_hold_back_all_but_what_is_critical() -> None:
    hook = Scripted("hook")
    scene = Scene(hook)
    scene.is_quiet = True
    scene.outbox.send(Alert(Severity.WARNING, "x", "text 1", 1))
    scene.raise_(2)
    scene.work(0)
    assert texts(hook) == ["text 2"]
    assert scene.posted[0] == Delivery(1, "outbox", False, 0, "waits: quiet hours")
    scene.outbox.send(Alert(Severity.INFO, "test", "text 3", 3))
    scene.work(0)
    assert texts(hook) == ["text 2", "text 3"], "whoever tests a channel wants to see it now"
    scene.is_quiet = False
    scene.work(0)
    assert texts(hook) == ["text 2", "text 3", "text 1"]


def test_one_process_that_resumes_does_not_wait_for_the_second_channel() -> None:
    hook, mail = Scripted("hook", failures=1), Scripted("mail")
    scene = Scene(hook, mail)
    scene.outbox.resume(Unfinished(Alert(Severity.INFO, "x", "text 1", 1), 5))
    scene.work(0, 1)
    assert mail.taken != []
    assert scene.outbox.waiting == 0


def test_what_is_folded_counts_as_told_once_its_digest_is() -> None:
    hook = Scripted("hook")
    scene = Scene(hook)
    for id in (1, 2, 3):
        scene.outbox.send(Alert(Severity.WARNING, "x", f"text {id}", id))
        scene.work(0)
    hook.failures = 1
    folded = [each for each in scene.posted if each.channel == "folded"]
    assert [(each.alert, each.is_delivered) for each in folded] == [(2, False), (3, False)]

    scene.now += 600
    scene.work(0)
    vain = [each for each in scene.posted if each.channel == "outbox" and each.alert in (2, 3)]
    assert {each.alert for each in vain} == {2, 3}, "its time counts from here"
    scene.now += 2
    scene.work(0)
    told = [each.alert for each in scene.posted if each.channel == "folded" and each.is_delivered]
    assert told == [2, 3]
    assert "2 x WARNING x" in hook.taken[-1]


def test_what_is_critical_waits_for_no_digest() -> None:
    scene = Scene(Scripted("hook"))
    scene.raise_(1)
    scene.raise_(2)
    news = [Delivery(2, "folded", True, 0, "told of in a repetition")]
    assert scene.posted == news, "which goes on until a person knows, across processes"


def test_an_earlier_process_digest_is_sent_when_it_would_have_been() -> None:
    hook = Scripted("hook")
    scene = Scene(hook)
    for id, seconds in ((7, 400.0), (9, 100.0)):
        alert = Alert(Severity.WARNING, "x", f"text {id}", id)
        scene.outbox.fold_again(Unfinished(alert, failing_seconds=seconds))
    scene.now += 199
    assert scene.work(0) == 0
    scene.now += 1
    assert scene.work(0) == 1
    assert "Folded within 10 min: 2 x WARNING x" in hook.taken[0]
    assert [each.alert for each in scene.posted if each.channel == "folded"] == [7, 9]


def test_workers_that_hang_are_noticed() -> None:
    scene = Scene(Scripted("hook"))
    assert scene.outbox.are_workers_alive(45)
    for worker in scene.outbox.workers:
        scene.outbox.close()
        worker()
    scene.now += 45
    assert scene.outbox.are_workers_alive(45)
    scene.now += 1
    assert not scene.outbox.are_workers_alive(45)


def test_what_is_new_is_tried_before_the_process_ends_and_kept_if_it_cannot_be() -> None:
    hook = Scripted("hook", failures=99)
    scene = Scene(hook)
    scene.raise_(1)
    scene.work(0)
    scene.raise_(2, code="drawdown")
    assert scene.work(0) == 0, "it pauses between two attempts"
    scene.outbox.close()
    assert scene.posted[-1] == Delivery(2, "outbox", False, 0, "not yet tried")
    for worker in scene.outbox.workers:
        worker()
    assert Delivery(2, "hook", False, 1, "down, its key is ***") in scene.posted
