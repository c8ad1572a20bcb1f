"""What a person accepts of fills that were set aside moves what they are, and nothing besides."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from tests.truth.story import PLAN, Row, Story, judged, time_text
from tests.truth.test_going_back import LOST, OTHER, GoneBack

ADOPTED = "0.1"
SOLD = Decimal("0.1")
Told = tuple[str, Row]
Change = Callable[[list[Told]], list[Told]]


def as_told(fill: Row) -> Row:
    return {
        "entry_id": fill["entry_id"], "order_id": fill["order_id"], "product": fill["product_id"],
        "side": fill["side"], "price": fill["price"], "quantity": fill["size"], "fee": fill["fee"],
        "time": time_text(fill["time_us"]),
    }  # fmt: skip


def unchanged(events: list[Told]) -> list[Told]:
    return events


def accepted(change: Change = unchanged, *, is_set_aside: bool = True, times: int = 1) -> list[str]:
    """A tenth of an ether came, was adopted and sold; somebody went back to when it was foreign,
    and accepts what is set aside. `change` is what the trader does otherwise.
    """
    back, fills = GoneBack(), list[Row]()

    def came(story: Story) -> None:
        story.wallets["ETH"] += SOLD
        story.tell("moved", currency="ETH", amount=ADOPTED)
        total = str(story.wallets["ETH"])
        story.exchange(wallets=[{"currency": "ETH", "total": total, "hold": "0"}])
        story.journal(("foreign_seen", {"currency": "ETH", "quantity": ADOPTED}))

    def sold(story: Story) -> None:
        terms = {
            "product": "ETH-USD", "quantity": ADOPTED, "price": "2000", "fee": "1", "mark": "2010",
            "plan": PLAN, "decision_id": "adopted-1:ETH-USD", "reason": "", "operator": "",
        }  # fmt: skip
        story.journal(("holding_adopted", terms))
        story.record(LOST, side="SELL", product="ETH-USD", price="2000", size=ADOPTED, leg=1)
        number = story.send(LOST, bid="2000", ask="2001")
        story.create(LOST)
        story.answer(number)
        story.take(LOST)

    def filled(story: Story) -> None:
        fills.append(story.fill(LOST))

    def aside(story: Story) -> None:
        story.record(LOST, side="SELL", product="ETH-USD", price="2000", size=ADOPTED, leg=1)
        story.take(LOST)
        cause = "more than is held"
        if is_set_aside:
            story.journal(("fill_quarantined", {"fill": as_told(fills[0]), "cause": cause}))

    def accepts(story: Story) -> None:
        flow = SOLD * 2000 - Decimal(fills[0]["fee"])
        events: list[Told] = [
            (
                "fills_accepted",
                {"client_order_id": LOST, "fills": [as_told(fills[0])], "reason": "sold"},
            ),
            ("foreign_seen", {"currency": "ETH", "quantity": "0"}),
            ("cash_flowed", {"amount": str(flow), "cause": "sold"}),
        ]
        for _ in range(times):
            story.journal(*change(events))

    found = judged(came, back.backed_up, sold, filled, back.restored, aside, accepts)
    return [each.text for each in found if each.invariant in ("I2", "I7", "I8", "I9")]


def otherwise(kind: str, **words: str) -> Change:
    """The same with another figure in the events of one kind; without them where none is given."""

    def change(events: list[Told]) -> list[Told]:
        told = [
            (each, {**payload, **words} if each == kind else payload) for each, payload in events
        ]
        return [each for each in told if words or each[0] != kind]

    return change


def of_fills(**words: str) -> Change:
    def change(events: list[Told]) -> list[Told]:
        (kind, payload), *rest = events
        fills = [{**each, **words} for each in payload["fills"]]
        return [(kind, {**payload, "fills": fills}), *rest]

    return change


def is_found(text: str, change: Change = unchanged) -> bool:
    return any(text in each for each in accepted(change))


def test_what_was_set_aside_is_accepted_as_it_was() -> None:
    assert accepted() == []


@pytest.mark.parametrize(
    "change",
    [
        otherwise("cash_flowed", amount="198"),
        otherwise("cash_flowed", amount="200"),
        otherwise("cash_flowed"),
        otherwise("foreign_seen", quantity="0.05"),
        otherwise("foreign_seen"),
        lambda events: events[:1],
    ],
)
def test_no_more_and_no_less_is_moved_than_was_set_aside(change: Change) -> None:
    assert is_found("did not move what it should have", change)


def test_what_moves_besides_has_to_agree_with_the_wallet_as_ever() -> None:
    more: Told = ("cash_flowed", {"amount": "5", "cause": "and this"})
    assert is_found("after what a person explained", lambda events: [*events, more])


@pytest.mark.parametrize("words", [{"price": "2001"}, {"quantity": "0.2"}, {"fee": "0"}])
def test_a_fill_is_accepted_with_its_own_figures(words: dict[str, str]) -> None:
    assert is_found("was accepted with other figures than it has", of_fills(**words))


def test_what_was_never_made_or_never_set_aside_is_not_accepted() -> None:
    assert is_found("the exchange never made it", of_fills(entry_id="none"))
    assert any("was not set aside" in each for each in accepted(is_set_aside=False))


def test_it_is_accepted_once() -> None:
    assert any("accepted twice" in each for each in accepted(times=2))


def test_an_order_is_not_ended_by_a_part_of_what_lacks() -> None:
    def none(events: list[Told]) -> list[Told]:
        return [(events[0][0], {**events[0][1], "fills": []})]

    assert is_found("is no order that has any", none)
    assert is_found("0.2 of it are known", of_fills(quantity="0.2"))


def test_nothing_is_accepted_that_nobody_asked_for() -> None:
    told: Row = {"client_order_id": LOST, "fills": [], "reason": "sold"}

    def is_wrong(*, is_asked: bool) -> bool:
        def accepts(story: Story) -> None:
            story.journal(("fills_accepted", told), is_asked=is_asked)

        def asked_of_another(story: Story) -> None:
            story.tell("asked", what="accept_movement", arguments={"orders": OTHER})

        found = judged(asked_of_another, accepts)
        return any("nobody asked for that" in each.text for each in found)

    assert is_wrong(is_asked=False)
    assert not is_wrong(is_asked=True)
