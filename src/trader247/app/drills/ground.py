"""The ground of a drill: a whole trader of the operator's configuration on a simulated exchange.

Engine, journal, client, wire and exchange are the real ones, the embedded exchange with its plan of
faults and its keys; time is virtual. What happens is a story: it goes on after each cycle of the
real loop, until it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any

from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.key_text import private_key
from trader247.adapters.files import private_folder
from trader247.adapters.ids import install_for_seed
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.markets import bind
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.drills.clock import DrillClock
from trader247.app.drills.drill import Unheld, Yard
from trader247.app.drills.heard import Heard, PostBox
from trader247.app.drills.market import market_of, told_feed
from trader247.app.drills.seen import Seen
from trader247.app.drills.wire import NotingWire
from trader247.app.venue.endpoint import COINBASE
from trader247.app.version import code_version
from trader247.app.wiring import simulation
from trader247.app.wiring.assembly import Plugs, Surroundings, Trader, assembled
from trader247.app.wiring.by_mode import SIMULATED_REQUESTS_PER_SECOND, genesis
from trader247.core.policy import Policy
from trader247.domain.ids import ProductId
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import CycleReport
from trader247.domain.time import SECOND, Instant
from trader247.ports import Alerts, Command, CommandKind
from trader247.simex.door.keyring import Key, Keyring
from trader247.simex.embedded import Embedded
from trader247.simex.faults.plan import Plan
from trader247.simex.faults.rules import read_rules
from trader247.simex.feeds.told import ToldFeed

Story = Generator[None, None, None]

_CYCLES_MAX = 1_500
"""More than any story takes: a drill that does not end is one that was not held."""
_STEP_PCT = Decimal("0.5")


class Ground:
    """One data folder, its exchange, and the trader that works on it."""

    def __init__(self, yard: Yard, name: str = "data", *, alerts: Alerts | None = None) -> None:
        """`alerts` is who is told; else it is only kept what would have been."""
        self.settings = yard.settings
        self.places = Places(yard.folder / name, Mode.PAPER, VenueName.SIM)
        private_folder(self.places.data)
        self.feed: ToldFeed = told_feed(self.policy)
        self.kill = KillSwitch(self.places.data)
        self.plan = Plan()
        self.keyring = _keyring()
        self.alerts = Heard()
        self.on_turn: Callable[[], None] = lambda: None
        self._told: Alerts = self.alerts if alerts is None else alerts
        self.post = PostBox()
        self.seen = Seen(self)
        self.reports: list[CycleReport] = []
        self.proofs: list[tuple[Instant, bool]] = []
        self.on_halted: Callable[[bool], None] = lambda _: None
        self._trader: Trader | None = None
        self._exchange: Embedded | None = None
        self._clock: DrillClock | None = None
        self._wire: NotingWire | None = None
        self._story: Iterator[None] | None = None

    # what there is

    @property
    def policy(self) -> Policy:
        """The operator's own."""
        return self.settings.policy

    @property
    def interval(self) -> timedelta:
        """The operator's own, between two cycles."""
        return self.settings.app.interval_seconds * SECOND

    @property
    def is_started(self) -> bool:
        """Whether there is an exchange, and with it a time."""
        return self._clock is not None

    @property
    def trader(self) -> Trader:
        assert self._trader is not None, "no trader was started"
        return self._trader

    @property
    def exchange(self) -> Embedded:
        assert self._exchange is not None, "no trader was started"
        return self._exchange

    @property
    def clock(self) -> DrillClock:
        assert self._clock is not None, "no trader was started"
        return self._clock

    @property
    def wire(self) -> NotingWire:
        assert self._wire is not None, "no trader was started"
        return self._wire

    @property
    def portfolio(self) -> Portfolio:
        return self.trader.ledger.portfolio

    @property
    def now(self) -> Instant:
        """The exchange's time."""
        return self.clock.venue_now

    @property
    def product(self) -> ProductId:
        """What is traded in the drill: the operator's first product."""
        return self.policy.universe.products[0]

    @property
    def step(self) -> Decimal:
        """A rise in a minute, in per cent, that no breaker takes for a crash."""
        limits = self.policy.breakers
        least = min(limits.move_major_pct.value, limits.move_other_pct.value)
        return min(_STEP_PCT, (least / 6).quantize(Decimal("0.01")))

    # the trader's life

    def start(self) -> Trader:
        """Plug a trader together on the folder's files, and let it recover."""
        self._trader = self._plugged()
        self.trader.startup.recover()
        return self.trader

    def stop(self, *, is_clean: bool = True) -> None:
        """Let the trader go; otherwise it is left as a crash would leave it."""
        if self._trader is not None:
            trader, self._trader = self._trader, None
            trader.close(is_clean=is_clean)

    def play(self, story: Iterator[None]) -> None:
        """Let the loop run, and the story go on after each of its cycles, until the story ends."""
        self._story = story
        self.trader.loop.run(cycles=_CYCLES_MAX, until=None)
        if self._story is not None:
            raise Unheld(f"its story was not over after {_CYCLES_MAX} cycles")

    def _plugged(self) -> Trader:
        with ExitStack() as stack:
            market = market_of(self.feed)
            if not self.places.market.exists():
                bind(self.places, market)
            currency = self.policy.quote_currency
            funding = {currency: self.settings.app.paper_equity.value}
            exchange = simulation.open_exchange(self.places, self.feed, funding)
            stack.callback(exchange.close)
            self._exchange = exchange
            clock = DrillClock(
                now=lambda: simulation.now_at(exchange),
                advance=lambda when: simulation.advance(exchange, when),
            )
            self._clock = clock
            inner = exchange.troubled_adapter(
                self.plan,
                keyring=self.keyring,
                pass_us=lambda us: clock.pass_by(timedelta(microseconds=us)),
            )
            self._wire = NotingWire(inner, lambda: clock.venue_now, self._wire)
            plugs = Plugs(
                policy=self.policy,
                interval=self.interval,
                feed=exchange.identity,
                label=exchange.label,
                clock=clock,
                transport=self._wire,
                host=COINBASE.host,
                credentials=Credentials.simulated(),
                requests_per_second=SIMULATED_REQUESTS_PER_SECOND,
                install=install_for_seed(exchange.identity),
                genesis=genesis(exchange.identity, code_version()),
                is_read_only=False,
                is_market_public=True,
            )
            return assembled(self.places, plugs, self._surroundings(), stack)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            stop=self.kill,
            inbox=self.post,
            alerts=self._told,
            on_report=self._reported,
            on_halted=self._proven,
            on_turn=self._turned,
        )

    def _turned(self) -> None:
        self.on_turn()

    def _proven(self, is_clear: bool, _: int, /) -> None:
        self.proofs.append((self.now, is_clear))
        self.on_halted(is_clear)

    def _reported(self, report: CycleReport, _: Instant) -> None:
        self.reports.append(report)
        if self._story is None:
            return
        try:
            next(self._story)
        except StopIteration:
            self._story = None
            self.trader.loop.end("the drill is over")

    # what is made to happen

    def faults(self, *rules: str) -> None:
        """Let these go wrong at the exchange from now on, and nothing else; none mends all."""
        self.plan.change(read_rules(rules), seed=1)

    def do(self, action: str, **asked: Any) -> None:
        """Do what the exchange's operator can do to it."""
        self.exchange.do({"action": action, **asked})

    def ask(self, kind: CommandKind, **arguments: str) -> None:
        """Post what a person asks from another process: the loop takes it when it looks."""
        self.post.put(Command(f"drill-{len(self.post.answers) + 1}", kind, arguments))

    @property
    def paper_equity(self) -> Decimal:
        """What the operator's paper account begins with."""
        return self.settings.app.paper_equity.value


def _keyring() -> Keyring:
    """The one key that the drill's exchange knows: the trader's."""
    credentials = Credentials.simulated()
    key, _ = private_key(credentials.secret)
    return Keyring([Key(credentials.name, key.public_key())])
