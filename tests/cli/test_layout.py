"""Rows that fit, whatever is in them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from trader247.cli.layout import (
    Field,
    Section,
    arranged,
    columns,
    fitted,
    flowed,
    plain_row,
    row_text,
    spread,
    wrapped,
)
from trader247.cli.output import Cell

texts = some.text(some.characters(min_codepoint=32, max_codepoint=126), max_size=60)
sections = some.lists(
    some.builds(
        lambda head, rows, least: Section(
            tuple(map(plain_row, head)), tuple(map(plain_row, rows)), least=least, more="see there"
        ),
        some.lists(texts, min_size=1, max_size=2),
        some.lists(texts, max_size=12),
        some.integers(0, 4),
    ),
    max_size=6,
)


@given(sections, some.integers(20, 120), some.integers(10, 60))
def test_a_screen_never_holds_more_than_it_can(
    parts: list[Section], width: int, height: int
) -> None:
    rows = arranged(parts, width, height)
    assert len(rows) <= height
    assert all(len(row_text(row)) <= width for row in rows)


@given(sections)
def test_without_a_height_nothing_is_left_out(parts: list[Section]) -> None:
    rows = [row_text(row) for row in arranged(parts, 200, None)]
    for part in parts:
        for row in (*part.head, *part.rows):
            assert row_text(row) in rows


def test_what_does_not_fit_is_counted_and_pointed_at() -> None:
    part = Section((plain_row("head"),), tuple(plain_row(str(n)) for n in range(9)), more="look")
    rows = [row_text(row) for row in arranged([part], 40, 5)]
    assert rows == ["head", "0", "1", "2", "  … 6 more: look"]


def test_the_heaviest_column_goes_first() -> None:
    fields = [
        Field("product", (Cell("BTC-USD"),), is_figure=False),
        Field("entry", (Cell("100"),), weight=2),
        Field("bid", (Cell("101"),)),
        Field("worth", (Cell("50.00"),), weight=1),
    ]
    assert row_text(columns(fields, 80)[0]) == "product  entry  bid  worth"
    assert row_text(columns(fields, 20)[0]) == "product  bid  worth"
    assert row_text(columns(fields, 13)[1]) == "BTC-USD  101"


def test_parts_flow_to_the_next_row() -> None:
    parts = [plain_row("aaaa"), plain_row("bbbb"), plain_row("cc")]
    assert [row_text(row) for row in flowed(parts, 10, indent=2)] == ["aaaa  bbbb", "  cc"]


def test_both_edges_of_a_row_are_used() -> None:
    assert row_text(spread(plain_row("left"), plain_row("right"), 12)) == "left   right"
    assert row_text(spread(plain_row("left is long"), plain_row("right"), 12)) == "left…  right"


def test_a_cut_is_seen() -> None:
    assert row_text(fitted(plain_row("abcdef"), 4)) == "abc…"
    assert row_text(fitted(plain_row("abcd"), 4)) == "abcd"


def test_a_sentence_breaks_between_words() -> None:
    assert [row_text(row) for row in wrapped("one two three", 8, indent=1)] == [
        " one two",
        " three",
    ]


def test_text_from_outside_cannot_leave_its_row() -> None:
    assert row_text(plain_row("a\nb\x1b[2Jc\td")) == "a b[2Jc d"
