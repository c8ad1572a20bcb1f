"""Memory on large pages: nothing but speed may differ, and an operator's `never` holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from trader247.adapters import large_pages
from trader247.adapters.large_pages import LARGE, lay_on_large_pages

HELD = 16
"""Large pages that are there for it to lay: more than one begins and ends at any place."""


def on_large_pages() -> int:
    """Bytes of this process that the kernel says lie on large pages."""
    told = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    (line,) = (each for each in told.splitlines() if each.startswith("AnonHugePages:"))
    return int(line.split()[1]) * 1024


def test_what_is_held_lies_on_large_pages_and_is_what_it_was() -> None:
    held = bytearray(range(256)) * (HELD * LARGE // 256)
    laid = lay_on_large_pages()
    if not laid:
        pytest.skip("this kernel lays nothing on large pages")
    assert laid >= (HELD - 2) * LARGE
    assert on_large_pages() >= laid - HELD * LARGE, "something else was freed meanwhile"
    assert held == bytearray(range(256)) * (HELD * LARGE // 256)
    assert lay_on_large_pages() >= (HELD - 2) * LARGE, "what lies there already is counted, too"


def test_an_operator_who_wants_none_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = tmp_path / "enabled"
    switch.write_text("always madvise [never]\n", encoding="ascii")
    monkeypatch.setattr(large_pages, "_SWITCH", switch)
    assert lay_on_large_pages() == 0


def test_a_system_without_a_map_of_its_memory_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = tmp_path / "enabled"
    switch.write_text("always [madvise] never\n", encoding="ascii")
    monkeypatch.setattr(large_pages, "_SWITCH", switch)
    monkeypatch.setattr(large_pages, "_MAPS", tmp_path / "none")
    assert lay_on_large_pages() == 0
