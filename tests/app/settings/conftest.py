"""A folder with the shipped configuration, for breaking."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from trader247.app.settings.location import FILES, SHIPPED


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration."""
    for name in FILES:
        shutil.copyfile(SHIPPED / name, tmp_path / name)
    return tmp_path
