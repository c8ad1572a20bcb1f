"""What is held has a price, however late the streams are: whoever has none asks."""

from __future__ import annotations

from collections.abc import Callable

from tests.truth.story import Story, judged

HELD, BOOK = "BTC-USD", "/api/v3/brokerage/market/product_book"
TOUCH = {HELD: {"bid": "49990", "ask": "50010"}}


def unpriced(
    cycles: int,
    *,
    asks: bool = False,
    status: int | None = 200,
    is_streamed: bool = True,
    path: str = BOOK,
) -> Callable[[Story], None]:
    """Something is bought, and then no cycle has a price of it."""

    def part(story: Story) -> None:
        story.bought()
        for _ in range(cycles):
            if is_streamed:
                story.tell("quotes", touches=TOUCH)
            if asks:
                number = story.ask("GET", path)
                if status == 200:
                    story.tell("quotes", touches=TOUCH, books={HELD: "{}"})
                story.answer(number, status)
            story.wait(60)
            story.cycle(equity=None)

    return part


def said(part: Callable[[Story], None]) -> list[str]:
    return [each.text for each in judged(part) if "nobody asks for one" in each.text]


def test_what_is_held_does_not_stay_without_a_price_for_want_of_asking() -> None:
    assert said(unpriced(4)) == []
    (found,) = said(unpriced(5))
    assert HELD in found


def test_who_asks_has_done_enough_whatever_is_answered() -> None:
    assert said(unpriced(8, asks=True)) == []
    assert said(unpriced(8, asks=True, status=500)) == []
    assert said(unpriced(8, asks=True, status=None)) == []


def test_whose_key_is_refused_asks_for_nothing_else() -> None:
    products = "/api/v3/brokerage/products"
    assert said(unpriced(8, asks=True, status=401, path=products)) == []
    assert said(unpriced(8, asks=True, status=500, path=products))


def test_what_no_stream_shows_is_no_matter_of_streams() -> None:
    assert said(unpriced(8, is_streamed=False)) == []
