"""The simulated exchange as a server on this machine: its files, its market, its socket."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from trader247.adapters.clock import SystemClock
from trader247.adapters.files import private_folder
from trader247.app.books.markets import bind, choose, is_begun
from trader247.app.running.ending import signals_to
from trader247.app.serving.files import Trust, save_keyring, tell_where, trust_in
from trader247.app.serving.places import ServedPlaces, served_places
from trader247.app.settings.load import Settings, load_settings
from trader247.app.wiring import simulation
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import AlreadyRunning, FeedMismatch, UsageError
from trader247.domain.time import MICROSECOND, MINUTE, Instant
from trader247.simex.faults.plan import Plan as FaultPlan
from trader247.simex.switches import Switches

if TYPE_CHECKING:
    from uvicorn import Server

    from trader247.simex.embedded import Embedded
    from trader247.simex.wire.asgi import Application

_DOWN_MAX = timedelta(days=30)
_BACKLOG = 512
_IDLE_SECONDS = 120
_CLOSING_SECONDS = 2
_REQUEST_MAX = 1 << 18
"""Bytes that a client may say at once on a stream."""
_HOSTS = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be served. `speed` is market time over real time; `switches` are `name=value`.

    `faults` are what is to go wrong, as simex/faults/rules.py reads it; `fault_seed` decides when.

    A new market begins at the machine's time if it is synthetic and keeps the machine's pace, else
    at its own start. `tls` is the folder of certificate and keys; None is one in the data folder.
    """

    port: int
    seed: int | None
    replay: Path | None
    speed: Decimal
    switches: tuple[str, ...]
    tls: Path | None
    faults: tuple[str, ...] = ()
    fault_seed: int = 0

    @property
    def is_in_step(self) -> bool:
        """Whether the market's time is to be the machine's."""
        return self.speed == 1 and self.replay is None


@dataclass(frozen=True, slots=True)
class Serving:
    """What a client needs to know: where the exchange is, on what market, and whom to trust."""

    port: int
    label: str
    now: Instant
    trust: Trust
    products: int
    caught_up: timedelta


def serve(
    config: Path | None,
    data: Path,
    plan: Plan,
    *,
    on_ready: Callable[[Serving], None],
    warn: Callable[[str], None],
) -> None:
    """Serve until asked to end by a signal.

    `on_ready` is called once it listens, `warn` with a line for a person where something is amiss.

    Raises:
        SettingsInvalid: the configuration cannot be used.
        UsageError: the port is taken, the market cannot be used, or no server is installed.
        FeedMismatch: the folder's exchange is on another market.
        AlreadyRunning: another process serves from this folder.
        StorageError, UnsafePermission: a file cannot be used.
    """
    switches, faults = _switches(plan), _faults(plan)
    settings = load_settings(config)
    clock = SystemClock()
    with ExitStack() as stack:
        sockets = _listening(stack, plan.port)
        places = served_places(data)
        private_folder(data)
        stack.enter_context(_only_one(places))
        trust = trust_in(places.tls if plan.tls is None else plan.tls, clock.now())
        exchange, is_in_step, caught_up = _opened(settings, places, plan, clock.now())
        stack.enter_context(closing(exchange))
        book = simulation.named(exchange)
        application = exchange.application(
            keyring=trust.keyring,
            save_keys=lambda: save_keyring(trust.authority.parent, trust.keyring),
            switches=switches,
            speed=plan.speed,
            from_us=clock.now().us if is_in_step else exchange.now_us,
            monotonic_us=lambda: clock.monotonic() // MICROSECOND,
            machine_s=lambda: clock.now().seconds,
            warn=warn,
            admin_token=trust.admin_token,
            is_in_step=is_in_step,
            book=book,
            plan=faults,
        )
        server = _server(application, trust)
        stack.enter_context(signals_to(lambda _: setattr(server, "should_exit", True)))
        port = sockets[0].getsockname()[1]
        tell_where(trust.authority.parent, port, f"{exchange.identity} {book}")
        on_ready(
            Serving(
                port=port,
                label=exchange.label,
                now=simulation.now_at(exchange),
                trust=trust,
                products=len(exchange.products),
                caught_up=caught_up,
            )
        )
        server.run(sockets=sockets)
        for name, counts in faults.told().items():
            where = ", ".join(f"{place} {count}" for place, count in counts.items())
            warn(f"fault {name}: {sum(counts.values())} ({where})")


def _listening(stack: ExitStack, port: int) -> list[socket.socket]:
    """Sockets on the loopback addresses alone, both of one port; IPv6 where the machine has it."""
    sockets: list[socket.socket] = []
    for family, host in _HOSTS:
        if family is socket.AF_INET6 and not socket.has_ipv6:
            continue
        # Where the protocol is not named, asyncio leaves a delay of 40 ms in each answer.
        listening = stack.enter_context(
            socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        )
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            listening.bind((host, sockets[0].getsockname()[1] if sockets else port))
        except OSError as error:
            # IPv4 is what every client can do; without IPv6 the server is whole.
            if sockets:
                continue
            raise UsageError(
                f"port {port} cannot be listened on: {error.strerror or error}",
                hint="name another with --port, or 0 for any free one",
            ) from error
        # From here on a client waits instead of being refused.
        listening.listen(_BACKLOG)
        sockets.append(listening)
    return sockets


def _switches(plan: Plan) -> Switches:
    try:
        return Switches.parse(plan.switches)
    except ValueError as error:
        raise UsageError(str(error), hint="docs/simulated-coinbase.md lists them") from error


def _faults(plan: Plan) -> FaultPlan:
    try:
        return FaultPlan.parse(plan.faults, seed=plan.fault_seed)
    except ValueError as error:
        raise UsageError(str(error), hint="docs/simulated-coinbase.md lists them") from error


@contextmanager
def _only_one(places: ServedPlaces) -> Iterator[None]:
    """Nobody else serves from this folder meanwhile."""
    lock = FileLock(places.lock, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(
            f"another process serves the exchange in {places.data}",
            hint="end it with Ctrl-C where it runs, or use another --data",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _opened(
    settings: Settings, places: ServedPlaces, plan: Plan, now: Instant
) -> tuple[Embedded, bool, timedelta]:
    """The folder's exchange, new or where it stopped.

    Beside it, whether its time is the machine's, and what it lived through to catch up with it.
    """
    start = Instant(0) + now.minute * MINUTE if plan.is_in_step else settings.app.sim_start
    try:
        market = choose(
            places,
            seed=plan.seed,
            replay=plan.replay,
            default_seed=settings.app.sim_seed,
            start=start,
        )
        if not is_begun(places):
            bind(places, market)
        funding = {settings.app.quote_currency: settings.app.paper_equity.value}
        # The twin's wallet is there from the start, empty: who sells for it fills it.
        funding.setdefault("USDC", Decimal(0))
        exchange = simulation.open_exchange(places, market.feed(), funding)
    except FeedMismatch as error:
        raise FeedMismatch(str(error), hint="use another --data") from error
    behind = now - simulation.now_at(exchange)
    if not plan.is_in_step or not timedelta(0) <= behind <= _DOWN_MAX:
        return exchange, False, timedelta(0)
    simulation.advance(exchange, now)
    return exchange, True, behind


def _server(application: Application, trust: Trust) -> Server:
    try:
        from uvicorn import Config, Server

        from trader247.app.serving.connection import Connection
    except ImportError as error:
        raise UsageError(
            "no server is installed to serve the exchange with",
            hint="pip install 'trader247[serve]'",
        ) from error

    class Ours(Server):
        """uvicorn's server; the signals are this program's own business."""

        def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]  # no generator
            return nullcontext()

    config = Config(
        application,
        ssl_certfile=trust.server,
        ssl_keyfile=trust.server_key,
        loop="asyncio",
        http=Connection,
        lifespan="on",
        ws="websockets-sansio",
        ws_max_size=_REQUEST_MAX,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )
    return Ours(config)
