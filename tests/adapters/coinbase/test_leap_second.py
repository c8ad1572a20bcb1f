"""A second that UTC puts in: what is stamped within it is read, and everything beside it too.

A row that cannot be read fails its whole listing, again and again, as long as that reaches back to
it: fills after it would never be booked.
"""

from __future__ import annotations

import pytest

from trader247.adapters.coinbase import codec
from trader247.domain.errors import VenueError
from trader247.domain.fills import Fill
from trader247.domain.time import Instant

FILL = {
    "entry_id": "e",
    "trade_id": "t",
    "order_id": "o",
    "trade_type": "FILL",
    "price": "60000",
    "size": "0.001",
    "commission": "0.3",
    "product_id": "BTC-USD",
    "liquidity_indicator": "MAKER",
    "size_in_quote": False,
    "side": "BUY",
}


def stamped(time: str) -> Fill:
    found = codec.fill({**FILL, "trade_time": time, "sequence_timestamp": time})
    assert isinstance(found, Fill)
    return found


@pytest.mark.parametrize(
    ("said", "is_"),
    [
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.123456789Z", "2017-01-01T00:00:00.123456Z"),
        ("2015-06-30T23:59:60.999999+00:00", "2015-07-01T00:00:00.999999Z"),
    ],
)
def test_it_is_the_first_second_of_the_next_day(said: str, is_: str) -> None:
    assert stamped(said).time == stamped(said).sequence_time == Instant.parse(is_)


@pytest.mark.parametrize(
    "said", ["2016-12-31T12:00:60Z", "2016-12-31T23:59:61Z", "2016-12-31T23:58:60Z"]
)
def test_no_other_sixtieth_second_is_a_time(said: str) -> None:
    with pytest.raises(VenueError):
        stamped(said)
