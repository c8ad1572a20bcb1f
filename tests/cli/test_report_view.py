"""How a report is shown in a terminal, however narrow."""

from __future__ import annotations

import re

import pytest
from tests.report.stories import story, trade

from trader247.cli.views.report import draw
from trader247.report.report import report_of


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_name_touches_its_figure(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # On 40 columns `max drawdown0.02 %` stood beside the next, both of them wider than the screen.
    monkeypatch.setenv("COLUMNS", str(width))
    report = report_of(story(trades=tuple(trade(number) for number in range(1, 30))))
    draw(report)
    lines = capsys.readouterr().out.splitlines()
    said = [each for each in report.metrics if each.value is not None]
    assert len(said) > 10
    for each in said:
        beside = [
            line for line in lines if re.search(rf"(^|  ){re.escape(each.name)} +-?[\d,]", line)
        ]
        assert beside, each.name
        assert max(map(len, beside)) <= width
    for each in report.metrics:
        if each.value is None:
            told = " ".join(lines)
            assert f"{each.name}: unknown, {each.reason}" in told
