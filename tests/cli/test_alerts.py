"""`trader247 alerts`: a test that really arrives, and a list of what was raised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.test_channels import Receiver
from tests.app.busy_books import eventful_book
from tests.app.controls.test_report import with_events
from tests.app.small_books import copied
from tests.system.traders import trader

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.settings.location import SHIPPED
from trader247.cli.main import execute
from trader247.domain.events.people import AlertRaised
from trader247.domain.reasons import Severity


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    for name in ("SLACK_WEBHOOK_URL", "ALERT_EMAIL", "ALERT_SMTP_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    each = Receiver()
    yield each
    each.close()


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """A configuration that lets alerts go to this machine."""
    folder = tmp_path / "config"
    folder.mkdir()
    for source in SHIPPED.glob("*.yaml"):
        text = source.read_text(encoding="utf-8")
        text = text.replace("allow_private_hosts: false", "allow_private_hosts: true")
        (folder / source.name).write_text(text, encoding="utf-8")
    return folder


def tried(capsys: pytest.CaptureFixture[str], data: Path, config: Path, code: int) -> Any:
    words = ["alerts", "test", "--json", "--data", str(data), "--config", str(config)]
    assert execute(words) == code
    return json.loads(capsys.readouterr().out)


def test_without_a_channel_the_log_has_it_and_that_is_said(
    tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    words = ["alerts", "test", "--data", str(data), "--config", str(private)]
    assert execute(words) == 0
    out = capsys.readouterr().out
    assert "no channel is set up" in out
    log = data / "logs" / "trader247.log"
    assert str(log) in "".join(out.split())
    assert "alert=test" in log.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_test_arrives_before_there_is_a_book(
    tmp_path: Path,
    private: Path,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"http://127.0.0.1:{receiver.port}/hook")
    body = tried(capsys, tmp_path / "data", private, 0)
    assert body["delivered"] is True
    assert body["alert"] is None
    assert [each["channel"] for each in body["channels"]] == ["slack"]
    assert "nothing happened" in json.loads(receiver.bodies[0])["text"]
    assert not (tmp_path / "data" / "paper-sim.db").exists()


@pytest.mark.slow
def test_a_book_keeps_the_test_and_what_became_of_it(
    traded: Path,
    tmp_path: Path,
    private: Path,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = copied(traded, tmp_path / "data")
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"http://127.0.0.1:{receiver.port}/hook")
    alert = tried(capsys, data, private, 0)["alert"]
    assert len(receiver.bodies) == 1
    assert execute(["alerts", "list", "--json", "--data", str(data)]) == 0
    last = json.loads(capsys.readouterr().out)["alerts"][-1]
    assert (last["id"], last["code"], last["state"], last["attempts"]) == (
        alert, "test", "delivered", 1,
    )  # fmt: skip
    assert execute(["state", "verify", "--decisions", "--data", str(data)]) == 0


@pytest.mark.slow
def test_a_channel_that_does_not_take_it_is_exit_1_and_tells_no_address(
    traded: Path,
    tmp_path: Path,
    private: Path,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = copied(traded, tmp_path / "data")
    receiver.status = 503
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"http://127.0.0.1:{receiver.port}/s3cretpath")
    body = tried(capsys, data, private, 1)
    assert body["delivered"] is False
    assert body["channels"][0]["is_delivered"] is False
    assert "503" in body["channels"][0]["detail"]
    assert "s3cretpath" not in json.dumps(body)
    assert execute(["alerts", "list", "--json", "--data", str(data)]) == 0
    assert json.loads(capsys.readouterr().out)["alerts"][-1]["state"] == "failing"


@pytest.mark.slow
def test_a_running_trader_sends_it(
    traded: Path,
    tmp_path: Path,
    private: Path,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = copied(traded, tmp_path / "data")
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"http://127.0.0.1:{receiver.port}/hook")
    with trader(data, "--config", private, "--speed", "1") as process:
        body = tried(capsys, data, private, 0)
    assert body["trader"]["pid"] == process.pid
    assert body["book"] == "paper-sim"
    assert body["channels"] == [
        {"channel": "slack", "is_delivered": True, "attempts": 1, "detail": ""}
    ]
    assert "paper-sim" in json.loads(receiver.bodies[0])["text"]


def test_the_list_holds_at_eighty_columns_and_says_whose_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert execute(["alerts", "list", "--data", str(eventful_book())]) == 0
    out = capsys.readouterr().out
    assert "SIMULATED MARKET" in out
    assert "pause: Paused" in out
    assert max(map(len, out.splitlines())) <= 80


def with_open_alert(traded: Path, data: Path) -> int:
    """A book with a critical alert that nobody has acknowledged; its number."""
    copied(traded, data)
    with_events(data, AlertRaised(Severity.CRITICAL, "universe_too_small", "Too few. Next: look"))
    with JournalReader.open(data / "paper-sim.db") as journal:
        return journal.head.seq


def test_what_waits_is_listed_and_acknowledged_where_nobody_trades(
    traded: Path, tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    number = with_open_alert(traded, data)
    words = ["alerts", "ack", "--data", str(data), "--config", str(private)]

    assert execute([*words, "--json"]) == 0
    (waiting,) = json.loads(capsys.readouterr().out)["waiting"]
    assert (waiting["id"], waiting["code"]) == (number, "universe_too_small")
    assert execute(words) == 0
    out = capsys.readouterr().out
    assert "universe_too_small" in out
    assert max(map(len, out.splitlines())) <= 80

    assert execute([*words, "999999"]) == 1
    assert f"{number} universe_too_small" in " ".join(capsys.readouterr().out.split())
    assert execute([*words, str(number), "--all"]) == 2
    capsys.readouterr()
    assert execute([*words, str(number), "--json"]) == 0
    capsys.readouterr()
    assert execute(words) == 0
    assert "no critical alert waits" in capsys.readouterr().out
    assert execute([*words, "--all"]) == 0


@pytest.mark.slow
def test_a_running_trader_is_told_what_a_person_knows(
    traded: Path, tmp_path: Path, private: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    number = with_open_alert(traded, data)
    words = ["alerts", "ack", "--json", "--data", str(data), "--config", str(private)]
    with trader(data, "--config", private, "--speed", "1"):
        assert execute([*words, str(number)]) == 0
        (answer,) = json.loads(capsys.readouterr().out)["answers"]
        assert answer["trader"] is not None
        assert "not told again" in answer["text"]
        assert execute(words) == 0
        assert json.loads(capsys.readouterr().out)["waiting"] == []
