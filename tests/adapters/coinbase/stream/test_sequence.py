"""Numbers of a stream: what was lost, what is old, and what it is that is counted."""

from __future__ import annotations

import pytest

from trader247.adapters.coinbase.stream.sequence import Sequence, Step


def judged(*numbered: tuple[int, str | None]) -> list[str]:
    sequence = Sequence()
    return [sequence.take(number, product).value for number, product in numbered]


def test_a_connection_is_counted_over_all_products() -> None:
    assert judged((0, None), (1, None), (2, "A"), (3, "B"), (4, "A")) == ["next"] * 5


def test_each_product_may_be_counted_instead() -> None:
    found = judged((0, None), (1, None), (0, "A"), (1, "A"), (0, "B"), (2, None), (2, "A"))
    assert found == ["next"] * 7


@pytest.mark.parametrize("lost", [4, 5, 1_000])
def test_a_number_left_out_is_a_gap(lost: int) -> None:
    assert judged((0, None), (1, None), (2, "A"), (lost, "A"))[-1] == "gap"


def test_a_gap_in_one_product_is_one_where_products_are_counted() -> None:
    assert judged((0, None), (1, None), (0, "A"), (2, "A"))[-1] == "gap"


def test_a_repeated_number_and_one_that_comes_late_are_old() -> None:
    found = judged((0, None), (1, None), (2, "A"), (3, "A"), (3, "A"), (1, None), (4, "A"))
    assert found[4:] == ["old", "old", "next"]


def test_the_first_message_lost_is_a_gap() -> None:
    assert Sequence().take(1, None) is Step.GAP
