"""Two reports: alike only where every decision is, and what differs is named."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import plotly.graph_objects
import pytest
from tests.report.stories import story, trade
from tests.report.test_page import EVIL, Seen, charts

from trader247.app.reports.comparing import compared_files, gated
from trader247.cli.main import execute
from trader247.domain.errors import UsageError
from trader247.report.charts.money import MINUS
from trader247.report.compare_page import compare_page
from trader247.report.comparing import Row, compared
from trader247.report.plain import as_json, written
from trader247.report.report import report_of
from trader247.report.story import Story

TRADES = tuple(trade(number, exit="110" if number % 2 else "94") for number in range(1, 11))
BASE = story(trades=TRADES)
OTHER = replace(
    BASE,
    trades=(*TRADES[:-1], trade(10, exit="111")),
    decisions="other",
    settings={"policy": {"risk": {"x": "2"}}},
)


def kept(told: Story, folder: Path) -> Path:
    folder.mkdir()
    (folder / "report.json").write_bytes(written(as_json(report_of(told))))
    return folder


def test_what_differs_is_named() -> None:
    found = compared(("a", "b"), [as_json(report_of(each)) for each in (BASE, OTHER)])
    assert not found.is_decided_alike
    assert [each.only_in for each in found.differences] == [0, 1]
    assert "differs in exit_price" in str(found.differences[0])
    assert found.share_pct == 10
    assert [(row.name, row.values) for row in found.settings] == [("policy.risk.x", ("1", "2"))]
    alike = compared(("a", "b"), [as_json(report_of(BASE))] * 2)
    assert alike.is_decided_alike
    assert not alike.differences
    assert all(row.is_alike for row in alike.figures)


def test_the_command_says_so_with_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = kept(BASE, tmp_path / "a"), kept(OTHER, tmp_path / "b")
    assert execute(["backtest", "compare", str(a), str(a / "report.json")]) == 0
    assert "every decision is the same" in capsys.readouterr().out
    assert execute(["backtest", "compare", str(a), str(b), "--out", str(tmp_path / "c")]) == 1
    out = capsys.readouterr().out
    assert "decisions differ" in out
    assert max(map(len, out.splitlines())) <= 80
    assert execute(["backtest", "compare", str(a), str(b), "--json"]) == 1
    body = json.loads(capsys.readouterr().out)
    assert body["schema_version"] == 1
    assert len(body["differences"]) == 2
    assert (tmp_path / "c" / "comparison.html").stat().st_size > 1_000_000


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema_version": 1}', "\x00"])
def test_what_is_no_report_is_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = kept(BASE, tmp_path / "a")
    (tmp_path / "b.json").write_text(text)
    assert execute(["backtest", "compare", str(a), str(tmp_path / "b.json")]) == 2
    assert execute(["backtest", "compare", str(a), str(tmp_path / "nowhere")]) == 2
    assert execute(["backtest", "compare", str(a)]) == 2
    assert "hint:" in capsys.readouterr().err


def test_a_baseline_passes_what_was_decided_alike_and_nothing_else(tmp_path: Path) -> None:
    base = kept(BASE, tmp_path / "a")
    assert gated(report_of(BASE), base, Decimal(0)).is_passed
    refused = gated(report_of(OTHER), base, Decimal(0))
    assert not refused.is_passed
    assert refused.differences
    assert gated(report_of(OTHER), base, Decimal(10)).is_passed
    assert not gated(report_of(OTHER), base, Decimal("9.9")).is_passed
    # Not one trade differs, and yet something was decided otherwise.
    assert not gated(report_of(replace(BASE, decisions="x")), base, Decimal(0)).is_passed


def test_a_baseline_without_trades_would_let_anything_pass(tmp_path: Path) -> None:
    base = kept(story(), tmp_path / "a")
    with pytest.raises(UsageError, match="no closed trade"):
        gated(report_of(BASE), base, Decimal(0))


def test_the_page_draws_the_same_for_each_and_escapes_their_names() -> None:
    bodies = [as_json(report_of(each)) for each in (BASE, OTHER, BASE)]
    names = ("one", EVIL, "three")
    text = compare_page(compared(names, bodies), bodies, library="")
    found = charts(text)
    assert {str(each["id"]) for each in found} >= {"nav", "drawdown_pct", "pnl-rule", "refused"}
    for each in found:
        plotly.graph_objects.Figure(data=each["traces"], layout=each["layout"])
        assert len(each["traces"]) == 3
    assert not [tag for tag, _ in Seen(text).tags if tag == "img"]


def test_no_setting_hides_another_and_money_has_its_hundredths() -> None:
    # A hash is wider than half of a page: in a column of its own width the next one was cut off.
    hashed = replace(OTHER, settings={"policy": {"hash": "f" * 64}})
    bodies = [as_json(report_of(each)) for each in (BASE, hashed)]
    text = compare_page(compared(("one", "two"), bodies), bodies, library="")
    tables = [words.get("class") for tag, words in Seen(text).tags if tag == "table"]
    assert "formulas settings" in tables
    fees = [Decimal(each["pnl"]["fees"]) for each in bodies]
    assert all(fee < 1000 for fee in fees)
    assert all(f">{fee:.2f} USD<" in text for fee in fees)


def test_reports_in_two_currencies_are_not_held_against_each_other(tmp_path: Path) -> None:
    # The second's amounts stood under the name of the first's currency.
    other = replace(BASE, origin=replace(BASE.origin, currency="EUR"))
    with pytest.raises(UsageError, match="a is in USD, b in EUR"):
        compared_files([kept(BASE, tmp_path / "a"), kept(other, tmp_path / "b")])
    with pytest.raises(UsageError, match="the baseline is in USD, this run in EUR"):
        gated(report_of(other), tmp_path / "a", Decimal(0))


def test_a_figure_is_told_as_its_report_tells_it_or_finer_where_that_hides_a_difference() -> None:
    assert Row("fills", ("7609", "62"), digits=0).texts == ("7,609", "62")
    assert Row("fees", ("86.0449", "86.0449"), "USD", 2).texts == ("86.04 USD", "86.04 USD")
    assert Row("return", ("-5.755", "1.5"), "%", 2).texts == ("-5.76 %", "1.50 %")
    # 0.02 % and 0.02 % would say that neither fell deeper.
    assert Row("drawdown", ("0.02335", "0.02015"), "%", 2).texts == ("0.023 %", "0.020 %")
    assert Row("ratio", ("-0.00001", "0"), digits=2).texts == ("0.00", "0.00")
    assert Row("Sharpe", (None, "1.5"), digits=2).texts == ("unknown", "1.50")
    # A setting is a text, whatever it looks like.
    assert Row("equity", ("1000000.0", "1e3")).texts == ("1000000.0", "1e3")


def test_the_page_and_the_terminal_tell_the_same_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = kept(BASE, tmp_path / "a"), kept(OTHER, tmp_path / "b")
    execute(["backtest", "compare", str(a), str(b), "--out", str(tmp_path)])
    told = capsys.readouterr().out
    page = (tmp_path / "comparison.html").read_text()
    figures = compared_files([a, b])[0].figures
    assert len(figures) > 20
    for row in figures:
        for each in row.texts:
            assert each in told, row
            assert f">{each.replace('-', MINUS)}<" in page, row


def test_how_a_report_is_called_says_nothing_of_its_column() -> None:
    # Folders of these names are columns of amounts: theirs were laid to the left, or coloured.
    bodies = [as_json(report_of(each)) for each in (BASE, OTHER)]
    names = ("month", "return")
    text = compare_page(compared(names, bodies), bodies, library="")
    assert '<th scope="col">month</th><th scope="col">return</th>' in text
    assert not re.search('class="(text )?(gain|loss)"', text)


def test_what_stopped_products_is_counted_in_wholes() -> None:
    bodies = [as_json(report_of(each)) for each in (BASE, OTHER)]
    text = compare_page(compared(("a", "b"), bodies), bodies, library="")
    reason, count = max(bodies[0]["refusals"].items(), key=lambda each: each[1])
    assert f"{reason}</td><td>{count:,}</td><td>{count:,}</td>" in text


def test_a_caution_of_several_reports_is_said_once() -> None:
    bodies = [as_json(report_of(each)) for each in (BASE, OTHER)]
    text = compare_page(compared(("a", "b"), bodies), bodies, library="")
    assert bodies[0]["cautions"] == bodies[1]["cautions"] != []
    for each in bodies[0]["cautions"]:
        assert text.count(each) == 1
        assert f"<p>a, b: {each}</p>" in text
