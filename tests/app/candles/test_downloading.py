"""Candles from the venue's public data: whole, resumable, holes left as holes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.app.candles import downloading
from trader247.app.candles.downloading import ROWS_MAX, Wanted, downloaded
from trader247.app.candles.store import Source, load
from trader247.app.venue.looking import simulated_client
from trader247.domain.errors import UsageError, VenueUnreachable
from trader247.domain.ids import ProductId
from trader247.simex.embedded import Embedded
from trader247.simex.feeds.synthetic import SyntheticFeed

ALGO, BTC = ProductId.parse("ALGO-USD"), ProductId.parse("BTC-USD")
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
    assert stored.path == again.path, "and not the file that it came through, which is gone"
    assert (again.checksum, again.source) == (stored.checksum, HERE)


def broken_at_the_third(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The line is down for the third page that is asked for; answers where each page began."""
    calls: list[object] = []
    ask = CoinbaseClient.market

    def counted(self: CoinbaseClient, path: str, query: dict[str, object]) -> dict[str, object]:
        calls.append(query["start"])
        if len(calls) == 3:
            raise VenueUnreachable("the line is down")
        return ask(self, path, query)

    monkeypatch.setattr(CoinbaseClient, "market", counted)
    return calls


def test_a_download_that_was_cut_short_goes_on_where_it_stopped(
    exchange: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, asked = simulated_client(exchange), wanted(exchange, 3 * ROWS_MAX)
    whole = downloaded(client, asked, tmp_path / "whole", source=HERE)
    calls = broken_at_the_third(monkeypatch)
    with pytest.raises(VenueUnreachable):
        downloaded(client, asked, tmp_path / "cut", source=HERE, pauses=())
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
    told: list[int] = []
    with pytest.raises(UsageError, match="two sources"):
        downloaded(
            client, wanted(exchange, 100), tmp_path / "two", source=Source("coinbase"),
            progress=lambda done, _of: told.append(done),
        )  # fmt: skip
    assert not told, "before the hours of asking, not after them"


def test_what_one_source_told_is_not_gone_on_from_by_another(
    exchange: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Minutes of a simulation would be kept as Coinbase's own."""
    client, asked = simulated_client(exchange), wanted(exchange, 3 * ROWS_MAX)
    calls = broken_at_the_third(monkeypatch)
    with pytest.raises(VenueUnreachable):
        downloaded(client, asked, tmp_path, source=HERE, pauses=())
    downloaded(client, asked, tmp_path, source=Source("coinbase"))
    assert len(calls) == 3 + 3, "every page is asked for"


def test_where_there_is_nothing_it_says_so(exchange: Embedded, tmp_path: Path) -> None:
    late = exchange.now_us // 60_000_000 + 100
    with pytest.raises(UsageError, match="no candles of ALGO-USD"):
        downloaded(
            simulated_client(exchange), Wanted(ALGO, late, late + 10, "1m"), tmp_path, source=HERE
        )


def test_a_minute_that_is_not_over_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    # Asked for up to tomorrow, and broken off: what was still to come then comes the next time.
    exchange = Embedded.open(":memory:", SyntheticFeed(7), {"USD": Decimal(1)})
    with contextlib.closing(exchange):
        exchange.advance(exchange.now_us + 3_600_000_000 + 30_000_000)
        client, now = simulated_client(exchange), exchange.now_us // 60_000_000
        asked = Wanted(BTC, now - 50, now + 1440, "1m")
        early = downloaded(client, asked, tmp_path / "early", source=HERE)
        assert early.tape.last_minute < now
        exchange.advance(exchange.now_us + 3_600_000_000)
        late = downloaded(client, asked, tmp_path / "late", source=HERE)
        again = downloaded(client, asked, tmp_path / "early", source=HERE)
        assert again.checksum == late.checksum
        with pytest.raises(UsageError, match="no candles of BTC-USD"):
            downloaded(client, Wanted(BTC, now + 1440, now + 1450, "1m"), tmp_path, source=HERE)


def test_what_was_still_to_come_when_a_download_broke_off_is_asked_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = Embedded.open(":memory:", SyntheticFeed(7), {"USD": Decimal(1)})
    with contextlib.closing(exchange):
        exchange.advance(exchange.now_us + 3_600_000_000)
        client, now = simulated_client(exchange), exchange.now_us // 60_000_000
        asked = Wanted(BTC, now - 100, now + 100, "1m")
        with monkeypatch.context() as patched:
            patched.setattr(downloading, "write", _full_disk)
            with pytest.raises(OSError, match="No space"):
                downloaded(client, asked, tmp_path / "cut", source=HERE)
        exchange.advance(exchange.now_us + 2 * 3_600_000_000)
        whole = downloaded(client, asked, tmp_path / "whole", source=HERE)
        resumed = downloaded(client, asked, tmp_path / "cut", source=HERE)
    assert whole.tape.last_minute == asked.end - 1
    assert resumed.checksum == whole.checksum


def _full_disk(*_: object) -> None:
    raise OSError(28, "No space left on device")
