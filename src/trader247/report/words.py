"""Words of a report that follow from its figures."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """A count with its noun: 1 day, 2 days."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
