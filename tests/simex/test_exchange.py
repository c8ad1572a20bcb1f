from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import apsw
import pytest
from tests.planned import plans_made
from tests.simex.scripted import START, ScriptedFeed, bar, flat, listing

from trader247.simex.changes import Changes
from trader247.simex.connection import connect, is_wal_safe
from trader247.simex.errors import FeedMismatch, StoreFailed, WriterLost
from trader247.simex.exchange import Exchange
from trader247.simex.feeds.feed import FeedEnded, MinuteBar
from trader247.simex.history import DAY
from trader247.simex.orders.order import Order, Status
from trader247.simex.path import MINUTE_US
from trader247.simex.schema import Identity
from trader247.simex.store import Query, Store
from trader247.simex.wire.refusal import Rejection

START_US = START * MINUTE_US
FUNDING = {"USD": Decimal(10_000)}


def wave(minute: int) -> Mapping[str, MinuteBar]:
    low = 5_990_000 - 1000 * (minute % 5)
    return {"BTC-USD": bar(6_000_000, 6_010_000, low, 6_000_100)}


def opened(path: Path, feed: ScriptedFeed | None = None) -> Exchange:
    feed = feed or ScriptedFeed(wave)
    store = Store.open(path) or Store.create(path, Identity.of(feed))
    return Exchange(store, feed, FUNDING)


def buy(
    exchange: Exchange,
    name: str,
    price: str = "59950",
    *,
    size: str = "0.001",
    end_time: str | None = None,
) -> Order | Rejection:
    kind = "limit_limit_gtd" if end_time else "limit_limit_gtc"
    fields = {"base_size": size, "limit_price": price, "post_only": True}
    if end_time:
        fields["end_time"] = end_time
    return exchange.place(
        client_order_id=name, product_id="BTC-USD", side="BUY", configuration={kind: fields}
    )


def test_a_new_exchange_has_lived_its_history_and_stands_at_the_start(tmp_path: Path) -> None:
    exchange = opened(tmp_path / "x.db")
    assert exchange.now_us == START_US
    assert (exchange.history.first, exchange.history.end) == (START - 3, START)
    assert exchange.markets["BTC-USD"].last == 6_000_000
    assert exchange.desk.accounts.available("USD") == 10_000


def test_the_path_is_walked_at_its_seconds(tmp_path: Path) -> None:
    exchange = opened(tmp_path / "x.db", ScriptedFeed(lambda _: {"BTC-USD": bar(10, 15, 8, 12)}))
    seen = []
    for second in (0, 19, 20, 39, 40, 58, 59, 60):
        exchange.advance(START_US + second * 1_000_000)
        seen.append(exchange.markets["BTC-USD"].last)
    assert seen == [10, 10, 8, 8, 15, 15, 12, 10]


def test_a_resting_order_fills_on_the_way_and_not_before(tmp_path: Path) -> None:
    exchange = opened(tmp_path / "x.db")
    order = buy(exchange, "a", "59905")
    assert isinstance(order, Order)
    exchange.advance(START_US + 19_999_999)
    assert not order.fill_count
    exchange.advance(START_US + 20_000_000)
    assert order.status is Status.FILLED
    assert order.last_fill_us == START_US + 20_000_000


def test_time_between_two_advances_does_not_matter(tmp_path: Path) -> None:
    fills = []
    for number, step in enumerate((1_700_000, 60_000_000, 600_000_000)):
        exchange = opened(tmp_path / f"{number}.db")
        buy(exchange, "a", "59870", size="0.05")
        buy(exchange, "b", "59905", size="0.05")
        while exchange.now_us < START_US + 600_000_000:
            exchange.advance(min(exchange.now_us + step, START_US + 600_000_000))
        fills.append(exchange.store.fills(Query(), 100))
        assert exchange.store.order_of_client("a")
    assert fills[0] == fills[1] == fills[2]
    assert len(fills[0]) > 2


def test_an_order_expires_exactly_at_its_end(tmp_path: Path) -> None:
    exchange = opened(tmp_path / "x.db")
    order = buy(exchange, "a", "50000", end_time="2026-01-05T00:05:00Z")
    assert isinstance(order, Order)
    exchange.advance(START_US + 299_999_999)
    assert order.status is Status.OPEN
    exchange.advance(START_US + 700_000_000)
    assert (order.status, order.updated_us) == (Status.EXPIRED, START_US + 300_000_000)


def test_a_known_client_id_answers_with_its_first_order_whatever_the_body(tmp_path: Path) -> None:
    exchange = opened(tmp_path / "x.db")
    first = buy(exchange, "a", "50000")
    again = buy(exchange, "a", "51000", size="0.002")
    assert isinstance(first, Order)
    assert isinstance(again, Order)
    assert again.order_id == first.order_id
    assert again.terms == first.terms
    assert len(exchange.desk.live) == 1


def test_an_exchange_opened_again_is_the_same_exchange(tmp_path: Path) -> None:
    """Two lives with a restart after every act, and one without: one history."""
    acts: list[Callable[[Exchange], object]] = [
        lambda x: buy(x, "a", "59870", size="0.05"),
        lambda x: x.place(
            client_order_id="m",
            product_id="BTC-USD",
            side="BUY",
            configuration={"market_market_ioc": {"quote_size": "1000"}},
        ),
        lambda x: x.advance(x.now_us + 21_000_000),
        lambda x: x.advance(x.now_us + 100_000_000),
        lambda x: x.deposit("USD", Decimal("12.5")),
        lambda x: buy(x, "c", "59905", size="0.2"),
        lambda x: x.advance(x.now_us + 200_000_000),
        lambda x: x.cancel([order.order_id for order in x.desk.live.values()]),
        lambda x: x.advance(x.now_us + 61_000_000),
    ]
    whole = opened(tmp_path / "whole.db")
    broken = opened(tmp_path / "broken.db")
    for act in acts:
        act(whole)
        act(broken)
        broken.store.close()
        broken = opened(tmp_path / "broken.db")
        assert broken._state() == whole._state()
        assert list(broken.desk.accounts) == list(whole.desk.accounts)
        assert broken.desk.live == whole.desk.live
        for side_a, side_b in zip(broken.markets.values(), whole.markets.values(), strict=True):
            assert side_a.matching.resting == side_b.matching.resting
            assert side_a.bar == side_b.bar
        assert broken.store.orders(Query(), 99) == whole.store.orders(Query(), 99)
        assert broken.store.fills(Query(), 99) == whole.store.fills(Query(), 99)
        assert (broken.history.first, broken.history.end) == (
            whole.history.first,
            whole.history.end,
        )


def test_what_a_taker_consumed_stays_consumed_over_a_restart(tmp_path: Path) -> None:
    exchange = opened(tmp_path / "x.db")
    exchange.place(
        client_order_id="m",
        product_id="BTC-USD",
        side="BUY",
        configuration={"market_market_ioc": {"quote_size": "1000"}},
    )
    book = exchange.markets["BTC-USD"].book_state()
    assert book[4] > 0
    exchange.store.close()
    assert opened(tmp_path / "x.db").markets["BTC-USD"].book_state() == book


def test_a_file_of_another_market_is_refused_with_both_names(tmp_path: Path) -> None:
    opened(tmp_path / "x.db").store.close()
    with pytest.raises(FeedMismatch, match=r"scripted:1.*scripted:2"):
        opened(tmp_path / "x.db", ScriptedFeed(wave, identity="scripted:2"))


def test_the_end_of_the_tape_is_reached_and_said_again(tmp_path: Path) -> None:
    exchange = opened(tmp_path / "x.db", ScriptedFeed(wave, minutes=2))
    end = START_US + 2 * MINUTE_US
    exchange.advance(end)
    for _ in range(2):
        with pytest.raises(FeedEnded):
            exchange.advance(end + 1)
        assert exchange.now_us == end
    exchange.store.close()
    assert opened(tmp_path / "x.db", ScriptedFeed(wave, minutes=2)).now_us == end


def test_a_product_that_does_not_trade_keeps_its_book(tmp_path: Path) -> None:
    def script(minute: int) -> Mapping[str, MinuteBar]:
        return {"BTC-USD": flat(6_000_000)} if minute < 2 else {}

    exchange = opened(tmp_path / "x.db", ScriptedFeed(script))
    exchange.advance(START_US + 5 * MINUTE_US)
    assert exchange.markets["BTC-USD"].last == 6_000_000
    assert exchange.history.fold(0, START + 2, START + 5) is None


def test_a_product_that_never_traded_takes_no_order(tmp_path: Path) -> None:
    feed = ScriptedFeed(wave, listing(), listing("ETH-USD"))
    exchange = opened(tmp_path / "x.db", feed)
    answer = exchange.place(
        client_order_id="e",
        product_id="ETH-USD",
        side="BUY",
        configuration={"limit_limit_gtc": {"base_size": "1", "limit_price": "10"}},
    )
    assert isinstance(answer, Rejection)
    assert answer.error == "MISSING_MARKET_TRADE_DATA"


def test_a_failed_commit_means_that_nothing_has_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = opened(tmp_path / "x.db")
    before = exchange._state()

    def full(_self: Store, _changes: Changes) -> None:
        raise StoreFailed("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "commit", full)
        with pytest.raises(StoreFailed):
            buy(exchange, "a", "50000")
        assert not exchange.desk.live
        with pytest.raises(StoreFailed):
            exchange.advance(START_US + 5 * MINUTE_US)
    assert exchange._state() == before
    exchange.advance(START_US + 5 * MINUTE_US)
    assert isinstance(buy(exchange, "a", "50000"), Order)


def test_nothing_is_built_on_a_change_that_could_neither_be_written_nor_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = opened(tmp_path / "x.db")

    def failing(*_: object) -> None:
        raise StoreFailed("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "commit", failing)
        patch.setattr(Store, "committed", failing)
        for _ in range(2):
            with pytest.raises(StoreFailed):
                buy(exchange, "a")
        with pytest.raises(StoreFailed):
            exchange.refresh()
    exchange.advance(START_US + 5 * MINUTE_US)
    assert exchange.store.orders(Query(), 10) == []
    assert exchange.desk.accounts.available("USD") == FUNDING["USD"]


def test_minutes_older_than_nine_days_are_pruned_at_the_day_s_roll(tmp_path: Path) -> None:
    feed = ScriptedFeed(wave, history=9 * DAY + 100)
    exchange = opened(tmp_path / "x.db", feed)
    assert exchange.history.first == START - 9 * DAY
    exchange.advance(START_US + DAY * MINUTE_US)
    stored = exchange.store.minutes(0, 2**40)
    assert stored[0][0] == START - 8 * DAY == exchange.history.first


def test_ids_are_those_of_the_market_and_the_count(tmp_path: Path) -> None:
    one, other = (opened(tmp_path / f"{name}.db") for name in ("one", "other"))
    first, second = buy(one, "a", "50000"), buy(other, "z", "50001")
    assert isinstance(first, Order)
    assert isinstance(second, Order)
    assert first.order_id == second.order_id
    assert one.name("order", 1) != one.name("entry", 1)


def test_who_opens_the_file_to_write_takes_it_from_who_wrote_before(tmp_path: Path) -> None:
    first = opened(tmp_path / "x.db")
    buy(first, "a", "50000")
    second = opened(tmp_path / "x.db")
    with pytest.raises(WriterLost, match="another process writes"):
        buy(first, "b", "50000")
    with pytest.raises(WriterLost, match="another process writes"):
        first.advance(START_US + 1)
    assert isinstance(buy(second, "b", "50000"), Order)
    Store.open(tmp_path / "x.db", is_read_only=True)
    second.advance(START_US + MINUTE_US)
    assert len(second.store.orders(Query(), 10)) == 2


def test_a_file_on_a_disk_that_takes_no_writes_can_be_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a book.db"
    exchange = opened(file)
    buy(exchange, "a", "50000")
    exchange.store.close()
    # Its log's index cannot be made: as on such a disk, also for root.
    (tmp_path / "a book.db-shm").symlink_to(tmp_path / "nowhere" / "x")
    with pytest.raises(StoreFailed, match="unable to open"):
        Store.open(file, is_read_only=True)
    monkeypatch.setattr("os.access", lambda *_: False)
    found = Store.open(file, is_read_only=True)
    assert found is not None
    assert len(found.orders(Query(), 10)) == 1
    found.close()
    # What stands in the log alone would be missing: then it is not looked at.
    (tmp_path / "a book.db-wal").write_bytes(b"x")
    with pytest.raises(StoreFailed, match="unable to open"):
        Store.open(file, is_read_only=True)


def test_who_takes_the_file_within_a_commit_ends_it_as_well(tmp_path: Path) -> None:
    first = opened(tmp_path / "x.db")

    def taken_at_the_first_write(_cursor: object, statement: str, _bindings: object) -> bool:
        if statement.startswith(("INSERT", "REPLACE")):
            first.store._connection.exec_trace = None
            opened(tmp_path / "x.db")
        return True

    first.store._connection.exec_trace = taken_at_the_first_write
    with pytest.raises(WriterLost, match="another process writes"):
        first.advance(START_US + 1)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    exchange = opened(tmp_path / "x.db")
    exchange.advance(START_US + MINUTE_US)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_file_that_cannot_be_made_is_a_failed_store(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="No such file"):
        Store.create(tmp_path / "none" / "x.db", Identity.of(ScriptedFeed(wave)))


def test_a_full_disk_is_called_so(tmp_path: Path) -> None:
    exchange = opened(tmp_path / "x.db")
    exchange.store._connection.pragma("max_page_count", 1)
    with pytest.raises(StoreFailed, match="full"):
        exchange.advance(START_US + 10_000 * MINUTE_US)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE state SET value = '{'",
        "UPDATE state SET value = '{}'",
        "UPDATE accounts SET total = 'abc'",
        "UPDATE orders SET side = 'NEITHER'",
        "UPDATE minutes SET bars = x'00'",
        "DELETE FROM minutes WHERE minute % 2",
        "UPDATE feed SET state = x'00'",
        "UPDATE meta SET value = '{'",
        "UPDATE meta SET value = '{}'",
    ],
)
def test_a_file_that_was_changed_from_outside_is_a_failed_store(
    tmp_path: Path, damage: str
) -> None:
    exchange = opened(tmp_path / "x.db")
    buy(exchange, "a", "50000")
    exchange.advance(START_US + 3 * MINUTE_US)
    exchange.store.close()
    connection = apsw.Connection(str(tmp_path / "x.db"))
    connection.execute(damage)
    connection.close()
    with pytest.raises(StoreFailed):
        opened(tmp_path / "x.db").history  # noqa: B018 - it is read when it is asked for


def test_a_foreign_database_is_not_taken_for_an_exchange(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database at all, and long enough to be read" * 9)
    with pytest.raises(StoreFailed):
        Store.open(tmp_path / "x.db")


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.52.0", False),
        ("3.53.0", True),
        ("3.50.7", True),
        ("3.50.6", False),
        ("3.44.6", True),
    ],
)
def test_only_a_sqlite_without_the_lost_commit_bug_gets_a_write_ahead_log(
    version: str, safe: bool
) -> None:
    assert is_wal_safe(version) is safe


def test_a_listing_with_another_limit_is_not_planned_anew(tmp_path: Path) -> None:
    connection = connect(tmp_path / "x.db", apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
    connection.execute("CREATE TABLE t (number INTEGER PRIMARY KEY)")
    assert plans_made(connection, "SELECT number FROM t ORDER BY number LIMIT ?", (1, 2, 3)) == 1
    connection.close()
