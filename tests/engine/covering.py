"""Rows of settings in which every pair of any two switches' settings comes together once at least.

Built row by row, always with the setting that meets most pairs that are still to come: small, and
the same on every run. A switch that is new in the list is in it by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import combinations

from trader247.simex.switches import Switches

Row = Mapping[str, str]
Pair = frozenset[tuple[str, str]]

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "bearer_leeway_s": ("5", "0", "60"),
    # Fewer than a client sends at once, and it is refused; none, and there is no exchange.
    "private_per_s": ("30", "1000000"),
    "public_per_s": ("10", "1000000"),
    "candle_buckets_max": ("350", "349"),
    "subscribe_within_ms": ("5000", "600000"),
    "stream_idle_ms": ("75000", "600000"),
    "stream_per_s": ("8", "1000000"),
}
"""Settings of numbers that are not simply none and the most."""


def settings() -> dict[str, tuple[str, ...]]:
    """Every switch with its settings, the default first."""
    found: dict[str, tuple[str, ...]] = {}
    for each in fields(Switches):
        if "values" in each.metadata:
            found[each.name] = tuple(each.metadata["values"])
        elif "most" in each.metadata:
            usual, most = str(each.default), str(each.metadata["most"])
            found[each.name] = NUMBERS.get(each.name, tuple(dict.fromkeys((usual, "0", most))))
        else:
            found[each.name] = ("on", "off") if each.default else ("off", "on")
    return found


def cover(switches: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """The rows."""
    names = list(switches)
    left = {
        frozenset(((one, a), (other, b)))
        for one, other in combinations(names, 2)
        for a in switches[one]
        for b in switches[other]
    }
    rows = []
    while left:
        # Whose turn is first decides much: each switch is tried there, and the best row is taken.
        orders = [names[at:] + names[:at] for at in range(len(names))]
        tried = [_row(switches, order, left) for order in orders]
        rows.append(max(tried, key=lambda row: len(pairs(row) & left)))
        left -= pairs(rows[-1])
    return rows


def alone(switches: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Each setting that is not the default, all other switches as they are by default."""
    usual = {name: values[0] for name, values in switches.items()}
    return [{**usual, name: value} for name, values in switches.items() for value in values[1:]]


def pairs(row: Row) -> set[Pair]:
    """The pairs of settings that a row has."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def _row(
    switches: Mapping[str, Sequence[str]], order: Sequence[str], left: set[Pair]
) -> dict[str, str]:
    counts = Counter(setting for pair in left for setting in pair)
    row: dict[str, str] = {}
    for name in order:
        row[name] = max(
            switches[name],
            key=lambda value: (
                sum(frozenset(((name, value), other)) in left for other in row.items()),
                counts[name, value],
            ),
        )
    return row


def assignments(row: Row) -> list[str]:
    """As `--switch` takes them."""
    return [f"{name}={value}" for name, value in sorted(row.items())]
