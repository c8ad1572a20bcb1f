"""C8 over real sockets: faults of `sim serve` as a process, met by the official client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from coinbase.rest import RESTClient
from requests import ConnectionError as Disconnected
from requests import HTTPError, ReadTimeout
from requests.exceptions import ChunkedEncodingError
from tests.cli.test_sim_serve import SECONDS_MAX, Served, serving

from trader247.cli.main import execute
from trader247.simex.faults.kinds import KINDS
from trader247.simex.faults.presets import PRESETS

pytestmark = pytest.mark.slow


class Faulty:
    """A running server whose faults can be changed."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.client: RESTClient = served.client()

    def set(self, *faults: str, seed: int = 0) -> dict[str, Any]:
        return self._asked("POST", {"faults": list(faults), "seed": seed})

    def read(self) -> dict[str, Any]:
        return self._asked("GET", None)

    def _asked(self, method: str, body: dict[str, Any] | None) -> dict[str, Any]:
        token = (self.served.tls / "admin.token").read_text().strip()
        answer = self.served.client().session.request(
            method,
            f"https://{self.served.told['base_url']}/sim/faults",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS_MAX,
        )
        told: dict[str, Any] = answer.json()
        assert answer.status_code == 200, told
        return told

    def buy(self, name: str) -> Any:
        return self.client.limit_order_gtc_buy(name, "BTC-USD", "0.001", "10000")

    def orders(self) -> list[str]:
        """The client ids of all orders, when nothing goes wrong any more."""
        self.set()
        return [each.client_order_id for each in self.served.client().list_orders().orders]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    with serving(tmp_path_factory.mktemp("faulty"), "--seed", "7", "--fault", "calm") as running:
        yield Faulty(running)


@pytest.mark.parametrize(
    ("fault", "raised", "is_taken"),
    [
        ("lost_request", ReadTimeout, False),
        ("reset_before", Disconnected, False),
        ("error_before", HTTPError, False),
        ("lost_answer", ReadTimeout, True),
        ("reset_after", Disconnected, True),
        ("reset_inside", (ChunkedEncodingError, Disconnected), True),
        ("error_after", HTTPError, True),
        ("late_answer:ms=170000", ReadTimeout, True),
    ],
)
def test_c8_whoever_is_not_answered_cannot_tell(
    faulty: Faulty, fault: str, raised: Any, is_taken: bool
) -> None:
    name, _, options = fault.partition(":")
    before = faulty.read()["fired"].get(name, {}).get("create", 0)
    faulty.set(f"{name}@create:times=1{':' if options else ''}{options}")
    # Who is answered is answered at any pace of this machine.
    faulty.client.timeout = 0.3 if raised is ReadTimeout else SECONDS_MAX
    with pytest.raises(raised):
        faulty.buy(fault)
    assert faulty.read()["fired"][name]["create"] == before + 1
    assert (fault in faulty.orders()) is is_taken


def test_c8_a_late_request_is_carried_out_after_its_client_has_gone(faulty: Faulty) -> None:
    faulty.set("late_request@create:ms=900:times=1", seed=4)
    faulty.client.timeout = 0.05
    with pytest.raises(ReadTimeout):
        faulty.buy("late")
    ends = time.monotonic() + SECONDS_MAX
    while "late" not in faulty.orders():
        assert time.monotonic() < ends
    assert faulty.orders().count("late") == 1


def test_c8_an_answer_in_drops_is_whole_for_who_waits(faulty: Faulty) -> None:
    faulty.set("dripping@product:ms=400")
    faulty.client.timeout = 5
    began = time.monotonic()
    assert faulty.client.get_product("BTC-USD").product_id == "BTC-USD"
    assert time.monotonic() - began > 0.3


def test_the_date_of_an_answer_is_the_exchange_s(faulty: Faulty) -> None:
    def apart() -> float:
        url = f"https://{faulty.served.told['base_url']}/api/v3/brokerage/time"
        answer = faulty.served.client().session.get(url, timeout=SECONDS_MAX)
        dated = parsedate_to_datetime(answer.headers["date"]).timestamp()
        return dated - time.time()

    faulty.set()
    assert abs(apart()) < 5
    faulty.set("skewed_clock:ms=60000")
    assert 50 < apart() < 70


def test_wrong_faults_are_said_and_change_nothing(faulty: Faulty) -> None:
    before = faulty.set("html=1%@book", seed=3)
    assert (before["faults"], before["seed"]) == (["html=1/100@book"], 3)
    for body in ({"faults": ["nope"]}, {"faults": "html"}, {}, {"faults": [], "seed": -1}):
        with pytest.raises(AssertionError, match="INVALID_ARGUMENT"):
            faulty._asked("POST", body)
    assert faulty.read()["faults"] == ["html=1/100@book"]


def test_faults_are_read_and_changed_from_a_shell(
    faulty: Faulty, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str, code: int = 0) -> str:
        where = ["--tls-dir", str(faulty.served.tls)]
        assert execute(["sim", "faults", *arguments, *where]) == code
        told = capsys.readouterr()
        return told.out if code == 0 else told.err

    assert "html=1/100@book" in said("calm", "html=1%@book", "--seed", "11")
    told = json.loads(said("--json"))
    assert (told["faults"], told["seed"], told["schema_version"]) == (["html=1/100@book"], 11, 1)
    assert json.loads(said("--seed", "12", "--json"))["faults"] == ["html=1/100@book"]
    assert "no fault 'nope'" in said("nope", code=2)
    assert "1 fault in force" in said("error_before@time:times=1")
    with pytest.raises(HTTPError):
        faulty.client.get_unix_time()
    assert "0 faults in force" in said("calm")
    assert "error_before" in (table := said())
    assert max(len(line) for line in table.splitlines()) <= 80


def test_every_fault_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["sim", "faults", "--list"]) == 0
    table = capsys.readouterr().out
    assert all(name in table for name in (*KINDS, *PRESETS))
    assert max(len(line) for line in table.splitlines()) <= 80
    assert execute(["sim", "faults", "--list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in listed["faults"]] == list(KINDS)


def test_what_struck_is_said_at_the_end(tmp_path: Path) -> None:
    options = ["--seed", "7", "--fault", "error_before@create:times=2", "--fault-seed", "5"]
    with serving(tmp_path, *options) as running:
        for _ in range(3):
            try:
                running.client().limit_order_gtc_buy("a", "BTC-USD", "0.001", "10000")
            except HTTPError:
                continue
        assert running.end() == (0, "fault error_before: 2 (create 2)\n")


def test_a_fault_that_there_is_none_of_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["sim", "serve", "--port", "0", "--data", str(tmp_path), "--fault", "nope"]
    assert execute(given) == 2
    assert "there is no fault 'nope'" in capsys.readouterr().err


def test_a_server_ends_while_somebody_waits_for_an_answer(tmp_path: Path) -> None:
    with serving(tmp_path, "--fault", "lost_answer@time") as running:
        client = running.client()
        client.timeout = 0.2
        with pytest.raises(ReadTimeout):
            client.get_unix_time()
        assert running.end()[0] == 0
