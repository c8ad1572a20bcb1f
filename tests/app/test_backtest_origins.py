"""A report says where its candles are from once, however many files they came in."""

from __future__ import annotations

from trader247.app.candles.store import UNSAID
from trader247.app.reports.backtest_story import origin_of, origins_of
from trader247.backtest.result import DataRow
from trader247.domain.time import Instant


def row(product: str, label: str, source: str = "coinbase") -> DataRow:
    return DataRow(
        product, source, label, "", Instant(0), Instant(0), bars=1, missing=0, interval_minutes=1
    )


def test_files_of_one_origin_are_told_by_their_number() -> None:
    data = [
        row("ADA-USD", "candles of ADA (1).csv (kraken), not Coinbase's own", "kraken"),
        row("BTC-USD", ""),
        row("DOT-USD", "candles of dot.parquet (kraken), not Coinbase's own", "kraken"),
        row("ETH-USD", "candles of eth.csv (bitstamp), not Coinbase's own", "bitstamp"),
        row("SOL-USD", ""),
    ]
    assert origins_of(data) == [
        "candles of eth.csv (bitstamp), not Coinbase's own",
        "candles of 2 files (kraken), not Coinbase's own",
        "coinbase",
    ]


def test_one_file_and_what_is_no_file_keep_their_words() -> None:
    served = "candles of the simulated exchange, not Coinbase's own"
    assert origins_of([row("BTC-USD", served, "simulation")]) == [served]
    one = "candles of one.csv (kraken), not Coinbase's own"
    assert origins_of([row("BTC-USD", one, "kraken"), row("ETH-USD", one, "kraken")]) == [one]


def test_an_unsaid_source_is_told_in_words() -> None:
    assert origins_of([row("BTC-USD", "", UNSAID)]) == ["candles whose source is not said"]
    assert origin_of(row("BTC-USD", "", UNSAID)) == "candles whose source is not said"
