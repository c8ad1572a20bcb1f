"""Words that follow from figures."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """A count with its noun: `1 stop`, `2 stops`, `1,440 cycles`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
