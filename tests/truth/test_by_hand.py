"""What somebody sold by hand is booked as that sale was, and the books agree with it then."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from tests.truth.story import Story, judged

from trader247.truth.checker import Checker

HAND = {
    "order_id": "by hand", "client_order_id": "web", "product_id": "BTC-USD", "side": "SELL",
    "kind": "LIMIT", "post_only": False, "price": "51000", "stop_price": None, "size": "0.002",
    "filled": "0.002", "filled_value": "102", "fees": "1", "status": "FILLED", "created_us": 0,
    "updated_us": 0, "end_us": None, "is_ours": False,
}  # fmt: skip


def texts(*parts: object) -> list[str]:
    return [each.text for each in judged(*parts)]  # type: ignore[arg-type]


def sells(story: Story, *, price: str = "51000", quantity: str = "0.002") -> None:
    story.fills += 1
    fill = {
        "number": story.fills, "entry_id": f"hand {story.fills}", "trade_id": "t",
        "order_id": "by hand", "product_id": "BTC-USD", "side": "SELL", "price": price,
        "size": quantity, "fee": "1", "is_maker": False, "time_us": story.now_us, "kind": "FILL",
    }  # fmt: skip
    story.wallets["BTC"] -= Decimal(quantity)
    story.wallets["USD"] += Decimal(quantity) * Decimal(price) - 1
    wallets = [
        {"currency": each, "total": str(story.wallets[each]), "hold": "0"}
        for each in ("BTC", "USD")
    ]
    story.exchange(orders=[HAND], fills=[fill], wallets=wallets)


def explained(
    story: Story, *, price: str = "51000", fee: str = "1", quantity: str = "0.002", says: str = ""
) -> None:
    story.wait(60)
    story.tell("asked", what="accept_movement", arguments={"prices": says} if says else {})
    told = {
        "product": "BTC-USD", "quantity": quantity, "price": price, "fee": fee, "reason": "looked",
    }  # fmt: skip
    story.journal(("lots_sold_by_hand", told), is_asked=False)


def is_wrong(*parts: object) -> bool:
    return any("sold by hand" in each for each in texts(Story.bought, *parts))


def test_a_sale_by_hand_is_booked_as_the_exchange_made_it() -> None:
    assert not is_wrong(sells, explained)
    assert is_wrong(sells, partial(explained, price="51001"))
    assert is_wrong(sells, partial(explained, fee="0"))
    assert is_wrong(sells, partial(explained, quantity="0.001"))


def test_a_sale_by_hand_explains_what_is_missing_once() -> None:
    assert is_wrong(sells, explained, explained)
    assert not is_wrong(sells, explained, sells, explained)


def test_a_sale_of_ours_was_sold_by_nobodys_hand() -> None:
    assert is_wrong(Story.sold, partial(explained, quantity="0.004"))


def test_a_price_that_somebody_states_is_theirs_to_know() -> None:
    assert not is_wrong(sells, partial(explained, price="9", says="BTC-USD=9"))
    assert is_wrong(sells, partial(explained, price="9", says="ETH-USD=9"))


def test_coins_that_are_explained_are_then_what_the_wallet_has() -> None:
    def foreign(quantity: str, story: Story) -> None:
        story.wait(60)
        story.wallets["BTC"] += Decimal("0.5")
        total = str(story.wallets["BTC"])
        story.exchange(wallets=[{"currency": "BTC", "total": total, "hold": "0"}])
        story.journal(("foreign_seen", {"currency": "BTC", "quantity": quantity}))

    def is_off(quantity: str) -> bool:
        found = texts(Story.bought, partial(foreign, quantity))
        return any("after what a person explained" in each for each in found)

    assert not is_off("0.5")
    assert is_off("0.504")
    assert is_off("0.4")


def test_a_position_that_was_sold_by_hand_leaves_no_plan_behind() -> None:
    story, checker = Story(), Checker()
    story.begin()
    story.bought()
    for quantity, plans in (("0.001", {"BTC-USD"}), ("0.003", set())):
        sells(story, quantity=quantity)
        explained(story, quantity=quantity)
        assert not [each.text for record in story.told for each in checker.see(record)]
        story.told.clear()
        assert checker._world.plans.keys() == plans


def test_what_the_exchange_takes_back_halts_as_it_is_set_aside() -> None:
    def taken_back(story: Story) -> None:
        order = story.rows["t247-a-1-1"]
        back = {
            "number": 99, "entry_id": "back", "trade_id": "t", "order_id": order["order_id"],
            "product_id": "BTC-USD", "side": "BUY", "price": "50000", "size": "0.004",
            "fee": "1", "is_maker": True, "time_us": story.now_us, "kind": "REVERSAL",
        }  # fmt: skip
        story.exchange(fills=[back])

    def set_aside(*halts: str, story: Story) -> None:
        told = {"entry_id": "back", "order_id": "order of t247-a-1-1", "product": "BTC-USD"}
        events = [("fill_quarantined", {"fill": told, "cause": "the venue calls it REVERSAL"})]
        events += [("halt_latched", {"name": each, "cause": "so"}) for each in halts]
        story.journal(*events)

    def goes_on(*halts: str) -> bool:
        found = texts(Story.bought, taken_back, lambda story: set_aside(*halts, story=story))
        return any("buying goes on" in each for each in found)

    assert goes_on()
    assert goes_on("pause")
    assert not goes_on("reconciliation_break")


def test_a_switch_that_keeps_sales_no_more_ends_them_within_some_seconds() -> None:
    sell = "t247-a-1-2"

    def rests(story: Story) -> None:
        story.cycle({"BTC-USD": "51000"})
        story.record(sell, side="SELL", price="51000", leg=1, decision="1:BTC-USD")
        story.answer(story.send(sell, bid="51000", ask="51000"))
        story.create(sell)
        story.take(sell)

    def raises(keeps_sales: bool, story: Story) -> None:
        story.wait(60)
        story.tell("kill", is_on=True, keeps_sales=keeps_sales)

    def later(story: Story) -> None:
        story.wait(30)
        story.cycle({"BTC-USD": "51000"})

    def reads(story: Story) -> None:
        story.wait(30)
        story.tell("cleared", kept=0)

    keeps, none = partial(raises, True), partial(raises, False)

    def rests_on(*parts: object) -> bool:
        return any(
            "nobody asked for its end" in each for each in texts(Story.bought, rests, *parts)
        )

    assert rests_on(none, later)
    assert not rests_on(keeps, later)
    assert rests_on(keeps, later, none, later)

    def is_lied_to(*parts: object) -> bool:
        return any("people read" in each for each in texts(Story.bought, rests, *parts))

    assert is_lied_to(none, reads)
    assert is_lied_to(keeps, none, reads)
    assert not is_lied_to(keeps, reads)
    assert not is_lied_to(reads), "no switch is raised"


def moved(story: Story, amount: str = "700") -> None:
    story.wallets["USD"] += Decimal(amount)
    story.tell("moved", currency="USD", amount=amount)
    wallet = {"currency": "USD", "total": str(story.wallets["USD"]), "hold": "0"}
    story.exchange(wallets=[wallet])


def flowed(story: Story, amount: str = "700") -> None:
    story.wait(60)
    story.journal(("cash_flowed", {"amount": amount, "cause": "looked"}))


def test_what_is_explained_as_moved_was_moved() -> None:
    def is_other(*parts: object) -> bool:
        return any("was explained as moved" in each for each in texts(*parts))

    assert not is_other(moved, flowed)
    assert is_other(moved, partial(flowed, amount="449"))
    assert is_other(moved, flowed, flowed), "once is enough"
    assert not is_other(Story.bought, sells, explained)
    late = partial(moved, amount="5")
    assert not is_other(moved, lambda story: story.wait(60), late, _flowed_at_once), "not read yet"


def _flowed_at_once(story: Story) -> None:
    story.journal(("cash_flowed", {"amount": "700", "cause": "looked"}))
