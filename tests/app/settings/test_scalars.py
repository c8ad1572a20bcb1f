"""From text to typed values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.app.settings.scalars import Unreadable, read_scalar
from trader247.app.settings.yaml_tree import Scalar
from trader247.core.limits import Bound
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Percent

WIDE: dict[str, Any] = {"bound": Bound(None, None, "quote", "anything")}


def read(text: str, kind: Any, *, quoted: bool = False, **metadata: Any) -> object:
    return read_scalar(Scalar(text, 1, is_plain=not quoted), kind, metadata)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9, min_value=-(10**12)))
def test_a_number_is_read_exactly_quoted_or_not(number: Decimal) -> None:
    text = format(number, "f")
    if len(text) > 40:
        return
    assert read(text, Money) == Money(number)
    assert read(text, Money, quoted=True) == Money(number)


def test_a_tenth_is_a_tenth() -> None:
    assert read("0.1", Decimal) == Decimal(1) / Decimal(10)


@pytest.mark.parametrize(
    "text",
    [
        "015",
        "08",
        "1e3",
        "1E3",
        ".nan",
        "nan",
        ".inf",
        "-.inf",
        "Infinity",
        "yes",
        "on",
        "true",
        "0x1F",
        "0o17",
        "1_000",
        "1,000",
        "1:30",
        "12:30:45",
        ".5",
        "5.",
        "+-1",
        "5 %",
        "1 000",
        "",
        "~",
        "null",
        "٣",
        "1.0000000000000000000000001",
        "9" * 50,
        "${EQUITY}",
    ],
)
@pytest.mark.parametrize("kind", [Decimal, Money, int])
def test_what_only_looks_like_a_number_is_refused(text: str, kind: type) -> None:
    with pytest.raises(Unreadable):
        read(text, kind)


@pytest.mark.parametrize("text", ["15.0", "1.5"])
def test_a_whole_number_has_no_point(text: str) -> None:
    with pytest.raises(Unreadable, match="whole"):
        read(text, int)


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "True", "TRUE", "1", "y"])
def test_only_true_and_false_are_booleans(text: str) -> None:
    with pytest.raises(Unreadable):
        read(text, bool)


def test_a_quoted_true_is_text() -> None:
    assert read("true", bool) is True
    with pytest.raises(Unreadable):
        read("true", bool, quoted=True)


def test_a_bound_holds_at_both_ends_and_no_further() -> None:
    bound = Bound(Decimal("0.1"), Decimal(5), "%", "a limit")
    assert read("5", Percent, bound=bound) == Percent.of(5)
    assert read("0.1", Percent, bound=bound) == Percent.of("0.1")
    for text in ("5.000000001", "0.09", "-5"):
        with pytest.raises(Unreadable) as refused:
            read(text, Percent, bound=bound)
        assert "from 0.1 to 5 %" in refused.value.allowed


def test_a_wrong_choice_is_answered_with_the_likely_one() -> None:
    with pytest.raises(Unreadable) as refused:
        read("limit_postonly", str, choices=("limit_post_only",))
    assert refused.value.suggestion == "limit_post_only"


@pytest.mark.parametrize("text", ["btc-usd", "BTC/USD", "BTC", "\u0412TC-USD", "BTC-USD ", "-USD"])
def test_a_product_is_written_exactly(text: str) -> None:
    assert read("BTC-USD", ProductId) == ProductId("BTC", "USD")
    with pytest.raises(Unreadable):
        read(text, ProductId)


def test_nothing_is_only_taken_where_it_is_allowed() -> None:
    assert read("null", Percent | None) is None
    assert read("null", str, quoted=True) == "null"
    with pytest.raises(Unreadable, match="nothing"):
        read("", str)
