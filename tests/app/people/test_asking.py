"""Asking for a change: of the running trader, else of the book itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.test_instance_guard import another
from tests.app.controls.test_report import with_events
from tests.app.small_books import copied, trade, trader_in

from trader247.adapters.inbox import Answer
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.sqlite.listings import OrderRow
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.killing.halted import halted_books
from trader247.app.people import asking, by_hand
from trader247.app.people.asking import Answered, carried_out, chosen_books
from trader247.app.people.pausing import pause, resume
from trader247.app.people.unlocking import (
    ban_named,
    clear_halt,
    end_holder,
    halt_named,
    lock_report,
    release_dead,
)
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.problems import SettingsInvalid
from trader247.domain.errors import NotAllowed, UsageError
from trader247.domain.events.halts import HaltCleared, HaltLatched
from trader247.domain.reasons import HaltName
from trader247.ports import CommandKind


@pytest.fixture
def data(traded: Path, tmp_path: Path) -> Path:
    return copied(traded, tmp_path / "data")


@pytest.fixture
def choice(data: Path) -> Choice:
    return Choice(SHIPPED, data)


@pytest.fixture
def held(data: Path) -> Iterator[Path]:
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z", book="paper-sim")
    yield data
    guard.release()


def names(data: Path) -> list[str]:
    return [halt.name for book in halted_books(data) for halt in book.halts]


def last_event(data: Path) -> Any:
    with JournalReader.open(data / "paper-sim.db") as journal:
        return [each.recorded() for each in journal.events(limit=3)]


def test_a_pause_is_journalled_and_ended_where_nobody_trades(choice: Choice, data: Path) -> None:
    (paused,) = pause(choice, reason="lunch")
    assert (paused.book, paused.trader, paused.is_done) == ("paper-sim", None, True)
    assert names(data) == ["pause"]
    assert pause(choice, reason="again")[0].is_done

    assert resume(choice, reason="")[0].is_done
    assert names(data) == []
    assert resume(choice, reason="")[0].is_done


def test_what_is_journalled_keeps_the_markets_time(choice: Choice, data: Path) -> None:
    before = last_event(data)[-1].time

    pause(choice, reason="lunch")

    events = last_event(data)
    assert [each.time for each in events if isinstance(each.event, HaltLatched)] == [before]


def test_a_book_that_was_paused_by_another_process_trades_on(choice: Choice, data: Path) -> None:
    pause(choice, reason="lunch")
    resume(choice, reason="back")

    trade(data, 2)

    with JournalReader.open(data / "paper-sim.db") as journal:
        assert journal.verify().is_whole


def test_a_book_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no paper book"):
        pause(Choice(SHIPPED, tmp_path), reason="")
    with pytest.raises(UsageError, match="no dry_run book on coinbase"):
        pause(Choice(SHIPPED, tmp_path, Mode.DRY_RUN, VenueName.COINBASE), reason="")


def test_a_live_book_that_does_not_exist_is_none_to_pause(data: Path) -> None:
    with pytest.raises(UsageError, match="no live book"):
        pause(Choice(SHIPPED, data, Mode.LIVE), reason="")


def test_an_order_that_is_named_like_another_is_not_guessed_at() -> None:
    def row(name: str, order_id: str) -> OrderRow:
        return OrderRow(order_id, name, "BTC-USD", "BUY", "1", "1", "0", "OPEN", None)

    live = [row("t247-abcdef-1-1", "a1"), row("t247-abcdef-1-2", "a2")]
    assert by_hand._named("a2", live) == "t247-abcdef-1-2"
    assert by_hand._named("1-1", live) == "t247-abcdef-1-1"
    for many in ("t247", "a", ""):
        with pytest.raises(UsageError, match="names 2 orders"):
            by_hand._named(many, live)


def test_what_is_asked_of_several_books_is_done_in_each(data: Path) -> None:
    books = (Places(data, Mode.PAPER, VenueName.SIM), Places(data, Mode.LIVE, VenueName.SIM))
    answers = asking._done(
        data, books, CommandKind.PAUSE, {},
        here=lambda places, _: Answered(places.book, None, is_done=True, text=""),
    )  # fmt: skip
    assert [each.book for each in answers] == ["paper-sim", "live-sim"]


def test_with_a_broken_configuration_every_book_is_meant(data: Path, tmp_path: Path) -> None:
    broken = tmp_path / "config"
    broken.mkdir()
    (broken / "app.yaml").write_text("{broken")
    (data / "dry_run-coinbase.db").touch()

    books = chosen_books(Choice(broken, data))

    assert [each.book for each in books] == ["dry_run-coinbase", "paper-sim"]
    assert [each.book for each in chosen_books(Choice(SHIPPED, data))] == ["paper-sim"]
    assert [each.book for each in chosen_books(Choice(SHIPPED, data, Mode.DRY_RUN))] == [
        "dry_run-coinbase"
    ]
    with pytest.raises(SettingsInvalid):
        clear_halt(Choice(broken, data), name="pause", reason="x", accepted_peak=None)


def test_a_running_trader_is_asked(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(data: Path, kind: CommandKind, arguments: Mapping[str, str], **_: Any) -> Answer:
        assert (kind, arguments["reason"]) == (CommandKind.PAUSE, "lunch")
        return Answer(True, "paused")

    monkeypatch.setattr(asking, "ask", answer)

    (done,) = pause(Choice(SHIPPED, held), reason="lunch")

    assert done.text == "paused"
    assert done.trader is not None
    assert names(held) == []


def test_a_trader_on_another_book_is_not_asked(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (held / "dry_run-sim.db").touch()
    monkeypatch.setattr(asking, "ask", lambda *_, **__: pytest.fail("it was asked"))

    with pytest.raises(NotAllowed, match="trades paper-sim"):
        pause(Choice(SHIPPED, held, Mode.DRY_RUN), reason="")


def test_a_trader_that_does_not_answer_is_said(held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ask", lambda *_, **__: None)
    monkeypatch.setattr(asking, "ANSWERED_WITHIN", timedelta(0))

    with pytest.raises(NotAllowed, match="did not answer within 0 s, and the request was taken"):
        pause(Choice(SHIPPED, held), reason="")


def test_a_holder_that_ends_while_it_is_asked_leaves_the_thing_to_us(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z")
    monkeypatch.setattr(asking, "ask", lambda *_, **__: guard.release())

    (done,) = pause(Choice(SHIPPED, data), reason="lunch")

    assert done.trader is None
    assert names(data) == ["pause"]


def test_a_halt_whose_cause_is_gone_is_cleared_with_reason_and_name(
    choice: Choice, data: Path
) -> None:
    with_events(data, HaltLatched(HaltName.CRASH_LOOP, "six unclean ends"))

    (done,) = clear_halt(choice, name="crash-loop", reason=" a bad disk ", accepted_peak=None)

    assert done.is_done
    (cleared,) = [each.event for each in last_event(data) if isinstance(each.event, HaltCleared)]
    assert (cleared.name, cleared.reason) == (HaltName.CRASH_LOOP, "a bad disk")
    assert cleared.operator
    assert cleared.policy_hash == choice.settle()[0].policy.hash


def test_a_drawdown_needs_a_new_high_water_mark(choice: Choice, data: Path) -> None:
    with_events(data, HaltLatched(HaltName.DRAWDOWN, "10 % under the high-water mark"))
    trader = trader_in(data)
    equity = trader.ledger.portfolio.equity.equity
    trader.close(is_clean=True)
    assert equity is not None

    (refused,) = clear_halt(choice, name="drawdown", reason="x", accepted_peak=None)
    assert not refused.is_done
    assert "--accept-peak" in refused.text
    (low,) = clear_halt(choice, name="drawdown", reason="x", accepted_peak="1")
    assert not low.is_done

    (done,) = clear_halt(choice, name="drawdown", reason="x", accepted_peak=str(equity))
    assert done.is_done
    trader = trader_in(data)
    mark = trader.ledger.portfolio.equity.high_water_mark
    trader.close(is_clean=True)
    assert mark is not None
    assert abs(mark.value - equity.value) < Decimal("1e-20")


@pytest.mark.parametrize(
    ("name", "reason", "peak", "match"),
    [
        ("hunger", "x", None, "no halt 'hunger'"),
        ("pause", "  ", None, "for a reason"),
        ("pause", "x", "1", "--accept-peak is for drawdown"),
        ("drawdown", "x", "ten", "amount of money"),
        ("drawdown", "x", "NaN", "amount of money"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    name: str, reason: str, peak: str | None, match: str, choice: Choice
) -> None:
    with pytest.raises(UsageError, match=match):
        clear_halt(choice, name=name, reason=reason, accepted_peak=peak)


def test_an_unknown_name_lists_the_names() -> None:
    with pytest.raises(UsageError) as caught:
        halt_named("x")
    assert all(each.value in caught.value.hint for each in HaltName)


def test_a_holder_that_lives_is_shown_and_not_released(held: Path) -> None:
    report = lock_report(held)

    assert report.is_held
    assert report.is_holder_alive
    with pytest.raises(NotAllowed):
        release_dead(report)


@pytest.mark.slow
def test_another_holder_than_the_one_that_was_shown_is_not_ended(data: Path) -> None:
    with another(data) as process:
        report = lock_report(data)
        assert report.holder is not None
        earlier = replace(report, holder=replace(report.holder, pid=report.holder.pid + 1))
        with pytest.raises(NotAllowed, match="meanwhile another process holds the guard"):
            end_holder(earlier)
        assert process.poll() is None


def test_a_dead_holders_file_is_cleaned(data: Path) -> None:
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z")
    content = (data / "trader247.holder.json").read_bytes()
    guard.release()
    (data / "trader247.holder.json").write_bytes(content.replace(b'"started": "', b'"started": "9'))

    report = lock_report(data)
    assert not report.is_held
    assert report.is_holder_alive is False
    assert release_dead(report)
    assert not release_dead(lock_report(data))


def test_only_one_thing_is_done_by_one_request(choice: Choice, data: Path) -> None:
    answers = carried_out(replace(choice, mode=Mode.PAPER), CommandKind.RESUME, {})

    assert [each.book for each in answers] == ["paper-sim"]


def test_a_reason_is_one_line_wherever_it_is_told(data: Path, choice: Choice) -> None:
    pause(choice, reason="news\nOK: all is well\x1b[2J\u202e " + "x" * 5000)
    (halt,) = (each for book in halted_books(data) for each in book.halts)
    assert halt.cause.startswith("Paused: news OK: all is well [2J x")
    assert "\n" not in halt.cause
    assert len(halt.cause) < 1100


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("collar:sol-usd", "collar:SOL-USD"),
        (" Slippage: BTC-USD ", "slippage:BTC-USD"),
        ("repetition:Momentum247", "repetition:momentum247"),
        ("pause", ""),
    ],
)
def test_a_ban_is_named_in_any_letters(typed: str, meant: str) -> None:
    assert ban_named(typed) == meant


def test_whoever_names_a_ban_without_its_product_is_told_how() -> None:
    with pytest.raises(UsageError) as raised:
        halt_named("collar")
    assert "collar:BTC-USD" in raised.value.hint
