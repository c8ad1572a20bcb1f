"""What is read briefly is the same ledger, and the same report, as what is read in full."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.adapters.sqlite.journal_values import Market, a_cycle
from tests.app.busy_books import eventful_book

from trader247.adapters.sqlite import brief
from trader247.adapters.sqlite.brief import BriefReader
from trader247.adapters.sqlite.chain import Row, canonical
from trader247.adapters.sqlite.codec import UnreadableRecord
from trader247.adapters.sqlite.kinds import to_payload
from trader247.adapters.sqlite.reader import JournalReader
from trader247.cli.main import execute
from trader247.core.booking import fold
from trader247.domain.events.cycles import CycleDecided, Ending, SegmentRef
from trader247.domain.portfolio import Portfolio
from trader247.domain.verdicts import Verdict

SEEN = SegmentRef("2026-01.seg", 0, 1, "")


@pytest.fixture(scope="module")
def journal() -> Path:
    (path,) = eventful_book().glob("paper-sim.db")
    return path


def _row(event: CycleDecided, *, v: int = CycleDecided.v, payload: str | None = None) -> Row:
    text = canonical(to_payload(event)) if payload is None else payload
    return Row(7, v, str(event.at), event.kind, event.ref, text, "", "a hash")


def _cycle() -> CycleDecided:
    return a_cycle(Market(3, products=4, window=3).snapshot(), SEEN)


def test_each_event_but_for_a_cycles_words_is_what_it_is(journal: Path) -> None:
    cycles = 0
    with JournalReader.open(journal) as reader:
        for whole, short in zip(reader.recorded(), reader.briefly(), strict=True):
            expected = whole
            if isinstance(whole.event, CycleDecided):
                cycles += bool(whole.event.verdicts)
                endings = {
                    key: Ending(each.reason, "") for key, each in whole.event.endings.items()
                }
                event = replace(whole.event, verdicts={}, endings=endings)
                expected = replace(whole, event=event)
            assert short == expected
    assert cycles, "verdicts were left out"


def test_the_ledger_of_what_is_read_briefly_is_the_ledger(journal: Path) -> None:
    whole, short = Portfolio(), Portfolio()
    with JournalReader.open(journal) as reader:
        for one, other in zip(reader.recorded(), reader.briefly(), strict=True):
            whole, short = fold(whole, one), fold(short, other)
            assert whole == short
    assert whole.fills_booked, "something was traded"


def test_a_report_read_in_full_has_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(eventful_book())
    for name in ("short", "whole"):
        if name == "whole":
            monkeypatch.setattr(JournalReader, "briefly", JournalReader.recorded)
        assert execute(["report", "--data", data, "--out", str(tmp_path / name)]) == 0
    capsys.readouterr()
    for file in ("report.json", "report.html"):
        assert (tmp_path / "short" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()
    assert json.loads((tmp_path / "short" / "report.json").read_bytes())["trades"]


def test_a_detail_that_looks_like_the_verdicts_cuts_nothing_off() -> None:
    event = _cycle()
    (product, *_) = event.endings
    trap = '"},"verdicts":{"'
    endings = {**event.endings, product: Ending("no_trigger", trap)}
    verdicts = {product: (Verdict.of("arming", True, trap),)}
    row = _row(replace(event, endings=endings, verdicts=verdicts))
    read = BriefReader().recorded(row).event
    expected = {each: Ending("no_trigger", "") for each in event.endings}
    assert read == replace(event, endings=expected, verdicts={})


def test_endings_are_made_once_and_no_more_are_kept_than_have_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(brief, "_ENDINGS_MAX", 2)
    event = _cycle()
    (product, *_) = event.endings
    rows = [
        _row(replace(event, endings={**event.endings, product: Ending(reason, "7")}))
        for reason in ("no_rule", "no_trigger", "pace")
    ]
    reader = BriefReader()

    def ended(row: Row) -> object:
        read = reader.recorded(row).event
        assert isinstance(read, CycleDecided)
        return read.endings

    first = ended(rows[0])
    assert ended(rows[0]) is first
    ended(rows[1])
    assert ended(rows[0]) is first
    ended(rows[2])  # more than two: all are forgotten
    assert len(reader._known) == 1
    assert ended(rows[0]) == first


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((r'"endings":\{.*?\}\}', '"endings":7'), "a cycle without its endings"),
        ((r'"regime":"chop"', '"regime":7'), "expected text, found 7"),
        ((r'"cycle":1,', ""), "expected CycleDecided"),
        ((r"^\{", ""), "is unreadable"),
    ],
)
def test_a_cycle_of_another_shape_is_refused_by_its_number(
    change: tuple[str, str], said: str
) -> None:
    event = _cycle()
    text, count = re.subn(change[0], change[1], canonical(to_payload(event)), count=1)
    assert count == 1
    with pytest.raises(UnreadableRecord, match=f"event 7.*{said}"):
        BriefReader().recorded(_row(event, payload=text))


def test_a_cycle_of_an_earlier_version_is_read_as_ever() -> None:
    event = _cycle()
    payload = to_payload(event)
    for name in ("reconnects", "is_slow", "is_disk_low", "skew"):
        del payload[name]
    assert BriefReader().recorded(_row(event, v=1, payload=canonical(payload))).event == event
