"""How finely a period is drawn: in bars of as few minutes as a picture has room for."""

from __future__ import annotations

from datetime import timedelta

STEPS = (1, 5, 15, 30, 60, 120, 240, 720, 1440)
POINTS_MOST = 1_600
"""Bars of a product in a chart: about the pixels of a wide screen."""


def step_for(span: timedelta) -> int:
    """The finest step, in minutes, at which a span is drawn with a bounded number of bars."""
    minutes = span / timedelta(minutes=1)
    return next((step for step in STEPS if minutes / step <= POINTS_MOST), STEPS[-1])
