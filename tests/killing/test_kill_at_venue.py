"""`kill on` cancels at the venue by itself: its own process, over TLS, with the key alone."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from coinbase.rest import RESTClient
from tests import starting
from tests.cli.test_sim_serve import Served, serving
from tests.killing.troubled import Trouble, troubled

from trader247.adapters.clock import SystemClock
from trader247.adapters.emergency import Emergency, EmergencyFile
from trader247.adapters.holder import Holder
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.killing import emergency
from trader247.app.killing.clearing import Wanted
from trader247.app.killing.lost_word import second_copy
from trader247.app.killing.proof import Proof
from trader247.app.monitoring.monitor import Monitor
from trader247.app.monitoring.overseeing import Finding
from trader247.app.settings.location import SHIPPED
from trader247.domain.time import Instant

pytestmark = pytest.mark.slow
SECONDS_MAX = 120
TWO_PAGES, THREE_PAGES, OF_ONE_PRODUCT = 300, 520, 500
"""Orders: a listing that is read at once has 250 on a page."""
WELL_SHARE_MAX, TROUBLED_SHARE_MAX = 0.25, 2
"""What emptying the venue may take of the time in which its orders were placed, one by one.

That is what the machine allows where it is crowded, and more than the seconds that are promised.
"""
FINAL = ("FILLED", "CANCELLED", "EXPIRED", "FAILED")
LONG_AGO = timedelta(hours=1)
DEAD = Holder(2**22 + 1, "b", "s", os.uname().nodename, "trader247 run", "", "live-sim")
_DROP, _DAC_OVERRIDE, _DAC_READ_SEARCH = 24, 1, 2
"""linux/prctl.h and linux/capability.h."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    # Placing the orders of these tests must not use up what cancelling may ask.
    with serving(folder, "--seed", "7", "--switch", "private_per_s=100000") as running:
        yield running


@dataclass(frozen=True)
class Stand:
    """A served exchange with orders on it, and a data folder beside."""

    served: Served
    client: RESTClient
    data: Path

    @property
    def host(self) -> str:
        return str(self.served.told["base_url"]).removeprefix("https://")

    def place(
        self,
        count: int,
        prefix: str = "t247-abcdef-1-",
        side: str = "BUY",
        product: str = "BTC-USD",
        price: str = "20000.00",
        size: str = "0.0004",
    ) -> float:
        """So many orders, one after the other; how many milliseconds that took."""
        began = time.monotonic()
        for _ in range(count):
            name = f"{prefix}{uuid4()}"
            if side == "BUY":
                answer = self.client.limit_order_gtc_buy(name, product, size, price)
            else:
                answer = self.client.limit_order_gtc_sell(name, product, size, "900000.00")
            assert answer.success, answer.to_dict()
        return 1_000 * (time.monotonic() - began)

    def live(self) -> list[str]:
        """Our names of all orders that live."""
        names: list[str] = []
        cursor = None
        while True:
            page = self.client.list_orders(limit=1000, cursor=cursor)
            names += [each.client_order_id for each in page.orders if each.status not in FINAL]
            if not page.has_next:
                return names
            cursor = page.cursor

    def leave(
        self,
        *,
        host: str = "",
        portfolio: str = "",
        holder: Holder | None = None,
        sent: timedelta = LONG_AGO,
        is_cleared: bool = False,
        is_twice: bool = False,
        key_file: Path | None = None,
    ) -> None:
        """What a trader has left in the folder; by default one that died an hour ago."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        left = Emergency(
            host=host or self.host,
            ca_file=str(self.served.tls / "ca.pem"),
            key_file=str(key_file or self.served.tls / "key.json"),
            portfolio=portfolio,
            token_seconds=30,
            holder=holder or DEAD,
            is_cleared=is_cleared,
        )
        second = second_copy(self.data) if is_twice else None
        file = EmergencyFile(self.data, left, now=lambda: moment(sent), second=second)
        file.sending()


def moment(ago: timedelta) -> Instant:
    return SystemClock().now() - ago


@pytest.fixture
def stand(served: Served, tmp_path: Path) -> Iterator[Stand]:
    made = Stand(served, served.client(), tmp_path / "data")
    yield made
    left = [each.order_id for each in made.client.list_orders(limit=1000).orders]
    for at in range(0, len(left), 100):
        made.client.cancel_orders(left[at : at + 100])


@dataclass(frozen=True)
class Killed:
    code: int
    body: dict[str, Any]
    said: str
    seconds: float

    @property
    def venue(self) -> dict[str, Any]:
        found = self.body["venue"]
        assert isinstance(found, dict)
        return found


def kill(
    data: Path, *options: str, before: Callable[[], None] | None = None, is_whole: bool = False
) -> Killed:
    """`trader247 kill on`; with `is_whole` as a shell starts it, imports and all."""
    words = ["kill", "on", "--json", "--data", str(data), *options]
    environ = {key: value for key, value in os.environ.items() if "TRADER247" not in key}
    began = time.monotonic()
    if is_whole:
        done = subprocess.run(
            [sys.executable, "-m", "trader247", *words],
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
            preexec_fn=before,  # no thread of this process is between locks
            env=environ,
        )
    else:
        done = starting.run(words, environ=environ, before=before, seconds_max=SECONDS_MAX)
    assert done.stdout, done.stderr
    body = json.loads(done.stdout)
    return Killed(done.returncode, body, done.stderr, time.monotonic() - began)


def test_three_pages_of_orders_are_gone_within_three_seconds(stand: Stand) -> None:
    placed_ms = stand.place(OF_ONE_PRODUCT)
    # The venue keeps no more of one product.
    rest = THREE_PAGES - OF_ONE_PRODUCT
    placed_ms += stand.place(rest, product="ETH-USD", price="1500.00", size="0.01")
    assert len(stand.live()) == THREE_PAGES
    stand.leave()
    killed = kill(stand.data, is_whole=True)
    assert (killed.code, killed.body["proof"]) == (0, "venue")
    assert (killed.venue["found"], killed.venue["left"]) == (THREE_PAGES, 0)
    assert killed.venue["listings"] >= 3  # with the orders, without, and the proof
    assert killed.venue["first_empty_ms"] <= max(3_000, placed_ms * WELL_SHARE_MAX)
    assert stand.live() == []


def test_ten_seconds_are_enough_where_half_of_the_answers_fail(stand: Stand) -> None:
    placed_ms = stand.place(TWO_PAGES)
    trouble = Trouble("well", "before", "well", "after", "well", "hang", "well", "cut")
    with troubled(stand.host, stand.served.tls, trouble) as host:
        stand.leave(host=host)
        killed = kill(stand.data, is_whole=True)
    assert {"before", "after", "hang", "cut"} <= {kind for kind, _, _ in trouble.asked}
    assert (killed.code, killed.venue["found"]) == (0, TWO_PAGES)
    assert killed.venue["first_empty_ms"] <= max(10_000, placed_ms * TROUBLED_SHARE_MAX)
    assert stand.live() == []


def test_an_order_in_a_state_that_is_no_known_end_lives_and_is_waited_for(stand: Stand) -> None:
    stand.place(12)
    trouble = Trouble("PENDING", "QUEUED", "CANCEL_QUEUED", "OF_TOMORROW")
    with troubled(stand.host, stand.served.tls, trouble) as host:
        stand.leave(host=host)
        killed = kill(stand.data)
    assert (killed.code, killed.body["proof"]) == (0, "venue")
    assert (killed.venue["found"], killed.venue["left"]) == (12, 0)
    assert stand.live() == []


def test_nothing_of_the_folder_is_needed_but_the_file(stand: Stand) -> None:
    """Journal corrupt, configuration broken, and no file may grow: the disk is full."""
    stand.place(3)
    stand.leave()
    (stand.data / "live-sim.db").write_bytes(b"SQLite format 3\0 no more" * 100)
    config = stand.data / "config"
    config.mkdir()
    (config / "app.yaml").write_text("app: [")

    def fill_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    killed = kill(stand.data, before=fill_disk, is_whole=True)
    assert (killed.code, killed.body["proof"]) == (0, "venue")
    assert killed.body["on"] is True
    assert killed.body["reason_written"] is False
    assert stand.live() == []


def test_a_switch_that_cannot_be_raised_does_not_keep_the_orders(stand: Stand) -> None:
    stand.place(3)
    stand.data.write_text("a file where the folder should be")
    key, authority = stand.served.tls / "key.json", stand.served.tls / "ca.pem"
    named = ("--key-file", str(key), "--ca-file", str(authority), "--host", stand.host)
    killed = kill(stand.data, *named)
    assert killed.code == 8
    assert killed.body["on"] is False
    assert killed.venue["proven"] is False  # a trader may live, and nothing stops it
    assert stand.live() == []


def without_power() -> None:
    """Be bound by the permissions of files, also as root, from the next program on."""
    for power in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(_DROP, power)


def test_a_folder_that_nobody_may_look_into_does_not_keep_the_orders(stand: Stand) -> None:
    stand.place(3)
    stand.leave()
    key, authority = stand.served.tls / "key.json", stand.served.tls / "ca.pem"
    named = ("--key-file", str(key), "--ca-file", str(authority), "--host", stand.host)
    stand.data.chmod(0)
    try:
        killed = kill(stand.data, *named, before=without_power, is_whole=True)
    finally:
        stand.data.chmod(0o700)
    assert killed.code == 8
    assert killed.body["on"] is False
    assert not (stand.data / "KILL_SWITCH").exists()
    assert killed.venue["proven"] is False  # a trader may live, and nothing stops it
    assert stand.live() == []


def test_with_the_folder_lost_a_key_is_enough_to_cancel(stand: Stand) -> None:
    stand.place(3)
    key, authority = stand.served.tls / "key.json", stand.served.tls / "ca.pem"
    named = ("--key-file", str(key), "--ca-file", str(authority), "--host", stand.host)
    killed = kill(stand.data, "--no-wait", *named)
    assert (killed.code, killed.body["proof"]) == (7, "not_waited")
    assert (killed.venue["found"], killed.venue["left"]) == (3, 0)
    assert stand.live() == []


def test_nobody_who_reads_what_it_says_keeps_it_from_cancelling(stand: Stand) -> None:
    """As in `trader247 kill on 2>&1 | head -1`, or where the terminal was closed."""
    stand.place(3)
    stand.leave()
    environ = {key: value for key, value in os.environ.items() if "TRADER247" not in key}
    process = starting.begin(["kill", "on", "--data", stand.data], environ=environ)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.stderr.close()
    assert process.wait(SECONDS_MAX) == 0
    assert stand.live() == []


def test_a_terminal_that_is_closed_keeps_it_from_cancelling_no_order(stand: Stand) -> None:
    stand.place(3)
    stand.leave()
    environ = {key: value for key, value in os.environ.items() if "TRADER247" not in key}
    process = starting.begin(["kill", "on", "--data", stand.data], environ=environ)
    until = time.monotonic() + SECONDS_MAX
    while not (stand.data / "KILL_SWITCH").exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=SECONDS_MAX)
    assert process.returncode == 0
    assert stand.live() == []


LIVING = """
import sys, time
from pathlib import Path
from trader247.adapters.instance_guard import InstanceGuard
guard = InstanceGuard(Path(sys.argv[1]))
guard.take(since="2026-01-05T00:00:00Z", book="live-sim")
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def stopped(stand: Stand) -> Iterator[Holder]:
    """A trader that holds the folder and does not move: stopped by a signal."""
    stand.data.mkdir(mode=0o700)
    process = subprocess.Popen(
        [sys.executable, "-c", LIVING, str(stand.data)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.send_signal(signal.SIGSTOP)
    body = json.loads((stand.data / "trader247.holder.json").read_bytes())
    yield Holder(**body)
    process.kill()
    process.communicate()


def test_a_stopped_trader_is_waited_out_until_its_last_order_cannot_arrive(
    stand: Stand, stopped: Holder
) -> None:
    stand.place(3)
    stand.leave(holder=stopped, sent=timedelta(seconds=34))
    quiet = moment(timedelta(seconds=34)) + timedelta(seconds=40)
    killed = kill(stand.data)
    assert SystemClock().now() >= quiet
    assert (killed.code, killed.body["proof"]) == (0, "venue"), killed.body
    assert killed.body["trader"]["pid"] == stopped.pid
    assert stand.live() == []


def test_others_orders_stay_unless_all_are_to_go(stand: Stand) -> None:
    stand.place(2, prefix="by-hand-")
    stand.place(2)
    stand.leave()
    assert kill(stand.data).venue["found"] == 2
    assert len(stand.live()) == 2
    killed = kill(stand.data, "--everything")
    assert (killed.code, killed.venue["found"]) == (0, 2)
    assert stand.live() == []


def test_sales_that_only_reduce_may_stay(stand: Stand) -> None:
    bought = stand.client.market_order_buy(f"x{uuid4()}", "BTC-USD", quote_size="100")
    assert bought.success
    stand.place(2, side="SELL")
    stand.place(2)
    stand.leave()
    killed = kill(stand.data, "--keep-stops")
    assert (killed.code, killed.venue["found"], killed.venue["kept"]) == (0, 2, 2)
    assert len(stand.live()) == 2


def test_another_portfolios_emptiness_proves_nothing(stand: Stand) -> None:
    stand.leave(portfolio="another one")
    killed = kill(stand.data)
    assert (killed.code, killed.body["proof"]) == (7, "venue_unproven")
    assert "another one" in killed.venue["trouble"]


def test_a_silent_venue_is_not_proven(tmp_path: Path, stand: Stand) -> None:
    target = emergency.Target("localhost:9", "", stand.served.tls / "key.json", None)
    cleared = emergency.clear(
        target,
        Wanted(),
        data=tmp_path,
        is_over=lambda: True,
        is_stopped=True,
        is_proof_awaited=True,
        on_news=lambda _: None,
        silence_max=timedelta(seconds=1),
    )
    assert not cleared.is_proven
    assert (cleared.listings, cleared.first_empty, cleared.left) == (0, None, None)
    assert "does not answer" in cleared.trouble


def test_a_rehearsal_that_ended_clean_is_history(stand: Stand) -> None:
    stand.leave(host="localhost:9", is_cleared=True)
    (stand.data / "live-sim.db").touch()
    killed = kill(stand.data)
    assert (killed.code, killed.body["proof"]) == (0, "at_next_start")


def test_a_live_book_without_its_file_is_not_proven(tmp_path: Path) -> None:
    (tmp_path / "live-coinbase.db").touch()
    killed = kill(tmp_path)
    assert (killed.code, killed.body["proof"]) == (7, "no_way")


@pytest.mark.parametrize("left", [None, b"{"])
def test_a_rehearsal_is_cleared_without_the_traders_word(left: bytes | None, stand: Stand) -> None:
    """Who sent is known by the guard's file, the way there by the simulation's own folder."""
    stand.place(2)
    stand.leave()
    body = {**asdict(DEAD), "book": "live-sim"}
    (stand.data / "trader247.holder.json").write_text(json.dumps(body))
    (stand.data / "served-sim.tls").symlink_to(stand.served.tls)
    file = stand.data / "emergency.json"
    if left is None:
        file.unlink()
    else:
        file.write_bytes(left)
    options = () if left == b"{" else ("--no-wait",)
    killed = kill(stand.data, *options)
    assert killed.venue["host"] == stand.host
    assert (killed.venue["found"], killed.venue["left"], stand.live()) == (2, 0, [])
    # The dead sender's last bytes are waited for; its token's life is not.
    assert (killed.code, killed.body["proof"]) == ((7, "not_waited") if options else (0, "venue"))


def in_ruins(data: Path) -> None:
    (data / "emergency.json").write_bytes(b"{")


@pytest.mark.parametrize("lose", [shutil.rmtree, in_ruins])
def test_a_folder_that_is_lost_leaves_a_second_copy_of_the_traders_word(
    lose: Callable[[Path], None], stand: Stand
) -> None:
    stand.place(2)
    stand.leave(is_twice=True)
    lose(stand.data)
    killed = kill(stand.data, "--no-wait")
    assert (killed.code, killed.body["proof"]) == (7, "not_waited")
    assert (killed.venue["host"], killed.venue["book"]) == (stand.host, DEAD.book)
    assert (killed.venue["found"], killed.venue["left"], stand.live()) == (2, 0, [])


def test_a_folder_that_is_a_paper_book_now_is_not_what_the_copy_is_about(stand: Stand) -> None:
    stand.leave(is_twice=True)
    (stand.data / "emergency.json").unlink()
    (stand.data / "paper-sim.db").touch()
    killed = kill(stand.data)
    assert (killed.code, killed.body["proof"], killed.body["venue"]) == (0, "at_next_start", None)


def test_a_key_for_another_book_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever trades on paper has a switch, not a venue, whatever key the shell is set up for."""
    monkeypatch.setenv("CB_API_SECRET_FILE", str(tmp_path / "key.json"))
    (tmp_path / "paper-sim.db").touch()
    killed = kill(tmp_path)
    assert (killed.code, killed.body["proof"]) == (0, "at_next_start")
    assert killed.body["venue"] is None


def test_the_key_of_the_environment_serves_a_live_book_without_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CB_API_SECRET_FILE", str(tmp_path / "no key.json"))
    (tmp_path / "live-coinbase.db").touch()
    killed = kill(tmp_path)
    assert (killed.code, killed.body["proof"]) == (7, "venue_unproven")
    assert killed.venue["host"] == "api.coinbase.com"
    assert "no key.json" in killed.venue["trouble"]


def test_a_key_is_shown_to_nobody_but_the_venue(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "trader247", "kill", "on", "--data", str(tmp_path)]
    done = subprocess.run(
        [*command, "--host", "api.coinbase.com.evil.example"],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 2
    assert "shown to nobody else" in done.stderr


def test_the_monitor_cancels_with_a_key_of_its_own(stand: Stand, tmp_path: Path) -> None:
    """What the trader left may be of no use: the monitor trusts nothing of it but the time."""
    stand.leave(key_file=tmp_path / "gone.json")
    config = tmp_path / "config"
    shutil.copytree(SHIPPED, config)
    app = config / "app.yaml"
    text = app.read_text(encoding="utf-8")
    text = text.replace('endpoint: "localhost:8443"', f'endpoint: "{stand.host}"')
    text = text.replace('tls_dir: ""', f'tls_dir: "{stand.served.tls}"')
    app.write_text(text, encoding="utf-8")
    stand.place(2)
    monitor = Monitor(Choice(config, stand.data, Mode.LIVE, VenueName.SIM), limits=None)
    stopped = monitor.stop((Finding("total_exposure", "too much", True),), lambda _: None)
    assert stopped.kill.proof is Proof.VENUE, stopped.kill
    assert stand.live() == []
