"""What a period made is told in parts that add up to it, exactly and to the shown cent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.report.stories import story

from trader247.cli.views.report import draw
from trader247.domain.money import NO_MONEY, Money
from trader247.report.made import Made
from trader247.report.page.page import page
from trader247.report.plain import as_json
from trader247.report.report import report_of
from trader247.report.scorecard import Metric
from trader247.report.story import Story


def told(made: Made) -> Story:
    return replace(story(), made=made)


# 10 at a mark of 58.4628, bought for 60: 5.26 of fee if sold. 0.04 came after the last measure.
MADE = Made(
    result=Money.of("-26.603652"),
    realised=Money.of("-6.006"),
    unrealised=Money.of("-15.376"),
    selling=Money.of("-5.261652"),
)


def test_what_no_part_explains_is_a_part_of_its_own() -> None:
    assert MADE.besides == Money.of("0.04")
    assert replace(MADE, selling=None).besides is None
    assert replace(MADE, result=None).besides is None


def test_report_json_has_every_part_exactly() -> None:
    body = as_json(report_of(told(MADE)))["made"]
    assert body == {
        "result": "-26.603652",
        "realised": "-6.006",
        "unrealised": "-15.376",
        "selling": "-5.261652",
        "besides": "0.04",
    }
    parts = [Decimal(body[name]) for name in ("realised", "unrealised", "selling", "besides")]
    assert sum(parts) == Decimal(body["result"])


@pytest.mark.parametrize(
    ("made", "rest"),
    [
        (MADE, "besides"),
        # -6.01 -15.38 -5.26 is -26.65, and -26.644 is told as -26.64.
        (replace(MADE, result=Money.of("-26.643652")), "rounding"),
        (replace(MADE, realised=Money.of("-6.00"), result=Money.of("-26.637652")), ""),
    ],
)
def test_shown_figures_add_up_to_the_cent(
    made: Made, rest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    draw(report_of(told(made)))
    lines = capsys.readouterr().out.splitlines()
    at = next(i for i, each in enumerate(lines) if each.startswith("realised"))
    end = next(i for i, each in enumerate(lines) if each.startswith("made"))
    rows = {each[:28].strip(): Decimal(each[28:40].strip()) for each in lines[at : end + 1]}
    whole = rows.pop("made")
    assert sum(rows.values()) == whole
    assert [name for name in rows if name in ("besides", "rounding")] == ([rest] if rest else [])
    shown = page(report_of(told(made)), hash="0", library="")
    assert "fee of selling what is held" in shown
    for figure in (*rows.values(), whole):
        assert f"{figure:+,.2f}".replace("-", "\u2212") in shown


def test_what_is_unknown_is_told_as_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    draw(report_of(told(Made(None, NO_MONEY, None, None))))
    out = capsys.readouterr().out
    assert "made" in out
    assert "UNKNOWN" in out


def test_what_rounds_to_nothing_is_not_told_as_less_than_that(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = report_of(story())
    for value, said in ((-0.0013, "0.00 %"), (-0.0051, "-0.01 %")):
        metric = Metric("total_return", "return", value, "%", "", "total_return")
        draw(replace(report, metrics=(metric,), win_interval=None))
        line = next(e for e in capsys.readouterr().out.splitlines() if e.startswith("return"))
        assert line.removeprefix("return").strip() == said
