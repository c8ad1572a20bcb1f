"""How reports that are held against each other are shown."""

from __future__ import annotations

import pytest

from trader247.cli.views.compare import draw
from trader247.report.comparing import Comparison, Row


def test_a_loss_that_rounds_to_nothing_is_told_as_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    figures = (
        Row("return", ("-0.0001", "-0.02"), "%", 2),
        Row("Sharpe", ("-0.00001", "1.5"), digits=2),
    )
    draw(Comparison(("a", "b"), True, figures, (), (), (), (0, 0)))
    out = capsys.readouterr().out
    assert "-0.0 " not in out
    assert "-0.00 %" not in out
    assert "-0.0000" not in out
    assert "0.00 %" in out
    assert "-0.02 %" in out


def test_a_narrow_screen_shows_what_every_report_has(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # At 40 columns there were the names of the figures, and none of them.
    names = ("before", "after", "a-report-of-a-long-name")
    figures = (
        Row("buy and hold: max drawdown", ("18.18", "17.5", "3.25"), "%", 2),
        Row("equity", ("999826.09", "1000327.44", "12.5"), "USD", 2),
    )
    for width in (40, 80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        draw(Comparison(names, True, figures, (), (), (), (0, 0, 0)))
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= width
        for each in (*figures[0].texts, *figures[1].texts, *names):
            assert any(each in line for line in lines), (width, each)
