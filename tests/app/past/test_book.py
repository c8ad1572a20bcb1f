"""The past is explained from the journal alone: no present limits, no exchange."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.app.small_books import copied

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.past.book import past_book
from trader247.app.past.explaining import explained
from trader247.app.past.replaying import replayed
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.problems import SettingsInvalid
from trader247.domain.errors import FeedMismatch, UsageError
from trader247.domain.ids import ProductId

BTC = ProductId.parse("BTC-USD")


@pytest.fixture
def alone(traded: Path, tmp_path: Path) -> Path:
    """A journal with its segments, as it comes to another machine, and nothing else."""
    data = copied(traded, tmp_path / "data")
    for each in data.iterdir():
        if each.name not in ("paper-sim.db", "paper-sim.segments"):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
    return data


def test_a_journal_alone_is_explained(alone: Path) -> None:
    found = explained(Choice(SHIPPED, alone), BTC, cycle=2, at=None)

    assert found.is_as_recorded
    assert found.source.market == "SIMULATED MARKET synthetic, seed 7"
    assert (found.source.mode, found.source.venue) == (Mode.PAPER, VenueName.SIM)
    assert replayed(Choice(SHIPPED, alone), 1, 3, None).is_same


def test_limits_that_would_be_refused_today_do_not_hide_the_past(
    alone: Path, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    shutil.copytree(SHIPPED, config)
    (config / "policy.yaml").write_text("risk: [broken")

    assert explained(Choice(config, alone), BTC, cycle=None, at=None).cycle == 3


def test_app_yaml_still_says_which_book_is_meant(alone: Path, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(SHIPPED, config)
    app = config / "app.yaml"
    app.write_text(app.read_text().replace('mode: "PAPER"', "mode: DRY_RUN"))
    with pytest.raises(UsageError), past_book(Choice(config, alone)):
        pass
    with past_book(Choice(config, alone, mode=Mode.PAPER)) as book:
        assert book.journal.opened is not None
    app.write_text(app.read_text().replace("mode: DRY_RUN", "mode: MAYBE"))
    with pytest.raises(SettingsInvalid), past_book(Choice(config, alone)):
        pass


def test_another_books_journal_is_refused(alone: Path) -> None:
    (alone / "paper-sim.db").rename(alone / "dry_run-sim.db")
    choice = Choice(SHIPPED, alone, mode=Mode.DRY_RUN)
    with pytest.raises(FeedMismatch), past_book(choice):
        pass
