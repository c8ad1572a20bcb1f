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
