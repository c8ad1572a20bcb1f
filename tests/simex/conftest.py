from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from tests.simex.scripted import ScriptedFeed, bar, flat, listing
from tests.simex.stand import Stand

from trader247.simex.embedded import Embedded
from trader247.simex.feeds.feed import MinuteBar


def market(minute: int) -> Mapping[str, MinuteBar]:
    """Bitcoin dips 100 dollars every minute; ether trades in every third only."""
    bars = {"BTC-USD": bar(6_000_000 + minute % 7, 6_010_000, 5_990_000, 6_000_001)}
    if minute % 3 == 0:
        bars["ETH-USD"] = flat(300_000)
    return bars


@pytest.fixture
def feed() -> ScriptedFeed:
    return ScriptedFeed(market, listing(), listing("ETH-USD"), history=2 * 1440)


@pytest.fixture
def exchange(tmp_path: Path, feed: ScriptedFeed) -> Iterator[Embedded]:
    opened = Embedded.open(tmp_path / "exchange.db", feed, {"USD": Decimal(10_000)})
    yield opened
    opened.close()


@pytest.fixture
def stand(feed: ScriptedFeed) -> Iterator[Stand]:
    """A served exchange whose tokens are verified."""
    made = Stand(feed)
    yield made
    made.exchange.store.close()
