from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from trader247.cli.main import execute
from trader247.cli.progress import progress_of


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_gone_when_all_is_done_and_stays_when_it_was_broken_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = Terminal()
    monkeypatch.setattr(sys, "stderr", seen)
    with progress_of("trading", "days") as told:
        told(0, 12)
        told(6, 12)
    shown = [line for line in seen.getvalue().split("\r") if line.strip()]
    assert shown == [
        f"trading [{'.' * 40}] 0 of 12 days",
        f"trading [{'#' * 20}{'.' * 20}] 6 of 12 days",
    ]
    assert seen.getvalue().endswith("\r")

    def broken() -> None:
        with progress_of("trading", "days") as told:
            told(1, 0)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert seen.getvalue().endswith("1 of 0 days\n")


def test_nobody_looks_at_a_bar_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", seen)
    with progress_of("trading", "days") as told:
        told(1, 2)
    assert seen.getvalue() == ""


def test_parity_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = [f"{1_767_571_200 + 60 * at},100,101,99,100,9" for at in range(28 * 60)]
    tape = tmp_path / "BTC-USD.csv"
    tape.write_text("\n".join(["time,open,high,low,close,volume", *rows]))
    seen = Terminal()
    monkeypatch.setattr(sys, "stderr", seen)
    assert execute(["parity", str(tape), "--cycles", "2"]) == 0
    shown = [line.partition("] ")[2] for line in seen.getvalue().split("\r") if line.strip()]
    assert shown == [f"{done} of 4 cycles" for done in range(5)]
