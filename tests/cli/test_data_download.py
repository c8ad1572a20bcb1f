"""`data download` from a served exchange, over TLS, by a process that is killed on its way."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from tests import starting
from tests.cli.test_key import configured
from tests.cli.test_sim_serve import Served, serving

from trader247.app.candles.store import load
from trader247.domain.time import Instant

pytestmark = pytest.mark.slow
SECONDS_MAX = 60
MINUTES, PAGES = 1_560, 6


def asked(folder: Path, config: Path, served: Served) -> list[object]:
    end = Instant.parse(served.told["time"]).minute - 60
    begin, end_text = (Instant.from_seconds(60 * each) for each in (end - MINUTES, end))
    command = ["data", "download", "ALGO-USD", "--from", begin, "--to", end_text, "--json"]
    return [*command, "--data", folder, "--config", config]


def environ() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if "TRADER247" not in key}


def test_a_killed_download_goes_on_and_is_what_one_at_a_stretch_is(tmp_path: Path) -> None:
    with serving(tmp_path / "served", "--seed", "7") as served:
        config = configured(tmp_path / "config", _host(served), served.tls)
        cut, whole = tmp_path / "cut", tmp_path / "whole"
        again = asked(cut, config, served)
        kept = _killed_on_its_way(again, cut)
        assert 0 < kept < PAGES * 300
        assert not (cut / "candles" / "ALGO-USD.parquet").exists()
        began = time.monotonic()
        done = starting.run(
            asked(whole, config, served), environ=environ(), seconds_max=SECONDS_MAX
        )
        took = time.monotonic() - began
        assert done.returncode == 0, done.stderr
        # A quarter of ten requests a second, with a second's worth at once.
        assert took > (PAGES - 3) / 2.5
        resumed = starting.run(again, environ=environ(), seconds_max=SECONDS_MAX)
        assert resumed.returncode == 0, resumed.stderr
    one, other = (load(each / "candles" / "ALGO-USD.parquet") for each in (cut, whole))
    assert one.checksum == other.checksum
    assert "not Coinbase's own" in one.source.label
    tape = one.tape
    assert tape.last_minute - tape.first_minute < MINUTES
    assert one.missing > 0, "quiet minutes of a small product are holes"
    told = json.loads(resumed.stdout)
    assert told["schema_version"] == 1


def _host(served: Served) -> str:
    host: str = served.told["base_url"]
    return host.removeprefix("https://")


def _killed_on_its_way(arguments: list[object], folder: Path) -> int:
    """Begin a download and kill it once some of it has come; how many minutes that are."""
    process = starting.begin(arguments, environ=environ())
    try:
        while process.poll() is None:
            for note in (folder / "candles" / ".download").glob("*.json"):
                until = int(json.loads(note.read_text())["until"])
                process.kill()
                first = int(note.stem.split("-")[-2])
                return until - first + 1
        raise AssertionError(process.communicate(timeout=SECONDS_MAX)[1])
    finally:
        process.kill()
        process.communicate(timeout=SECONDS_MAX)
