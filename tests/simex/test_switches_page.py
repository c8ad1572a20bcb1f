"""The page about the server lists every switch as it is."""

from __future__ import annotations

from pathlib import Path

from trader247.simex.switches import Switches

PAGE = Path(__file__).parents[2] / "docs" / "simulated-coinbase.md"


def test_the_page_lists_every_switch_with_its_values_and_meaning() -> None:
    rows = {
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in PAGE.read_text().splitlines()
        if line.startswith("| `") and line.count("|") == 4
    }
    assert rows == {
        (f"`{name}`", takes, decides) for name, (takes, decides) in Switches.manual().items()
    }
