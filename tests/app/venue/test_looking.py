"""How often a command that only looks asks: as often as nobody is kept from anything by it."""

from __future__ import annotations

import pytest

from trader247.adapters.coinbase.auth import Credentials
from trader247.app.venue.endpoint import COINBASE
from trader247.app.venue.looking import endpoint_client


@pytest.mark.parametrize(
    ("has_key", "is_alone", "at_once"),
    [(False, False, 2), (False, True, 8), (True, False, 7), (True, True, 7)],
)
def test_a_command_takes_more_where_no_trader_asks_beside_it(
    has_key: bool, is_alone: bool, at_once: int
) -> None:
    credentials = Credentials.simulated() if has_key else None
    client = endpoint_client(COINBASE, credentials, is_alone=is_alone)
    assert sum(client.has_leave_to_order() for _ in range(20)) == at_once
    # What the venue says of its limit lowers it no further than to a command's share.
    client._budget.told({"x-ratelimit-limit": "10", "x-ratelimit-remaining": "9"})
    assert client._budget._paced == (at_once if not has_key else 2)
