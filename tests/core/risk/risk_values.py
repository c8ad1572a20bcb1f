"""Plain values of a small market and a small book, for the tests of the risk checks."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from trader247.core.policy import Policy
from trader247.core.risk.check import Check, Context
from trader247.core.risk.registry import ALL_CHECKS
from trader247.core.universe_policy import Cluster, Tier, UniversePolicy
from trader247.domain.ids import ClientOrderId, ProductId, decision_id
from trader247.domain.intents import IntentState, RecordedIntent, WorkingIntent
from trader247.domain.market import (
    Bars,
    Depth,
    Product,
    ProductStatus,
    ProductView,
    Quote,
    Snapshot,
)
from trader247.domain.money import Bps, Money, Percent, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Lot, Position
from trader247.domain.proposals import ExitCause, ExitPlan, Proposal, Purpose
from trader247.domain.time import SECOND, Instant

NOW = Instant.parse("2026-01-07T12:00:00Z")
BTC, ETH, DOGE, XRP = (ProductId(base, "USD") for base in ("BTC", "ETH", "DOGE", "XRP"))
EQUITY = Money.of(10_000)
PLAN = ExitPlan(Decimal("0.06"), Decimal("0.12"), timedelta(hours=48))
STRANGE = ProductId("ZZZ", "USD")


def ago(seconds: int) -> Instant:
    return NOW - seconds * SECOND


def a_tier(name: str, products: tuple[ProductId, ...]) -> Tier:
    return Tier(name, products, Money.of(1), Bps.of(100), Money.of(1), Percent.of(2))


def default_checks() -> tuple[Check, ...]:
    """One of each check, with its default limits."""
    return tuple(kind() for kind in ALL_CHECKS)


def a_policy(*changed: Check, **sections: Any) -> Policy:
    """The default policy over four products, with some checks' limits changed."""
    by_kind = {type(check): check for check in changed}
    universe = UniversePolicy(
        tiers=(a_tier("major", (BTC, ETH)), a_tier("other", (DOGE, XRP))),
        clusters=(
            Cluster("LAYER1", (BTC, ETH, XRP), Percent.of(10)),
            Cluster("MEME", (DOGE,), Percent.of(5)),
        ),
    )
    checks = tuple(by_kind.get(type(check), check) for check in default_checks())
    return replace(Policy(universe=universe, checks=checks), **sections)


def a_product(product: ProductId = BTC, **changes: Any) -> Product:
    rules = Product(
        id=product,
        status=ProductStatus.ONLINE,
        price_increment=Price.of("0.01"),
        base_increment=Quantity.of("0.0001"),
        base_min=Quantity.of("0.0001"),
        base_max=Quantity.of(100_000),
        quote_min=Money.of(1),
        quote_max=Money.of(1_000_000),
        volume_24h=Money.of(100_000_000),
        listed_at=None,
        read_at=ago(30),
    )
    return replace(rules, **changes)


def a_quote(bid: str = "99.95", ask: str = "100.05", *, age: timedelta = SECOND) -> Quote:
    return Quote(Price.of(bid), Price.of(ask), Quantity.of(5), Quantity.of(5), NOW - age)


def some_bars(closes: Sequence[str] = ("100",) * 10, *, age_minutes: int = 1) -> Bars:
    """Closed minutes with these closes, the last of which opened `age_minutes` ago."""
    ticks = array("q", (int(Decimal(close) * 100) for close in closes))
    flat = array("q", [0] * len(ticks))
    return Bars(
        tick=Price.of("0.01"),
        end=NOW.minute - age_minutes,
        open=ticks,
        high=ticks,
        low=ticks,
        close=ticks,
        volume=flat,
        filled=flat,
    )


def some_depth(notional: str = "100000") -> Depth:
    return Depth((Money.of(notional),) * 5, (Money.of(notional),) * 5)


def a_view(name: ProductId = BTC, /, **changes: Any) -> ProductView:
    view = ProductView(
        product=a_product(name), quote=a_quote(), depth=some_depth(), bars=some_bars()
    )
    return replace(view, **changes)


def a_snapshot(*products: ProductId, **views: ProductView) -> Snapshot:
    """A market in which every named product is fit to trade; `BTC=view` puts another view."""
    shown = {product: a_view(product) for product in products or (BTC, ETH, DOGE, XRP)}
    shown |= {ProductId(base, "USD"): view for base, view in views.items()}
    return Snapshot(cycle=7, time=NOW, views=shown, clock_skew=timedelta(0))


EMPTY_SNAPSHOT = Snapshot(cycle=7, time=NOW, views={}, clock_skew=None)


def an_entry(product: ProductId = BTC, **changes: Any) -> Proposal:
    """A post-only buy of 100 USD at 100, which every check allows."""
    proposal = Proposal(
        product=product,
        side=Side.BUY,
        purpose=Purpose.ENTRY,
        order_type=OrderType.POST_ONLY_GTD,
        price=Price.of("99.95"),
        quantity=Quantity.of(1),
        reference=Price.of(100),
        strategy="default",
        rule="momentum",
        decision_id=decision_id(7, product),
        leg=0,
        score=Decimal("0.6"),
        lifetime=timedelta(minutes=5),
        plan=PLAN,
    )
    return replace(proposal, **changes)


def an_exit(product: ProductId = BTC, **changes: Any) -> Proposal:
    """A sale of one unit of a position that `a_position` makes."""
    proposal = Proposal(
        product=product,
        side=Side.SELL,
        purpose=Purpose.EXIT,
        order_type=OrderType.LIMIT_IOC,
        price=Price.of("99.9"),
        quantity=Quantity.of(1),
        reference=Price.of(100),
        strategy="default",
        rule="momentum",
        decision_id=decision_id(1, product),
        leg=1,
        score=Decimal(1),
        lifetime=timedelta(minutes=1),
        exit_cause=ExitCause.STOP,
    )
    return replace(proposal, **changes)


def a_position(product: ProductId = BTC, quantity: str = "1", price: str = "100") -> Position:
    lot = Lot(Quantity.of(quantity), Price.of(price), Money.of(0), ago(7200))
    return Position(
        product=product,
        lots=(lot,),
        strategy="default",
        rule="momentum",
        decision_id=decision_id(1, product),
        plan=PLAN,
        opened=ago(7200),
        highest=Price.of(price),
    )


def a_working(
    proposal: Proposal,
    state: IntentState = IntentState.ACCEPTED,
    *,
    filled: str = "0",
    name: str = "one",
    fee: str = "0.009",
) -> WorkingIntent:
    """An intent of `proposal` on its way, under the id `t247-NAME`."""
    intent = RecordedIntent(
        client_order_id=ClientOrderId(f"t247-{name}"),
        decision_id=proposal.decision_id,
        leg=proposal.leg,
        cycle=6,
        product=proposal.product,
        side=proposal.side,
        purpose=proposal.purpose,
        order_type=proposal.order_type,
        price=proposal.price,
        quantity=proposal.quantity,
        reference=proposal.reference,
        end_time=NOW + proposal.lifetime,
        strategy=proposal.strategy,
        rule=proposal.rule,
        plan=proposal.plan,
        exit_cause=proposal.exit_cause,
        body="{}",
        body_sha256="",
        created=ago(60),
        epoch=1,
        policy_hash="",
        code_version="",
        taker_fee_fraction=Decimal(fee),
    )
    return WorkingIntent(intent, state, filled=Quantity.of(filled))


def a_portfolio(
    *positions: Position, working: Iterable[WorkingIntent] = (), **changes: Any
) -> Portfolio:
    """A book with 10,000 USD in cash and these positions, marked at 99.95."""
    portfolio = Portfolio(
        seq=10,
        cash=EQUITY,
        positions={position.product: position for position in positions},
        working={each.intent.client_order_id: each for each in working},
        marks={position.product: Price.of("99.95") for position in positions},
    )
    return replace(portfolio, **changes)


def a_context(
    portfolio: Portfolio | None = None,
    snapshot: Snapshot | None = None,
    policy: Policy | None = None,
    *,
    equity: Money | None = EQUITY,
    approved_entries: int = 0,
) -> Context:
    return Context(
        snapshot or a_snapshot(),
        portfolio or a_portfolio(),
        policy or a_policy(),
        equity,
        approved_entries,
    )


def unknown_context() -> Context:
    """Nothing is known: no market, an empty ledger, no equity."""
    return Context(EMPTY_SNAPSHOT, Portfolio(), a_policy(), None)
