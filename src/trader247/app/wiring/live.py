"""LIVE: the same engine over the real wire, to Coinbase or to a served simulation of it.

Both venues are plugged in by one function. What differs is where they are, whose time it is, and
that the ids of a rehearsal follow from its market, so that its journal can be had again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from trader247.adapters.clock import PacedClock, SystemClock
from trader247.adapters.coinbase.auth import TOKEN_SECONDS
from trader247.adapters.emergency import Emergency, EmergencyFile
from trader247.adapters.files import read_small
from trader247.adapters.holder import Holder
from trader247.adapters.ids import install_for_seed, new_install
from trader247.adapters.served_clock import ServedClock
from trader247.adapters.sim_operator import ADMIN_TOKEN
from trader247.app.books.choice import Choice
from trader247.app.books.places import Places
from trader247.app.books.source import SERVED_FEED, label_of
from trader247.app.granting.granting import Grant, granted, live_key
from trader247.app.granting.live_watch import LiveWatch
from trader247.app.granting.permits import LivePermit, NoPermit, Permits
from trader247.app.keys.age import Attestation, attestation_of, remark_on_age
from trader247.app.keys.files import GIVE_ONE, KeySource
from trader247.app.killing.lost_word import second_copy
from trader247.app.settings.load import Settings
from trader247.app.venue.endpoint import Endpoint, endpoint_for, tls_folder
from trader247.app.version import code_version
from trader247.app.wiring.assembly import Plugs, Surroundings, Trader, assembled
from trader247.app.wiring.by_mode import READS_PER_SECOND, SIMULATED_REQUESTS_PER_SECOND, genesis
from trader247.app.wiring.stream import listening
from trader247.app.wiring.world import MACHINE, World
from trader247.core.market.senses import FRESH
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import NotAllowed, UsageError
from trader247.domain.time import Instant
from trader247.ports import Clock

_TOKEN_BYTES_MAX = 1_024


@dataclass(frozen=True, slots=True)
class Timing:
    """How fast a rehearsal's time passes over the machine's; a real venue's is the machine's."""

    interval: timedelta
    speed: Decimal | None = Decimal(1)
    is_once: bool = False
    """One cycle alone: it leads nobody whose time is the machine's."""


def live(
    settings: Settings,
    places: Places,
    around: Surroundings,
    timing: Timing,
    *,
    key: KeySource,
    grant: Grant | None,
    world: World = MACHINE,
) -> Trader:
    """LIVE on the venue of `places`. Without a grant it looks, cancels and compares alone.

    With one, it leaves beside the journal what `kill on` needs to cancel without it.

    Raises:
        StorageError, KeyRejected: a file or the key cannot be used.
        UsageError, VenueError: the simulation's clock cannot be had.
    """
    endpoint = endpoint_for(settings.app, places)
    with ExitStack() as stack:
        machine, beneath = world.clock, world.beneath
        if beneath is None:
            at = venue_clock(endpoint, settings, places, timing, stack)
        else:
            at = VenueClock(machine, endpoint.feed)
        clock, is_led = at.clock, at.is_led
        is_still = beneath is not None and beneath.is_time_standing_still
        second = second_copy(places.data) if beneath is None else None
        emergency = (
            None
            if grant is None
            else _emergency(endpoint, places, key, grant, machine, second=second)
        )
        credentials = key.credentials()
        attested = attestation_of(places.data, credentials.name)
        watch = LiveWatch(settings.source, is_bound=grant is not None)
        install = install_for_seed(at.feed) if endpoint.is_simulated else new_install()
        credentials, stream = key.credentials(), None
        # A stream keeps the machine's time: where ours is led, it would tell of the future.
        hearing = None if beneath is None else beneath.hearing
        is_heard = beneath is None or hearing is not None
        if around.is_listening and not is_led and is_heard:
            stream = listening(
                endpoint, settings.policy, clock, stack, credentials=credentials, hearing=hearing
            )
        plugs = Plugs(
            policy=settings.policy,
            interval=timing.interval,
            feed=at.feed,
            exchange=at.book,
            label=label_of(at.feed),
            clock=clock,
            # However slowly the venue's time passes, an answer is waited for in the machine's.
            transport=(
                endpoint.transport(monotonic=machine.monotonic, is_stopped=around.stop.is_raised)
                if beneath is None
                else beneath.transport(around.stop.is_raised)
            ),
            host=endpoint.host,
            credentials=credentials,
            requests_per_second=(
                SIMULATED_REQUESTS_PER_SECOND if is_led or is_still else READS_PER_SECOND
            ),
            install=install,
            genesis=_genesis(endpoint, at.feed, install),
            is_read_only=False,
            is_key_watched=True,
            key_created=None if attested is None else attested.created,
            remarks=() if endpoint.is_simulated else _remarks(attested, machine.now()),
            permit=_permit(grant, watch),
            stream=stream,
            objection=watch.objection,
            on_sending=_nothing if emergency is None else emergency.sending,
            on_closed=_closing(emergency),
            wall=machine.now,
            monotonic=machine.monotonic,
            vfs=None if beneath is None else beneath.vfs,
            senses=(beneath and beneath.senses) or FRESH,
            # A rehearsal is the same again by its seed; `state restore` goes far there as well.
            ahead=1 if endpoint.is_simulated and beneath is None else world.ahead(),
        )
        return assembled(places, plugs, around, stack)


def attending(
    choice: Choice,
    settings: Settings,
    places: Places,
    around: Surroundings,
    interval: timedelta,
    *,
    is_sending: bool = False,
    world: World = MACHINE,
) -> Trader:
    """LIVE for a command. One that sends no order needs the key, and nobody's grant.

    Raises:
        NotAllowed: no key was given.
        As `live` does.
    """
    key = live_key(choice, settings, places)
    if key is None:
        raise NotAllowed("no key was given", hint=GIVE_ONE)
    return live(
        settings,
        places,
        around,
        Timing(interval),
        key=key,
        grant=granted(settings, places, key) if is_sending else None,
        world=world,
    )


def _emergency(
    endpoint: Endpoint,
    places: Places,
    key: KeySource,
    grant: Grant,
    machine: Clock,
    *,
    second: Path | None,
) -> EmergencyFile:
    """`second` is where a copy goes: into a person's folder, so none of a simulated machine.

    Raises StorageError: the disk did not take it."""
    return EmergencyFile(
        places.data,
        Emergency(
            host=endpoint.host,
            ca_file="" if endpoint.ca_file is None else str(endpoint.ca_file.absolute()),
            key_file=str(key.path.absolute()),
            portfolio=grant.account,
            token_seconds=TOKEN_SECONDS[0],
            holder=Holder.this_process(since=str(machine.now()), book=places.book),
        ),
        now=machine.now,
        monotonic=machine.monotonic,
        second=second,
    )


def _nothing() -> None:
    """Whoever sends nothing has nothing to keep of it."""


def _closing(emergency: EmergencyFile | None) -> Callable[[bool], None]:
    """What a trader's end writes; whoever sent nothing leaves the last trader's word as it is."""

    def close(is_cleared: bool) -> None:
        if emergency is not None:
            emergency.close(is_cleared=is_cleared)

    return close


def _remarks(attested: Attestation | None, now: Instant) -> tuple[str, ...]:
    return tuple(filter(None, [remark_on_age(attested, now)]))


def _permit(grant: Grant | None, watch: LiveWatch) -> Permits:
    if grant is None:
        return NoPermit
    given = grant
    return lambda stop, has_tenure: LivePermit(given, watch.objection, stop, has_tenure)


def _genesis(endpoint: Endpoint, feed: str, install: str) -> str:
    return genesis(feed, code_version()) if endpoint.is_simulated else genesis(install)


@dataclass(frozen=True, slots=True)
class VenueClock:
    """The venue's clock, and what it said of the venue.

    `feed` is what a journal is bound to, `book` tells the exchange from others on its market.
    `is_led` says that the time is ours: a simulation's that does not keep the machine's.
    """

    clock: Clock
    feed: str
    book: str = ""
    is_led: bool = False


def venue_clock(
    endpoint: Endpoint, settings: Settings, places: Places, timing: Timing, stack: ExitStack
) -> VenueClock:
    """The clock of Coinbase, or of the simulation at `endpoint`, which also says which it is.

    Raises:
        UsageError, VenueError: the simulation's clock cannot be had.
    """
    if not endpoint.is_simulated:
        return VenueClock(SystemClock(), endpoint.feed)
    served = ServedClock(
        endpoint.host,
        ca_file=endpoint.ca_file,
        token=_admin_token(tls_folder(settings.app, places.data)),
    )
    stack.callback(served.close)
    feed = SERVED_FEED + served.market
    if served.is_in_step and (timing.speed == 1 or timing.is_once):
        return VenueClock(SystemClock(), feed, served.book)
    served.take_the_lead()
    paced = PacedClock(served.now, served.advance, timing.speed)
    return VenueClock(paced, feed, served.book, is_led=True)


def _admin_token(folder: Path) -> str:
    path = folder / ADMIN_TOKEN
    try:
        return read_small(path, bytes_max=_TOKEN_BYTES_MAX).decode("ascii", "replace").strip()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror or error}",
            hint="LIVE on sim needs a running `trader247 sim serve` on this data folder, or "
            "sim.tls_dir in app.yaml to say where its files are",
        ) from error
