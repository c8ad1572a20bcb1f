"""Mode and venue: what people type, and what LIVE takes."""

from __future__ import annotations

import pytest

from trader247.app.books.modes import Mode, VenueName, effective_mode
from trader247.domain.errors import NotAllowed


@pytest.mark.parametrize("text", ["paper", "PAPER", " Paper "])
def test_a_mode_is_read_in_any_case(text: str) -> None:
    assert Mode.parse(text) is Mode.PAPER
    assert Mode.parse("dry-run") is Mode.parse("DRY_RUN") is Mode.DRY_RUN


def test_an_unknown_word_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="dry_run, paper and live"):
        Mode.parse("papr")
    with pytest.raises(ValueError, match="sim and coinbase"):
        VenueName.parse("binance")


def test_the_asked_mode_wins_and_the_configured_one_serves() -> None:
    assert effective_mode(None, configured=Mode.PAPER) is Mode.PAPER
    assert effective_mode(Mode.DRY_RUN, configured=Mode.PAPER) is Mode.DRY_RUN


@pytest.mark.parametrize(
    ("asked", "configured"),
    [(Mode.LIVE, Mode.PAPER), (None, Mode.LIVE), (Mode.PAPER, Mode.LIVE)],
)
def test_live_on_one_side_alone_is_refused_naming_both(
    asked: Mode | None, configured: Mode
) -> None:
    with pytest.raises(NotAllowed, match=f"app.mode: {configured.value}"):
        effective_mode(asked, configured=configured)


def test_live_on_both_sides_is_live() -> None:
    assert effective_mode(Mode.LIVE, configured=Mode.LIVE) is Mode.LIVE
