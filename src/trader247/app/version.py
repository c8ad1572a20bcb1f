"""What this program is, by its installed version."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version


@cache
def code_version() -> str:
    """The installed version of trader247, as it was when first asked: what runs is that one."""
    return version("trader247")
