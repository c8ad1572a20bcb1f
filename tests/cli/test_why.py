"""`trader247 why` and `trader247 replay`: the past, decided again, and told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.app.busy_books import EVENTFUL_CYCLES as CYCLES
from tests.app.busy_books import eventful_book

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.settings.location import SHIPPED
from trader247.cli.main import execute
from trader247.domain.events.cycles import CycleDecided


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(scope="module")
def book() -> Path:
    """A book in which much was bought, sold and refused. Never change it."""
    return eventful_book()


def answered(capsys: pytest.CaptureFixture[str], data: Path, *words: str, code: int = 0) -> Any:
    assert execute([*words, "--data", str(data), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def said(capsys: pytest.CaptureFixture[str], data: Path, *words: str, code: int = 0) -> str:
    assert execute([*words, "--data", str(data)]) == code
    found = capsys.readouterr()
    return found.out if code in (0, 1) else found.err


def endings(data: Path) -> dict[int, CycleDecided]:
    with JournalReader.open(data / "paper-sim.db") as journal:
        return {
            each.event.cycle: each.event
            for each in journal.recorded()
            if isinstance(each.event, CycleDecided)
        }


def test_every_reason_of_any_cycle_is_explained_as_the_journal_has_it(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whether every product of every cycle is decided the same again is test_redeciding's."""
    asked = {
        ending.reason: (number, product, ending)
        for number, event in endings(book).items()
        for product, ending in event.endings.items()
    }
    assert {"no_trigger", "entry_sent", "holding"} < asked.keys()
    for number, product, ending in asked.values():
        found = answered(capsys, book, "why", str(product), "--cycle", str(number))
        assert (found["reason"], found["detail"]) == (ending.reason, ending.detail)
        assert found["as_recorded"]
        assert found["cycle"] == number


def test_an_entry_tells_its_whole_path_to_its_fill(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number, product = next(
        (number, product)
        for number, event in endings(book).items()
        for product, ending in event.endings.items()
        if ending.reason == "entry_sent"
    )
    text = said(capsys, book, "why", str(product).lower(), "--cycle", str(number))
    for part in (
        "universe",
        "regime",
        "signals",
        "TRIGGERED",
        "rule",
        "size",
        "gate",
        "sent",
        "answer",
        "acknowledged",
        "REASON     entry_sent",
        "CHANGE     would end in",
    ):
        assert part in text, part
    assert "SIMULATED MARKET" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_time_finds_the_last_cycle_at_or_before_it(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cycles = endings(book)
    at = str(cycles[20].at)
    with JournalReader.open(book / "paper-sim.db") as journal:
        recorded = journal.cycle(20)
        assert recorded is not None
        assert journal.cycle_at(recorded.time) == 20
        assert journal.cycle_at(recorded.time - (cycles[20].at - cycles[19].at)) == 19
        assert journal.cycle_at(cycles[1].at - (cycles[20].at - cycles[1].at)) is None
    assert answered(capsys, book, "why", "BTC-USD", "--at", at)["cycle"] in (19, 20)
    assert answered(capsys, book, "why", "BTC-USD")["cycle"] == CYCLES


def test_what_cannot_be_explained_is_said_with_what_can(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "the last one is 40" in said(capsys, book, "why", "BTC-USD", "--cycle", "41", code=2)
    assert "it looked at BTC-USD" in said(capsys, book, "why", "ZZZ-USD", code=2)
    assert "BASE-QUOTE" in said(capsys, book, "why", "bitcoin", code=2)
    assert "no cycle was decided at or before" in said(
        capsys, book, "why", "BTC-USD", "--at", "2020-01-01", code=2
    )
    assert "leave one of them out" in said(
        capsys, book, "why", "BTC-USD", "--at", "2026-01-06", "--cycle", "3", code=2
    )
    assert "is a span" in said(capsys, book, "why", "BTC-USD", "--at", "2h", code=2)
    assert said(capsys, tmp_path, "why", "BTC-USD", code=2)


def test_a_replay_of_every_cycle_comes_out_the_same(
    book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answered(capsys, book, "replay", f"1..{CYCLES}")
    assert (found["cycles"], found["is_same"], found["difference"]) == (CYCLES, True, None)
    assert "all the same" in said(capsys, book, "replay", "12..17")
    assert answered(capsys, book, "replay", str(CYCLES))["cycles"] == 1


def test_another_policy_shows_what_it_would_have_decided(
    book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = SHIPPED / "policy.yaml"
    found = answered(capsys, book, "replay", f"1..{CYCLES}", "--policy", str(shipped), code=1)
    first = found["difference"]
    assert first["cycle"] >= 1
    assert first["products"]
    one = first["products"][0]
    assert (one["reason"], one["detail"]) != (one["other_reason"], one["other_detail"])
    text = said(capsys, book, "replay", f"1..{CYCLES}", "--policy", str(shipped), code=1)
    assert f"decides otherwise in cycle {first['cycle']}" in text
    broken = tmp_path / "policy.yaml"
    broken.write_text("checks: {nope: 1}\n", encoding="utf-8")
    assert "unknown key" in said(capsys, book, "replay", "1", "--policy", str(broken), code=6)


def test_a_range_that_is_none_is_refused(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in ("x", "0", "5..2", "1..", "1-4"):
        said(capsys, book, "replay", text, code=2)
    assert "the last one is 40" in said(capsys, book, "replay", "99", code=2)


@pytest.mark.parametrize("number", ["999999", str(2**63), "9" * 40])
def test_a_cycle_that_never_was_is_said_however_large_its_number(
    number: str, book: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, book, "why", "BTC-USD", "--cycle", number, code=2)
    assert f"there is no cycle {number}; the last one is {CYCLES}" in text
