"""The journal of trials where more than one sweep writes, or one is cut off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from trader247.app.sweeps.counting import NAME, TrialJournal
from trader247.domain.time import Instant

NOW = Instant.parse("2026-01-05T00:00:00Z")


def test_sweeps_that_end_together_are_counted_one_after_the_other(tmp_path: Path) -> None:
    def note(number: int) -> None:
        TrialJournal(tmp_path).note(at=NOW, sweep=str(number), data="d", trials=2)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(24)))
    assert TrialJournal(tmp_path).trials_on("d") == 48


def test_a_line_without_an_end_was_never_written(tmp_path: Path) -> None:
    journal = TrialJournal(tmp_path)
    journal.note(at=NOW, sweep="a", data="d", trials=2)
    whole = (tmp_path / NAME).read_bytes()
    journal.note(at=NOW, sweep="b", data="d", trials=3)
    for kept in (len(whole) + 40, (tmp_path / NAME).stat().st_size - 1):
        with (tmp_path / NAME).open("r+b") as file:
            file.truncate(kept)
        assert journal.trials_of("b") == 0
        journal.note(at=NOW, sweep="b", data="d", trials=3)
        assert (journal.trials_of("b"), journal.trials_on("d")) == (3, 5)


def test_what_was_tried_on_other_candles_is_counted_apart(tmp_path: Path) -> None:
    journal = TrialJournal(tmp_path)
    for data, trials in (("mended", 2), ("before", 5), ("mended", 1)):
        journal.note(at=NOW, sweep="a", data=data, trials=trials)
    assert (journal.trials_on("mended"), journal.trials_on_other("mended")) == (3, 5)
