"""`trader247 sim serve` as people meet it: a process, TLS, and the official client."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from coinbase.rest import RESTClient
from requests import ConnectionError as Unreachable
from requests.exceptions import SSLError
from tests import starting
from tests.begun_market import begin

from trader247.cli.main import execute

pytestmark = pytest.mark.slow
SECONDS_MAX = 60


@dataclass(frozen=True)
class Served:
    """One running server and what it printed."""

    process: subprocess.Popen[str]
    told: dict[str, Any]

    @property
    def tls(self) -> Path:
        return Path(self.told["ca"]).parent

    def client(self, key: str = "key.json", *, host: str = "localhost") -> RESTClient:
        port = self.told["base_url"].rpartition(":")[2]
        client = RESTClient(
            key_file=str(self.tls / key), base_url=f"{host}:{port}", timeout=SECONDS_MAX
        )
        client.session.verify = self.told["ca"]
        client.session.trust_env = False
        return client

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Ask it to end: its exit code, and what it said on stderr."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=SECONDS_MAX)
        return self.process.returncode, said


@contextmanager
def serving(data: Path, *options: str) -> Iterator[Served]:
    begin(data, options)
    process = starting.begin(
        ["sim", "serve", "--port", "0", "--json", "--data", data, *options],
        environ={key: value for key, value in os.environ.items() if "TRADER247" not in key},
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate(timeout=SECONDS_MAX)[1]
        yield Served(process, json.loads(line))
    finally:
        process.kill()
        process.communicate(timeout=SECONDS_MAX)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), "--seed", "7") as running:
        yield running


@pytest.mark.parametrize("key", ["key.json", "key-ed25519.json"])
def test_the_official_client_trades_on_it(served: Served, key: str) -> None:
    client = served.client(key)
    bought = client.market_order_buy(f"buy {key}", "BTC-USD", quote_size="50")
    assert bought.success is True
    order = client.get_order(bought.success_response["order_id"]).order
    assert order.status == "FILLED"
    fills = client.get_fills(order_ids=[order.order_id]).fills
    assert sum(float(each.size) for each in fills) == pytest.approx(float(order.filled_size))


def test_c1_it_needs_no_key_for_what_is_public(served: Served) -> None:
    keyless = RESTClient(base_url=served.told["base_url"], timeout=SECONDS_MAX)
    keyless.session.verify = served.told["ca"]
    keyless.session.trust_env = False
    listed = keyless.get_public_products().products
    assert len([each for each in listed if not each.alias]) == served.told["products"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_its_certificate_is_for_every_name_of_loopback(served: Served, host: str) -> None:
    assert served.client(host=host).get_accounts().accounts[0].currency == "USD"


def test_nobody_trusts_it_who_was_not_told_to(served: Served) -> None:
    client = served.client()
    client.session.verify = True
    with pytest.raises(SSLError):
        client.get_unix_time()


def test_it_is_reached_over_loopback_alone(served: Served) -> None:
    port = served.told["base_url"].rpartition(":")[2]
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("the kernel's table of sockets is not here")
    listening = [
        row.split()[1]
        for name in ("tcp", "tcp6")
        for row in (table.parent / name).read_text().splitlines()[1:]
        if row.split()[3] == "0A" and int(row.split()[1].rpartition(":")[2], 16) == int(port)
    ]
    assert listening
    loopback = {"0100007F", "00000000000000000000000001000000"}
    assert {each.rpartition(":")[0] for each in listening} <= loopback


def test_its_files_are_their_owner_s_alone(served: Served) -> None:
    assert stat.S_IMODE(served.tls.stat().st_mode) == 0o700
    files = list(served.tls.iterdir())
    assert len(files) >= 8
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    # Whoever trusts the authority trusts this one certificate: there is no key to make another.
    assert not [each for each in files if "ca" in each.name and "key" in each.name]


def test_its_clock_is_led_by_whoever_holds_the_token(tmp_path: Path) -> None:
    with serving(tmp_path, "--seed", "7") as running:
        session = running.client().session
        clock = f"https://{running.told['base_url']}/sim/clock"
        assert session.get(clock, timeout=SECONDS_MAX).status_code == 401
        token = (running.tls / "admin.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        told = session.get(clock, headers=headers, timeout=SECONDS_MAX).json()
        assert (told["is_led"], told["is_in_step"]) == (False, True)
        to = f"{int(told['now'][:4]) + 1}{told['now'][4:10]}T00:00:00Z"
        refused = session.post(clock, json={"to": to}, headers=headers, timeout=SECONDS_MAX)
        assert refused.status_code == 400
        to = (datetime.fromisoformat(told["now"]) + timedelta(minutes=2)).isoformat()
        told = session.post(clock, json={"to": to}, headers=headers, timeout=SECONDS_MAX).json()
        assert (told["is_led"], told["is_in_step"]) == (True, False)
        assert datetime.fromisoformat(told["now"]) == datetime.fromisoformat(to)
        # A key's tokens are of the machine's time, which the exchange is ahead of.
        assert running.client().get_accounts().size > 0


def test_it_says_how_to_trust_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from uvicorn import Server

    monkeypatch.setattr(Server, "run", lambda *_, **__: None)
    assert execute(["sim", "serve", "--port", "0", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert 'client.session.verify = "' in said
    assert "key.json" in said
    assert "SIMULATED MARKET" in said


def test_its_books_outlast_it(tmp_path: Path) -> None:
    with serving(tmp_path, "--seed", "7") as running:
        made = running.client().limit_order_gtc_buy("rests", "BTC-USD", "0.001", "10000")
        order_id = made.success_response["order_id"]
        key = (running.tls / "key.json").read_bytes()
        assert running.end(signal.SIGTERM) == (0, "")
        with pytest.raises(Unreachable):
            running.client().get_unix_time()
    with serving(tmp_path) as again:
        assert again.client().get_order(order_id).order.status == "OPEN"
        assert (again.tls / "key.json").read_bytes() == key
        assert again.end() == (0, "")


def test_a_kill_loses_no_order_that_was_answered(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        made = running.client().limit_order_gtc_buy("rests", "BTC-USD", "0.001", "10000")
        running.process.kill()
    with serving(tmp_path) as again:
        listed = again.client().list_orders().orders
        assert [each.order_id for each in listed] == [made.success_response["order_id"]]


def test_a_folder_is_served_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(tmp_path) as running:
        assert execute(["sim", "serve", "--port", "0", "--data", str(tmp_path)]) == 5
        port = running.told["base_url"].rpartition(":")[2]
        other = str(tmp_path / "other")
        assert execute(["sim", "serve", "--port", port, "--data", other]) == 2
    assert f"port {port}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [["--switch", "nope=1"], ["--speed", "0"], ["--speed", "x"], ["--seed", "1", "--replay", "x"]],
)
def test_wrong_usage_is_said(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["sim", "serve", "--port", "0", "--data", str(tmp_path), *options]) == 2
    assert capsys.readouterr().err


def test_another_market_needs_another_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(tmp_path, "--seed", "7"):
        pass
    options = ["--port", "0", "--seed", "8", "--data", str(tmp_path)]
    assert execute(["sim", "serve", *options]) == 2
    assert "another --data" in capsys.readouterr().err
