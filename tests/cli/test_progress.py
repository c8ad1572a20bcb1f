from __future__ import annotations

import io
import re
import sys
from itertools import groupby
from pathlib import Path

import pytest

from trader247.cli.main import execute
from trader247.cli.progress import progress_of

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
_COUNT = re.compile(r"[0-9]+ of [0-9]+ cycles")
_ERASED = "\x1b[2K"
"""Takes a line away."""


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        return True

    @property
    def drawn(self) -> list[str]:
        """Each other line that was drawn, without what moves the cursor and colours it."""
        plain = _CONTROL.sub("", self.getvalue())
        lines = (each.strip() for each in re.split(r"[\r\n]", plain) if each.strip())
        return [line for line, _ in groupby(lines)]


def watched(patch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in stderr's place; pytest puts its own there before each test begins."""
    terminal = Terminal()
    patch.setattr(sys, "stderr", terminal)
    patch.setenv("TERM", "xterm")
    patch.setenv("COLUMNS", "80")
    return terminal


def _words(line: str) -> str:
    """A line without its bar."""
    return " ".join(word for word in line.split() if word.strip("━╸╺"))


def test_a_bar_is_gone_when_all_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched(monkeypatch)
    with progress_of("trading", "days") as told:
        told(0, 1_200)
        told(600, 1_200, "2 orders")
    assert [_words(line) for line in seen.drawn] == [
        "trading 0 of 1,200 days --:-- left",
        "trading 600 of 1,200 days, 2 orders --:-- left",
    ]
    assert seen.getvalue().endswith(_ERASED)


def test_a_bar_stays_where_it_came_to_when_it_was_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = watched(monkeypatch)

    def broken() -> None:
        with progress_of("trading", "days") as told:
            told(1, 0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert _words(seen.drawn[-1]).startswith("trading 1 of 0 days")
    assert not seen.getvalue().endswith(_ERASED)


def test_a_bar_that_was_never_told_anything_is_never_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched(monkeypatch)
    with progress_of("trading", "days"):
        pass
    assert seen.getvalue() == ""


def test_what_cannot_be_seen_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched(monkeypatch)
    with progress_of("backing up", "events") as told:
        for done in range(100_001):
            told(done, 100_000)
    assert len(seen.drawn) <= 1_002
    assert _words(seen.drawn[-1]).startswith("backing up 100,000 of 100,000 events")


def test_nobody_looks_at_a_bar_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", seen)
    with progress_of("trading", "days") as told:
        told(1, 2)
    assert seen.getvalue() == ""


def test_parity_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = watched(monkeypatch)
    rows = [f"{1_767_571_200 + 60 * at},100,101,99,100,9" for at in range(28 * 60)]
    tape = tmp_path / "BTC-USD.csv"
    tape.write_text("\n".join(["time,open,high,low,close,volume", *rows]))
    assert execute(["parity", str(tape), "--cycles", "2"]) == 0
    counts = [_COUNT.findall(line)[0] for line in seen.drawn if _COUNT.search(line)]
    assert [count for count, _ in groupby(counts)] == [f"{done} of 4 cycles" for done in range(5)]
