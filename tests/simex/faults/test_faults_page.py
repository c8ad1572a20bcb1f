"""The page about the server lists every fault as it is."""

from __future__ import annotations

from pathlib import Path

from trader247.simex.faults.kinds import KINDS, Stage
from trader247.simex.faults.presets import PRESETS

PAGE = Path(__file__).parents[3] / "docs" / "simulated-coinbase.md"


def row_of(name: str) -> str:
    kind = KINDS[name]
    is_bound = kind.where != kind.places or len(kind.where) < 6
    where = ", ".join(kind.where) if is_bound else "everywhere"
    return f"| `{name}` | {kind.stage.value} | {where} | {kind.ms or ''} | {kind.doc} |"


def test_the_page_lists_every_fault_in_order() -> None:
    found = [
        line
        for line in PAGE.read_text().splitlines()
        if line.startswith("| `") and line.count("|") == 6
    ]
    assert found == [row_of(name) for name in KINDS], "\n".join(row_of(name) for name in KINDS)


def test_the_page_names_every_set_and_stage() -> None:
    text = PAGE.read_text()
    assert all(f"`{name}`" in text for name in PRESETS)
    assert all(
        stage.value in text for stage in Stage if any(k.stage is stage for k in KINDS.values())
    )
