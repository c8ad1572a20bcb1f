"""What this program is, by its installed version."""

from __future__ import annotations

from importlib.metadata import version


def code_version() -> str:
    """The installed version of trader247."""
    return version("trader247")
