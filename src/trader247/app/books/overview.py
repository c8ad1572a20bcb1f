"""A book on one screen: every figure that a person asks for first, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.made import Made, made_of
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.books.reading import Book
from trader247.app.killing.standing_stops import StandingStop, standing_stops
from trader247.core.book.intents import DRY_RUN
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.reservations import exposure_of_all, total_exposure
from trader247.core.risk.stops import stop_levels
from trader247.core.valuation import PnlFigures, pnl_figures, unrealised
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Outcome
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.ids import ClientOrderId, OrderId, ProductId
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.money import CONTEXT, Money, Percent, Price, Quantity
from trader247.domain.orders import Side
from trader247.domain.portfolio import Breaker, Difference, Portfolio
from trader247.domain.position import Position
from trader247.domain.reasons import HaltName, Reason, TradingState
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class PositionView:
    """What is held of one product; `mark` is its bid in the last cycle that could believe it."""

    product: ProductId
    quantity: Quantity
    cost: Money
    mark: Price | None
    unrealised: Money | None
    stop: Price
    target: Price
    opened: Instant
    entry_price: Price
    worth: Money | None
    change: Percent | None
    leaves_at: Instant
    rule: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order that may still fill; `state` is the intent's, or UNKNOWN's own word."""

    order_id: OrderId | None
    client_order_id: ClientOrderId
    product: ProductId
    side: Side
    price: Price
    quantity: Quantity
    filled: Quantity
    state: IntentState
    end_time: Instant


@dataclass(frozen=True, slots=True)
class ExposureView:
    """Notional at risk of the whole book (`total`) or of a cluster, against its cap.

    `amount` and `share` of equity are None where they are unknown.
    """

    name: str
    amount: Money | None
    share: Percent | None
    cap: Percent


@dataclass(frozen=True, slots=True)
class StopView:
    """A loss stop: the change of equity that counts, and the limit at which it latches."""

    name: HaltName
    change: Percent | None
    limit: Percent


@dataclass(frozen=True, slots=True)
class DecisionView:
    """How a product's last cycle ended."""

    product: ProductId
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A book at one instant; `time` is the market's, at which its last cycle decided.

    `time` is None and `cycle` 0 before the first cycle; `decisions` stand in the universe's order.
    """

    mode: Mode
    venue: VenueName
    market: str
    seed: int | None
    quote_currency: str
    cycle: int
    time: Instant | None
    regime: str
    trading_state: TradingState
    pnl: PnlFigures
    made: Made
    exposures: tuple[ExposureView, ...]
    stops: tuple[StopView, ...]
    positions: tuple[PositionView, ...]
    dust: tuple[PositionView, ...]
    orders: tuple[OrderView, ...]
    decisions: tuple[DecisionView, ...]
    breakers: tuple[Breaker, ...]
    differences: tuple[Difference, ...]
    halts: tuple[StandingStop, ...]
    unreachable: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stays the same while a book is looked at."""

    places: Places
    market: str
    seed: int | None
    policy: Policy


def overview_of_report(frame: Frame, report: CycleReport) -> Overview:
    """The book right after a cycle."""
    return _overview(
        frame,
        report.portfolio,
        regime=report.regime,
        endings=report.endings,
        unreachable=report.unreachable,
    )


def overview_at_start(frame: Frame, portfolio: Portfolio) -> Overview:
    """The book as recovery left it, before the first cycle."""
    return _overview(frame, portfolio, regime="", endings={})


def overview_of_book(book: Book) -> Overview:
    """The book as its journal tells it now.

    Raises:
        StorageError, LedgerError: the journal cannot be read or contradicts itself.
    """
    portfolio = book.portfolio()
    frame = Frame(book.places, book.label, book.seed, book.policy)
    recorded = book.journal.cycle(portfolio.cycle)
    if recorded is None or not isinstance(recorded.event, CycleDecided):
        return overview_at_start(frame, portfolio)
    decided = recorded.event
    listed = book.policy.universe.products
    others = sorted(set(decided.endings) - set(listed))
    endings = {
        product: Outcome(Reason(decided.endings[product].reason), decided.endings[product].detail)
        for product in (*listed, *others)
        if product in decided.endings
    }
    endings |= _not_taken(portfolio, endings)
    return _overview(frame, portfolio, regime=decided.regime, endings=endings)


def _overview(
    frame: Frame,
    portfolio: Portfolio,
    *,
    regime: str,
    endings: Mapping[ProductId, Outcome],
    unreachable: str = "",
) -> Overview:
    places, policy = frame.places, frame.policy
    halts = standing_stops(portfolio, KillSwitch(places.data))
    return Overview(
        mode=places.mode,
        venue=places.venue,
        market=frame.market,
        seed=frame.seed,
        quote_currency=portfolio.quote_currency,
        cycle=portfolio.cycle,
        time=portfolio.time,
        regime=regime,
        trading_state=_strictest(halts),
        pnl=pnl_figures(portfolio),
        made=made_of(portfolio, policy),
        exposures=_exposures(portfolio, policy),
        stops=_stops(portfolio, policy),
        positions=tuple(
            _position(each, portfolio.marks.get(key)) for key, each in portfolio.positions.items()
        ),
        dust=tuple(
            _position(each, portfolio.marks.get(key)) for key, each in portfolio.dust.items()
        ),
        orders=tuple(
            _order(each) for each in portfolio.working.values() if not each.state.is_settled
        ),
        decisions=tuple(
            DecisionView(product, ending.reason, ending.detail)
            for product, ending in endings.items()
        ),
        breakers=tuple(portfolio.breakers.values()),
        differences=tuple(portfolio.differences.values()),
        halts=halts,
        unreachable=unreachable,
    )


def _strictest(halts: tuple[StandingStop, ...]) -> TradingState:
    names = {halt.name for halt in halts}
    states = {name.state for name in HaltName if name.value in names}
    if TradingState.HALTED in states:
        return TradingState.HALTED
    return TradingState.REDUCING if states else TradingState.ACTIVE


def _not_taken(
    portfolio: Portfolio, endings: Mapping[ProductId, Outcome]
) -> dict[ProductId, Outcome]:
    """What became of the last cycle's orders that are not at the venue, told after its decision."""
    reasons = {IntentState.REJECTED: Reason.DECLINED, IntentState.NOT_CREATED: Reason.NOT_SENT}
    changed = {}
    for each in portfolio.settled.values():
        product = each.intent.product
        if each.intent.cycle != portfolio.cycle or each.state not in reasons:
            continue
        if each.detail.startswith(f"{DRY_RUN}:") and product in endings:
            changed[product] = Outcome(Reason.DRY_RUN, endings[product].detail)
        else:
            changed[product] = Outcome(reasons[each.state], each.detail)
    return changed


def _exposures(portfolio: Portfolio, policy: Policy) -> tuple[ExposureView, ...]:
    equity = portfolio.equity.equity
    caps = [
        ("total", total_exposure(portfolio), check_in(policy.checks, TotalExposure).pct_max),
        *(
            (cluster.name, exposure_of_all(cluster.members, portfolio), cluster.cap)
            for cluster in policy.universe.clusters
        ),
    ]
    return tuple(
        ExposureView(name, amount, _share(amount, equity), cap) for name, amount, cap in caps
    )


def _share(amount: Money | None, equity: Money | None) -> Percent | None:
    if amount is None or equity is None or equity.value <= 0:
        return None
    return Percent.from_fraction(amount.share_of(equity))


def _stops(portfolio: Portfolio, policy: Policy) -> tuple[StopView, ...]:
    if portfolio.time is None:
        return ()
    equity = portfolio.equity.equity
    levels = stop_levels(portfolio, policy, equity=equity, now=portfolio.time)
    return tuple(StopView(level.name, level.value, level.limit) for level in levels)


def _position(position: Position, mark: Price | None) -> PositionView:
    gain = unrealised(position, mark)
    return PositionView(
        product=position.product,
        quantity=position.quantity,
        cost=position.cost,
        mark=mark,
        unrealised=gain,
        stop=position.stop,
        target=position.target,
        opened=position.opened,
        entry_price=position.entry_price,
        worth=None if mark is None else mark * position.quantity,
        change=None if gain is None else _ratio(gain, position.cost),
        leaves_at=position.leaves_at,
        rule=position.rule,
    )


def _ratio(gain: Money, cost: Money) -> Percent:
    return Percent.from_fraction(CONTEXT.divide(gain.value, cost.value))


def _order(working: WorkingIntent) -> OrderView:
    intent = working.intent
    return OrderView(
        order_id=working.order_id,
        client_order_id=intent.client_order_id,
        product=intent.product,
        side=intent.side,
        price=intent.price,
        quantity=intent.quantity,
        filled=working.filled,
        state=working.state,
        end_time=intent.end_time,
    )
