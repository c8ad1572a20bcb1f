"""The ground of a drill: a whole trader of the operator's configuration on a simulated exchange.

Engine, journal, client, wire and exchange are the real ones, the embedded exchange with its plan of
faults and its keys; time is virtual. What happens is a story: it goes on after each cycle of the
real loop, until it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

from trader247.adapters.coinbase.auth import Credentials
from trader247.adapters.coinbase.key_text import private_key
from trader247.adapters.files import private_folder
from trader247.adapters.ids import install_for_seed
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.markets import bind
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.drills.clock import DrillClock
from trader247.app.drills.drill import Account, Evidence, Unheld, Yard, span
from trader247.app.drills.heard import Heard, PostBox
from trader247.app.drills.market import market_of, told_feed
from trader247.app.drills.wire import NotingWire
from trader247.app.venue.endpoint import COINBASE
from trader247.app.version import code_version
from trader247.app.wiring import simulation
from trader247.app.wiring.assembly import Plugs, Surroundings, Trader, assembled
from trader247.app.wiring.by_mode import SIMULATED_REQUESTS_PER_SECOND, genesis
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.ids import ProductId
from trader247.domain.intents import WorkingIntent
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Reason
from trader247.domain.reports import CycleReport
from trader247.domain.time import MINUTE, SECOND, Instant
from trader247.ports import Alerts, Command, CommandKind
from trader247.simex.door.keyring import Key, Keyring
from trader247.simex.embedded import Embedded
from trader247.simex.faults.plan import Plan
from trader247.simex.faults.rules import read_rules
from trader247.simex.feeds.told import ToldFeed

E = TypeVar("E", bound=AnyEvent)
Story = Generator[None, None, None]

_CYCLES_MAX = 1_500
"""More than any story takes: a drill that does not end is one that was not held."""
_TRIES = 45
"""Cycles in which an entry must have come about: a rise of a quarter of the price."""
_STEP_PCT = Decimal("0.5")
_SLICES_MAX = 16
"""Orders that a holding leaves in, where it is to be sold."""


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

    # what happens

    def faults(self, *rules: str) -> None:
        """Let these go wrong at the exchange from now on, and nothing else; none mends all."""
        self.plan.change(read_rules(rules), seed=1)

    def do(self, action: str, **asked: Any) -> None:
        """Do what whoever runs the exchange can do to it."""
        self.exchange.do({"action": action, **asked})

    def ask(self, kind: CommandKind, **arguments: str) -> None:
        """Post what a person asks from another process: the loop takes it when it looks."""
        self.post.put(Command(f"drill-{len(self.post.answers) + 1}", kind, arguments))

    def minutes(self, count: int) -> Story:
        """Cycles, until so many minutes of the exchange have passed."""
        until = self.now + count * MINUTE
        while self.now < until:
            yield

    def entry(self) -> Story:
        """Let the market rise until the operator's rules buy: a buy rests when this is over.

        The rise is gentle enough for no breaker to see a crash in it.

        Raises:
            Unheld: nothing was bought.
        """
        for _ in range(_TRIES):
            if self.buys:
                return
            self.feed.move(str(self.product), self.step)
            yield
        raise Unheld(
            f"no entry in {self.product} came about under this configuration, however it rose: "
            f"{self.reasons(_TRIES)}{self._pace}"
        )

    def reasons(self, cycles: int) -> str:
        """Why the product was not bought in the last cycles: each reason, as it was told last."""
        told = {}
        for each in self.reports[-cycles:]:
            ending = each.endings[self.product]
            told[ending.reason.value] = f"{ending.reason.value} ({ending.detail})"
        return "; ".join(text for _, text in sorted(told.items()))

    @property
    def _pace(self) -> str:
        """What a long interval has to do with it; nothing where cycles are a minute apart."""
        if self.interval <= MINUTE:
            return ""
        return f"; cycles are {span(self.interval)} apart (run.interval_seconds)"

    def wishing(self, cycles: int) -> Story:
        """Cycles in which every product rises, so that the rules want to buy."""
        for _ in range(cycles):
            for each in self.feed.listings:
                self.feed.move(each.product_id, self.step)
            yield

    def position(self) -> Story:
        """An entry, filled.

        Raises:
            Unheld: nothing was bought.
        """
        yield from self.entry()
        for _ in range(5):
            # The way down and back of one minute fills what rests at the bid.
            self.feed.move(str(self.product), Decimal(0), low_pct=-2 * self.step)
            yield
            if self.product in self.portfolio.positions:
                return
        raise Unheld(f"the entry in {self.product} did not fill")

    def withdrawn(self, amount: Decimal) -> Story:
        """Its owner takes money out, and says so."""
        if amount > 0:
            self.do("withdraw", currency=self.policy.quote_currency, amount=str(amount))
            yield from self.minutes(4)
            self.ask(CommandKind.ACCEPT_MOVEMENT, reason="drill")
            yield
            self.ask(
                CommandKind.CLEAR_HALT,
                name="reconciliation_break",
                reason="drill",
                operator="drill",
            )
            yield

    def holding(self, worth: Decimal) -> Story:
        """Make coins a position that is worth so much: deposited, then adopted.

        So a price can move equity by any figure, whatever the operator's sizes are.

        Raises:
            Unheld: it was not taken.
        """
        before = self.portfolio.positions.get(self.product)
        held = Decimal(0) if before is None else before.quantity.value
        price = self.feed.price(str(self.product))
        quantity = (worth / price).quantize(Decimal("0.000001"))
        self.do("deposit", currency=self.product.base, amount=str(quantity))
        yield from self.minutes(4)
        self.ask(CommandKind.ACCEPT_MOVEMENT, reason="drill")
        self.ask(
            CommandKind.ADOPT,
            product=str(self.product),
            price=str(price),
            stop_pct="25",
            target_pct="200",
            hours="720",
            reason="drill",
            operator="drill",
        )
        yield from self.minutes(2)
        now = self.portfolio.positions.get(self.product)
        if now is None or now.quantity.value <= held:
            told = "".join(f": {text}" for _, text in self.post.answers[-1:])
            raise Unheld(f"coins could not be made a position{told}{self._pace}")
        self.ask(
            CommandKind.CLEAR_HALT, name="reconciliation_break", reason="drill", operator="drill"
        )
        yield

    def sold(self) -> Story:
        """A person has all of the product sold, once the price has stood still for a while.

        Raises:
            Unheld: it did not leave.
        """
        yield from self.minutes(8)
        self.ask(CommandKind.FLATTEN, products=str(self.product), reason="drill", operator="drill")
        for _ in range(4 * _SLICES_MAX):
            yield
            if self.product not in self.portfolio.positions:
                return
        ending = self.reports[-1].endings[self.product]
        raise Unheld(f"{self.product} could not be sold: {ending.reason.value}, {ending.detail}")

    @property
    def paper_equity(self) -> Decimal:
        """What the operator's paper account begins with."""
        return self.settings.app.paper_equity.value

    @property
    def sellable(self) -> Decimal:
        """What can leave in a bounded number of orders."""
        largest = check_in(self.policy.checks, MaxOrder).quote_max.value
        return min(2 * self.paper_equity, _SLICES_MAX * largest)

    # what came of it

    @property
    def buys(self) -> Sequence[WorkingIntent]:
        """Our buys that are under way."""
        return [each for each in self.portfolio.working.values() if each.intent.side is Side.BUY]

    @property
    def live_orders(self) -> Sequence[dict[str, Any]]:
        """What works at the exchange, by its own word."""
        listed: list[dict[str, Any]] = self.exchange.orders_json()["orders"]
        return [each for each in listed if each["status"] in ("OPEN", "PENDING", "QUEUED")]

    @property
    def orders(self) -> Sequence[dict[str, Any]]:
        """Every order that the exchange ever took."""
        listed: list[dict[str, Any]] = self.exchange.orders_json()["orders"]
        return listed

    @property
    def fills(self) -> Sequence[dict[str, Any]]:
        """Every fill that the exchange ever made."""
        listed: list[dict[str, Any]] = self.exchange.fills_json()["fills"]
        return listed

    def held(self, currency: str) -> Decimal:
        """What the exchange says the account has of a currency, held or not."""
        for wallet in self.exchange.accounts_json()["accounts"]:
            if wallet["currency"] == currency:
                free, hold = wallet["available_balance"]["value"], wallet["hold"]["value"]
                return Decimal(free) + Decimal(hold)
        return Decimal(0)

    def journal(self, after: int = 0) -> Iterator[Recorded]:
        """The journal's events after one of them."""
        return self.trader.journal.events(after)

    def recorded(self, kind: type[E], after: int = 0) -> list[tuple[Recorded, E]]:
        """Every event of one kind, with where it stands."""
        return [(each, each.event) for each in self.journal(after) if isinstance(each.event, kind)]

    def first(
        self, kind: type[E], which: Callable[[E], bool] = lambda _: True, after: int = 0
    ) -> Recorded | None:
        """The first event of a kind that is the one meant."""
        for recorded, event in self.recorded(kind, after):
            if which(event):
                return recorded
        return None

    def last(self, kind: type[E], which: Callable[[E], bool]) -> Recorded | None:
        """The last event of a kind that is one of those meant."""
        found = [recorded for recorded, event in self.recorded(kind) if which(event)]
        return found[-1] if found else None

    def show(self, account: Account, *found: Recorded | None) -> None:
        """Name events as evidence."""
        for each in found:
            if each is not None:
                account.evidence.append(Evidence(each.seq, each.event.kind, each.event.ref))

    def sent_entries(self, since: Instant) -> int:
        """Buys of which a byte went to the exchange from a moment on, as the wire saw it."""
        return sum(each.body["side"] == "BUY" for each in self.wire.sent("create", since=since))

    def refused(self, since: int, *reasons: Reason) -> int:
        """How often, from one report on, a product's cycle ended in one of some reasons."""
        return sum(
            ending.reason in reasons
            for report in self.reports[since:]
            for ending in report.endings.values()
        )


def _keyring() -> Keyring:
    """The one key that the drill's exchange knows: the trader's."""
    credentials = Credentials.simulated()
    key, _ = private_key(credentials.secret)
    return Keyring([Key(credentials.name, key.public_key())])
