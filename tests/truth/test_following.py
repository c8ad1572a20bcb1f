"""A stop makes way for another order only where it can be learnt that it has ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from tests.truth.story import LISTING, Story, said

Part = Callable[[Story], object]
STOP = "t247-a-1-2"
ORDER = f"order of {STOP}"
ONE = f"/api/v3/brokerage/orders/historical/{ORDER}"
ACCOUNTS = "/api/v3/brokerage/accounts"


def rests(story: Story) -> None:
    payload = story.record(STOP, side="SELL", decision="1:BTC-USD", leg=1)
    payload["intent"].update(order_type="stop_limit_gtd", stop_price="49000")


def read(story: Story, path: str, status: int | None) -> None:
    story.wait(1)
    story.answer(story.ask("GET", path), status)


def asked(story: Story, cause: str = "target is due") -> None:
    wish = {"client_order_id": STOP, "order_id": ORDER, "cause": cause}
    story.journal(("cancel_requested", wish))


REFUSED, UNTOLD = partial(read, path=LISTING, status=503), partial(read, path=ONE, status=None)
WHOLE = partial(read, path=ACCOUNTS, status=200)


def is_given_up(*parts: Part) -> bool:
    told = said(Story.bought, rests, WHOLE, *parts)
    return any("nobody would learn that it has ended" in each for each in told)


@pytest.mark.parametrize(
    "cause", ["target is due", "the stop has moved from 1 to 2", "it covers 1, and 2 is to be"]
)
def test_no_stop_makes_way_whose_end_nobody_would_learn(cause: str) -> None:
    assert is_given_up(REFUSED, UNTOLD, partial(asked, cause=cause))


def test_one_that_can_be_followed_does() -> None:
    assert not is_given_up(asked)
    assert not is_given_up(REFUSED, asked), "it was not asked for by its id"
    assert not is_given_up(UNTOLD, REFUSED, asked), "nor since that reading failed"
    assert not is_given_up(REFUSED, UNTOLD, WHOLE, asked), "it was read since"
    other = partial(read, path=f"{ONE} of another", status=None)
    assert not is_given_up(REFUSED, other, asked)


def test_one_whose_end_must_come_or_was_asked_for_is_asked() -> None:
    assert not is_given_up(REFUSED, UNTOLD, partial(asked, cause="its time ended"))
    assert not is_given_up(asked, REFUSED, UNTOLD, asked)
