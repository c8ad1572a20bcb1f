"""Plain values of the ledger's world, for the tests of the ledger."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from trader247.core.booking import fold
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.cycles import CycleDecided, Ending, SegmentRef
from trader247.domain.events.money import CashFlowed
from trader247.domain.events.orders import FillBooked, IntentRecorded, SubmissionSettled
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import ClientOrderId, DecisionId, EntryId, OrderId, ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import Order, OrderState, OrderType, Side
from trader247.domain.outcomes import Acknowledged, Outcome
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import ExitCause, ExitPlan, Purpose
from trader247.domain.time import Instant

BTC = ProductId("BTC", "USD")
ETH = ProductId("ETH", "USD")
START = Instant.parse("2026-01-05T00:00:00Z")
PLAN = ExitPlan(Decimal("0.06"), Decimal("0.12"), timedelta(hours=48))
NOWHERE = SegmentRef("2026-01.seg", 0, 0, "")


def after(seconds: int) -> Instant:
    """The instant `seconds` after the start of the tests' world."""
    return START + timedelta(seconds=seconds)


def name_of(number: int) -> ClientOrderId:
    return ClientOrderId(f"t247-abcdef-1-{number:08d}")


def order_name(number: int) -> OrderId:
    return OrderId(f"order-{number}")


def an_intent(
    number: int = 1,
    *,
    side: Side = Side.BUY,
    product: ProductId = BTC,
    price: str = "100",
    quantity: str = "2",
    created: Instant = START,
    cause: ExitCause | None = None,
    decision: str = "1:BTC-USD",
    leg: int | None = None,
) -> RecordedIntent:
    is_entry = side is Side.BUY
    return RecordedIntent(
        client_order_id=name_of(number),
        decision_id=DecisionId(decision),
        leg=leg if leg is not None else (0 if is_entry else number),
        cycle=1,
        product=product,
        side=side,
        purpose=Purpose.ENTRY if is_entry else Purpose.EXIT,
        order_type=OrderType.POST_ONLY_GTD if is_entry else OrderType.LIMIT_IOC,
        price=Price.of(price),
        quantity=Quantity.of(quantity),
        reference=Price.of(price),
        end_time=created + timedelta(minutes=5),
        strategy="standard",
        rule="momentum",
        plan=PLAN if is_entry else None,
        exit_cause=None if is_entry else (cause or ExitCause.TARGET),
        body="{}",
        body_sha256="",
        created=created,
        epoch=1,
        policy_hash="p",
        code_version="0",
        taker_fee_fraction=Decimal("0.009"),
    )


def a_fill(
    number: int = 1,
    *,
    side: Side = Side.BUY,
    product: ProductId = BTC,
    price: str = "100",
    quantity: str = "1",
    fee: str = "0.5",
    order: int = 1,
    time: Instant = START,
    liquidity: Liquidity = Liquidity.MAKER,
) -> Fill:
    return Fill(
        entry_id=EntryId(f"entry-{number}"),
        trade_id=f"trade-{number}",
        order_id=order_name(order),
        product=product,
        side=side,
        price=Price.of(price),
        quantity=Quantity.of(quantity),
        fee=Money.of(fee),
        liquidity=liquidity,
        time=time,
        sequence_time=time,
    )


def an_order(
    number: int = 1,
    *,
    state: OrderState = OrderState.OPEN,
    side: Side = Side.BUY,
    product: ProductId = BTC,
    price: str = "100",
    quantity: str = "2",
    filled: str = "0",
    fees: str = "0",
    fill_count: int | None = None,
    created: Instant = START,
) -> Order:
    return Order(
        order_id=order_name(number),
        client_order_id=name_of(number),
        product=product,
        side=side,
        state=state,
        price=Price.of(price),
        quantity=Quantity.of(quantity),
        filled=Quantity.of(filled),
        fees=Money.of(fees),
        fill_count=fill_count,
        created=created,
        end_time=created + timedelta(minutes=5),
    )


def a_cycle(
    number: int,
    *,
    at: Instant,
    equity: str | None = "10000",
    marks: dict[ProductId, str] | None = None,
    reasons: dict[ProductId, str] | None = None,
) -> CycleDecided:
    return CycleDecided(
        cycle=number,
        at=at,
        seen=NOWHERE,
        regime="chop",
        endings={key: Ending(reason, "") for key, reason in (reasons or {}).items()},
        marks={key: Price.of(mark) for key, mark in (marks or {}).items()},
        equity=None if equity is None else Money.of(equity),
    )


def folded(portfolio: Portfolio, *events: AnyEvent, at: Instant = START) -> Portfolio:
    """`events` folded one after the other, all at one instant."""
    for event in events:
        portfolio = fold(portfolio, Recorded(portfolio.seq + 1, at, event, ""))
    return portfolio


def opened(cash: str = "10000") -> Portfolio:
    """A journal just opened, with cash."""
    return folded(
        Portfolio(), JournalOpened("book", "feed", "USD"), CashFlowed(Money.of(cash), "opening")
    )


def sent(
    portfolio: Portfolio,
    intent: RecordedIntent,
    outcome: Outcome | None = None,
    *,
    at: Instant | None = None,
) -> Portfolio:
    """An intent recorded and settled; acknowledged unless another outcome is given."""
    name = intent.client_order_id
    number = int(name[-8:])
    settled = SubmissionSettled(name, outcome or Acknowledged(order_name(number)))
    return folded(portfolio, IntentRecorded(intent), settled, at=at or intent.created)


def bought(
    *,
    price: str = "100",
    quantity: str = "2",
    fee: str = "0.5",
    product: ProductId = BTC,
    portfolio: Portfolio | None = None,
) -> Portfolio:
    """A portfolio that holds one lot, its entry still working for nothing more."""
    intent = an_intent(1, price=price, quantity=quantity, product=product)
    fill = a_fill(1, price=price, quantity=quantity, fee=fee, product=product)
    before = sent(portfolio or opened(), intent)
    return folded(before, FillBooked(fill, intent.client_order_id))
