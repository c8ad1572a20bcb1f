"""What a buy stands on was read lately, and by a key that may; what jumped is confirmed anew."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from tests.truth.story import LIMITS, LISTING, Row, Story, judged, time_text

API = "/api/v3/brokerage"
TIME, PRODUCTS = f"{API}/time", f"{API}/products"
BOOKS = (LISTING, f"{API}/orders/historical/fills", f"{API}/accounts")
NEXT = "t247-a-1-9"


def read(story: Story, *paths: str, status: int | None = 200) -> None:
    for path in paths:
        story.answer(story.ask("GET", path), status)


def bought(story: Story, *, unread: str = "", status: int | None = 200, **apart: float) -> None:
    """A cycle, another one that reads everything but one thing, and a buy; each `apart` so long."""
    (begun,) = [each for each in story.told if each["kind"] == "begun"]
    begun["limits"] = {**LIMITS, "reads": 1}
    read(story, TIME, PRODUCTS, *BOOKS)
    story.wait(apart.get("before_s", 5))
    story.cycle()
    story.wait(5)
    for path in (*BOOKS, TIME, PRODUCTS):
        read(story, path, status=status if path == unread else 200)
    story.wait(apart.get("after_s", 1))
    story.cycle()
    story.record(NEXT)
    story.send(NEXT)


def said(story_of: Any) -> list[str]:
    return [
        each.text for each in judged(story_of) if NEXT in each.text and "buys, and" in each.text
    ]


def test_what_was_read_in_its_cycle_is_fine() -> None:
    assert said(bought) == []
    assert said(lambda story: bought(story, before_s=50, unread=TIME, status=500)) == []


@pytest.mark.parametrize(
    ("path", "word"), list(zip(BOOKS, ("orders", "fills", "wallets"), strict=True))
)
@pytest.mark.parametrize("status", [500, None])
def test_books_that_were_not_read_in_its_cycle_are_named(
    path: str, word: str, status: int | None
) -> None:
    (found,) = said(lambda story: bought(story, unread=path, status=status))
    assert f"{word} were not read in its cycle" in found


@pytest.mark.parametrize(("path", "word"), [(TIME, "time was not"), (PRODUCTS, "state of its")])
def test_what_was_read_more_than_a_minute_ago_is_named(path: str, word: str) -> None:
    (found,) = said(lambda story: bought(story, before_s=70, unread=path, status=500))
    assert word in found


@pytest.mark.parametrize(
    ("path", "word"), list(zip(BOOKS, ("orders", "fills", "wallets"), strict=True))
)
@pytest.mark.parametrize("is_sent", [True, False])
def test_books_whose_last_word_was_no_answer_are_not_read(
    path: str, word: str, *, is_sent: bool
) -> None:
    def part(story: Story, *, is_read_again: bool) -> None:
        bought(story)
        if is_sent:
            read(story, path, status=500)
        else:
            story.tell("unsent", method="GET", path=path)
        if is_read_again:
            read(story, path)
        story.send(NEXT)

    (found,) = said(lambda story: part(story, is_read_again=False))
    assert f"{word} were not read in its cycle" in found
    assert said(lambda story: part(story, is_read_again=True)) == []


def test_what_another_process_read_is_not_read() -> None:
    def part(story: Story) -> None:
        bought(story)
        story.die("ended")
        story.start()
        story.cycle()
        name = "t247-a-2-1"
        story.record(name, decision="9:BTC-USD")
        story.send(name)

    found = [each.text for each in judged(part) if "t247-a-2-1 buys, and" in each.text]
    assert len(found) == 5


@pytest.mark.parametrize(
    ("may", "word"),
    [
        ({}, ""),
        ({"can_transfer": True}, "may move money"),
        ({"can_trade": False}, "may not trade"),
        ({"can_view": False}, "may not trade and look"),
    ],
)
def test_a_key_that_may_too_much_or_too_little_sends_nothing(
    may: dict[str, bool], word: str
) -> None:
    def part(story: Story) -> None:
        permissions = {"can_view": True, "can_trade": True, "can_transfer": False, **may}
        story.journal(("key_read", {"permissions": permissions}))
        story.bought()

    found = [each.text for each in judged(part) if "with a key that" in each.text]
    assert [word in each for each in found] == ([True] if word else [])


def test_a_jump_is_confirmed_by_later_quotes_alone() -> None:
    def doubted(story: Story, prints: int, last_us: int | None) -> None:
        story.journal(
            (
                "product_doubted",
                {
                    "product": "BTC-USD", "cause": "it jumped", "level": "60000", "prints": prints,
                    "until": time_text(story.now_us),
                    "last_print": None if last_us is None else time_text(last_us),
                },
            )
        )  # fmt: skip

    def confirmed(later_us: int) -> bool:
        def part(story: Story) -> None:
            doubted(story, 0, story.now_us)
            doubted(story, 1, story.now_us + later_us)

        return any("had confirmed it before" in each.text for each in judged(part))

    assert not confirmed(1)
    assert confirmed(0)
    assert confirmed(-1)


def between(story: Story, *, after_s: float, is_dated_before: bool) -> None:
    """A cycle, and exits that are judged between it and the next one."""
    story.cycle()
    first = story.told[-1]["events"][0]["payload"]
    story.wait(after_s)
    story.cycle()
    second = story.told[-1]["events"][0]["payload"]
    second["regime"] = "exits"
    if is_dated_before:
        second["at"] = first["at"]


def test_what_is_judged_between_two_cycles_is_judged_by_the_time_of_now() -> None:
    def is_old(after_s: float, *parts: Any, is_dated_before: bool = True) -> bool:
        part = partial(between, after_s=after_s, is_dated_before=is_dated_before)
        return any("is of" in each.text for each in judged(part, *parts))

    assert is_old(0.001)
    assert not is_old(1, is_dated_before=False)
    assert not is_old(1, Story.cycle, is_dated_before=False), "a whole one reads what it looks at"
    assert not is_old(0), "no time passed between the two: a switch was let go right after one"


def test_the_print_that_ends_a_doubt_is_a_later_one_too() -> None:
    def shown(story: Story, at_us: int) -> None:
        touch = {"bid": "59999", "ask": "60001", "time_us": at_us}
        story.tell("quotes", touches={"BTC-USD": touch})

    def believed(later_us: int, *, prints: int = 2, is_seen: bool = True) -> bool:
        def part(story: Story) -> None:
            last_us = story.now_us
            doubt: Row = {
                "product": "BTC-USD", "cause": "it jumped", "level": "60000", "prints": prints,
                "until": time_text(last_us), "last_print": time_text(last_us),
            }  # fmt: skip
            if is_seen:
                shown(story, last_us)
            story.journal(("product_doubted", doubt))
            story.wait(60)
            shown(story, last_us + later_us)
            story.journal(("product_trusted", {"product": "BTC-USD"}))

        return any("is believed at 60000" in each.text for each in judged(part))

    assert believed(0)
    assert not believed(1)
    assert not believed(0, prints=3), "what has all its prints waits for the time alone"
    assert not believed(0, is_seen=False), "nobody saw where its quotes came from"


def test_what_may_be_done_with_products_is_asked_for_again_and_again() -> None:
    def is_forgotten(
        *, apart_s: float = 60, cycles: int = 4, is_tried: bool = False, status: int | None = None
    ) -> bool:
        def part(story: Story) -> None:
            (begun,) = [each for each in story.told if each["kind"] == "begun"]
            begun["limits"] = {**LIMITS, "reads": 1}
            read(story, PRODUCTS)
            for _ in range(cycles):
                story.wait(apart_s)
                if is_tried:
                    story.tell("unsent", method="GET", path=PRODUCTS)
                if status is not None:
                    story.answer(story.ask("GET", LISTING), status)
                story.cycle()

        return any("may be done with products" in each.text for each in judged(part))

    assert is_forgotten()
    assert not is_forgotten(cycles=3)
    assert not is_forgotten(apart_s=30), "cycles may follow each other at once"
    assert not is_forgotten(is_tried=True)
    assert not is_forgotten(status=429), "whoever is refused asks for less"
    assert not is_forgotten(status=401)
    assert is_forgotten(status=200)
