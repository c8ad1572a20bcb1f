"""What is no character becomes a question mark; all else stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.domain.texts import legible


@pytest.mark.parametrize(
    ("text", "held"), [("", ""), ("é ₿", "é ₿"), ("odd \udcff", "odd ?"), ("\ud800", "?")]
)
def test_half_a_pair_is_no_character(text: str, held: str) -> None:
    assert legible(text) == held


@given(st.text(st.characters(categories=None)))
def test_whatever_it_is_a_database_takes_it(text: str) -> None:
    assert legible(text).encode("utf-8").decode("utf-8") == legible(legible(text))
