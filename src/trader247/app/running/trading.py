"""Trading, once or around the clock: guard, recover, cycle, let go tidily."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from trader247.adapters.files import private_folder, remove_stale_temporaries
from trader247.adapters.heartbeat import Heartbeat
from trader247.adapters.holder import Holder
from trader247.adapters.inbox import FileInbox
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.backing_up import expect_not_lost
from trader247.app.books.choice import Choice
from trader247.app.books.fresh import archive
from trader247.app.books.markets import Market, choose
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.granting.granting import (
    credentials_of,
    expect_standing,
    granted,
    granted_beneath,
    live_key,
)
from trader247.app.granting.noting import note_refused_instance
from trader247.app.granting.stage_words import stage_sentences
from trader247.app.outside.followers import Outside
from trader247.app.outside.pulse import Pulse, real_time
from trader247.app.outside.telling import Telling
from trader247.app.running.account_lock import account_lock
from trader247.app.running.ending import Ending, signals_to
from trader247.app.running.machine import remarks_on_machine
from trader247.app.running.patience import begun, expect_own_account, patiently
from trader247.app.running.traders import registered
from trader247.app.settings.load import Settings
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.by_mode import observed, simulated
from trader247.app.wiring.live import Timing, live
from trader247.app.wiring.mirror import mirrored
from trader247.app.wiring.world import MACHINE, World
from trader247.core.market.absence import stops_missed
from trader247.core.orders.cancellations import outlives
from trader247.core.orders.feasibility import feasible
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import (
    AlreadyRunning,
    NotAllowed,
    StorageError,
    UsageError,
    VenueError,
    VenueUnreachable,
)
from trader247.domain.ids import ProductId
from trader247.domain.intents import WorkingIntent
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import CycleReport, Start
from trader247.domain.time import Instant

SHORTEST_TAPE_MINUTES = 27 * 60
"""A replay needs a day and two hours of history, and an hour to trade in."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person asked of a run, beyond its configuration.

    `speed` is simulated time over real time, None for as fast as it goes; `cycles` and `span` end
    the run, None means never.
    """

    interval: timedelta | None = None
    cycles: int | None = None
    span: timedelta | None = None
    seed: int | None = None
    replay: Path | None = None
    speed: Decimal | None = Decimal(1)
    is_fresh: bool = False


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


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: why, and the book as it was left.

    `stops` are those that rest on at the venue, until their own end or the next run.
    """

    cause: str
    portfolio: Portfolio
    stops: tuple[WorkingIntent, ...]


@dataclass(frozen=True, slots=True)
class Tenure:
    """A book in this process's hands."""

    trader: Trader
    opening: Opening
    kill: KillSwitch
    pulse: Pulse


def run(
    choice: Choice,
    plan: Plan,
    *,
    on_opening: Callable[[Opening], None],
    on_report: Callable[[CycleReport, Instant], None],
) -> Ended:
    """Trade until told to end. SIGINT and SIGTERM end it in order, however often they come.

    Raises:
        Trader247Error: what a person can cause, with what to do next.
        AskedToEnd: a signal came before anything was traded.
    """
    ending = Ending()
    with signals_to(ending.ask), tenure(choice, plan, on_report=on_report) as held:
        on_opening(held.opening)
        trader = held.trader
        until = None if plan.span is None else trader.clock.now() + plan.span
        ending.hand_to(trader.loop.end)
        cause = trader.loop.run(cycles=plan.cycles, until=until)
        held.pulse.ended(cause)
        portfolio = trader.ledger.portfolio
        stops = [each for each in portfolio.working.values() if outlives(each, portfolio)]
        return Ended(cause, portfolio, tuple(stops))


def cycle(choice: Choice, plan: Plan) -> tuple[Opening, CycleReport]:
    """Trade one cycle: on a simulated market one interval later than the last.

    Working orders stay as they are: the next cycle looks after them, and each ends by itself.

    Raises:
        Trader247Error: what a person can cause, with what to do next.
    """
    reports: list[CycleReport] = []
    once = replace(plan, speed=None)
    with tenure(
        choice, once, on_report=lambda report, _: reports.append(report), is_once=True
    ) as held:
        held.trader.loop.run_once()
        return held.opening, reports[-1]


@contextmanager
def tenure(
    choice: Choice,
    plan: Plan,
    *,
    on_report: Callable[[CycleReport, Instant], None],
    is_once: bool = False,
    world: World = MACHINE,
) -> Iterator[Tenure]:
    """The book in this process's hands, recovered, until the context ends.

    Raises:
        Trader247Error: what a person can cause, with what to do next.
    """
    settings, places = choice.settle()
    _refuse_odd(plan, places, is_once=is_once)
    with ExitStack() as stack:
        remark = private_folder(places.data)
        guard = InstanceGuard(places.data)
        began = str(world.clock.now())
        try:
            guard.take(since=began, book=places.book)
        except AlreadyRunning:
            note_refused_instance(places.data, began)
            raise
        stack.callback(guard.release)
        holder = Holder.this_process(since=began, book=places.book)
        unlisted = stack.enter_context(registered(holder, places.data))
        archived = _cleared(places, plan, world.clock.now())
        inbox = FileInbox(places.data)
        inbox.sweep()
        telling = Telling(settings.app, places, inbox, world)
        stack.callback(telling.close)
        kill = KillSwitch(places.data)
        kill.forget_acknowledgement()
        interval = plan.interval or timedelta(seconds=settings.app.interval_seconds)
        pulse = Pulse(
            Heartbeat(places.data, world.clock.now),
            book=places.book,
            interval=interval,
            speed=plan.speed,
            is_once=is_once,
        )

        real = real_time(interval, plan.speed)
        outside = Outside(settings.app, places, telling, pulse, interval=real, stack=stack)

        def reported(report: CycleReport, due: Instant) -> None:
            outside.cycled(report, due)
            on_report(report, due)

        around = Surroundings(
            stop=outside.watched(kill),
            inbox=inbox,
            alerts=telling,
            on_report=reported,
            on_halted=lambda is_clear, kept: kill.acknowledge(is_clear=is_clear, kept=kept),
            passing=world.passing,
            on_turn=outside.turned,
            # One cycle is over before a stream has told its first book.
            is_listening=settings.app.is_streaming and not is_once,
        )
        market = _market(settings, places, plan)
        timing = Timing(interval, plan.speed, is_once)
        if places.mode is Mode.LIVE:
            trader = _live(
                choice, settings, places, around, timing=timing, stack=stack, world=world
            )
        else:
            trader = _built(choice, settings, places, around, market=market, timing=timing)
        is_clean = False
        try:
            remarks = (
                *filter(None, [remark, unlisted]),
                *remarks_on_machine(places.mode),
                *_market_remarks(market, trader, plan, interval),
            )
            telling.resume(trader.journal, trader.ledger.portfolio)
            opening = begun(
                trader,
                lambda: _opened(
                    trader,
                    plan,
                    interval=interval,
                    remarks=remarks,
                    archived=archived,
                    is_stopped=kill.is_raised,
                ),
            )
            outside.begin(trader, opening.seed)
            yield Tenure(trader, opening, kill, pulse)
            is_clean = True
        finally:
            telling.close()
            with suppress(StorageError):
                trader.journal.record_deliveries(inbox.deliveries())
            trader.close(is_clean=is_clean)


def _cleared(places: Places, plan: Plan, now: Instant) -> Path | None:
    """Clear away what crashed writers left, and the book where a new one was asked for.

    Answers where that is now.
    """
    remove_stale_temporaries(places.data)
    archived = archive(places, now) if plan.is_fresh else None
    expect_not_lost(places)
    return archived


def _refuse_odd(plan: Plan, places: Places, *, is_once: bool) -> None:
    if places.mode is Mode.LIVE and (plan.seed is not None or plan.replay is not None):
        raise UsageError(
            "--seed and --replay choose a market inside the trader; LIVE trades on another's",
            hint="give them to `trader247 sim serve`, on which LIVE on sim rehearses",
        )
    if places.venue is VenueName.SIM:
        return
    # One cycle has no speed.
    if plan.speed != 1 and not is_once:
        raise UsageError(
            f"--speed is for simulated markets; {places.venue.value} has a time of its own",
            hint="leave --speed out, or use --venue sim",
        )
    if plan.seed is not None or plan.replay is not None:
        raise UsageError(
            "--seed and --replay choose a simulated market", hint="use them with --venue sim"
        )


def _market(settings: Settings, places: Places, plan: Plan) -> Market | None:
    if not places.is_embedded:
        return None
    return choose(
        places,
        seed=plan.seed,
        replay=plan.replay,
        default_seed=settings.app.sim_seed,
        start=settings.app.sim_start,
    )


def _live(
    choice: Choice,
    settings: Settings,
    places: Places,
    around: Surroundings,
    *,
    timing: Timing,
    stack: ExitStack,
    world: World,
) -> Trader:
    """LIVE, if nothing that it takes is missing, alone on its account."""
    key = live_key(choice, settings, places)
    if world.beneath is None:
        grant = granted(settings, places, key)
    else:
        grant = granted_beneath(settings, world.beneath)
    assert key is not None, "a grant needs a key"
    stack.enter_context(account_lock(grant.account))
    return live(settings, places, around, timing, key=key, grant=grant, world=world)


def _built(
    choice: Choice,
    settings: Settings,
    places: Places,
    around: Surroundings,
    *,
    market: Market | None,
    timing: Timing,
) -> Trader:
    if places.is_mirrored:
        return mirrored(
            settings,
            places,
            around,
            interval=timing.interval,
            credentials=credentials_of(choice, settings, places),
        )
    if market is None:
        return observed(
            settings,
            places,
            around,
            interval=timing.interval,
            credentials=credentials_of(choice, settings, places),
        )
    return simulated(settings, places, market, around, speed=timing.speed, interval=timing.interval)


def _market_remarks(
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


def _opened(
    trader: Trader,
    plan: Plan,
    *,
    interval: timedelta,
    remarks: tuple[str, ...],
    archived: Path | None,
    is_stopped: Callable[[], bool],
) -> Opening:
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
