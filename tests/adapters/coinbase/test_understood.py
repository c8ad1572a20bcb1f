"""A row is understood once as long as it says the same, and anew where it differs in anything."""

from __future__ import annotations

import pytest

from trader247.adapters.coinbase.fields import Fields
from trader247.adapters.coinbase.understood import KEPT_MAX, Understood
from trader247.domain.errors import VenueError


class Reader:
    """Understands a row as the text of it, and counts how often it did."""

    def __init__(self) -> None:
        self.times = 0
        self.rows = Understood("order_id", self._understand)

    def _understand(self, fields: Fields) -> str:
        self.times += 1
        if fields.get("status") == "garbage":
            raise VenueError("cannot be read")
        return repr(dict(fields))


def row(order_id: object = "a", status: str = "OPEN", **more: object) -> dict[str, object]:
    return {"order_id": order_id, "status": status, "terms": {"price": "1"}, **more}


def test_the_same_row_is_understood_once() -> None:
    reader = Reader()
    assert reader.rows.of(row()) is reader.rows.of(row())
    assert reader.times == 1


@pytest.mark.parametrize(
    "changed",
    [row(status="FILLED"), row(terms={"price": "1.0"}), row(new="field"), {"order_id": "a"}],
)
def test_a_row_that_differs_in_anything_is_understood_anew(changed: dict[str, object]) -> None:
    reader = Reader()
    reader.rows.of(row())
    assert reader.rows.of(changed) == repr(changed)
    assert reader.rows.of(row()) == repr(row())
    assert reader.times == 3


def test_what_cannot_be_read_says_so_each_time_and_forgets_nothing() -> None:
    reader = Reader()
    reader.rows.of(row())
    for _ in range(2):
        with pytest.raises(VenueError):
            reader.rows.of(row(status="garbage"))
    reader.rows.of(row())
    assert reader.times == 3


def test_it_keeps_no_more_than_so_many_and_nothing_without_a_name() -> None:
    reader = Reader()
    for number in range(KEPT_MAX + 1):
        reader.rows.of(row(str(number)))
    reader.rows.of(row("0"))
    assert reader.times == KEPT_MAX + 2
    for _ in range(2):
        reader.rows.of(row(["no", "text"]))
    assert reader.times == KEPT_MAX + 4
