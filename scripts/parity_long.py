"""Parity over a long tape: the synthetic market's first products, as candles, every way.

`make parity-long` runs it: CYCLES=100000 unless said otherwise, and LIVE=no leaves LIVE out. It
ends with 1 where anything differs.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from trader247.app.backtests.parity import parity
from trader247.simex.exact import Grid
from trader247.simex.feeds.synthetic import SyntheticFeed

PRODUCTS = ("BTC-USD", "ETH-USD", "SOL-USD")
WARM_UP = 8 * 1440
START_US = 1_767_571_200 * 1_000_000


def written(folder: Path, minutes: int) -> Path:
    """The synthetic market's minutes as candle files."""
    feed = SyntheticFeed(7, START_US)
    listings = {each.product_id: each for each in feed.listings}
    files = {name: (folder / f"{name}.csv").open("w") for name in PRODUCTS}
    for file in files.values():
        file.write("time,open,high,low,close,volume\n")
    for minute in range(feed.first_minute, feed.first_minute + minutes):
        bars = feed.next()
        for name, file in files.items():
            bar = bars.get(name)
            if bar is None:
                continue
            price = Grid(listings[name].price_increment).text
            size = Grid(listings[name].base_increment).text
            cells = [price(each) for each in (bar.open, bar.high, bar.low, bar.close)]
            file.write(",".join([str(minute * 60), *cells, size(bar.volume)]) + "\n")
    for file in files.values():
        file.close()
    return folder


def main() -> int:
    cycles = int(os.environ.get("CYCLES", "100000"))
    with tempfile.TemporaryDirectory() as folder:
        tape = written(Path(folder), WARM_UP + cycles + 60)
        found = parity(
            tape,
            cycles,
            is_fast_alone="SLOW" not in os.environ,
            is_live_too=os.environ.get("LIVE", "yes") != "no",
            progress=lambda done: print(done, flush=True) if done % 1000 == 0 else None,
        )
    print(f"{found.cycles} cycles, {found.orders} orders, {found.fills} fills: ", end="")
    print("the same" if found.is_same else f"{len(found.differences)} differences")
    for each in found.differences:
        print(f"{each.what}\n  paper    {each.one}\n  backtest {each.other}")
    return 0 if found.is_same else 1


if __name__ == "__main__":
    sys.exit(main())
