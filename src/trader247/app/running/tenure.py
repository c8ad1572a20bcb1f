"""A book in this process's hands: guarded, plugged together, recovered, and let go tidily."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

from trader247.adapters.files import private_folder, remove_stale_temporaries
from trader247.adapters.heartbeat import Heartbeat
from trader247.adapters.inbox import FileInbox
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.kill_switch import KillSwitch
from trader247.adapters.own_lock import OwnLock
from trader247.app.books.backing_up import expect_not_lost
from trader247.app.books.choice import Choice
from trader247.app.books.fresh import archive
from trader247.app.books.markets import Market, choose
from trader247.app.books.modes import Mode
from trader247.app.books.places import Places
from trader247.app.granting.granting import credentials_of, granted, granted_beneath, live_key
from trader247.app.granting.noting import note_refused_instance
from trader247.app.outside.followers import Outside
from trader247.app.outside.pulse import Pulse, real_time
from trader247.app.outside.telling import Telling
from trader247.app.running.account_lock import account_lock
from trader247.app.running.machine import remarks_on_machine
from trader247.app.running.opening import Opening, market_remarks, opened
from trader247.app.running.patience import begun
from trader247.app.running.plan import Plan, refuse_odd
from trader247.app.running.traders import registered
from trader247.app.settings.load import Settings
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.by_mode import observed, simulated
from trader247.app.wiring.live import Timing, live
from trader247.app.wiring.mirror import mirrored
from trader247.app.wiring.world import MACHINE, World
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import AlreadyRunning, StorageError
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Tenure:
    """A book in this process's hands."""

    trader: Trader
    opening: Opening
    kill: KillSwitch
    pulse: Pulse


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
    refuse_odd(plan, places, is_once=is_once)
    with ExitStack() as stack:
        remark = private_folder(places.data)
        guard = InstanceGuard(places.data)
        began = str(world.clock.now())
        try:
            holder = guard.take(since=began, book=places.book)
        except AlreadyRunning:
            note_refused_instance(places.data, began)
            raise
        stack.callback(guard.release)
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
            on_halted=lambda is_clear, kept: kill.acknowledge(
                at=world.clock.now(), is_clear=is_clear, kept=kept
            ),
            passing=world.passing,
            on_turn=_turning(outside, OwnLock(places.data)),
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
                *market_remarks(market, trader, plan, interval),
            )
            telling.resume(trader.journal, trader.ledger.portfolio)
            opening = begun(
                trader,
                lambda: opened(
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


def _turning(outside: Outside, lock: OwnLock) -> Callable[[], None]:
    """What the loop does whenever somebody looks."""

    def turned() -> None:
        outside.turned()
        lock.expect_in_place()

    return turned


def _cleared(places: Places, plan: Plan, now: Instant) -> Path | None:
    """Clear away what crashed writers left, and the book where a new one was asked for.

    Answers where that is now.
    """
    remove_stale_temporaries(places.data)
    archived = archive(places, now) if plan.is_fresh else None
    expect_not_lost(places)
    return archived


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
