"""Whom a reading and its answer concern: who is not asked of one would learn nothing from it."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterable

import pytest
from tests.truth.story import Row, Story

from trader247.truth.checker import PROMISES, Checker
from trader247.truth.promise import Lasting, Promise

API = "/api/v3/brokerage"
PATHS = (
    f"{API}/time",
    f"{API}/products",
    f"{API}/market/products",
    f"{API}/products/BTC-USD",
    f"{API}/products/BTC-USD/candles",
    f"{API}/market/products/BTC-USD/candles",
    f"{API}/product_book",
    f"{API}/best_bid_ask",
    f"{API}/accounts",
    f"{API}/orders/historical/batch",
    f"{API}/orders/historical/fills",
    f"{API}/orders/historical/one",
    f"{API}/transaction_summary",
    f"{API}/key_permissions",
)
EARLIER = ("nothing", "refused", "too often", "switched off", "not whole", "asked for")
"""What was before: it is what most of them look out for."""


def known(each: object) -> object:
    """What something holds, to be compared, but for the world that all share."""
    if isinstance(each, dict):
        return {key: known(value) for key, value in each.items()}
    if isinstance(each, list | tuple | deque):
        return [known(value) for value in each]
    held = getattr(each, "__dict__", None)
    return each if held is None else {key: known(held[key]) for key in held if key != "world"}


def before(story: Story, earlier: str) -> None:
    story.begin()
    story.cycle()
    if earlier == "switched off":
        story.tell("kill", is_on=True)
        story.tell("request", id=900, method="GET", path=PATHS[9], body="")
        story.tell("answer", id=900, status=200)
    if earlier == "not whole":
        story.tell("request", id=900, method="GET", path=PATHS[9], body="")
        story.tell("unwhole", why="leads back to where it has been")
        story.tell("answer", id=900, status=200)
    if earlier == "asked for":
        story.tell("asked", what="alert_test", arguments={})
    if earlier in ("refused", "too often"):
        for number, path in enumerate(PATHS[:2]):
            story.tell("request", id=900 + number, method="GET", path=path, body="")
            story.tell("answer", id=900 + number, status=401 if earlier == "refused" else 429)
            story.wait(2)


def seen(records: Iterable[Row]) -> Checker:
    checker = Checker()
    for record in records:
        checker.see(copy.deepcopy(record))
    return checker


def asked(checker: Checker, method: str, record: Row) -> set[Promise]:
    """Those that are asked of a record."""
    of_it = checker._of_request if method == "on_request" else checker._of_answer
    return {ask.__self__ for _, ask in of_it(record)}  # type: ignore[attr-defined]


@pytest.mark.parametrize("earlier", EARLIER)
@pytest.mark.parametrize("path", PATHS)
def test_who_is_not_asked_of_a_reading_would_learn_nothing_and_find_nothing(
    path: str, earlier: str
) -> None:
    story = Story()
    before(story, earlier)
    request = story.tell("request", id=1_000, method="GET", path=path, body="")
    story.wait(1)
    answer = story.tell("answer", id=1_000, status=200)
    checker, count = seen(story.told[:-2]), 0
    for method, record in (("on_request", request), ("on_answer", answer)):
        checker.see(record)
        left_out = set(checker._promises) - asked(checker, method, record)
        for each in left_out:
            if not hasattr(each, method):
                continue
            was, count = known(copy.deepcopy(each)), count + 1
            assert getattr(each, method)(record) == []
            assert known(each) == was, type(each).__name__
    assert count >= 8


@pytest.mark.parametrize(
    "more", [{"status": 500}, {"status": None}, {"status": 200, "is_legible": False}]
)
def test_of_an_answer_that_is_no_plain_yes_all_are_asked(more: Row) -> None:
    story = Story()
    before(story, "nothing")
    story.tell("request", id=1_000, method="GET", path=PATHS[0], body="")
    checker = seen(story.told)
    answer = story.tell("answer", id=1_000, **more)
    checker.see(answer)
    assert len(asked(checker, "on_answer", answer)) == sum(
        hasattr(each, "on_answer") for each in PROMISES
    )


def test_of_an_answer_that_nobody_asked_for_and_of_one_to_a_change_all_are_asked() -> None:
    story = Story()
    before(story, "nothing")
    story.tell("request", id=1_000, method="POST", path=f"{API}/orders/batch_cancel", body="{}")
    checker = seen(story.told[:-1])
    for number in (1_000, 2_000):
        answer = {"kind": "answer", "at_us": story.now_us, "id": number, "status": 200}
        checker.see({**answer, "incarnation": 1})
        assert len(asked(checker, "on_answer", answer)) == sum(
            hasattr(each, "on_answer") for each in PROMISES
        )


def test_what_time_alone_breaks_is_asked_from_its_time_on_and_never_before() -> None:
    lasting = [each for each in PROMISES if hasattr(each, "every")]
    assert lasting == [each for each in PROMISES if issubclass(each, Lasting)]
    checker = seen(())
    assert {each.due_us for each in checker._promises if isinstance(each, Lasting)} == {1 << 63}
