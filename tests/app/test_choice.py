"""Which book a command is about, and why none of them is LIVE."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from trader247.app.choice import Choice
from trader247.app.modes import Mode, VenueName
from trader247.app.settings.location import SHIPPED
from trader247.domain.errors import NotAllowed


def with_mode(folder: Path, mode: str) -> Path:
    """The shipped configuration with another app.mode."""
    config = folder / "config"
    shutil.copytree(SHIPPED, config)
    file = config / "app.yaml"
    text = file.read_text()
    assert "PAPER" in text
    file.write_text(text.replace('"PAPER"', mode).replace("mode: PAPER", f"mode: {mode}"))
    return config


def test_app_yaml_chooses_what_the_command_line_leaves_open(tmp_path: Path) -> None:
    _, places = Choice(SHIPPED, tmp_path).settle()
    assert places.book == "paper-sim"
    assert places.data == tmp_path


def test_the_command_line_wins(tmp_path: Path) -> None:
    _, places = Choice(SHIPPED, tmp_path, Mode.DRY_RUN, VenueName.COINBASE).settle()
    assert places.book == "dry_run-coinbase"


def test_settling_opens_and_makes_nothing(tmp_path: Path) -> None:
    Choice(SHIPPED, tmp_path / "data").settle()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("asked", "configured"), [("live", "LIVE"), ("live", "PAPER")])
def test_live_is_refused_with_all_that_it_would_take(
    asked: str, configured: str, tmp_path: Path
) -> None:
    choice = Choice(with_mode(tmp_path, configured), tmp_path, Mode.parse(asked), None)
    with pytest.raises(NotAllowed) as refused:
        choice.settle()
    for part in ("preflight", "may not transfer", "arming", "app.mode: LIVE", "--mode live"):
        assert part in str(refused.value)


def test_a_configured_live_alone_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="the command says nothing"):
        Choice(with_mode(tmp_path, "LIVE"), tmp_path).settle()
