"""What a checker is told to pass over names its code and its reason, on its own line."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
REASONED = re.compile(r"# type: ignore\[[a-z, -]+\]\s+# \S+")
IGNORED = re.compile(r"# type: ignore")


def unreasoned(text: str) -> list[int]:
    """The numbers of the lines that pass over something and do not say why."""
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if len(IGNORED.findall(line)) != len(REASONED.findall(line))
    ]


def test_each_ignore_has_its_reason() -> None:
    files = [each for folder in ("src", "scripts") for each in (ROOT / folder).rglob("*.py")]
    texts = {each: each.read_text(encoding="utf-8") for each in files}
    assert sum(bool(IGNORED.search(each)) for each in texts.values()) > 5, (
        "there is what to look at"
    )
    found = {
        str(path.relative_to(ROOT)): lines
        for path, text in texts.items()
        if (lines := unreasoned(text))
    }
    assert found == {}


def test_one_without_a_reason_or_a_code_is_seen() -> None:
    ignore = "x = 1  # type: " + "ignore"
    assert unreasoned(f"{ignore}[misc]") == [1]
    assert unreasoned(f"\n{ignore}") == [2]
    assert unreasoned(f"{ignore} # it is so") == [1]
    assert unreasoned(f"{ignore}[misc] # it is so") == []
