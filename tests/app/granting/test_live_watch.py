"""Before each order: does app.yaml still let it go?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from trader247.app.granting import live_watch
from trader247.app.granting.live_watch import LiveWatch
from trader247.app.settings.load import is_read_only_now
from trader247.app.settings.location import SHIPPED, ConfigSource, find_config


@pytest.fixture
def app_yaml(tmp_path: Path) -> Path:
    """An app.yaml that lets orders go."""
    shutil.copytree(SHIPPED, tmp_path / "config")
    path = tmp_path / "config" / "app.yaml"
    path.write_text(path.read_text().replace("read_only: true", "read_only: false"))
    return path


def watching(app_yaml: Path) -> LiveWatch:
    return LiveWatch(find_config(app_yaml.parent), is_bound=True)


def test_every_change_of_the_file_is_seen_and_so_is_the_way_back(app_yaml: Path) -> None:
    watch, allowing = watching(app_yaml), app_yaml.read_text()
    assert watch.objection() is None
    app_yaml.write_text(allowing.replace("read_only: false", "read_only: true"))
    assert "read_only: true" in (watch.objection() or "")
    app_yaml.write_text(allowing)
    assert watch.objection() is None
    app_yaml.write_text("{")
    assert "cannot be read any more" in (watch.objection() or "")
    app_yaml.unlink()
    assert "cannot be read any more" in (watch.objection() or "")
    app_yaml.write_text(allowing)
    assert watch.objection() is None


def test_what_was_understood_is_not_understood_again(
    app_yaml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = watching(app_yaml)
    asked: list[ConfigSource] = []

    def counted(source: ConfigSource) -> bool:
        asked.append(source)
        return is_read_only_now(source)

    monkeypatch.setattr(live_watch, "is_read_only_now", counted)
    assert [watch.objection() for _ in range(3)] == [None] * 3
    assert len(asked) == 1
    app_yaml.write_text(app_yaml.read_text() + "# a word\n")
    assert [watch.objection() for _ in range(3)] == [None] * 3
    assert len(asked) == 2


def test_whoever_sends_nothing_is_not_asked(app_yaml: Path) -> None:
    app_yaml.unlink()
    assert LiveWatch(find_config(SHIPPED), is_bound=False).objection() is None
