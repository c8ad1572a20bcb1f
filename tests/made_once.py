"""A synthetic market's history is lived through once for all tests of a process.

What an exchange of a seed begins with follows from the seed alone; eight days of it cost a second,
and hundreds of tests begin one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache

from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.simex.beginning import begin
from trader247.simex.changes import Changes
from trader247.simex.embedded import Embedded
from trader247.simex.feeds.feed import Feed
from trader247.simex.feeds.synthetic import SyntheticFeed
from trader247.simex.schema import Identity
from trader247.simex.store import Store

Name = Callable[[str, int], str]
_KNOWN_MAX = 12
"""Each is some ten megabytes."""
Key = tuple[Identity, tuple[tuple[str, Decimal], ...]]

_KNOWN: dict[Key, Changes] = {}


class _Noting:
    """A store that keeps what was committed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.noted: Changes | None = None

    def commit(self, changes: Changes) -> None:
        self._store.commit(changes)
        self.noted = changes


def begin_again(store: Store, feed: Feed, funding: Mapping[str, Decimal], name: Name) -> None:
    """What `begin` does, from memory where this market was begun before."""
    if not isinstance(feed, SyntheticFeed):
        begin(store, feed, funding, name)
        return
    key = Identity.of(feed), tuple(sorted(funding.items()))
    known = _KNOWN.get(key)
    if known is None:
        noting = _Noting(store)
        begin(noting, feed, funding, name)  # type: ignore[arg-type]
        assert noting.noted is not None
        _KNOWN[key] = noting.noted
        if len(_KNOWN) > _KNOWN_MAX:
            del _KNOWN[next(iter(_KNOWN))]
        return
    assert known.feed_state is not None
    store.commit(replace(known))
    feed.restore(known.feed_state)


@cache
def know_the_default_market() -> None:
    """Live through the market that a book begins on when nobody names one."""
    app = load_settings(SHIPPED).app
    feed = SyntheticFeed(app.sim_seed, app.sim_start.us)
    Embedded.open(":memory:", feed, {app.quote_currency: app.paper_equity.value}).close()
