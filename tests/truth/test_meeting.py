"""Whom an order may meet: a market that is open, and nobody of ours."""

from __future__ import annotations

from typing import Any

from tests.truth.story import Story, judged

BUY, OTHER, SALE = "t247-a-1-0", "t247-a-1-1", "t247-a-1-2"
PRODUCTS = "/api/v3/brokerage/products"


def is_told(part: Any, words: str) -> bool:
    return any(words in each.text for each in judged(part))


def state(story: Story, product: str = "BTC-USD", *, is_usual: bool = False) -> None:
    story.tell("state", product_id=product, is_usual=is_usual)


def resting(story: Story, name: str = BUY, *, price: str = "50000") -> None:
    """A buy of ours rests, and the journal knows it."""
    story.cycle({"BTC-USD": "50000"})
    story.record(name, price=price, decision=f"{name}:BTC-USD")
    sent = story.send(name)
    story.create(name)
    story.answer(sent)
    story.take(name)


def test_what_is_not_traded_as_usual_is_not_bought() -> None:
    def bought(*, after_s: float, is_shut: bool = True, product: str = "BTC-USD") -> bool:
        def part(story: Story) -> None:
            state(story, product)
            if not is_shut:
                state(story, product, is_usual=True)
            story.wait(after_s)
            resting(story)

        return is_told(part, "not traded as usual for")

    assert bought(after_s=121)
    assert not bought(after_s=119)
    assert not bought(after_s=121, is_shut=False)
    assert not bought(after_s=121, product="ETH-USD")


def test_what_buys_it_and_rests_has_its_end_asked_for() -> None:
    def left(
        *, cycles: int = 3, status: int = 200, is_asked: bool = False, is_usual: bool = False
    ) -> bool:
        def part(story: Story) -> None:
            resting(story)
            state(story, is_usual=is_usual)
            story.wait(1)
            story.answer(story.ask("GET", PRODUCTS), status)
            if is_asked:
                wish = {"client_order_id": BUY, "order_id": f"order of {BUY}", "cause": "flipped"}
                story.journal(("cancel_requested", wish))
            for _ in range(cycles):
                story.wait(10)
                story.cycle()

        return is_told(part, "what it buys is not traded as usual")

    assert left()
    assert not left(cycles=2)
    assert not left(status=503)
    assert not left(is_asked=True)
    assert not left(is_usual=True)


def test_a_sale_does_not_meet_a_buy_of_ours() -> None:
    def met(*, sale: str = "49000", is_asked: bool = False, is_over: bool = False) -> bool:
        def part(story: Story) -> None:
            story.bought()
            resting(story, OTHER)
            if is_asked:
                wish = {"client_order_id": OTHER, "order_id": f"order of {OTHER}", "cause": "exit"}
                story.journal(("cancel_requested", wish))
            if is_over:
                story.rows[OTHER]["status"] = "CANCELLED"
                story.exchange(orders=[story.rows[OTHER]])
            story.cycle({"BTC-USD": "49000"})
            story.record(SALE, side="SELL", price=sale, leg=1, decision="1:BTC-USD", cause="stop")

        return is_told(part, "buys there")

    assert met()
    assert met(sale="50000")
    assert not met(sale="50000.01")
    assert not met(is_asked=True)
    assert not met(is_over=True)
