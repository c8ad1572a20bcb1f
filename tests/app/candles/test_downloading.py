"""Candles from the venue's public data: whole, resumable, holes left as holes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.app.candles.downloading import ROWS_MAX, Wanted, downloaded
from trader247.app.candles.store import Source, load
from trader247.app.venue.looking import simulated_client
from trader247.domain.errors import UsageError, VenueUnreachable
from trader247.domain.ids import ProductId
from trader247.simex.embedded import Embedded
from trader247.simex.feeds.synthetic import SyntheticFeed

ALGO = ProductId.parse("ALGO-USD")
HERE = Source("simulation", "made up")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Embedded]:
    built = Embedded.open(":memory:", SyntheticFeed(7), {"USD": Decimal(1)})
    yield built
    built.close()


def wanted(exchange: Embedded, minutes: int, *, skipped: int = 60) -> Wanted:
    end = exchange.now_us // 60_000_000 - skipped
    return Wanted(ALGO, end - minutes, end, "1m")


def test_what_comes_is_what_the_venue_has_and_holes_stay(
    exchange: Embedded, tmp_path: Path
) -> None:
    asked = wanted(exchange, 2 * ROWS_MAX + 7)
    pages: list[tuple[int, int]] = []
    stored = downloaded(
        simulated_client(exchange), asked, tmp_path, source=HERE,
        progress=lambda done, of: pages.append((done, of)),
    )  # fmt: skip
    assert pages == [(1, 3), (2, 3), (3, 3)]
    tape = stored.tape
    assert asked.begin <= tape.first_minute
    assert tape.last_minute < asked.end
    assert 0 < stored.missing < len(tape.minute), "quiet minutes of a small product are holes"
    again = load(tmp_path / "candles" / "ALGO-USD.parquet")
    assert (again.checksum, again.source) == (stored.checksum, HERE)


def test_a_download_that_was_cut_short_goes_on_where_it_stopped(
    exchange: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, asked = simulated_client(exchange), wanted(exchange, 3 * ROWS_MAX)
    whole = downloaded(client, asked, tmp_path / "whole", source=HERE)
    calls: list[object] = []
    ask = CoinbaseClient.market

    def counted(self: CoinbaseClient, path: str, query: dict[str, object]) -> dict[str, object]:
        calls.append(query["start"])
        if len(calls) == 3:
            raise VenueUnreachable("the line is down")
        return ask(self, path, query)

    monkeypatch.setattr(CoinbaseClient, "market", counted)
    with pytest.raises(VenueUnreachable):
        downloaded(client, asked, tmp_path / "cut", source=HERE)
    assert not (tmp_path / "cut" / "candles" / "ALGO-USD.parquet").exists()
    resumed = downloaded(client, asked, tmp_path / "cut", source=HERE)
    assert len(calls) == 4, "two pages were there already"
    assert resumed.checksum == whole.checksum


def test_a_later_span_is_joined_and_another_source_is_not(
    exchange: Embedded, tmp_path: Path
) -> None:
    client = simulated_client(exchange)
    whole = downloaded(client, wanted(exchange, 400), tmp_path / "whole", source=HERE)
    for skipped in (260, 60):
        joined = downloaded(
            client, wanted(exchange, 200, skipped=skipped), tmp_path / "two", source=HERE
        )
    assert joined.checksum == whole.checksum
    with pytest.raises(UsageError, match="two sources"):
        downloaded(client, wanted(exchange, 100), tmp_path / "two", source=Source("coinbase"))


def test_where_there_is_nothing_it_says_so(exchange: Embedded, tmp_path: Path) -> None:
    late = exchange.now_us // 60_000_000 + 100
    with pytest.raises(UsageError, match="no candles of ALGO-USD"):
        downloaded(
            simulated_client(exchange), Wanted(ALGO, late, late + 10, "1m"), tmp_path, source=HERE
        )
