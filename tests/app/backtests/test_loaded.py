"""What a backtest loads: neither the way to a real venue, nor what a live trader is made of."""

from __future__ import annotations

import subprocess
import sys

_ASKED = """
import sys
from trader247.app.backtests import backtesting
print(*sorted(sys.modules))
"""


def test_a_backtest_loads_nothing_that_reaches_a_network() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _ASKED], check=True, capture_output=True, text=True, timeout=60
    )
    loaded = set(told.stdout.split())
    assert "trader247.backtest.fast" in loaded
    assert not loaded & {
        "requests",
        "urllib3",
        "jwt",
        "coinbase",
        "apsw",
        "trader247.app.wiring.assembly",
    }
