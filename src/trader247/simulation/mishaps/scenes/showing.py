"""What a scene lacks that does not come to what it is for."""

from __future__ import annotations


def some(is_shown: bool, what: str) -> list[str]:
    """Nothing where it is shown; else what is not."""
    return [] if is_shown else [f"not shown: {what}"]
