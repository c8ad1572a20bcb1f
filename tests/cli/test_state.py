"""`trader247 state`: exact for programs, round for people, and a chain to recompute."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.app.busy_books import EVENTFUL_CYCLES, eventful_book
from tests.app.small_books import copied, trader_in

from trader247.app.books import ledger_view
from trader247.app.books.choice import Choice
from trader247.app.settings.location import SHIPPED
from trader247.cli.main import execute
from trader247.domain.events.holdings import DustSetAside

BOOK = "paper-sim.db"


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(scope="module")
def eventful() -> Path:
    """A book with fills, halts, alerts and a position. Never change it: copy it."""
    return eventful_book()


def answer(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> Any:
    assert execute(["state", *words, "--data", str(data), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def text(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> str:
    assert execute(["state", *words, "--data", str(data)]) == 0
    return capsys.readouterr().out


def audit(capsys: pytest.CaptureFixture[str], data: Path, *words: str) -> list[dict[str, Any]]:
    assert execute(["state", "show", "events", *words, "--data", str(data), "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_outsider_can_recompute_the_whole_chain(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = audit(capsys, eventful)
    previous = None
    for number, event in enumerate(events, start=1):
        assert set(event) == {
            "schema_version", "seq", "v", "time", "kind", "ref", "payload", "prev_hash", "hash",
        }  # fmt: skip
        assert event["schema_version"] == 1
        assert event["seq"] == number
        assert previous in (None, event["prev_hash"])
        rest = {
            key: value
            for key, value in event.items()
            if key not in ("schema_version", "prev_hash", "hash")
        }
        canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"))
        assert sha256((event["prev_hash"] + canonical).encode()).hexdigest() == event["hash"]
        previous = event["hash"]
    kinds = {event["kind"] for event in events}
    assert {"journal_opened", "cycle_decided", "fill_booked", "alert_raised"} <= kinds


def test_an_event_that_was_changed_breaks_the_outsiders_chain_too(
    eventful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copied(eventful, tmp_path / "data")
    with closing(apsw.Connection(str(data / BOOK))) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute("UPDATE events SET ref = 'other' WHERE seq = 6")
    event = audit(capsys, data)[5]
    rest = {key: event[key] for key in ("seq", "v", "time", "kind", "ref", "payload")}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    assert sha256((event["prev_hash"] + canonical).encode()).hexdigest() != event["hash"]


def test_fills_add_up_to_the_cash_of_the_ledger(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fills = answer(capsys, eventful, "show", "fills")["fills"]
    pnl = answer(capsys, eventful, "show", "pnl")
    cash = Decimal(pnl["flows"])
    for fill in fills:
        assert set(fill) == {
            "entry_id", "trade_id", "order_id", "client_order_id", "product", "side", "price",
            "quantity", "fee", "liquidity", "time", "decision_id", "strategy",
        }  # fmt: skip
        sign = -1 if fill["side"] == "BUY" else 1
        cash += sign * Decimal(fill["price"]) * Decimal(fill["quantity"]) - Decimal(fill["fee"])
    assert fills
    assert cash == Decimal(pnl["cash"])
    assert sum(Decimal(fill["fee"]) for fill in fills) == Decimal(pnl["fees"])


def test_every_list_has_the_agreed_names(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes = {
        "orders": {
            "order_id", "client_order_id", "product", "side", "price", "quantity", "filled",
            "state", "end_time",
        },
        "positions": {
            "product", "quantity", "cost", "mark", "unrealised", "stop", "target", "opened",
        },
        "alerts": {"id", "time", "severity", "code", "text", "state", "attempts"},
    }  # fmt: skip
    for name, keys in shapes.items():
        body = answer(capsys, eventful, "show", name)
        assert body["schema_version"] == 1
        assert "SIMULATED MARKET" in body["market"]
        assert body["seed"] == 11
        assert body[name], name
        assert all(set(row) == keys for row in body[name]), name
    assert set(answer(capsys, eventful, "show", "pnl")) >= {
        "realised", "unrealised", "fees", "flows", "equity", "cash", "day", "week",
        "high_water_mark", "drawdown_pct", "made",
    }  # fmt: skip


def test_the_whole_state_is_the_folded_ledger(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = answer(capsys, eventful, "show")
    last = audit(capsys, eventful, "--limit", "1")[0]
    assert (body["seq"], body["head_hash"]) == (last["seq"], last["hash"])
    assert body["cycle"] == EVENTFUL_CYCLES
    assert body["cash"] == body["pnl"]["cash"]
    for product, position in body["positions"].items():
        assert position["product"] == product
        lots = [Decimal(lot["quantity"]) for lot in position["lots"]]
        assert sum(lots) == Decimal(position["quantity"])


@pytest.mark.parametrize("what", ["", "orders", "fills", "positions", "pnl", "events", "alerts"])
def test_people_see_round_figures_in_eighty_columns_and_whose_they_are(
    what: str, eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = text(capsys, eventful, "show", *([what] if what else []))
    assert "SIMULATED MARKET" in out
    assert "seed 11" in out
    assert max(map(len, out.splitlines())) <= 80
    assert "\x1b" not in out


def test_the_newest_rows_are_shown_and_that_older_ones_are_not(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fills = answer(capsys, eventful, "show", "fills")["fills"]
    assert answer(capsys, eventful, "show", "fills", "--limit", "2")["fills"] == fills[-2:]
    assert "2 fills, the newest; --limit" in text(capsys, eventful, "show", "fills", "--limit", "2")
    assert answer(capsys, eventful, "show", "fills", "--since", "2000-01-01")["fills"] == fills
    assert answer(capsys, eventful, "show", "fills", "--since", "2099-01-01")["fills"] == []
    recent = answer(capsys, eventful, "show", "fills", "--since", "10m")["fills"]
    assert recent == [fill for fill in fills if fill["time"] >= recent[0]["time"]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "gains"], "'gains' is none of orders"),
        (["show", "fills", "--since", "yesterday"], "'yesterday' is no time"),
        (["show", "pnl", "--limit", "3"], "--since and --limit are for"),
        (["show", "fills", "--follow"], "--follow is for events"),
    ],
)
def test_what_cannot_be_shown_is_said(
    words: list[str], said: str, eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["state", *words, "--data", str(eventful)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("words", [["show"], ["show", "events"], ["verify"]])
def test_without_a_journal_it_says_what_to_do(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["state", *words, "--data", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "there is no paper book" in said
    assert "trader247 run --mode paper" in said


@pytest.mark.slow
def test_following_shows_what_a_running_trader_adds(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    trader = trader_in(data)
    trader.startup.recover()
    choice = Choice(SHIPPED, data)
    with ledger_view.events(choice, since=None, limit=1, is_followed=True) as (_, events):
        last = next(events).row.seq
        trader.loop.run(cycles=2, until=None)
        new = list(_until(events, trader.ledger.portfolio.seq))
    trader.close(is_clean=True)
    assert new == list(range(last + 1, trader.ledger.portfolio.seq + 1))


@pytest.mark.slow
def test_following_ends_where_the_book_is_put_away(traded: Path, tmp_path: Path) -> None:
    data = copied(traded, tmp_path / "data")
    choice = Choice(SHIPPED, data)
    with ledger_view.events(choice, since=None, limit=1, is_followed=True) as (_, events):
        next(events)
        (data / BOOK).rename(tmp_path / "archived.db")
        assert list(events) == []


def _until(events: Iterator[Any], seq: int) -> Iterator[int]:
    for event in events:
        yield event.row.seq
        if event.row.seq >= seq:
            return


def test_a_book_that_holds_verifies_with_exit_0(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = answer(capsys, eventful, "verify", "--decisions")
    assert body["is_whole"] is True
    assert body["problems"] == []
    assert body["cycles"] == EVENTFUL_CYCLES
    assert body["decisions"] == {"cycles": EVENTFUL_CYCLES, "differing": 0, "first": None}
    out = text(capsys, eventful, "verify", "--decisions")
    assert "file, chain, tables, stored market and ledger hold" in out
    assert f"all {EVENTFUL_CYCLES} cycles are decided the same again" in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_book_that_does_not_hold_is_exit_8_and_names_the_row(
    eventful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copied(eventful, tmp_path / "data")
    with closing(apsw.Connection(str(data / BOOK))) as connection:
        connection.execute("DROP TRIGGER fills_no_update")
        connection.execute("UPDATE fills SET fee = '0' WHERE seq = (SELECT min(seq) FROM fills)")
    assert execute(["state", "verify", "--data", str(data)]) == 8
    out = capsys.readouterr().out
    assert "BROKEN table fills, row" in out
    assert "fee is '0', the events say" in " ".join(out.split())
    assert "THE JOURNAL DOES NOT HOLD" in out
    assert execute(["state", "verify", "--data", str(data), "--json"]) == 8
    assert json.loads(capsys.readouterr().out)["is_whole"] is False


def test_the_funnel_counts_what_the_journal_says(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    decided = [each for each in audit(capsys, eventful) if each["kind"] == "cycle_decided"]
    reasons = [
        ending["reason"] for each in decided for ending in each["payload"]["endings"].values()
    ]
    (day,) = answer(capsys, eventful, "show", "funnel")["days"]
    assert day["cycles"] == len(decided)
    assert day["counts"]["approved"] == reasons.count("entry_sent") > 0
    assert day["exits"] == reasons.count("exit_sent")
    busy_ones = ("holding", "order_working", "exit_sent")
    assert day["counts"]["considered"] == sum(each not in busy_ones for each in reasons)
    fills = answer(capsys, eventful, "show", "fills")["fills"]
    assert day["filled"] == len({each["order_id"] for each in fills if each["side"] == "BUY"})
    shown = text(capsys, eventful, "show", "funnel")
    assert "filled" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert answer(capsys, eventful, "show", "funnel", "--since", "2030-01-01")["days"] == []
    assert execute(["state", "show", "funnel", "--limit", "3", "--data", str(eventful)]) == 2


@pytest.mark.parametrize("by", ["day", "week", "product", "strategy", "rule"])
def test_profit_and_loss_in_parts_adds_up_to_the_ledger(
    eventful: Path, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    whole = answer(capsys, eventful, "show", "pnl")
    parts = answer(capsys, eventful, "show", "pnl", "--by", by)
    assert parts["by"] == by
    assert len(parts["rows"]) >= 1
    for figure in ("realised", "fees"):
        added = sum(Decimal(row[figure]) for row in parts["rows"])
        assert added == Decimal(whole[figure]) == Decimal(parts["total"][figure])
    assert sum(row["fills"] for row in parts["rows"]) == len(
        answer(capsys, eventful, "show", "fills")["fills"]
    )


def test_profit_and_loss_by_day_is_a_table_that_ends_in_its_total(
    eventful: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = text(capsys, eventful, "show", "pnl", "--by", "day").splitlines()
    assert any(line.startswith("total") for line in lines)
    assert all(len(line) <= 80 for line in lines)
    assert execute(["state", "show", "fills", "--by", "day", "--data", str(eventful)]) == 2


@pytest.fixture(scope="module")
def dusty(eventful: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The same book, one of its positions set aside as dust; its product."""
    data = copied(eventful, tmp_path_factory.mktemp("dusty"))
    trader = trader_in(data, seed=11)
    product, held = next(iter(trader.ledger.portfolio.positions.items()))
    trader.ledger.record(DustSetAside(product, held.quantity, "the venue sells from 1 on"))
    trader.close(is_clean=True)
    return data, str(product)


def test_every_view_of_the_book_tells_of_dust(
    dusty: tuple[Path, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, product = dusty
    (row,) = answer(capsys, data, "show", "positions")["dust"]
    assert row["product"] == product
    assert answer(capsys, data, "show")["dust"][product]["lots"]
    assert execute(["status", "--data", str(data), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["dust"]
    assert told["worth"] is not None
    assert execute(["state", "show", "positions", "--data", str(data)]) == 0
    shown = capsys.readouterr().out
    assert "dust is less than the venue sells: it goes with what is bought of its" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert execute(["status", "--data", str(data)]) == 0
    assert f"dust {product} " in capsys.readouterr().out
    assert execute(["state", "show", "events", "--limit", "1", "--data", str(data)]) == 0
    assert f"dust_set_aside     {product} {row['quantity']}: the" in capsys.readouterr().out
    assert execute(["state", "verify", "--data", str(data)]) == 0
    capsys.readouterr()
    out = tmp_path / "out"
    assert execute(["state", "export", str(out), "--data", str(data)]) == 0
    assert product in (out / "dust.csv").read_text()


def test_dust_cannot_be_flattened_and_says_why(
    dusty: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    data, product = dusty
    assert execute(["flatten", product, "--reason", "away with it", "--data", str(data)]) != 0
    assert f"of {product} there is only dust" in capsys.readouterr().err.replace("\n", " ")


@pytest.mark.parametrize("words", [("state", "show", "events"), ("alerts", "list")])
def test_a_limit_that_no_book_reaches_is_wrong_usage(
    words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = copied(eventful_book(), tmp_path / "data")
    assert execute([*words, "--limit", "9" * 30, "--data", str(data)]) == 2
    assert "'--limit'" in capsys.readouterr().err


def test_what_a_book_made_is_told_in_parts_that_add_up(
    capsys: pytest.CaptureFixture[str], eventful: Path
) -> None:
    """As in its report: realised and unrealised leave out the fee of selling what is held."""
    told = answer(capsys, eventful, "show", "pnl")
    made = told["made"]
    assert Decimal(made["selling"]) < 0
    assert sum(Decimal(made[each]) for each in PARTS) == Decimal(made["result"])
    assert Decimal(made["result"]) == Decimal(told["equity"]) - Decimal(told["flows"])

    assert execute(["state", "show", "pnl", "--data", str(eventful)]) == 0
    lines = capsys.readouterr().out.splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("realised "))
    last = next(at for at, line in enumerate(lines) if line.startswith("made "))
    amounts = [Decimal(line[28:40].replace(",", "")) for line in lines[first : last + 1]]
    assert any(line.startswith("fee of selling what is held ") for line in lines[first:last])
    assert sum(amounts[:-1]) == amounts[-1]
    assert max(map(len, lines)) <= 80


PARTS = ("realised", "unrealised", "selling", "besides")
