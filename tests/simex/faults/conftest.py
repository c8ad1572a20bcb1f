from __future__ import annotations

import pytest
from tests.simex.conftest import market
from tests.simex.scripted import ScriptedFeed, listing


@pytest.fixture
def feed() -> ScriptedFeed:
    """A market with hardly any history: nobody here looks back."""
    return ScriptedFeed(market, listing(), listing("ETH-USD"), history=3)
