"""A verdict is put into words when it is read, and says the same whenever that is."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest
from tests.core.risk.risk_values import (
    BTC,
    a_context,
    a_portfolio,
    a_position,
    an_entry,
    an_exit,
    default_checks,
)

from trader247.adapters.sqlite.codec import decode, encode
from trader247.cli.plain import plain_data
from trader247.core.risk.check import Check, Context, ask_of, ratio
from trader247.core.risk.gate import judge
from trader247.core.risk.reservations import AtRisk
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Price
from trader247.domain.orders import Side
from trader247.domain.position import Lot
from trader247.domain.proposals import Proposal, Purpose
from trader247.domain.verdicts import Verdict

LAZY = Verdict.of("capital", True, ("{} of {}", (Decimal("2.50"), 8), BTC), Money.of(7), 5, "quote")
TOLD = Verdict.of("capital", True, "2.5 of BTC-USD", "7", "5", "quote")


def test_a_verdict_reads_the_same_however_its_words_were_given() -> None:
    assert (LAZY.detail, LAZY.value, LAZY.limit) == ("2.5 of BTC-USD", "7", "5")
    assert LAZY == TOLD
    assert hash(LAZY) == hash(TOLD)
    assert repr(LAZY) == repr(TOLD)
    other = Verdict.of("capital", True, "2.5 of BTC-USD", "7", "6", "quote")
    assert other != LAZY
    assert tuple(LAZY) != LAZY


def test_a_verdict_is_stored_and_copied_in_words() -> None:
    assert decode(Verdict, encode(LAZY)) == TOLD
    assert encode(LAZY) == encode(TOLD)
    assert copy.deepcopy(LAZY) == TOLD
    assert encode(Verdict.of("pace", False, "unknown"))["value"] is None
    assert plain_data((LAZY,)) == [
        {
            "check": "capital",
            "is_allowed": True,
            "detail": "2.5 of BTC-USD",
            "value": "7",
            "limit": "5",
            "unit": "quote",
        }
    ]


def test_a_figure_is_rounded_when_it_is_read() -> None:
    third = Decimal(1) / Decimal(3)
    assert Verdict.of("capital", True, ("{} left", (third, 2)), (third, 4)).detail == "0.33 left"
    assert Verdict.of("capital", True, "", (third, 4), (Decimal("5E+2"), 8)).value == "0.3333"
    assert Verdict.of("capital", True, "", (third, 4), (Decimal("5E+2"), 8)).limit == "500"


def test_what_a_person_wrote_is_never_a_template() -> None:
    assert Verdict.of("banned", False, "collar:{0} {}").detail == "collar:{0} {}"
    assert Verdict.of("banned", False, ("cause: {}", "{x}")).detail == "cause: {x}"


def test_nothing_of_a_verdict_can_be_changed() -> None:
    with pytest.raises(AttributeError):
        LAZY.is_allowed = False  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del LAZY.detail


def test_a_ratio_is_divided_when_it_is_read() -> None:
    third = (ratio, Decimal(1), Decimal(3), Decimal(100))
    told = Verdict.of("capital", True, ("{} %", third), third, (ratio, Decimal(1), Decimal(3)))
    assert (told.detail, told.value, told.limit) == ("33.3333 %", "33.3333", "0.3333")


def test_a_named_value_is_told_by_its_name() -> None:
    assert Verdict.of("order_type", True, ("{} it", Side.BUY), Side.SELL).detail == "BUY it"
    assert Verdict.of("order_type", True, "", Side.SELL).value == "SELL"


@pytest.mark.parametrize("proposal", [an_entry(), an_exit()], ids=["entry", "exit"])
def test_the_gate_says_of_an_order_what_each_check_says_of_it(proposal: Proposal) -> None:
    context = a_context(a_portfolio(*([] if proposal.is_entry else [a_position()])))
    (answer,) = judge(
        [proposal], context.snapshot, context.portfolio, context.policy, equity=context.equity
    )
    assert answer.verdicts == tuple(each.judge(proposal, context) for each in context.policy.checks)
    assert len(answer.verdicts) == len(default_checks())


def test_a_figure_that_is_kept_is_that_of_its_own_value() -> None:
    """What is worked out once belongs to one value: a changed copy works out its own."""
    from dataclasses import replace

    entry, held = an_entry(), a_position()
    assert entry.notional == entry.price * entry.quantity
    dearer = replace(entry, price=entry.price * Decimal(2))
    assert dearer.notional == dearer.price * dearer.quantity != entry.notional
    before = (held.quantity, held.entry_price)
    lot = Lot(held.quantity, Price.of(9), Money.of(0), held.opened)
    more = replace(held, lots=(*held.lots, lot))
    assert more.quantity == before[0] + lot.quantity
    assert more.entry_price != before[1]
    assert (held.quantity, held.entry_price) == before
    assert {BTC: 1}[ProductId("BTC", "USD")] == 1


def test_a_product_is_one_object_however_it_came() -> None:
    names = [ProductId("BTC", "USD"), ProductId.parse("BTC-USD"), copy.deepcopy(BTC)]
    assert all(each is BTC for each in [*names, pickle.loads(pickle.dumps(BTC))])
    assert sorted([BTC, ProductId("BTC", "EUR"), ProductId("ADA", "USD")])[1:] == [
        ProductId("BTC", "EUR"),
        BTC,
    ]


def test_what_is_at_risk_is_unknown_where_one_part_of_it_is() -> None:
    book = a_portfolio(a_position(), marks={})
    found = AtRisk.of(book)
    assert found.total is None
    assert found.of_all({BTC} | set(book.positions)) is None
    assert found.products == set(book.positions)


def test_every_purpose_is_asked_of_every_check() -> None:
    policy = a_context().policy
    for purpose in Purpose:
        assert len(policy.asked(purpose)) == len(policy.checks)


def test_a_check_that_judges_by_itself_is_asked_as_it_judges() -> None:
    class Own(Check):
        id = "own"

        def judge(self, proposal: Proposal, context: Context) -> Verdict:
            return Verdict.of("own", proposal.product == BTC, "by itself")

    for purpose, wish in ((Purpose.ENTRY, an_entry()), (Purpose.EXIT, an_exit())):
        assert ask_of(Own(), purpose)(wish, a_context()) == (True, "by itself", None, None, "")
