"""Plain values that the tests of the journal share."""

from __future__ import annotations

from array import array
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.cycles import CycleDecided, Ending, SegmentRef
from trader247.domain.events.orders import FillBooked, IntentRecorded
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import ClientOrderId, DecisionId, EntryId, OrderId, ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.market import (
    Bars,
    Depth,
    Product,
    ProductStatus,
    ProductView,
    Quote,
    Snapshot,
)
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import Order, OrderState, OrderType, Side
from trader247.domain.proposals import Purpose
from trader247.domain.time import MINUTE, SECOND, Instant

START = Instant.parse("2026-01-05T00:00:00Z")
BTC = ProductId("BTC", "USD")
ETH = ProductId("ETH", "USD")
GENESIS = "ab" * 32
BASES = (
    *("BTC", "ETH", "SOL", "DOGE", "XRP", "ADA", "AVAX"),
    *("DOT", "LINK", "UNI", "ATOM", "ALGO", "XLM", "HBAR"),
)


def a_journal(
    path: Path, *, wall: Instant = START, vfs: str | None = None, backups: Path | None = None
) -> SqliteJournal:
    return SqliteJournal.open(
        path,
        clock_wall=lambda: wall,
        genesis=GENESIS,
        install_id="0a1b2c",
        vfs=vfs,
        backups=backups,
    )


def opened() -> JournalOpened:
    return JournalOpened("paper-sim", "seed 7", "USD")


def an_intent(
    number: int = 1,
    *,
    product: ProductId = BTC,
    side: Side = Side.BUY,
    decision: str | None = None,
    leg: int = 0,
) -> RecordedIntent:
    return RecordedIntent(
        client_order_id=client_order(number),
        decision_id=DecisionId(decision or f"{number}:{product}"),
        leg=leg,
        cycle=number,
        product=product,
        side=side,
        purpose=Purpose.ENTRY,
        order_type=OrderType.POST_ONLY_GTD,
        price=Price.of("100.5"),
        quantity=Quantity.of("2"),
        reference=Price.of("100.6"),
        end_time=START + 5 * MINUTE,
        strategy="default",
        rule="breakout",
        plan=None,
        exit_cause=None,
        body='{"side":"BUY"}',
        body_sha256="cd" * 32,
        created=START,
        epoch=1,
        policy_hash="ef" * 32,
        code_version="0.1.0",
        taker_fee_fraction=Decimal("0.009"),
    )


def recorded_intent(number: int = 1, **changes: object) -> IntentRecorded:
    return IntentRecorded(an_intent(number, **changes))  # type: ignore[arg-type]  # named changes


def client_order(number: int) -> ClientOrderId:
    return ClientOrderId(f"t247-0a1b2c-1-{number:036d}")


def a_fill(number: int = 1, *, quantity: str = "1", fee: str = "0.5") -> Fill:
    return Fill(
        entry_id=EntryId(f"entry-{number:030d}"),
        trade_id=f"trade-{number}",
        order_id=OrderId("order-1"),
        product=BTC,
        side=Side.BUY,
        price=Price.of("100.5"),
        quantity=Quantity.of(quantity),
        fee=Money.of(fee),
        liquidity=Liquidity.MAKER,
        time=START + number * SECOND,
        sequence_time=START + number * SECOND,
    )


def booked(
    number: int = 1, *, intent: int = 1, quantity: str = "1", fee: str = "0.5"
) -> FillBooked:
    return FillBooked(a_fill(number, quantity=quantity, fee=fee), client_order(intent))


def an_order(
    number: int = 1, *, state: OrderState = OrderState.OPEN, filled: str = "0", fees: str = "0"
) -> Order:
    return Order(
        order_id=OrderId(f"order-{number}"),
        client_order_id=client_order(number),
        product=BTC,
        side=Side.BUY,
        state=state,
        price=Price.of("100.5"),
        quantity=Quantity.of("2"),
        filled=Quantity.of(filled),
        fees=Money.of(fees),
        fill_count=None,
        created=START,
        end_time=START + 5 * MINUTE,
    )


def a_cycle(snapshot: Snapshot, seen: SegmentRef) -> CycleDecided:
    return CycleDecided(
        cycle=snapshot.cycle,
        at=snapshot.time,
        seen=seen,
        regime="chop",
        endings={
            product: Ending("no_trigger", "60 min 0.41 %, 15 min -0.12 %, ratio 1.02")
            for product in snapshot.views
        },
        marks={product: view.quote.bid for product, view in snapshot.views.items() if view.quote},
        equity=Money.of("9987.123456789"),
    )


class Market:
    """A market like the real one in size: prices that wander, new bars, new depth each minute."""

    def __init__(self, seed: int, *, products: int = 14, window: int = 1_500) -> None:
        self._random = Random(seed)
        self._window = window
        self._cycle = 0
        self._bases = list(BASES[:products])
        self._columns = {base: self._history() for base in self._bases}
        self._hourly = array("q", [6_400_000 + 17 * n for n in range(168)])

    def snapshot(self, *, minutes: int = 1) -> Snapshot:
        """The next cycle's snapshot, `minutes` after the last."""
        self._cycle += 1
        self._minute = getattr(self, "_minute", START.minute) + minutes
        for columns in self._columns.values():
            for _ in range(minutes):
                self._move(columns)
        if self._minute % 60 == 0:
            self._hourly = array("q", [*self._hourly[1:], self._columns["BTC"][3][-1]])
        now = Instant(self._minute * 60_000_000)
        views = {ProductId(base, "USD"): self._view(base, now) for base in self._bases}
        return Snapshot(self._cycle, now, views, timedelta(milliseconds=self._random.randint(0, 9)))

    def _history(self) -> list[list[int]]:
        columns: list[list[int]] = [[] for _ in range(6)]
        price = self._random.randint(50_000, 9_000_000)
        for column in columns[:4]:
            column.append(price)
        columns[4].append(0)
        columns[5].append(1)
        for _ in range(self._window - 1):
            self._move(columns)
        return columns

    def _move(self, columns: list[list[int]]) -> None:
        last = columns[3][-1]
        open_ = last + self._random.randint(-3, 3)
        close = max(1, open_ + round(self._random.gauss(0, last / 2_000)))
        high = max(open_, close) + self._random.randint(0, last // 2_000)
        low = max(1, min(open_, close) - self._random.randint(0, last // 2_000))
        for column, value in zip(
            columns, (open_, high, low, close, self._random.randint(0, 10**8), 0), strict=True
        ):
            column.append(value)
            del column[: -self._window]

    def _view(self, base: str, now: Instant) -> ProductView:
        columns = self._columns[base]
        bid = Price(Decimal(columns[3][-1]).scaleb(-2))
        ask = Price(bid.value + Decimal("0.03"))
        quote = Quote(bid, ask, self._size(), self._size(), now - SECOND)
        depth = Depth(self._side(), self._side())
        bars = Bars(Price.of("0.01"), now.minute - 1, *(array("q", column) for column in columns))
        product = Product(
            id=ProductId(base, "USD"),
            status=ProductStatus.ONLINE,
            price_increment=Price.of("0.01"),
            base_increment=Quantity.of("0.00000001"),
            base_min=Quantity.of("0.0001"),
            base_max=Quantity.of("10000"),
            quote_min=Money.of("1"),
            quote_max=Money.of("10000000"),
            volume_24h=Money(Decimal(5_000_000_000 + now.minute // 5).scaleb(-2)),
            listed_at=START - timedelta(days=900),
            read_at=now - timedelta(milliseconds=12),
        )
        hourly = self._hourly if base == "BTC" else None
        return ProductView(product, quote, depth, bars, hourly)

    def _size(self) -> Quantity:
        return Quantity(Decimal(self._random.randint(1, 10**10)).scaleb(-8))

    def _side(self) -> tuple[Money, ...]:
        """Sums of price times size, with all the digits that such sums have."""
        total = Decimal(0)
        sums = []
        for _ in range(5):
            total += Decimal(self._random.randint(10**13, 10**15)).scaleb(-10)
            sums.append(Money(total))
        return tuple(sums)
