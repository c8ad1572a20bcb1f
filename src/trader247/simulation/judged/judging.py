"""Who judges a run: the books of the trader and those of the exchange, compared by strangers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trader247.simulation.judged.history import Judge, Record, Violation
from trader247.truth.checker import Checker


@dataclass(frozen=True, slots=True)
class Found:
    """A broken promise."""

    invariant: str
    at_us: int
    text: str


class Liveness:
    """When the faults stop, everything is resolved in ten minutes, or latched with a reason."""

    def __init__(self) -> None:
        self._calm_us: int | None = None
        self._settle_us = 0
        self._portfolio: Record | None = None

    def see(self, record: Record) -> Sequence[Violation]:
        """Take the next thing that happened; what is broken by it."""
        match record["kind"]:
            case "begun":
                self._settle_us = record["limits"]["settle_s"] * 1_000_000
            case "calm":
                self._calm_us, self._portfolio = record["at_us"], None
            case "folded":
                self._portfolio = record["portfolio"]
            case "settled":
                return list(self._unsettled(record["at_us"]))
        return ()

    def _unsettled(self, at_us: int) -> Sequence[Violation]:
        if self._calm_us is None or at_us - self._calm_us > self._settle_us:
            return [Found("I23", at_us, "ten minutes after the last fault nothing is settled")]
        if self._portfolio is None:
            return [Found("I23", at_us, "no cycle was run in the ten minutes after the last fault")]
        if "reconciliation_break" in self._portfolio["halts"]:
            return ()  # it stands with a reason: whether it has one is for those who see the books
        unknown = [
            each["client_order_id"]
            for each in self._portfolio["working"]
            if each["state"] in ("SUBMITTING", "UNKNOWN")
        ]
        if unknown:
            return [Found("I23", at_us, f"nobody knows yet what became of {', '.join(unknown)}")]
        return ()


class Judges:
    """Several, each told of everything."""

    def __init__(self, judges: Sequence[Judge]) -> None:
        self._judges = tuple(judges)

    def see(self, record: Record) -> Sequence[Violation]:
        """What any of them says of the next thing that happened."""
        found: list[Violation] = []
        for each in self._judges:
            found += each.see(record)
        return found


def judge() -> Judge:
    """All of them, without a memory yet."""
    return Judges([Checker(), Liveness()])
