"""Deciding again from the journal gives what was decided, and notices whatever was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.app.busy_books import busy, restless
from tests.app.small_books import trade
from tests.redecided import redecided

from trader247.adapters.sqlite.codec import encode
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.past.redeciding import Redeciding, Redecision
from trader247.app.version import code_version
from trader247.core.booking import fold
from trader247.domain.errors import LedgerError
from trader247.domain.events.book import PolicyAdopted, SessionEnded
from trader247.domain.events.cycles import CycleDecided, Ending
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.money import Price
from trader247.domain.portfolio import Portfolio

BOOK = "paper-sim.db"
CYCLES = 90


def differences(journal: JournalReader) -> list[str]:
    return [
        f"cycle {each.cycle}, {unlike.what}: {unlike.recorded}, again {unlike.again}"
        for each in redecided(journal)
        for unlike in each.unlike
    ]


@pytest.mark.slow
def test_every_cycle_of_a_restless_book_is_decided_the_same_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    running = busy(
        data, restless(tmp_path / "config", daily_stop_pnl_pct="-0.1"), seed=8, cycles=CYCLES
    )
    with JournalReader.open(data / BOOK) as journal:
        kinds = Counter(each.event.kind for each in journal.recorded())
        assert min(kinds[kind] for kind in ENOUGH) > 0, kinds
        assert kinds["cycle_decided"] == CYCLES
        assert differences(journal) == []
        folded = Portfolio()
        for recorded in journal.recorded():
            folded = fold(folded, recorded)
        assert encode(folded) == encode(running), "the journal tells the running ledger"


ENOUGH = (
    "fill_booked",
    "halt_latched",
    "halt_cleared",
    "breaker_opened",
    "breaker_closed",
    "cancel_requested",
)


@pytest.mark.slow
def test_a_long_book_in_two_pieces_is_decided_the_same_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    trade(data, 30, seed=23)
    trade(data, 20, seed=23)
    with JournalReader.open(data / BOOK) as journal:
        assert differences(journal) == []


def again(journal: Path, change: Callable[[AnyEvent], AnyEvent | None]) -> list[Redecision]:
    """Each cycle decided again, where the journal says something else than it did."""
    with JournalReader.open(journal) as reader:
        deciding, portfolio, found = Redeciding(reader), Portfolio(), []
        for recorded in reader.recorded():
            event = change(recorded.event)
            if event is not None:
                found.append(deciding.take(replace(recorded, event=event), portfolio))
            portfolio = fold(portfolio, recorded)
        found.append(deciding.end())
    return [each for each in found if each is not None]


def unlike(found: Sequence[Redecision]) -> dict[int, list[str]]:
    return {each.cycle: [one.what for one in each.unlike] for each in found if each.unlike}


def test_an_untouched_book_has_no_difference(traded: Path) -> None:
    found = again(traded / BOOK, lambda event: event)
    assert [each.cycle for each in found] == [1, 2, 3]
    assert unlike(found) == {}
    assert {each.code_version for each in found} == {code_version()}


def test_another_ending_is_named_by_its_product(traded: Path) -> None:
    def change(event: AnyEvent) -> AnyEvent:
        if not isinstance(event, CycleDecided) or event.cycle != 2:
            return event
        product = min(event.endings)
        return replace(event, endings={**event.endings, product: Ending("holding", "so it was")})

    found = unlike(again(traded / BOOK, change))
    assert set(found) == {2}
    assert all("endings" in what for what in found[2])


def test_another_equity_by_the_last_digit_is_noticed(traded: Path) -> None:
    def change(event: AnyEvent) -> AnyEvent:
        if not isinstance(event, CycleDecided) or event.cycle != 3 or event.equity is None:
            return event
        return replace(event, equity=type(event.equity).of(f"{event.equity}1"))

    assert unlike(again(traded / BOOK, change)) == {3: ["equity"]}


def test_an_order_at_another_price_is_noticed(traded: Path) -> None:
    def change(event: AnyEvent) -> AnyEvent:
        if not isinstance(event, IntentRecorded):
            return event
        price = event.intent.price
        return IntentRecorded(replace(event.intent, price=Price.of(f"{price}1")))

    found = unlike(again(traded / BOOK, change))
    assert found
    assert all(what.endswith("intent price") for each in found.values() for what in each)


def test_an_order_that_is_missing_is_noticed(traded: Path) -> None:
    found = unlike(
        again(traded / BOOK, lambda event: None if isinstance(event, IntentRecorded) else event)
    )
    assert found
    assert all(each == ["orders"] for each in found.values())


def test_what_a_killed_process_left_undone_is_no_difference(traded: Path) -> None:
    """Its last cycle was decided; the orders that should have followed were not reached."""
    with JournalReader.open(traded / BOOK) as reader:
        events = list(reader.recorded())
        intent = next(each for each in events if isinstance(each.event, IntentRecorded))
        deciding, portfolio = Redeciding(reader), Portfolio()
        for recorded in events[: intent.seq - 1]:
            deciding.take(recorded, portfolio)
            portfolio = fold(portfolio, recorded)
        killed = deciding.end()
        ended = Redeciding(reader)
        portfolio = Portfolio()
        for recorded in events[: intent.seq - 1]:
            ended.take(recorded, portfolio)
            portfolio = fold(portfolio, recorded)
        whole = ended.take(
            Recorded(intent.seq, intent.time, SessionEnded(1, "as one should"), ""), portfolio
        )
    assert killed is not None
    assert killed.unlike == ()
    assert whole is not None
    assert [each.what for each in whole.unlike] == ["orders"]


def test_a_policy_that_is_not_what_its_hash_says_decides_nothing(traded: Path) -> None:
    def change(event: AnyEvent) -> AnyEvent:
        return replace(event, policy_hash="0" * 64) if isinstance(event, PolicyAdopted) else event

    with pytest.raises(LedgerError, match="the text of policy 000"):
        again(traded / BOOK, change)


def test_a_cycle_without_a_policy_is_refused(traded: Path) -> None:
    with pytest.raises(LedgerError, match="before a policy"):
        again(traded / BOOK, lambda event: None if isinstance(event, PolicyAdopted) else event)
