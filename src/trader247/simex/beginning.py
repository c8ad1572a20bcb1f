"""The first day of an exchange: it lives through its history, and opens the account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from trader247.simex.accounts import Accounts
from trader247.simex.changes import Changes
from trader247.simex.feeds.feed import Feed, LivesAtOnce, MinuteBar, Past
from trader247.simex.history import Packing, kept_from
from trader247.simex.ledger import Ledger
from trader247.simex.path import MINUTE_US, POINTS
from trader247.simex.store import Store


def lived(feed: Feed, oldest: int) -> Past:
    """A feed's history, minute by minute. Raises FeedEnded: it ends within it."""
    products = [listing.product_id for listing in feed.listings]
    packing = Packing(len(products))
    standing: dict[str, MinuteBar] = {}
    rows = []
    for minute in range(feed.first_minute, feed.start_minute):
        bars = feed.next()
        standing.update(bars)
        if minute >= oldest:
            rows.append((minute, packing.pack([bars.get(each) for each in products])))
    return Past(rows, standing)


def begin(
    store: Store, feed: Feed, funding: Mapping[str, Decimal], name: Callable[[str, int], str]
) -> None:
    """Commit an exchange that stands at the end of its feed's history, its wallets funded.

    Raises:
        FeedEnded: the feed ends within its own history; nothing is committed.
        StoreFailed: nothing is committed.
    """
    oldest = kept_from(feed.start_minute)
    rows, standing = feed.lived(oldest) if isinstance(feed, LivesAtOnce) else lived(feed, oldest)
    now_us = feed.start_minute * MINUTE_US
    accounts = Accounts()
    ledger = Ledger(name=name, accounts=accounts)
    for currency, amount in funding.items():
        ledger.fund(currency, amount, now_us)
    state = {
        "now_us": now_us,
        "minute": feed.start_minute - 1,
        "points": POINTS,
        "orders": 0,
        "fills": 0,
        "flags": {},
        "books": {
            product: (bar.close, bar.spread, bar.depth, 0, 0) for product, bar in standing.items()
        },
    }
    store.commit(
        Changes(state=state, accounts=list(accounts), minutes=rows, feed_state=feed.state())
    )
