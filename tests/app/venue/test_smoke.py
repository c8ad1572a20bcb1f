"""Ten checks: what passes, what fails, what is skipped and why; nothing is left behind."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest
from requests import ConnectTimeout
from requests.adapters import BaseAdapter
from tests.app.small_books import copied, trader_in
from tests.app.venue.test_reconciling import deposit

from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.app.books.choice import Choice
from trader247.app.books.markets import Market
from trader247.app.books.modes import VenueName
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.venue import smoke as module
from trader247.app.venue.looking import NoOrders, viewing_clock
from trader247.app.venue.reconciling import reconcile
from trader247.app.venue.smoke import IDS, SmokeReport, smoke
from trader247.app.venue.smoke_checks import Result
from trader247.ports import Clock
from trader247.simex.embedded import Embedded


def of(report: SmokeReport, name: str) -> Result:
    return next(each.result for each in report.findings if each.id == name)


def test_on_a_fresh_machine_all_ten_pass_and_nothing_is_left(tmp_path: Path) -> None:
    report = smoke(Choice(SHIPPED, tmp_path / "data"))
    assert [each.id for each in report.findings] == list(IDS)
    assert report.passed
    assert not report.is_unreachable
    assert "SIMULATED MARKET" in report.label
    assert list(tmp_path.iterdir()) == []


def test_on_a_book_all_ten_pass_and_no_file_changes(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    before = {path: sha256(path.read_bytes()).hexdigest() for path in data.glob("*.db")}
    assert smoke(Choice(SHIPPED, data)).passed
    assert before == {path: sha256(path.read_bytes()).hexdigest() for path in before}


def test_beside_a_trader_in_motion_all_ten_pass(tmp_path: Path) -> None:
    data = tmp_path / "data"
    trader = trader_in(data)
    trader.startup.recover()
    trader.loop.run(cycles=2, until=None)
    report = smoke(Choice(SHIPPED, data))
    trader.loop.run(cycles=1, until=None)
    trader.close(is_clean=True)
    assert report.passed, report.findings


def test_a_break_fails_the_reconciliation_alone(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    deposit(data, "USD", "5")
    reconcile(Choice(SHIPPED, data), None)
    report = smoke(Choice(SHIPPED, data))
    assert [each.id for each in report.failed] == ["reconciliation"]
    assert not report.passed


def test_a_market_that_is_closed_fails_what_needs_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = Embedded.open

    def closed(*arguments: object, **named: object) -> Embedded:
        exchange = begin(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came
        flags = {"status": "offline", "trading_disabled": True}
        exchange.do({"action": "set", "product_id": "*", "flags": flags})
        return exchange

    monkeypatch.setattr(Embedded, "open", staticmethod(closed))
    report = smoke(Choice(SHIPPED, tmp_path))
    assert of(report, "connection") is Result.PASS
    for name in ("quotes", "candles", "book", "universe", "preview", "breakers"):
        assert of(report, name) is Result.FAIL, name


def test_a_product_that_the_venue_has_not_fails_the_universe_alone(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(SHIPPED, config)
    universe = config / "universe.yaml"
    universe.write_text(universe.read_text().replace("[BTC-USD, ETH-USD", "[QBTC-USD, ETH-USD"))
    report = smoke(Choice(config, tmp_path / "data"))
    assert [each.id for each in report.failed] == ["universe"]
    assert "QBTC-USD" in report.failed[0].reason


def keyless() -> CoinbaseClient:
    """A venue that answers without a key, as Coinbase's public market data does."""
    settings = load_settings(SHIPPED)
    feed = Market(settings.app.sim_seed, settings.app.sim_start, None).feed()
    exchange = Embedded.open(":memory:", feed, {})
    return client_over(exchange.adapter(), viewing_clock(exchange))


def client_over(transport: BaseAdapter, clock: Clock) -> CoinbaseClient:
    return CoinbaseClient(
        transport,
        None,
        clock=clock,
        permit=NoOrders(),
        budget=RateBudget(
            clock=clock,
            is_stopped=lambda: False,
            reads_per_second=100_000,
            cancels_per_second=10,
        ),
    )


def test_without_a_key_the_private_checks_are_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "client_at", lambda *_, **__: keyless())
    report = smoke(Choice(SHIPPED, tmp_path, None, VenueName.COINBASE))
    assert {each.id for each in report.skipped} == {"accounts", "reconciliation", "preview"}
    assert {each.reason for each in report.skipped} == {"keyless"}
    assert report.failed == ()
    assert not report.passed, "what was skipped has not passed"


class Silent(BaseAdapter):
    """A network without an answer."""

    def send(self, *_: object, **__: object) -> NoReturn:
        raise ConnectTimeout

    def close(self) -> None: ...


def test_an_unreachable_venue_fails_the_connection_and_skips_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "client_at", lambda *_, **__: client_over(Silent(), SystemClock()))
    report = smoke(Choice(SHIPPED, tmp_path, None, VenueName.COINBASE))
    assert report.is_unreachable
    assert [each.id for each in report.failed] == ["connection"]
    assert len(report.skipped) == 9
    assert {each.reason for each in report.skipped} == {"no connection"}
