"""Which book a command is about, and what it takes to mean a live one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
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


def test_live_takes_both_and_settles_then(tmp_path: Path) -> None:
    config = with_mode(tmp_path, "LIVE")
    _, places = Choice(config, tmp_path, Mode.LIVE).settle()
    assert (places.book, places.is_embedded) == ("live-sim", False)


def test_live_on_the_command_line_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed) as refused:
        Choice(with_mode(tmp_path, "PAPER"), tmp_path, Mode.LIVE).settle()
    for part in ("--mode live", "app.mode: LIVE", "app.mode: PAPER"):
        assert part in str(refused.value)


@pytest.mark.parametrize(("asked", "configured"), [(Mode.LIVE, "PAPER"), (None, "LIVE")])
def test_whoever_only_looks_may_look_at_a_live_book(
    asked: Mode | None, configured: str, tmp_path: Path
) -> None:
    _, places = Choice(with_mode(tmp_path, configured), tmp_path, asked).settle_to_look()
    assert places.book == "live-sim"


def test_a_configured_live_alone_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match="the command says nothing"):
        Choice(with_mode(tmp_path, "LIVE"), tmp_path).settle()
