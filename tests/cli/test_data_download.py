"""`data download` from a served exchange, over TLS, by a process that is killed on its way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests import starting
from tests.cli.test_key import configured
from tests.cli.test_sim_serve import Served, serving
from tests.cli.test_sim_serve_faults import Faulty

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


def test_refusals_and_dropped_lines_on_the_way_end_no_download(tmp_path: Path) -> None:
    """Two products through a bad line, broken off by Ctrl-C once: whole, and the same to a byte."""
    with serving(tmp_path / "served", "--seed", "7") as served:
        config = configured(tmp_path / "config", _host(served), served.tls)
        rough, calm = tmp_path / "rough", tmp_path / "calm"
        clear = starting.run(
            _both(calm, config, served), environ=environ(), seconds_max=SECONDS_MAX
        )
        assert clear.returncode == 0, clear.stderr
        # So rare that seven in a row of one request are not met with by chance.
        faults = ("limited=0.1", "reset_before=0.07", "reset_inside=0.03", "truncated=0.02")
        Faulty(served).set(*faults, "error_before=0.02", seed=5)
        process = starting.begin(_both(rough, config, served), environ=environ())
        _wait_for_some(process, rough)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=SECONDS_MAX)
        assert process.returncode == 130
        assert "what has come is kept; the same command goes on from there" in said
        assert not list((rough / "candles").glob("*.parquet"))
        ended = starting.run(
            _both(rough, config, served), environ=environ(), seconds_max=2 * SECONDS_MAX
        )
        struck = Faulty(served).read()["fired"]
        assert ended.returncode == 0, ended.stderr
        assert sum(each.get("candles", 0) for each in struck.values()) >= 1, "the line was bad"
    for name in ("BTC-USD", "ALGO-USD"):
        one, other = (load(each / "candles" / f"{name}.parquet") for each in (rough, calm))
        assert (one.checksum, one.source) == (other.checksum, other.source)
        assert one.missing == other.missing
        # Every minute that both have is one of the span, each once and in order.
        assert (one.tape.minute[1:] > one.tape.minute[:-1]).all()
    assert not list((rough / "candles" / ".download").iterdir()), "nothing is left lying"


def test_what_a_venue_refuses_for_good_is_not_asked_for_long(tmp_path: Path) -> None:
    with serving(tmp_path / "served", "--seed", "7") as served:
        config = configured(tmp_path / "config", _host(served), served.tls)
        words = asked(tmp_path / "data", config, served)
        began = time.monotonic()
        unknown = starting.run(
            [each if each != "ALGO-USD" else "NOSUCH-USD" for each in words],
            environ=environ(),
            seconds_max=SECONDS_MAX,
        )
    assert unknown.returncode == 4
    assert time.monotonic() - began < 15
    error = json.loads(unknown.stderr)["error"]
    assert "NOSUCH-USD" in error["message"]
    assert error["hint"]


def _both(folder: Path, config: Path, served: Served) -> list[object]:
    words = asked(folder, config, served)
    words.insert(words.index("ALGO-USD"), "BTC-USD")
    return words


def _wait_for_some(process: subprocess.Popen[str], folder: Path) -> None:
    """Until a page of it has come."""
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end and process.poll() is None:
        if list((folder / "candles" / ".download").glob("*.json")):
            return
        time.sleep(0.02)
    raise AssertionError(process.communicate(timeout=SECONDS_MAX)[1])


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
