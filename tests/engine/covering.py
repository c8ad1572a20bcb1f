"""Rows of settings in which every pair of any two switches' settings comes together once at least.

Built row by row, always with the setting that meets most pairs that are still to come: small, and
the same on every run. A switch that is new in the list is in it by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import combinations

from trader247.simex.switches import Switches

Row = Mapping[str, str]
Setting = tuple[str, str]
Pair = frozenset[Setting]

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
    known = [(name, value) for name, values in switches.items() for value in values]
    bits = {setting: 1 << at for at, setting in enumerate(known)}
    others = {name: sum(bits[each] for each in known if each[0] != name) for name in names}
    # Whom each setting has still to meet, as bits: this is done before any test can begin.
    left = {(name, value): others[name] for name, value in known}
    rows = []
    while any(left.values()):
        # Whose turn is first decides much: each switch is tried there, and the best row is taken.
        orders = [names[at:] + names[:at] for at in range(len(names))]
        tried = [_row(switches, order, left, bits) for order in orders]
        rows.append(max(tried, key=lambda row: _met(row, left, bits)))
        there = sum(bits[each] for each in rows[-1].items())
        for each in rows[-1].items():
            left[each] &= ~there
    return rows


def alone(switches: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Each setting that is not the default, all other switches as they are by default."""
    usual = {name: values[0] for name, values in switches.items()}
    return [{**usual, name: value} for name, values in switches.items() for value in values[1:]]


def pairs(row: Row) -> set[Pair]:
    """The pairs of settings that a row has."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def _met(row: Row, left: Mapping[Setting, int], bits: Mapping[Setting, int]) -> int:
    """How many pairs come together in a row for the first time, each counted from both sides."""
    there = sum(bits[each] for each in row.items())
    return sum((left[each] & there).bit_count() for each in row.items())


def _row(
    switches: Mapping[str, Sequence[str]],
    order: Sequence[str],
    left: Mapping[Setting, int],
    bits: Mapping[Setting, int],
) -> dict[str, str]:
    row: dict[str, str] = {}
    there = 0
    for name in order:
        row[name] = max(
            switches[name],
            key=lambda value: (
                (left[name, value] & there).bit_count(),
                left[name, value].bit_count(),
            ),
        )
        there |= bits[name, row[name]]
    return row


def assignments(row: Row) -> list[str]:
    """As `--switch` takes them."""
    return [f"{name}={value}" for name, value in sorted(row.items())]
