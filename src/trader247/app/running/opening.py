"""What is found, recovered and said before the first cycle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from trader247.app.books.markets import Market
from trader247.app.books.modes import Mode
from trader247.app.books.places import Places
from trader247.app.granting.granting import expect_standing
from trader247.app.granting.stage_words import stage_sentences
from trader247.app.running.patience import expect_own_account, patiently
from trader247.app.running.plan import Plan
from trader247.app.wiring.assembly import Trader
from trader247.core.market.absence import stops_missed
from trader247.core.orders.feasibility import feasible
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import NotAllowed, UsageError, VenueError, VenueUnreachable
from trader247.domain.ids import ProductId
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import Start


@dataclass(frozen=True, slots=True)
class Opening:
    """What is said before the first cycle.

    `away` is how long the book was alone, by its market's clock; `stops_missed` are the products
    whose stop the market reached meanwhile. `portfolio` is the book as recovery left it. `speed`
    is market time over real time, None where nothing waits. `stage` are sentences on whose money it
    is and how much may be sent, empty where it is nobody's.
    """

    places: Places
    label: str
    seed: int | None
    interval: timedelta
    speed: Decimal | None
    policy: Policy
    portfolio: Portfolio
    start: Start
    away: timedelta
    stops_missed: tuple[ProductId, ...]
    halts: tuple[str, ...]
    remarks: tuple[str, ...]
    archived: Path | None
    stage: tuple[str, ...] = ()


def opened(
    trader: Trader,
    plan: Plan,
    *,
    interval: timedelta,
    remarks: tuple[str, ...],
    archived: Path | None,
    is_stopped: Callable[[], bool],
) -> Opening:
    """Wait for the venue, recover the book, and say how it stands.

    Raises:
        VenueUnreachable: the venue did not answer, however patiently it was asked.
        NotAllowed: the equity is too small for any order.
    """
    try:
        patiently(trader, trader.venue.time, is_stopped=is_stopped)
    except VenueError as error:
        raise VenueUnreachable(
            f"{trader.label} cannot be reached: {error}",
            hint="`trader247 run --mode paper --venue sim` needs no network",
        ) from error
    if trader.places.mode is Mode.LIVE:
        expect_standing(trader.ledger.portfolio, trader.clock.now(), trader.places)
    expect_own_account(trader, is_stopped=is_stopped)
    start = trader.startup.recover()
    if trader.key_watch is not None:
        patiently(trader, trader.key_watch.begin, is_stopped=is_stopped)
    portfolio = trader.ledger.portfolio
    if portfolio.cash is not None and not portfolio.positions:
        equity = portfolio.equity.equity
        money = portfolio.cash if equity is None else equity
        sizes = feasible(money, trader.policy, stage=portfolio.stage)
        if not sizes.is_feasible:
            raise NotAllowed(
                f"no order can be sized: {sizes.sentence}",
                hint="raise the equity; `trader247 config check` shows floors and caps",
            )
    away = timedelta(0) if start.last_seen is None else start.now - start.last_seen
    missed: tuple[ProductId, ...] = ()
    if portfolio.positions and start.last_seen is not None and away > interval:
        seen = trader.market.snapshot(
            cycle=portfolio.cycle + 1,
            products=tuple(portfolio.positions),
            reference=trader.policy.regime.reference,
        )
        missed = stops_missed(portfolio, seen, start.last_seen)
    return Opening(
        places=trader.places,
        label=trader.label,
        seed=trader.seed,
        interval=interval,
        speed=plan.speed,
        policy=trader.policy,
        portfolio=portfolio,
        start=start,
        away=max(away, timedelta(0)),
        stops_missed=missed,
        halts=(
            *(halt.value for halt in trader.ledger.portfolio.halts),
            *trader.ledger.portfolio.bans,
        ),
        remarks=remarks,
        stage=tuple(stage_sentences(portfolio, trader.policy, start.now)),
        archived=archived,
    )


def market_remarks(
    market: Market | None, trader: Trader, plan: Plan, interval: timedelta
) -> tuple[str, ...]:
    """What a person should know of a tape; refuses one too short for the cycles asked for."""
    left = trader.minutes_left
    if market is None or left is None:
        return trader.remarks
    wanted = 0 if plan.cycles is None else (plan.cycles * interval) // timedelta(minutes=1)
    if left < wanted:
        raise UsageError(
            f"the tape has {left} minutes left and {plan.cycles} cycles need {wanted}",
            hint=f"ask for at most {left * timedelta(minutes=1) // interval} cycles",
        )
    return trader.remarks
