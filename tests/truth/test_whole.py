"""No listing that is not whole is a reading, and a lost order ends once a listing tells of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.truth.story import LISTING, Story, judged
from tests.truth.test_going_back import LOST, GoneBack, sent, taken_back

FILLS = "/api/v3/brokerage/orders/historical/fills"
ACCOUNTS = "/api/v3/brokerage/accounts"
WHY = "leads back to where it has been"


def reading(*, is_whole: bool, status: int | None = 200, goes_on: str) -> Callable[[Story], None]:
    """Orders are asked for, and then something else is."""

    def part(story: Story) -> None:
        number = story.ask("GET", LISTING)
        if not is_whole:
            story.tell("unwhole", why=WHY)
        story.answer(number, status)
        story.answer(story.ask("GET", goes_on))
        story.answer(story.ask("GET", FILLS))

    return part


def said(part: Callable[[Story], None], word: str = WHY) -> list[str]:
    return [each.text for each in judged(part) if word in each.text]


def test_who_was_led_in_a_circle_does_not_read_fills_after_it() -> None:
    (found,) = said(reading(is_whole=False, goes_on=FILLS))
    assert "fills are read as if it were whole" in found


@pytest.mark.parametrize("status", [500, None])
def test_who_was_not_told_of_it_may_not_know(status: int | None) -> None:
    assert said(reading(is_whole=False, status=status, goes_on=FILLS)) == []


def test_who_reads_orders_anew_may_go_on() -> None:
    assert said(reading(is_whole=True, goes_on=FILLS)) == []
    assert said(reading(is_whole=False, goes_on=LISTING)) == []


def listed(*, cycles: int) -> Callable[[Story], None]:
    def part(story: Story) -> None:
        for _ in range(cycles):
            story.tell("otherwise", orders=[LOST])
            story.wait(50)
            story.cycle()

    return part


def test_a_lost_order_that_is_told_of_ends_though_it_cannot_be_taken_back() -> None:
    back = GoneBack()
    parts = (back.backed_up, sent(LOST), back.restored)
    word = "was lost, and rests"
    assert [each for each in judged(*parts, listed(cycles=2)) if word in each.text]
    assert not [each for each in judged(*parts, listed(cycles=1)) if word in each.text]

    def ends(story: Story) -> None:
        taken_back(story)
        story.journal(("cancel_requested", {"client_order_id": LOST}))

    asked = judged(*parts, ends, listed(cycles=3))
    assert not [each for each in asked if word in each.text]


def test_a_lost_order_is_asked_to_end_for_as_long_as_it_rests() -> None:
    back = GoneBack()

    def is_left(*parts: Callable[[Story], None]) -> bool:
        told = judged(back.backed_up, sent(LOST), back.restored, listed(cycles=1), asks, *parts)
        return any("its end is asked for no more" in each.text for each in told)

    def asks(story: Story) -> None:
        story.journal(("cancel_requested", {"client_order_id": LOST}))

    def cycle(story: Story) -> None:
        story.wait(50)
        story.cycle()

    def asked_each_time(story: Story) -> None:
        for _ in range(3):
            story.wait(50)
            asks(story)
            story.cycle()

    def unread(story: Story) -> None:
        story.wait(50)
        story.answer(story.ask("GET", LISTING), 503)

    def ends(story: Story) -> None:
        story.rows[LOST].update(status="CANCELLED", updated_us=story.now_us)
        story.exchange(orders=[story.rows[LOST]])

    def kept(story: Story) -> None:
        story.tell("kill", is_on=True, keeps_sales=True)

    assert is_left(cycle, cycle)
    assert not is_left(asked_each_time)
    assert not is_left(unread, cycle), "who cannot read the books asks for nothing"
    assert is_left(unread, cycle, cycle)
    assert not is_left(taken_back, cycle, cycle), "it is another promise that it ends then"
    assert not is_left(ends, cycle, cycle)
    assert not is_left(kept, cycle, cycle)


def bought_after(
    path: str, what: str, *, status: int | None = 200, then: str = "", side: str = "BUY"
) -> Callable[[Story], None]:
    """A listing lacks a figure; `then` another is read whole, and something is sent."""

    def part(story: Story) -> None:
        number = story.ask("GET", path)
        story.tell("unsaid", what=what)
        story.answer(number, status)
        if then:
            story.answer(story.ask("GET", then))
        story.record("t247-abcdef-1-next", side=side)
        story.send("t247-abcdef-1-next")

    return part


@pytest.mark.parametrize(("path", "what"), [(ACCOUNTS, "hold"), (FILLS, "commission")])
def test_who_was_not_told_a_figure_buys_nothing_by_the_rest(path: str, what: str) -> None:
    word = "and more is bought"
    assert said(bought_after(path, what), word)
    assert said(bought_after(path, what, then=LISTING), word)
    assert not said(bought_after(path, what, then=path), word)
    assert not said(bought_after(path, what, status=None), word)
    assert not said(bought_after(path, what, side="SELL"), word)
    assert not said(bought_after(path, "maker_fee_rate"), word)
