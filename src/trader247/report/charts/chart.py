"""A chart: what the plotting library draws, and the same figures as a table.

Colours are mid-tones that stand out on white and on black, and never carry a meaning alone: a
marker's shape, a line's dashes or a sign say it as well. Text and grid are coloured by the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any

from trader247.report.curve import Floats, Ints

Trace = Mapping[str, Any]

BLUE = "#3b82c4"
GAIN = "#12908e"
LOSS = "#d9622b"
PLAIN = "#7d8794"
VIOLET = "#8f6fc9"
GOLD = "#b7841b"
SERIES = (BLUE, LOSS, GAIN, VIOLET, GOLD, "#c2508f", PLAIN, "#5d9a37")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
WHOLE_MOST = 5
"""Up to so many of a kind each has its line."""


@dataclass(frozen=True, slots=True)
class Table:
    """A chart's figures for those who read: heads, and rows of text.

    `kinds` say what columns hold where heads do not, since they are a person's own words.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture. `label` says in a sentence what it shows; `note` what it leaves out."""

    id: str
    title: str
    label: str
    traces: tuple[Trace, ...]
    layout: Mapping[str, Any]
    height: int
    table: Table
    note: str = ""


def millis(times: Ints) -> list[int]:
    """Instants as a date axis takes them."""
    return [each // 1000 for each in times.tolist()]


def rounded(values: Floats | Sequence[float], digits: int = 7) -> list[float | None]:
    """Figures with as many significant digits as a picture can show; a gap where unknown."""
    return [float(f"{each:.{digits}g}") if isfinite(each) else None for each in map(float, values)]


def room_for_text(values: Sequence[float | None]) -> list[float]:
    """The range of an axis whose bars carry their figures outside, on either side of zero.

    A good quarter of a phone's width for each side that has some.
    """
    known = [0.0, *(each for each in values if each is not None)]
    low, high = min(known), max(known)
    reach = (high - low) or 1.0
    share = 0.55 if low < 0 < high else 0.36
    return [
        low - (share * reach if low < 0 else 0.0),
        high + (share * reach if high > 0 or low == 0 else 0.0),
    ]


def wholes(counts: Sequence[int]) -> dict[str, int]:
    """What an axis of few things needs so that each has its line: there is no half of a trade."""
    return {"dtick": 1} if max(counts, default=0) <= WHOLE_MOST else {}


def log_room(counts: Sequence[int]) -> list[float]:
    """The range of a log axis with room for figures behind the longest bar."""
    top = max(counts, default=1)
    return [-0.05, max(1.0, log10(max(top, 1))) * 1.22]


def axis(**settings: Any) -> dict[str, Any]:
    """An axis as all of ours are: ticks that nobody sees keep labels off bars and each other."""
    return {
        "automargin": True, "zeroline": False, "ticks": "outside", "ticklen": 6,
        "tickcolor": "rgba(0,0,0,0)", "fixedrange": False, **settings,
    }  # fmt: skip


def layout(**settings: Any) -> dict[str, Any]:
    """A layout as all of ours are: no paint behind it, the legend in a row above."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 12},
        "margin": {"l": 8, "r": 10, "t": 8, "b": 8},
        "hoverlabel": {
            "bgcolor": "#1d2733", "bordercolor": "#1d2733", "font": {"color": "#ffffff"},
            "align": "left",
        },
        "legend": {
            "orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "xanchor": "left",
            "bgcolor": "rgba(0,0,0,0)",
        },
        "bargap": 0.25,
        **settings,
    }  # fmt: skip
