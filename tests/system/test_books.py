"""Long runs, judged by the program's own words and by a stranger's recount."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from tests.system import outsider
from tests.system.conftest import Judged
from tests.system.program import trader247

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TRADER247_SHARED", ROOT.parent / "shared"))
TAPES = ("alts_1m", "majors_5m", "coinbase_btc_1m")


@pytest.mark.parametrize(("seed", "cycles"), [(1, 70)])
def test_a_long_run_agrees_with_the_exchange_to_the_last_digit(
    tmp_path: Path, judged: Judged, seed: int, cycles: int
) -> None:
    data = tmp_path / "data"
    run = ("run", "--data", data, "--seed", seed, "--speed", "max", "--interval", 120)
    assert trader247(*run, "--cycles", cycles).code == 0
    assert len(outsider.journal_fills(data / "paper-sim.db")), "nothing was traded to judge"
    judged(data)


@pytest.mark.parametrize("tape", TAPES)
def test_a_replay_agrees_with_the_exchange_to_the_last_digit(
    tmp_path: Path, judged: Judged, tape: str
) -> None:
    path = SHARED / "data" / tape
    if not path.is_dir():
        pytest.skip(f"{path} is not there")
    data = tmp_path / "data"
    run = ("run", "--data", data, "--replay", path, "--speed", "max", "--interval", 300)
    assert trader247(*run, "--cycles", 40).code == 0
    judged(data)


def test_what_is_shown_is_what_the_files_hold(traded: Path) -> None:
    shown = trader247("sim", "show", "accounts", "--data", traded, "--json").body["accounts"]
    wallets = {
        each["currency"]: Decimal(each["available_balance"]["value"])
        + Decimal(each["hold"]["value"])  # a stop that rests holds what it is to sell
        for each in shown
    }
    held = outsider.balances(traded / "paper-sim.exchange.db")
    assert {currency: wallets[currency] for currency in held} == held
    shown = trader247("sim", "show", "fills", "--data", traded, "--json").body["fills"]
    made = outsider.exchange_fills(traded / "paper-sim.exchange.db")
    assert {each["entry_id"] for each in shown} == {each["entry_id"] for each in made}
    shown = trader247("state", "show", "fills", "--data", traded, "--json").body["fills"]
    booked = outsider.journal_fills(traded / "paper-sim.db")
    assert [{key: each[key] for key in booked[0]} for each in shown] == booked


def test_nothing_in_the_journal_depends_on_the_machines_time(tmp_path: Path) -> None:
    found = []
    for name, speed in (("fast", "max"), ("paced", "600")):
        data = tmp_path / name
        run = ("run", "--data", data, "--seed", 496, "--interval", 30, "--cycles", 20)
        assert trader247(*run, "--speed", speed).code == 0
        events = outsider.rows(data / "paper-sim.db", "SELECT * FROM events ORDER BY seq")
        found.append(events)
    assert len(found[0]) > 25
    assert found[0] == found[1]
