from __future__ import annotations

import io
import sys

import pytest

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
