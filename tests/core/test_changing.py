"""A value is changed as the standard library changes it."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from datetime import timedelta
from decimal import Decimal

import pytest

from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import DecisionId, ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import HighPoint, Portfolio
from trader247.domain.position import Lot, Position
from trader247.domain.proposals import ExitPlan, Proposal, Purpose
from trader247.domain.time import Instant


def test_each_field_is_changed_alone_and_the_rest_stays() -> None:
    book = Portfolio(seq=3, cycle=7, cash=Money.of(5), entries_sent=(Instant(1),))
    for field in dataclasses.fields(Portfolio):
        changed = replace(book, **{field.name: field})  # type: ignore[arg-type]  # anything differs
        assert changed == dataclasses.replace(book, **{field.name: field})  # type: ignore[arg-type]
        assert changed != book
    assert replace(book) == book
    assert replace(Instant(4), us=5) == Instant(5)


def test_a_field_that_is_none_is_an_error() -> None:
    with pytest.raises(TypeError, match="HighPoint has no field 'value'"):
        replace(HighPoint(Instant(1), Money.of(1).value), value=1)  # type: ignore[call-arg]


def test_what_is_changed_is_of_its_class_and_frozen() -> None:
    book = replace(Portfolio(), cycle=3)
    assert type(book) is Portfolio
    assert not hasattr(book, "sums"), "what one book has at risk is no other one's"
    with pytest.raises(dataclasses.FrozenInstanceError):
        book.cycle = 4  # type: ignore[misc]
    with pytest.raises(TypeError, match="has no field 'sums'"):
        replace(book, sums=1)  # type: ignore[call-arg]


def test_what_follows_from_the_fields_follows_from_the_changed_ones() -> None:
    wish = Proposal(
        product=ProductId("BTC", "USD"),
        side=Side.BUY,
        purpose=Purpose.ENTRY,
        order_type=OrderType.POST_ONLY_GTD,
        price=Price.of(100),
        quantity=Quantity.of(2),
        reference=Price.of(100),
        strategy="s",
        rule="r",
        decision_id=DecisionId("1:BTC-USD"),
        leg=0,
        score=Decimal(1),
        lifetime=timedelta(minutes=1),
    )
    changed = replace(wish, price=Price.of(90), purpose=Purpose.EXIT)
    assert (changed.notional, changed.is_entry) == (Money.of(180), False)
    assert (wish.notional, wish.is_entry) == (Money.of(200), True)


@pytest.mark.parametrize("trailing", [None, Decimal("0.02")])
def test_a_position_that_rose_knows_what_one_made_anew_works_out(trailing: Decimal | None) -> None:
    plan = ExitPlan(Decimal("0.05"), Decimal("0.06"), timedelta(hours=4), trailing)
    lot = Lot(Quantity.of(2), Price.of(100), Money.of(1), Instant(0))
    held = Position(
        product=ProductId("BTC", "USD"),
        lots=(lot,),
        strategy="s",
        rule="r",
        decision_id=DecisionId("1:BTC-USD"),
        plan=plan,
        opened=Instant(0),
        highest=Price.of(100),
    )
    figures = ("quantity", "cost", "entry_price", "stop", "target")
    before = [getattr(held, name) for name in figures]
    risen, anew = held.with_high(Price.of(110)), replace(held, highest=Price.of(110))
    assert risen == anew
    assert [getattr(risen, name) for name in figures] == [getattr(anew, name) for name in figures]
    assert (risen.stop == held.stop) is (trailing is None)
    assert before == [getattr(held, name) for name in figures]


@dataclass(frozen=True, slots=False)
class _Room:
    """A value whose fields lie in one dictionary."""

    width: int
    depth: int
    height: int = 2

    def __post_init__(self) -> None:
        if self.width < 0:
            raise ValueError("no room is so narrow")


def test_what_lies_in_a_dictionary_is_changed_as_what_has_slots() -> None:
    # The first of its class that anybody has was read, and not made.
    read = object.__new__(_Room)
    read.__setstate__([1, 2, 3])  # type: ignore[attr-defined]  # every value has it
    wider = replace(read, width=5)
    assert (type(wider), wider) == (_Room, _Room(5, 2, 3))
    assert read == _Room(1, 2, 3) == pickle.loads(pickle.dumps(read))
    assert copy.deepcopy(wider) == wider
    with pytest.raises(dataclasses.FrozenInstanceError):
        wider.depth = 4  # type: ignore[misc]
    with pytest.raises(ValueError, match="so narrow"):
        replace(wider, width=-1)
    with pytest.raises(TypeError, match="_Room has no field 'colour', 'weight'"):
        replace(wider, weight=1, colour=2)  # type: ignore[call-arg]
