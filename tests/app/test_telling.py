"""What a new process tells people of what an earlier one could not deliver."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from trader247.adapters.inbox import FileInbox
from trader247.app.modes import Mode, VenueName
from trader247.app.places import Places
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.telling import Telling
from trader247.domain.reasons import Severity
from trader247.ports import Alert

OLD = Alert(Severity.CRITICAL, "kill_switch", "KILL SWITCH ACTIVATED: long ago", 7)
NOBODY = "https://127.0.0.1:9/hook"
"""Where no channel answers."""


def said_of_old(folder: Path) -> str:
    """The log of a process that was handed an old alert at its start."""
    data, config = folder / "data", folder / "config"
    data.mkdir(mode=0o700)
    shutil.copytree(SHIPPED, config)
    app = config / "app.yaml"
    app.write_text(app.read_text().replace("private_hosts: false", "private_hosts: true"))
    settings = load_settings(config).app
    telling = Telling(settings, Places(data, Mode.PAPER, VenueName.SIM), FileInbox(data))
    telling.resume([OLD])
    telling.close()
    log = data / "logs" / "trader247.log"
    return log.read_text() if log.exists() else ""


def test_what_the_log_alone_was_told_is_not_said_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLACK_WEBHOOK_URL", raising=False)
    assert "long ago" not in said_of_old(tmp_path)


def test_what_no_channel_took_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", NOBODY)
    assert "long ago" in said_of_old(tmp_path)
