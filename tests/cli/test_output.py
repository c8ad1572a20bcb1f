"""What reaches stdout."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.app.books.modes import Mode
from trader247.cli.output import (
    Cell,
    Column,
    Tone,
    clean,
    emit_json,
    show,
    show_code,
    show_table,
)
from trader247.cli.plain import plain_data
from trader247.domain.ids import ProductId
from trader247.domain.money import Money
from trader247.domain.time import Instant


def test_json_has_its_version_exact_figures_and_null(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json(
        {
            "equity": Money.of("10000.10"),
            "small": Decimal("1E-8"),
            "unknown": None,
            "time": Instant(0),
            "product": ProductId("BTC", "USD"),
            "mode": Mode.PAPER,
            "age": timedelta(milliseconds=1500),
        }
    )
    assert json.loads(capsys.readouterr().out) == {
        "schema_version": 1,
        "equity": "10000.1",
        "small": "0.00000001",
        "unknown": None,
        "time": str(Instant(0)),
        "product": "BTC-USD",
        "mode": "PAPER",
        "age": "1.5",
    }


class Terminal(io.StringIO):
    """A stream that somebody looks at."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_long_lines_broken_between_words_and_code_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    monkeypatch.setattr("sys.stdout", terminal := Terminal())
    show("  refused ETH-USD: it waits for a yes")
    show_code("curl --cacert /tmp/ca.pem https://localhost")

    assert terminal.getvalue().splitlines() == [
        "  refused ETH-USD: it",
        "    waits for a yes",
        "curl --cacert /tmp/ca.pem https://localhost",
    ]


def test_whoever_pipes_text_gets_a_line_a_fact(capsys: pytest.CaptureFixture[str]) -> None:
    line = "  refused ETH-USD: it waits for a yes " * 5
    show(line)

    assert capsys.readouterr().out == f"{line}\n"


def test_a_float_has_no_json_form() -> None:
    with pytest.raises(TypeError):
        plain_data({"price": 0.1})


@given(st.text())
def test_no_control_or_direction_character_survives(text: str) -> None:
    cleaned = clean(text)
    assert all(each.isprintable() or each == "\n" or each.isspace() for each in cleaned)
    assert "\x1b" not in cleaned
    assert "\u202e" not in cleaned


def test_plain_text_stays_as_it_is() -> None:
    assert clean("3 % → ok, é") == "3 % → ok, é"
    assert clean("a\x1b[31mb\rc\x00") == "a[31mbc"


def test_a_table_holds_at_80_columns_without_colour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    show_table(
        [Column("product"), Column("figure", is_figure=True), Column("why", is_wide=True)],
        [
            ["BTC-USD", "12.5", Cell("a long reason " * 12, Tone.BAD)],
            ["[red]x", "1", "\x1b[31mred"],
        ],
    )
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "[red]x" in text


def test_a_table_that_goes_into_a_file_fills_no_line_up(capsys: pytest.CaptureFixture[str]) -> None:
    show_table((Column("fault"), Column("what", is_wide=True)), [("F1", "a name"), ("F2", "none")])
    lines = capsys.readouterr().out.splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert " F1      a name" in lines
    assert " F2      none" in lines


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_no_figure_of_a_table_is_cut_however_narrow_the_screen(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    columns = [
        Column("control"), Column("value", is_figure=True), Column("limit", is_wide=True),
        Column("left", is_figure=True), Column("state"), Column("age", is_figure=True),
    ]  # fmt: skip
    show_table(
        columns,
        [
            ["daily_stop", "-2.9592", "-3 % of the equity of the day", "0.0408", "ok", "0s"],
            ["quote_age.at_the_venue", Cell("UNKNOWN"), "-", "-", "tripped", "-"],
        ],
    )
    out = capsys.readouterr().out
    words = set(out.replace(",", " ").split())
    assert {"daily_stop", "-2.9592", "0.0408", "ok", "0s", "UNKNOWN", "tripped"} <= words
    assert max(map(len, out.splitlines())) <= width
