"""Drills of processes and channels, with real ones; and that each fails where it must."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from tests.app.drills.conftest import Hold

from trader247.app.drills.names import ALL_NAMES
from trader247.app.drills.registry import ALL_DRILLS
from trader247.cli.commands.drill import _body, _draw
from trader247.cli.main import execute

pytestmark = pytest.mark.slow


def test_a_second_instance_is_refused_and_noted(hold: Hold) -> None:
    (result,) = hold("second_instance").results
    assert result.passed, [(each.text, each.measured) for each in result.failures]
    assert [each.kind for each in result.evidence] == ["instance_refused"]


def test_a_webhook_that_does_not_answer_fails(hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("SLACK_WEBHOOK_URL", f"http://127.0.0.1:{port}/hook")
        monkeypatch.setattr("trader247.adapters.channels.HOOK_SECONDS", 0.5)
        changes = {"allow_private_hosts: false": "allow_private_hosts: true"}
        (result,) = hold("alert_channel", app=changes).results
    assert not result.passed
    (failure,) = result.failures
    assert failure.text == "your channel slack takes a message"


def test_what_no_channel_can_show_is_no_proof(
    hold: Hold, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("trader247.app.drills.channels._hanging", lambda *_: None)
    monkeypatch.setattr("trader247.app.drills.channels._dead", lambda *_: None)
    noted: list[dict[str, Any]] = []

    def note(*_: object, **what: Any) -> str:
        noted.append(what)
        return ""

    monkeypatch.setattr("trader247.app.drills.drilling.note_drills", note)
    report = hold("alert_channel")
    (result,) = report.results
    assert "no channel is set up" in result.unshown
    assert not result.passed
    assert not result.has_failed
    assert all(each.text != "your channels take a message" for each in result.claims)
    # LIVE wants to see it: a channel that was there at an earlier drill may be gone.
    assert [(each["passed"], each["failed"]) for each in noted] == [([], ["alert_channel"])] * 2

    _draw(report)
    out = " ".join(capsys.readouterr().out.split())
    assert "NOT SHOWN" in out
    assert "ALL" not in out
    assert "0 of 1 held; not shown: alert_channel" in out
    body = _body(report)
    assert body["not_shown"] == ["alert_channel"]


def test_a_mail_address_without_a_server_fails(hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trader247.app.drills.channels._hanging", lambda *_: None)
    monkeypatch.setattr("trader247.app.drills.channels._dead", lambda *_: None)
    monkeypatch.setenv("ALERT_EMAIL", "me@example.org")
    (result,) = hold("alert_channel").results
    assert [(each.text, each.measured) for each in result.failures] == [
        ("your channel email takes a message", "monitoring.smtp_url is not set")
    ]


def test_alerts_that_are_off_fail(hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trader247.app.drills.channels._hanging", lambda *_: None)
    monkeypatch.setattr("trader247.app.drills.channels._dead", lambda *_: None)
    (result,) = hold("alert_channel", app={"alerts_enabled: true": "alerts_enabled: false"}).results
    assert [each.text for each in result.failures] == ["alerts are on"]


def test_what_is_told_in_one_message_with_others_is_told(hold: Hold) -> None:
    """With a breaker open, the drill's alert is neither the first nor the last that waits."""
    changes = {"disk_mb_min: 1000 ": "disk_mb_min: 1000000000 "}
    (result,) = hold("alert_channel", policy=changes).results
    assert not list(result.failures)
    (told,) = [each for each in result.claims if each.text.startswith("once the channel is mended")]
    assert told.measured == "told once"


def test_every_drill_is_listed_with_what_it_proves(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["drill", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["drills"]
    assert [each["name"] for each in listed] == list(ALL_NAMES)
    assert all(each.emergency for each in ALL_DRILLS)


def test_a_limit_looser_than_anybody_may_set_is_refused_before_any_drill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config"
    assert execute(["init", str(tmp_path)]) == 0
    policy = config / "policy.yaml"
    policy.write_text(
        policy.read_text().replace("daily_stop_pnl_pct: -3.0", "daily_stop_pnl_pct: -5.0")
    )
    assert execute(["drill", "daily_price", "--config", str(config)]) == 6
    assert "daily_stop_pnl_pct" in capsys.readouterr().err
