"""A fill that the exchange took back and told otherwise, by less than is told as a difference."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from tests.truth.story import Row, Story, broken


def corrected(story: Story, *, by: str, wallet: str = "", is_aside: bool = True) -> None:
    """A whole purchase is taken back, and made again at a price that lies `by` above.

    `wallet` is what the cash moves by instead of what that comes to.
    """
    story.bought()
    fill: Row = next(each["fills"][0] for each in story.told if each.get("fills"))
    price = Decimal(fill["price"]) + Decimal(by)
    more = Decimal(wallet) if wallet else Decimal(by) * Decimal(fill["size"])
    story.wallets["USD"] -= more
    total: Row = {"currency": "USD", "total": str(story.wallets["USD"]), "hold": "0"}
    taken_back: Row = {**fill, "entry_id": "taken back", "kind": "REVERSAL"}
    anew: Row = {**fill, "entry_id": "anew", "kind": "CORRECTION", "price": str(price)}
    story.exchange(fills=[taken_back, anew], wallets=[total])
    if is_aside:
        for each in (taken_back, anew):
            told: Row = {"entry_id": each["entry_id"], "order_id": each["order_id"]}
            told["product"] = "BTC-USD"
            why: Row = {"fill": told, "cause": f"the venue calls it {each['kind']}"}
            story.journal(("fill_quarantined", why))
    story.tell("calm")
    story.tell("settled")


def test_what_a_correction_moved_is_no_difference_where_it_is_too_little_to_be_told() -> None:
    tiny = partial(corrected, by="0.000001")
    assert "I7" not in broken(tiny)
    assert "I7" in broken(partial(tiny, is_aside=False)), "nobody was told of anything"
    assert "I7" in broken(partial(tiny, wallet="0.0000009")), "it makes up another sum"
    assert "I7" in broken(partial(corrected, by="1")), "that would be told"
