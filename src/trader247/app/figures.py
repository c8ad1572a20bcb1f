"""Figures as people type them: in the digits 0 to 9, with a point and nothing between them."""

from __future__ import annotations

import re
from decimal import Decimal

_FIGURE = re.compile(r"[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,3})?")
_WHOLE = re.compile(r"-?[0-9]{1,4000}")  # Python itself reads no more than 4300


def figure_of(text: str) -> Decimal | None:
    """The number; None where the text is none.

    Python itself takes `1_000`, which is one to whoever meant a decimal comma, and the digits of
    every script, which look like another number to whoever cannot read them.
    """
    trimmed = text.strip()
    return Decimal(trimmed) if _FIGURE.fullmatch(trimmed) else None


def is_whole(text: str) -> bool:
    """Whether the text is a whole number, as `1000` or `-5`."""
    return _WHOLE.fullmatch(text) is not None
