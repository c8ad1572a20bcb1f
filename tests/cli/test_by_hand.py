"""`orders`, `cancel`, `flatten`, `adopt` as people type them, on a real book of a simulated market.

Where no trader runs, each command does it itself; beside one, it asks and the trader answers.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from tests.app.small_books import copied

from trader247.adapters.instance_guard import InstanceGuard
from trader247.app.books.choice import Choice
from trader247.app.books.reading import opened
from trader247.app.people import by_hand
from trader247.app.running.plan import Plan
from trader247.app.running.trading import run
from trader247.app.venue.reconciling import accept
from trader247.cli.main import execute
from trader247.domain.errors import ReadAborted, Trader247Error
from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName
from trader247.engine.cycle import Cycle

Capsys = pytest.CaptureFixture[str]
BTC = ProductId("BTC", "USD")


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def data(traded: Path, tmp_path: Path) -> Path:
    return copied(traded, tmp_path / "data")


@dataclass(frozen=True)
class Shell:
    """Command lines on one data folder."""

    data: Path
    capsys: Capsys

    def __call__(self, *words: str) -> tuple[int, Any]:
        code = execute([*words, "--data", str(self.data), "--json"])
        out, err = self.capsys.readouterr()
        return code, json.loads(out or err.splitlines()[-1])

    def portfolio(self) -> Portfolio:
        with opened(Choice(None, self.data)) as book:
            return book.portfolio()


@pytest.fixture
def shell(data: Path, capsys: Capsys) -> Shell:
    return Shell(data, capsys)


def give(shell: Shell, currency: str, amount: str) -> None:
    """Coins come from elsewhere, and a person accepts them as theirs."""
    assert execute(["sim", "do", "deposit", currency, amount, "--book", "paper",
                    "--data", str(shell.data)]) == 0  # fmt: skip
    shell.capsys.readouterr()
    shell("reconcile")
    assert shell("reconcile", "--accept", "--reason", "mine")[0] == 0


def adopt(shell: Shell) -> tuple[int, Any]:
    give(shell, "BTC", "0.02")
    return shell("adopt", "BTC-USD", "--cost", "60000", "--stop-pct", "25", "--target-pct", "200",
                 "--yes")  # fmt: skip


def test_adopted_coins_are_a_position_and_the_journal_still_verifies(shell: Shell) -> None:
    code, body = adopt(shell)
    assert (code, body["done"]) == (0, True), body
    held = {str(each.product): each for each in shell.portfolio().positions.values()}["BTC-USD"]
    assert str(held.quantity) == "0.02"
    assert (held.strategy, str(held.entry_price)) == ("adopted", "60000")
    assert execute(["state", "verify", "--decisions", "--data", str(shell.data)]) == 0


def test_a_position_is_sold_through_the_same_gate_and_decided_the_same_again(shell: Shell) -> None:
    adopt(shell)
    code, body = shell("flatten", "--dry-run")
    (estimate,) = [each for each in body["positions"] if each["product"] == "BTC-USD"]
    assert code == 0
    assert Decimal(estimate["worst"]) < Decimal(estimate["price"])
    assert Decimal(estimate["fee"]) > 0
    assert shell.portfolio().positions

    code, body = shell("flatten", "BTC", "--yes", "--reason", "news")
    assert (code, body["done"]) == (0, True), body
    after = shell.portfolio()
    assert "BTC-USD" not in {str(each) for each in after.positions}
    assert HaltName.PAUSE not in after.halts
    _, body = shell("state", "show", "orders", "--limit", "1")
    assert (body["orders"][0]["side"], body["orders"][0]["state"]) == ("SELL", "FILLED")
    _, body = shell("state", "show", "orders", "--limit", "100")
    sold = [each for each in body["orders"] if each["product"] == "BTC-USD"]
    # It is larger than the largest order: it left in slices.
    assert len([each for each in sold if each["side"] == "SELL"]) >= estimate["orders"] > 1
    assert shell("reconcile")[1]["breaks"] == []
    assert execute(["state", "verify", "--decisions", "--data", str(shell.data)]) == 0


def test_a_stop_that_rests_makes_way_for_a_sale_by_hand(shell: Shell) -> None:
    adopt(shell)
    shell("cycle")
    resting = [
        each for each in shell.portfolio().working.values() if each.intent.stop_price is not None
    ]
    assert BTC in {each.intent.product for each in resting}
    code, body = shell("flatten", "BTC", "--yes", "--reason", "news")
    assert code == 0, body
    assert BTC not in shell.portfolio().positions


def test_a_stop_amid_a_sale_by_hand_is_answered_and_leaves_no_pause_behind(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command ended by it: what rested was left, and buying paused in the name of a sale."""
    adopt(shell)
    shell("cycle")
    read = Cycle._look_at

    def cut_short(cycle: Cycle, products: tuple[ProductId, ...]) -> Snapshot:
        if not (shell.data / "KILL_SWITCH").exists():
            (shell.data / "KILL_SWITCH").touch()
            raise ReadAborted("a stop was raised while waiting")
        return read(cycle, products)

    monkeypatch.setattr(Cycle, "_look_at", cut_short)
    _, body = shell("flatten", "BTC", "--yes", "--reason", "news")
    text = body["answers"][0]["text"]
    assert "0.00 of 0.02 sold" in text
    assert "no stop of it rests at the venue: trader247 run watches it" in text
    after = shell.portfolio()
    assert HaltName.KILL_SWITCH in after.halts
    assert HaltName.PAUSE not in after.halts
    assert BTC in after.positions
    assert not after.working


@pytest.mark.parametrize("is_paused", [False, True])
def test_while_a_person_flattens_alone_nothing_is_bought_and_a_pause_stays(
    is_paused: bool, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody trades: the cycles that sell are not to be ones that buy as well."""
    adopt(shell)
    if is_paused:
        assert shell("pause", "--reason", "away")[0] == 0
    paused: set[bool] = set()
    read = Cycle._look_at

    def seen(cycle: Cycle, products: tuple[ProductId, ...]) -> Snapshot:
        paused.add(HaltName.PAUSE in cycle._ledger.portfolio.halts)
        return read(cycle, products)

    monkeypatch.setattr(Cycle, "_look_at", seen)
    assert shell("flatten", "BTC", "--yes", "--reason", "news")[0] == 0
    assert BTC not in shell.portfolio().positions
    assert paused == {True}
    assert (HaltName.PAUSE in shell.portfolio().halts) is is_paused


def test_under_a_halt_nothing_is_sold_and_it_says_what_to_do(shell: Shell) -> None:
    adopt(shell)
    execute(["kill", "on", "--data", str(shell.data)])
    shell.capsys.readouterr()
    assert shell("flatten", "BTC", "--yes")[0] == 1
    assert "BTC-USD" in {str(each) for each in shell.portfolio().positions}


def test_sales_by_hand_are_accepted_at_the_venues_own_fills(shell: Shell) -> None:
    adopt(shell)
    execute(["sim", "do", "place", "BTC-USD", "sell", "--size", "0.015", "--book", "paper",
             "--data", str(shell.data)])  # fmt: skip
    shell.capsys.readouterr()
    code, body = shell("reconcile")
    assert (code, len(body["breaks"])) == (3, 2)
    fees = shell.portfolio().fees_paid
    code, body = shell("reconcile", "--accept", "--reason", "sold on the phone")
    assert (code, body["breaks"]) == (0, [])
    after = shell.portfolio()
    assert {str(key): str(each.quantity) for key, each in after.positions.items()}[
        "BTC-USD"
    ] == "0.005"
    assert after.fees_paid > fees
    assert execute(["state", "verify", "--data", str(shell.data)]) == 0


def sold_and_gone_back(shell: Shell) -> None:
    """Coins came, were adopted and sold; the journal is the one from before they were adopted."""
    give(shell, "BTC", "0.002")
    assert shell("state", "backup")[0] == 0
    assert shell("adopt", "BTC-USD", "--cost", "60000", "--stop-pct", "25", "--target-pct", "200",
                 "--yes")[0] == 0  # fmt: skip
    assert shell("flatten", "BTC", "--yes", "--reason", "news")[0] == 0
    assert BTC not in shell.portfolio().positions
    assert shell("state", "restore", "--yes")[0] == 0


def test_a_sale_of_coins_whose_adoption_went_with_a_backup_is_accepted(shell: Shell) -> None:
    """`reconcile` says what it would come to, `--accept` does it, and no report counts a profit."""
    sold_and_gone_back(shell)
    before = shell("state", "show", "pnl")[1]
    code, body = shell("reconcile")
    while not body["set_aside"]:
        assert shell("cycle")[0] in (0, 1, 3)
        code, body = shell("reconcile")
    (aside,) = body["set_aside"]
    (fill,) = aside["fills"]
    assert (fill["side"], fill["quantity"]) == ("SELL", "0.002")
    assert BTC not in shell.portfolio().positions
    guard = InstanceGuard(shell.data)
    guard.take(since="2026-01-05T00:00:00Z")
    beside = shell("reconcile")[1]
    assert (beside["read_only"], beside["set_aside"]) == (True, [aside])
    guard.release()

    assert execute(["reconcile", "--data", str(shell.data)]) in (0, 3)
    said = shell.capsys.readouterr().out
    assert "set aside, and never booked by itself" in said
    assert "sold 0.002 BTC" in " ".join(said.split())
    assert "to accept that, and end the order: trader247 reconcile --accept" in said

    accept = ["reconcile", "--accept", "--reason", "sold before I went back"]
    assert execute([*accept, "--data", str(shell.data)]) == 0
    out, err = shell.capsys.readouterr()
    told = " ".join(err.split())
    assert "which lacked here and was set aside: the order has ended" in told
    assert "of cash came in, as capital and no profit" in told
    assert "set aside, and never" not in out
    code, body = shell("reconcile")
    assert (code, body["breaks"], body["pending"], body["set_aside"]) == (0, [], [], [])
    unlock = ["unlock", "halt", "reconciliation_break", "--reason", "looked at it"]
    assert execute([*unlock, "--data", str(shell.data)]) == 0
    shell.capsys.readouterr()

    after = shell("state", "show", "pnl")[1]
    assert after["realised"] == before["realised"]
    assert after["fees"] == before["fees"]
    assert Decimal(after["flows"]) > Decimal(before["flows"])
    assert execute(["state", "show", "events", "--data", str(shell.data)]) == 0
    assert "ended by what was set aside" in " ".join(shell.capsys.readouterr().out.split())
    assert execute(["state", "verify", "--data", str(shell.data)]) == 0
    assert execute(["report", "--data", str(shell.data)]) == 0


def test_an_order_is_cancelled_by_the_end_of_its_name(tmp_path: Path, capsys: Capsys) -> None:
    shell = Shell(tmp_path / "new", capsys)
    live: list[dict[str, Any]] = []
    while not live:
        assert execute(["cycle", "--data", str(shell.data)]) == 0
        capsys.readouterr()
        live = shell("orders")[1]["orders"]
        assert shell.portfolio().cycle < 40, "the seed's first hour trades"
    assert {"order_id", "client_order_id", "state", "end_time"} <= live[0].keys()
    code, body = shell("cancel", live[0]["client_order_id"][-8:])
    assert (code, body["done"]) == (0, True)
    assert live[0]["client_order_id"] in body["answers"][0]["text"]
    assert not shell.portfolio().working
    ended = shell("orders")[1]["ended"]
    assert ended[-1]["state"] == "CANCELLED"
    assert execute(["state", "verify", "--decisions", "--data", str(shell.data)]) == 0


def test_the_venue_s_own_word_shows_what_the_ledger_does_not_know(shell: Shell) -> None:
    adopt(shell)
    shell("cycle")
    resting = [each["client_order_id"] for each in shell("orders")[1]["orders"]]
    place = ["sim", "do", "place", "ETH-USD", "buy", "--size", "0.01", "--limit", "100"]
    assert execute([*place, "--book", "paper", "--data", str(shell.data)]) == 0
    shell.capsys.readouterr()
    code, body = shell("orders", "--at-venue")
    assert code == 0
    seen = {each["client_order_id"]: each for each in body["at_venue"]}
    assert {name for name, each in seen.items() if each["whose"] == "ours"} == set(resting)
    assert {seen[name]["ledger"] for name in resting} == {"ACCEPTED"}
    (foreign,) = [each for each in seen.values() if each["whose"] == "foreign"]
    assert (foreign["product"], foreign["state"], foreign["ledger"]) == ("ETH-USD", "OPEN", None)

    assert execute(["orders", "--at-venue", "--data", str(shell.data)]) == 0
    out = shell.capsys.readouterr().out
    assert "foreign" in out
    assert max(map(len, out.splitlines())) <= 80


def test_names_that_fit_no_order_are_refused_with_what_there_is(shell: Shell) -> None:
    code, body = shell("cancel", "t247-nothing-like-it")
    assert code == 2
    assert "under way" in body["error"]["message"]
    assert shell("cancel")[0] == 2
    assert shell("cancel", "x", "--all")[0] == 2
    assert shell("flatten", "NOPE", "--yes")[0] == 1
    assert shell("adopt", "BTC-USD", "--cost", "1", "--yes")[0] == 1


def test_nothing_is_sold_unasked(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    adopt(shell)
    monkeypatch.setattr("sys.stdin", StringIO())
    assert execute(["flatten", "--data", str(shell.data)]) == 130
    said = shell.capsys.readouterr().err
    assert "not confirmed: nothing was done" in said
    assert "--yes" in said
    assert "BTC-USD" in {str(each) for each in shell.portfolio().positions}


def test_where_nothing_is_held_it_is_asked_about_what_is_being_bought(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert execute(["cycle", "--data", str(tmp_path)]) == 0
    capsys.readouterr()
    monkeypatch.setattr("sys.stdin", StringIO())
    assert execute(["flatten", "--data", str(tmp_path)]) == 130
    said = capsys.readouterr()
    assert said.out.strip() == "nothing is held"
    assert "end what is being bought, and sell what fills of it?" in said.err
    assert "sell them?" not in said.err


def test_what_a_program_is_told_of_an_unanswered_question_is_a_line_of_json(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    words = ["adopt", "BTC-USD", "--cost", "100", "--json", "--data", str(shell.data)]
    assert execute(words) == 130
    said = shell.capsys.readouterr()
    assert said.out.strip() == ""
    assert json.loads(said.err.splitlines()[-1])["error"]["kind"] == "not_confirmed"


def test_what_is_no_product_is_refused_before_anybody_is_asked(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())
    assert execute(["adopt", "café", "--cost", "100", "--data", str(shell.data)]) == 2
    said = shell.capsys.readouterr().err
    assert "BASE-QUOTE" in said
    assert "adopt it?" not in said


def test_the_estimate_has_figures_for_people(shell: Shell) -> None:
    adopt(shell)
    assert execute(["flatten", "--dry-run", "--data", str(shell.data)]) == 0
    out = shell.capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    row = next(line for line in out.splitlines() if line.strip().startswith("BTC-USD"))
    assert re.search(r" [\d,]+\.\d\d +[\d,]+\.\d\d +[\d,]+\.\d\d ", row), row


def asked_beside(shell: Shell, ask: Callable[[], None], *, cycles: int) -> list[str]:
    """Ask from another thread while a trader runs here; answers what went wrong there."""
    troubles: list[str] = []
    asked = threading.Event()

    def asking() -> None:
        try:
            ask()
        except (AssertionError, Trader247Error) as error:  # told to the test
            troubles.append(repr(error))
        finally:
            asked.set()

    thread = threading.Thread(target=asking)
    started: list[int] = []

    def reported(*_: object) -> None:
        if not started:
            started.append(1)
            thread.start()
            asked.wait(0.3)

    run(
        Choice(None, shell.data),
        Plan(cycles=cycles, speed=Decimal(600)),
        on_opening=lambda _: None,
        on_report=reported,
    )
    thread.join(30)
    return troubles


def test_a_running_trader_sells_at_once_in_slices(shell: Shell) -> None:
    adopt(shell)
    before = shell.portfolio()
    choice = Choice(None, shell.data)

    def ask() -> None:
        answer = by_hand.flatten(choice, ["BTC-USD"], reason="news")
        assert answer.is_done, answer.text
        assert answer.trader is not None

    assert asked_beside(shell, ask, cycles=14) == []
    after = shell.portfolio()
    assert "BTC-USD" not in {str(each) for each in after.positions}
    assert after.cycle > before.cycle
    assert execute(["state", "verify", "--decisions", "--data", str(shell.data)]) == 0


def test_a_running_trader_accepts_what_the_journal_has_set_aside(shell: Shell) -> None:
    sold_and_gone_back(shell)
    while not shell("reconcile")[1]["set_aside"]:
        assert shell("cycle")[0] in (0, 1, 3)
    told: list[str] = []

    def ask() -> None:
        told.extend(accept(Choice(None, shell.data), "sold before I went back"))

    assert asked_beside(shell, ask, cycles=14) == []
    assert "sold 0.002 BTC" in told[0]
    assert "the order has ended" in told[0]
    after = shell("reconcile")[1]
    assert (after["breaks"], after["set_aside"]) == ([], [])
    assert execute(["state", "verify", "--data", str(shell.data)]) == 0
