"""What a new process tells people of what an earlier one could not deliver."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.adapters.loopback import Hook

from trader247.adapters.alerts import FOLDED
from trader247.adapters.inbox import FileInbox
from trader247.adapters.sqlite import beside
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.outside.telling import Telling, channels_of, is_quiet_at, ping_target, routes_of
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.secrets import Secret
from trader247.app.wall import wall_clock
from trader247.domain.errors import ConfigInvalid
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.people import AlertRaised, AlertsAcknowledged
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.reasons import Severity
from trader247.domain.time import Instant
from trader247.engine.startup import folded
from trader247.ports import Alert, Delivery

OPENED = JournalOpened("paper-sim", "sim:1", "USD")
OLD = AlertRaised(Severity.CRITICAL, "kill_switch", "KILL SWITCH ACTIVATED: long ago")
NOTE = AlertRaised(Severity.INFO, "armed", "long ago too")
NOBODY = "http://127.0.0.1:9/hook"
"""Where no channel answers."""


def journal_in(folder: Path) -> SqliteJournal:
    return SqliteJournal.open(
        folder / "paper-sim.db", clock_wall=wall_clock, genesis="0" * 64, install_id="abcdef"
    )


def after_a_crash(folder: Path, *events: AnyEvent) -> Sequence[Delivery]:
    """What becomes of alerts in the process after the one that raised them, and died."""
    data, config = folder / "data", folder / "config"
    data.mkdir(mode=0o700, exist_ok=True)
    if not config.exists():
        shutil.copytree(SHIPPED, config)
        app = config / "app.yaml"
        app.write_text(app.read_text().replace("private_hosts: false", "private_hosts: true"))
        journal = journal_in(data)
        journal.append([OPENED, *events], wall_clock())
        journal.close(is_clean=False)
    inbox = FileInbox(data)
    telling = Telling(load_settings(config).app, Places(data, Mode.PAPER, VenueName.SIM), inbox)
    with journal_in(data) as journal:
        telling.resume(journal, folded(journal))
        telling.close()
        found = inbox.deliveries()
        journal.record_deliveries(found)
    return found


def test_what_the_log_alone_was_told_is_not_said_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLACK_WEBHOOK_URL", raising=False)
    assert after_a_crash(tmp_path, OLD, NOTE) == []


def test_what_no_channel_took_is_tried_again_and_known_to_fail_since_the_first_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", NOBODY)
    tried = {each.alert for each in after_a_crash(tmp_path, OLD, NOTE) if each.channel == "slack"}
    assert tried == {2, 3}
    with journal_in(tmp_path / "data") as journal:
        first = journal.delivery_times([2, 3, 4])
    assert set(first) == {2, 3}
    again = after_a_crash(tmp_path)
    assert {each.alert for each in again if not each.is_delivered} == {2, 3}
    with journal_in(tmp_path / "data") as journal:
        assert journal.delivery_times([2, 3]) == first


def in_a_process(folder: Path, *raised: AlertRaised) -> list[tuple[int, str]]:
    """What became of each alert of a book once a process has raised these, and ended in order."""
    data, config = folder / "data", folder / "config"
    if not config.exists():
        data.mkdir(mode=0o700)
        shutil.copytree(SHIPPED, config)
        app = config / "app.yaml"
        app.write_text(app.read_text().replace("private_hosts: false", "private_hosts: true"))
        with journal_in(data) as journal:
            journal.append([OPENED], wall_clock())
    inbox = FileInbox(data)
    telling = Telling(load_settings(config).app, Places(data, Mode.PAPER, VenueName.SIM), inbox)
    with journal_in(data) as journal:
        telling.resume(journal, folded(journal))
        for each in raised:
            (recorded,) = journal.append([each], wall_clock())
            telling.send(Alert(each.severity, each.code, each.text, recorded.seq))
        telling.close()
        journal.record_deliveries(inbox.deliveries())
    with JournalReader.open(data / "paper-sim.db") as reader:
        return [(each.id, each.state) for each in reader.alerts()]


def test_what_was_folded_and_not_told_of_is_in_one_digest_of_the_next_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", NOBODY)
    often = [AlertRaised(Severity.WARNING, "venue_break", f"time {each}") for each in range(60)]
    first = in_a_process(tmp_path, *often)
    assert dict(first) == dict.fromkeys(range(2, 62), "failing")
    assert dict(in_a_process(tmp_path)) == dict(first), "nobody was there then either"

    hook = Hook()
    try:
        monkeypatch.setenv("SLACK_WEBHOOK_URL", f"http://127.0.0.1:{hook.port}/hook")
        second = in_a_process(tmp_path)
        told = "\n".join(hook.taken)
        assert len(hook.taken) <= 2
        assert told.count("time 0") == 1, "the first one, which was not folded"
        assert told.count("59 x WARNING venue_break") == 1
        in_a_process(tmp_path)
        assert "\n".join(hook.taken) == told, "once"
    finally:
        hook.close()
    assert dict(second) == {
        2: "delivered",
        **dict.fromkeys(range(3, 61), "folded"),
        61: "delivered",
    }


def test_what_waits_for_a_digest_is_not_forgotten_however_much_happened_since(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "RESENT_WITHIN_EVENTS", 3)
    warning = AlertRaised(Severity.WARNING, "breaker_latency", "the venue is slow")
    with journal_in(tmp_path) as journal:
        journal.append([OPENED, *([warning] * 6)], wall_clock())
        waiting = [Delivery(seq, FOLDED, False, 0, "waits for a digest") for seq in (2, 3, 4)]
        told = [Delivery(3, FOLDED, True, 0, "told of in a digest")]
        tried = [Delivery(seq, "slack", False, 1, "refused") for seq in (5, 6)]
        journal.record_deliveries([*waiting, *told, *tried])
        found = journal.undelivered()
    assert [each.id for each in found.folded] == [2, 4]
    assert [each.id for each in found.single] == [5, 6]


def test_what_waits_for_its_digest_or_its_hour_is_neither_failing_nor_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", NOBODY)
    in_a_process(tmp_path)
    with journal_in(tmp_path / "data") as journal:
        journal.append([NOTE, NOTE, NOTE, NOTE], wall_clock())
        journal.record_deliveries(
            [
                Delivery(3, "folded", False, 0, "waits for a digest"),
                Delivery(4, "outbox", False, 0, "waits: quiet hours"),
                Delivery(5, "outbox", False, 0, "waits: quiet hours"),
                Delivery(5, "slack", False, 1, "it answered 500"),
            ]
        )
    with JournalReader.open(tmp_path / "data" / "paper-sim.db") as reader:
        assert [(each.id, each.state) for each in reader.alerts()] == [
            (2, "logged"),
            (3, "waiting"),
            (4, "waiting"),
            (5, "failing"),
        ]


def test_what_a_person_acknowledged_meanwhile_is_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", NOBODY)
    known = AlertsAcknowledged(("kill_switch",), "ann")
    assert after_a_crash(tmp_path, OLD, known) == [
        Delivery(2, "acknowledged", True, 0, "known before")
    ]
    assert after_a_crash(tmp_path) == []


@pytest.mark.parametrize(
    ("begin", "end", "quiet"),
    [(0, 0, set()), (22, 7, {22, 23, *range(7)}), (1, 3, {1, 2}), (5, 5, set())],
)
def test_quiet_hours_may_go_over_midnight(begin: int, end: int, quiet: set[int]) -> None:
    settings = replace(load_settings(SHIPPED).app, quiet_from=begin, quiet_until=end)
    found = {
        hour
        for hour in range(24)
        for minute in ("00:00", "59:59")
        if is_quiet_at(settings, Instant.parse(f"2026-01-05T{hour:02}:{minute}Z"))
    }
    assert found == quiet


def test_each_channel_has_its_least_severity() -> None:
    settings = replace(
        load_settings(SHIPPED).app,
        slack_webhook=Secret("https://hooks.example.com/x", origin="here"),
        email=Secret("me@example.com", origin="here"),
        smtp_url=Secret("smtps://mail.example.com", origin="here"),
        slack_least=Severity.CRITICAL,
        email_least=Severity.WARNING,
    )
    assert [(each.channel.name, each.least) for each in routes_of(settings)] == [
        ("slack", Severity.CRITICAL),
        ("email", Severity.WARNING),
    ]


@pytest.mark.parametrize("address", ["https://[hooks.example/x", "https://hooks.example:99999/x"])
def test_what_is_no_address_is_refused_by_the_name_of_its_setting(address: str) -> None:
    app, secret = load_settings(SHIPPED).app, Secret(address, origin="here")
    with pytest.raises(ConfigInvalid, match=r"monitoring\.slack_webhook cannot be used"):
        channels_of(replace(app, slack_webhook=secret))
    with pytest.raises(ConfigInvalid, match=r"monitoring\.heartbeat_url cannot be used"):
        ping_target(replace(app, heartbeat_url=secret))
    server = Secret(address.replace("https", "smtp"), origin="here")
    with pytest.raises(ConfigInvalid, match=r"monitoring\.smtp_url cannot be used"):
        channels_of(replace(app, email=secret, smtp_url=server))
    with pytest.raises(ConfigInvalid, match=r"monitoring\.urls\[0\] cannot be used"):
        channels_of(replace(app, alert_urls=(Secret("json://[hooks", origin="here"),)))
