"""What is no character becomes a question mark; all else stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.domain.texts import SAID_MAX, legible, one_line


@pytest.mark.parametrize(
    ("text", "held"), [("", ""), ("é ₿", "é ₿"), ("odd \udcff", "odd ?"), ("\ud800", "?")]
)
def test_half_a_pair_is_no_character(text: str, held: str) -> None:
    assert legible(text) == held


@given(st.text(st.characters(categories=None)))
def test_whatever_it_is_a_database_takes_it(text: str) -> None:
    assert legible(text).encode("utf-8").decode("utf-8") == legible(legible(text))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("looks odd", "looks odd"),
        ("a\nALL IS WELL", "a ALL IS WELL"),
        ("a\r\x1b[2Jb\u202ec\u2028d", "a [2Jb c d"),
        (" \t\n", ""),
        ("é 😀 \udcff", "é 😀 ?"),
        ("x" * 5000, "x" * SAID_MAX),
    ],
)
def test_what_a_person_says_is_one_line_of_bounded_length(text: str, line: str) -> None:
    assert one_line(text) == line
