from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.books.source import label_of
from trader247.app.serving.files import tell_where
from trader247.app.settings.app_file import AppSettings
from trader247.app.settings.loopback import is_loopback
from trader247.app.venue.endpoint import COINBASE, Endpoint, endpoint_for

DATA = Path("/data")


def places(venue: VenueName, mode: Mode = Mode.PAPER) -> Places:
    return Places(DATA, mode, venue)


def test_coinbase_is_coinbase_where_nothing_else_is_said() -> None:
    found = endpoint_for(AppSettings(), places(VenueName.COINBASE))
    assert found is COINBASE
    assert (found.feed, found.label, found.is_simulated) == ("coinbase", "Coinbase", False)


def test_another_endpoint_says_that_it_is_simulated_and_has_a_feed_of_its_own() -> None:
    settings = AppSettings(exchange_endpoint="127.0.0.1:9", exchange_ca_file="/ca.pem")
    found = endpoint_for(settings, places(VenueName.COINBASE))
    assert found == Endpoint(
        "127.0.0.1:9", "wss://127.0.0.1:9", "wss://127.0.0.1:9", Path("/ca.pem"), is_simulated=True
    )
    assert found.label == "SIMULATED MARKET at 127.0.0.1:9"
    assert found.feed not in ("coinbase", replace(found, host="localhost:9").feed)
    assert label_of(found.feed) == found.label


def test_an_endpoint_without_a_ca_file_trusts_the_served_simulation() -> None:
    settings = AppSettings(exchange_endpoint="localhost:9")
    found = endpoint_for(settings, places(VenueName.COINBASE))
    assert found.ca_file == DATA / "served-sim.tls" / "ca.pem"


def test_sim_is_where_sim_serve_listens() -> None:
    found = endpoint_for(AppSettings(), places(VenueName.SIM, Mode.LIVE))
    assert found.host == "localhost:8443"
    assert found.ca_file == DATA / "served-sim.tls" / "ca.pem"
    assert found.is_simulated
    elsewhere = AppSettings(sim_endpoint="localhost:1", sim_tls_dir="/tls")
    found = endpoint_for(elsewhere, places(VenueName.SIM))
    assert (found.host, found.ca_file) == ("localhost:1", Path("/tls/ca.pem"))


def test_a_smoke_test_counts_for_the_exchange_wherever_it_is_served(tmp_path: Path) -> None:
    unknown = endpoint_for(AppSettings(sim_tls_dir=str(tmp_path)), places(VenueName.SIM))
    assert unknown.evidence == unknown.feed
    tell_where(tmp_path, 4711, "synthetic:v1:seed=7 0a1b")
    here, there = (
        endpoint_for(
            AppSettings(sim_endpoint=host, sim_tls_dir=str(tmp_path)), places(VenueName.SIM)
        ).evidence
        for host in ("localhost:4711", "localhost:1")
    )
    tell_where(tmp_path, 4711, "synthetic:v1:seed=7 2c3d")
    other = endpoint_for(AppSettings(sim_tls_dir=str(tmp_path)), places(VenueName.SIM)).evidence
    assert here == there
    assert len({unknown.evidence, here, other}) == 3


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8443", "127.0.0.1:1", "127.9.9.9", "[::1]:8443", "[::1]"]
)
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "", "api.coinbase.com", "localhost.evil.example", "evil.example:443", "10.0.0.1:8443",
        "0.0.0.0:8443", "localhost:0", "localhost:65536", "localhost:", "localhost:x",
        "localhost@evil.example", "localhost/evil", "https://localhost", "127.0.0.1.evil.example",
        "localhost:8443\n", "[::2]:1", "::1",
    ],
)  # fmt: skip
def test_nothing_else_is_this_machine(host: str) -> None:
    assert not is_loopback(host)
