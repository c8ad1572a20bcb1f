"""`trader247 sim do`: acting on the store where nobody serves it, and through its server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from tests.cli.test_sim_serve import Served, serving

from trader247.app.books.markets import Market, bind
from trader247.app.serving.places import served_places
from trader247.app.wiring import simulation
from trader247.cli.main import execute
from trader247.domain.time import Instant


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose exchange was served once."""
    data = tmp_path_factory.mktemp("begun")
    places = served_places(data)
    market = Market(seed=7, start=Instant.parse("2026-01-05T00:00:00Z"), replay=None)
    bind(places, market)
    simulation.open_exchange(places, market.feed(), {"USD": Decimal(10_000)}).close()
    return data


@pytest.fixture
def data(begun: Path, tmp_path: Path) -> Path:
    shutil.copytree(begun, tmp_path / "data")
    return tmp_path / "data"


class Desk:
    """The command line on one folder."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._data = data
        self._capsys = capsys

    def do(self, *arguments: str, code: int = 0) -> str:
        found = execute(["sim", "do", *arguments, "--data", str(self._data)])
        told = self._capsys.readouterr()
        assert found == code, told
        return told.out if code == 0 else told.err

    def asked(self, *arguments: str) -> Any:
        return json.loads(self.do(*arguments, "--json"))


@pytest.fixture
def desk(data: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(data, capsys)


def test_what_is_done_to_a_store_that_nobody_serves_lasts(desk: Desk) -> None:
    told = desk.do("deposit", "usd", "500")
    assert "deposit: done on served-sim (not served), at 2026-01-05T00:00:00Z" in told
    assert "available: 10500" in told
    told = desk.do("place", "btc-usd", "buy", "--size", "0.001", "--limit", "50000")
    assert "status: OPEN" in told
    shown = desk.asked("show")
    assert (shown["schema_version"], shown["live_orders"], shown["server"]) == (1, 1, None)
    assert shown["accounts"]["USD"] == {"available": "10449.55", "hold": "50.45"}
    desk.do("cancel", "--all")
    desk.do("set", "BTC-USD", "cancel_only=on", "status=offline")
    shown = desk.asked("show")
    assert shown["live_orders"] == 0
    assert shown["products"]["BTC-USD"]["status"] == "offline"
    assert shown["products"]["BTC-USD"]["cancel_only"] is True
    assert desk.asked("resume", "*")["products"]["BTC-USD"]["status"] == "online"
    told = desk.do("show")
    assert "accounts USD: available 10500, hold 0" in told
    assert max(map(len, told.splitlines())) <= 160


def test_a_key_is_revoked_also_while_nobody_serves(desk: Desk, data: Path) -> None:
    name = next(key["name"] for key in desk.asked("show")["keys"] if key["can_transfer"])
    desk.do("revoke", name.rpartition("/")[2])
    written = json.loads((data / "served-sim.tls" / "keys.json").read_text())["keys"]
    assert [key["name"] for key in written if key["is_revoked"]] == [name]
    desk.do("restore", name)
    assert not any(key["is_revoked"] for key in desk.asked("show")["keys"])


def test_fees_and_maintenance_from_the_command_line(desk: Desk, tmp_path: Path) -> None:
    assert "taker: 0.0002" in desk.do("tier", "VIP 8")
    assert desk.asked("promotion", "0", "0.001")["taker"] == "0.001"
    assert desk.asked("promotion")["taker"] == "0.0002"
    tiers = tmp_path / "tiers.json"
    tiers.write_text('[{"name": "One", "volume": "0", "maker": "0.002", "taker": "0.003"}]')
    assert desk.asked("schedule", str(tiers))["tiers"] == ["One"]
    tiers.write_text("{")
    assert "no schedule of fees" in desk.do("schedule", str(tiers), code=2)
    told = desk.do("maintain", "cancel_only", "btc-usd", "--for", "10m")
    told = " ".join(told.split())
    assert "kind cancel_only, from 2026-01-05T00:00:00Z, to 2026-01-05T00:10:00Z" in told
    assert desk.asked("show")["products"]["BTC-USD"]["cancel_only"] is True
    assert "basis_points -2000" in desk.do("jump", "btc-usd", "--percent", "-20", "--for", "5m")
    assert "there are offline" in desk.do("maintain", "dance", "--for", "10m", code=2)
    assert desk.asked("clear")["maintenance"] == []
    assert desk.asked("show")["products"]["BTC-USD"]["cancel_only"] is False
    assert "there is no fill" in desk.do("reverse", "x", code=1)


def test_what_cannot_be_done_says_what_could(desk: Desk, data: Path, tmp_path: Path) -> None:
    assert "10000 available" in desk.do("withdraw", "USD", "10001", code=1)
    assert "there are" in desk.do("deposit", "XXX", "1", code=1)
    assert "amount is" in desk.do("deposit", "USD", "much", code=2)
    assert "there is no flag 'closed'" in desk.do("set", "BTC-USD", "closed=on", code=2)
    assert "no FLAG=VALUE" in desk.do("set", "BTC-USD", "closed", code=2)
    assert "there is no product" in desk.do("halt", "NOPE-USD", code=1)
    assert "there are BTC-USD" in desk.do("place", "NOPE-USD", "buy", "--size", "1", code=1)
    assert "side is BUY or SELL" in desk.do("place", "BTC-USD", "hold", "--size", "1", code=2)
    assert "--size or --quote" in desk.do("place", "BTC-USD", "buy", code=2)
    stop = ("--size", "0.001", "--stop", "90000")
    assert "--limit" in desk.do("place", "BTC-USD", "buy", *stop, code=2)
    profit = ("--size", "0.001", "--profit", "90000")
    assert "--loss" in desk.do("place", "BTC-USD", "buy", *profit, code=2)
    nothing = ["deposit", "USD", "1", "--data", str(tmp_path / "empty")]
    assert execute(["sim", "do", *nothing]) == 2
    assert execute(["sim", "do", *nothing, "--book", "paper"]) == 2
    with FileLock(data / "served-sim.lock"):
        # Somebody serves it, and has not said where: nothing is written behind his back.
        assert "served.at" in desk.do("deposit", "USD", "1", code=8)


def test_an_order_by_hand_can_bring_a_bracket_along(desk: Desk) -> None:
    prices = ("--profit", "900000", "--loss", "900")
    placed = desk.asked("place", "BTC-USD", "buy", "--size", "0.001", *prices)
    assert placed["status"] == "FILLED"
    assert desk.asked("show")["live_orders"] == 1
    assert desk.asked("cancel", placed["attached_order_id"])["order_ids"]


def test_what_is_told_fits_a_terminal_of_80_columns(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    desk.do("jump", "BTC-USD", "--percent", "-20", "--for", "5m")
    told = desk.do("maintain", "closed", "BTC-USD", "ETH-USD", "--for", "10m")
    told += desk.do("show")
    assert all(len(line) <= 80 or "apiKeys" in line for line in told.splitlines())
    assert "basis_points -2000" in " ".join(told.split())
    assert "fees is fixed: no" in told


@pytest.fixture(scope="module")
def served(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Served]]:
    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(begun, data)
    with serving(data, "--speed", "60") as running:
        yield data, running


@pytest.mark.slow
def test_a_running_server_does_it_itself(
    served: tuple[Path, Served], capsys: pytest.CaptureFixture[str]
) -> None:
    data, server = served
    desk = Desk(data, capsys)
    assert f"served at {server.told['base_url']}" in desk.do("deposit", "ETH", "3")
    client = server.client()
    held = {each.currency: each.available_balance for each in client.get_accounts().accounts}
    assert held["ETH"]["value"] == "3"
    assert "3 available" in desk.do("withdraw", "ETH", "4", code=1)
    assert "amount is" in desk.do("withdraw", "ETH", "-", code=2)
    (server.tls / "admin.token").write_text("guess\n")
    assert "does not take the token" in desk.do("show", code=9)
