"""A promise that was broken: which, when and how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """`invariant` is `I1` to `I24`; `text` says what was found, and what was promised."""

    invariant: str
    at_us: int
    text: str
