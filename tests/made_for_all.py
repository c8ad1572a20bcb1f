"""A folder that takes seconds to fill is filled once for all processes of a run of the tests.

Each process has a copy of its own: what one does there no other sees.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    import pytest

_SECONDS_MAX = 300
"""Longer than the filling of any of them takes on a busy machine."""

_FOLDERS: list[pytest.TempPathFactory] = []


def keep_in(folders: pytest.TempPathFactory) -> None:
    """Where the folders are from now on: whoever runs the tests says so once."""
    _FOLDERS[:] = [folders]


def made_for_all(name: str, fill: Callable[[Path], None]) -> Path:
    """A new folder with what `fill` puts into one that is not there yet; `name` is its alone."""
    (folders,) = _FOLDERS
    own = folders.mktemp(name) / "data"
    if "PYTEST_XDIST_WORKER" not in os.environ:
        fill(own)
        return own
    # Above the folders of the run's processes is the run's own.
    whole = folders.getbasetemp().parent / f"for-all-{name}"
    with FileLock(f"{whole}.lock", timeout=_SECONDS_MAX):
        if not whole.exists():
            fill(own)
            begun = whole.with_name(f"{whole.name}.begun")
            shutil.rmtree(begun, ignore_errors=True)
            shutil.copytree(own, begun)
            begun.rename(whole)
            return own
    shutil.copytree(whole, own)
    return own
