from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from trader247.app.books.choice import Choice
from trader247.app.drills.drilling import DrillReport
from trader247.app.drills.drilling import drill as held
from trader247.app.settings.location import SHIPPED

Hold = Callable[..., DrillReport]


@pytest.fixture
def hold(tmp_path: Path) -> Hold:
    """Hold drills under the shipped configuration, some lines of which are replaced."""

    def hold(*names: str, **changes: dict[str, str]) -> DrillReport:
        config = tmp_path / "config"
        shutil.copytree(SHIPPED, config, symlinks=False)
        for file, lines in changes.items():
            path = config / f"{file}.yaml"
            text = path.read_text(encoding="utf-8")
            for old, new in lines.items():
                assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")
        data = tmp_path / "data"
        data.mkdir(mode=0o700)
        report = held(Choice(config, data), names, on_begin=lambda _: None)
        assert [each.name for each in data.iterdir()] == [], "a drill touched the data folder"
        return report

    return hold
