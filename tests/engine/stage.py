"""A whole trader in this process: real journal, real client, real exchange, a wire that can fail.

The market is a board that the test moves, and time passes when somebody waits. A trader may be
abandoned at any point, as a crash would leave it, and another one started on the same files.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from requests.adapters import BaseAdapter
from tests.engine.board import Board, market_of
from tests.engine.faulty import FaultyWire

from trader247.adapters.kill_switch import KillSwitch
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.settings.canonical import sealed
from trader247.app.settings.load import Settings, load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.by_mode import simulated
from trader247.core.policy import Policy
from trader247.domain.decisions import Outcome
from trader247.domain.events.orders import FillBooked, FillQuarantined, IntentRecorded
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.ids import ProductId
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.milestones import Passing, unwatched
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.reports import CycleReport, Start
from trader247.domain.time import MINUTE, Instant
from trader247.engine.commands import Commands
from trader247.ports import Alert, Command, CommandKind, Delivery
from trader247.simex.embedded import Embedded

BTC, ETH, SOL = (ProductId(base, "USD") for base in ("BTC", "ETH", "SOL"))

E = TypeVar("E", bound=AnyEvent)


class Crash(BaseException):
    """The process ends here."""


class PostBox:
    """An inbox into which the test itself puts what people ask."""

    def __init__(self) -> None:
        self.waiting: list[Command] = []
        self.answers: list[tuple[bool, str]] = []
        self.on_look: Callable[[], None] = _nothing

    def has_post(self) -> bool:
        self.on_look()
        return bool(self.waiting)

    def commands(self) -> Sequence[Command]:
        taken, self.waiting = self.waiting, []
        return taken

    def answer(self, command: Command, *, is_done: bool, text: str) -> None:
        self.answers.append((is_done, text))

    def deliveries(self) -> Sequence[Delivery]:
        return ()


@dataclass
class Told:
    """Every alert that was handed over for delivery."""

    alerts: list[Alert] = field(default_factory=list)
    is_stuck: str = ""
    storm: str = ""
    known: list[str] = field(default_factory=list)

    def send(self, alert: Alert) -> None:
        self.alerts.append(alert)

    def acknowledged(self, code: str) -> None:
        self.known.append(code)

    def undeliverable(self) -> str:
        return self.is_stuck

    def take_storm(self) -> str:
        storm, self.storm = self.storm, ""
        return storm

    @property
    def codes(self) -> list[str]:
        return [alert.code for alert in self.alerts]


@dataclass
class Trap:
    """Something to happen around the journal's taking of one kind of event."""

    kind: type[AnyEvent]
    act: Callable[[], None]
    is_before: bool
    left: int
    skip: int = 0


class Stage:
    """One data folder, its exchange, and whichever trader works on it now."""

    def __init__(self, data: Path, settings: Settings, patch: pytest.MonkeyPatch) -> None:
        self.board = Board()
        self.places = Places(data, Mode.PAPER, VenueName.SIM)
        self.settings = settings
        self.kill = KillSwitch(data)
        self.inbox = PostBox()
        self.told = Told()
        self.reports: list[CycleReport] = []
        self.proofs: list[bool] = []
        self.kept: list[int] = []
        self.adapter: Callable[[Embedded], BaseAdapter] = Embedded.adapter
        self.wire = FaultyWire(BaseAdapter())
        self.passing: Passing = unwatched
        self._traps: list[Trap] = []
        self._trader: Trader | None = None
        self._exchange: Embedded | None = None
        self._watch_journal(patch)

    def _prove(self, is_clear: bool, kept: int, /) -> None:
        self.proofs.append(is_clear)
        self.kept.append(kept)

    # the trader

    @property
    def trader(self) -> Trader:
        assert self._trader is not None, "no trader was started"
        return self._trader

    @property
    def exchange(self) -> Embedded:
        assert self._exchange is not None, "no trader was started"
        return self._exchange

    @property
    def portfolio(self) -> Portfolio:
        return self.trader.ledger.portfolio

    @property
    def policy(self) -> Policy:
        return self.trader.policy

    @property
    def now(self) -> Instant:
        return Instant(self.exchange.now_us)

    def build(self) -> Trader:
        """Plug a trader together on the folder's files, without a word to the venue."""

        def wired(exchange: Embedded) -> BaseAdapter:
            self._exchange = exchange
            return self.wire.over(self.adapter(exchange))

        self._trader = simulated(
            self.settings,
            self.places,
            market_of(self.board),
            Surroundings(
                stop=self.kill,
                inbox=self.inbox,
                alerts=self.told,
                on_report=lambda report, _: self.reports.append(report),
                on_halted=self._prove,
                passing=self.passing,
            ),
            speed=None,
            interval=MINUTE,
            wire=wired,
        )
        return self._trader

    def start(self) -> Start:
        """Build a trader and let it recover."""
        self.build()
        return self.trader.startup.recover()

    def abandon(self) -> None:
        """Leave everything as a crash would: nothing is ended, nothing is said."""
        if self._trader is not None:
            trader, self._trader = self._trader, None
            trader.close(is_clean=False)

    def restart(self) -> Start:
        self.abandon()
        return self.start()

    def backed_up(self) -> dict[Path, bytes]:
        """A backup of the journal, as a person would make one while nothing runs; then a start."""
        self.abandon()
        backup = {path: path.read_bytes() for path in self._journal_files()}
        self.start()
        return backup

    def go_back(self, backup: Mapping[Path, bytes]) -> None:
        """End it, and put a backup in its journal's place, with all that could tell of it."""
        self.abandon()
        for path in self._journal_files():
            path.unlink()
        for path, content in backup.items():
            path.write_bytes(content)

    def _journal_files(self) -> list[Path]:
        files = self.places.data.glob("paper-sim.db*")
        ledger = [path for path in files if "exchange" not in path.name]
        return [*ledger, *self.places.segments.glob("*.seg")]

    # time

    def wait(self, seconds: int) -> None:
        """Let the market's time pass, and nobody look."""
        self.trader.clock.wait_until(self.now + timedelta(seconds=seconds), lambda: False)

    def begin_minute(self) -> None:
        """Let time pass until the next full minute, and nobody look: a told minute begins."""
        due = (self.now.us // 60_000_000 + 1) * 60_000_000
        self.trader.clock.wait_until(Instant(due), lambda: False)

    def cycle(self, count: int = 1) -> CycleReport:
        """Cycles, each at the next full minute; the last one's report."""
        for _ in range(count):
            self.begin_minute()
            report = self.trader.cycle.run()
            self.reports.append(report)
        return report

    def settle(self, cycles: int = 15) -> None:
        """Cycles without faults until nothing is under way."""
        self.wire.lift()
        for _ in range(cycles):
            self.cycle()
            if not self.portfolio.working and not self.portfolio.differences:
                return

    # stories

    def breakout(self, product: ProductId = BTC) -> None:
        """Let the product make a new high: the next cycle wants it."""
        self.board.move(str(product), "0.5")
        self.begin_minute()

    def entry(self, product: ProductId = BTC) -> WorkingIntent:
        """An entry that rests at the venue, acknowledged."""
        self.breakout(product)
        report = self.cycle()
        assert report.endings[product].reason is Reason.ENTRY_SENT, report.endings[product]
        return self.working(product)

    def position(self, product: ProductId = BTC) -> None:
        """An entry, filled."""
        self.entry(product)
        self.dip(product)
        self.cycle()
        assert product in self.portfolio.positions

    def dip(self, product: ProductId = BTC, volume: int | None = None) -> None:
        """Let the market trade a little lower for a minute: what rests there is filled."""
        self.board.dip(str(product), volume)
        self.begin_minute()

    def fall(self, pct: str, product: ProductId = BTC) -> None:
        """Let the product lose `pct` per cent within a minute."""
        self.board.move(str(product), f"-{pct}")
        self.begin_minute()

    def working(self, product: ProductId = BTC, side: Side = Side.BUY) -> WorkingIntent:
        """The one working intent of a product and side."""
        found = [
            each
            for each in self.portfolio.working.values()
            if each.intent.product == product and each.intent.side is side
        ]
        assert len(found) == 1, found
        return found[0]

    def ending(self, product: ProductId = BTC) -> Outcome:
        """How the product ended in the last cycle."""
        return self.reports[-1].endings[product]

    def unlock(self, name: HaltName, **arguments: str) -> tuple[bool, str]:
        """Ask as `unlock halt NAME` does."""
        commands = Commands(ledger=self.trader.ledger, stop=self.kill, policy=self.policy)
        words = {"name": name.value, "reason": "looked at it", "operator": "test", **arguments}
        return commands.obey(Command("1", CommandKind.CLEAR_HALT, words))

    # what became of it

    def recorded(self, kind: type[E]) -> list[E]:
        """Every event of one kind, in order."""
        return [each.event for each in self.journal() if isinstance(each.event, kind)]

    def journal(self) -> list[Recorded]:
        return list(self.trader.journal.events())

    @property
    def orders(self) -> list[Mapping[str, Any]]:
        """The exchange's own list of orders, oldest first."""
        listed: list[Mapping[str, Any]] = self.exchange.orders_json()["orders"]
        return listed[::-1]

    @property
    def fills(self) -> list[Mapping[str, Any]]:
        """The exchange's own list of fills, oldest first."""
        listed: list[Mapping[str, Any]] = self.exchange.fills_json()["fills"]
        return listed[::-1]

    def held(self, currency: str) -> Decimal:
        """What the exchange says the account has of a currency, held or not."""
        for wallet in self.exchange.accounts_json()["accounts"]:
            if wallet["currency"] == currency:
                free, hold = wallet["available_balance"]["value"], wallet["hold"]["value"]
                return Decimal(free) + Decimal(hold)
        return Decimal(0)

    def assert_whole(self) -> None:
        """Nothing is under way, set aside or different: cash is what the exchange says it is."""
        assert not self.recorded(FillQuarantined)
        assert not self.portfolio.working
        assert not self.portfolio.differences
        assert self.portfolio.cash is not None
        assert self.portfolio.cash.value == self.held("USD")

    def cancelled(self, working: WorkingIntent) -> bool:
        """Whether the exchange has ended the order of an intent."""
        name = working.intent.client_order_id
        states = [each["status"] for each in self.orders if each["client_order_id"] == name]
        assert len(states) == 1, states
        return bool(states[0] == "CANCELLED")

    def assert_books_agree(self, rounded_away: Decimal = Decimal(0)) -> None:
        """The invariants that hold once nothing is under way, against the exchange's own books.

        `rounded_away` is what the exchange's wallet may have lost of the cash.
        """
        self.assert_orders_are_ours_once()
        booked = [each.fill for each in self.recorded(FillBooked)]
        assert sorted(each.entry_id for each in booked) == sorted(
            each["entry_id"] for each in self.fills
        )
        portfolio = self.portfolio
        assert portfolio.cash is not None
        assert 0 <= portfolio.cash.value - self.held("USD") <= rounded_away
        for product in (BTC, ETH, SOL):
            position = portfolio.positions.get(product)
            ours = Decimal(0) if position is None else position.quantity.value
            assert ours == self.held(product.base), product

    def assert_orders_are_ours_once(self) -> None:
        """One order at the exchange for each (decision, leg) at most, each with its intent."""
        intents = {
            each.intent.client_order_id: each.intent for each in self.recorded(IntentRecorded)
        }
        legs = [(each.decision_id, each.leg) for each in intents.values()]
        assert len(legs) == len(set(legs)), "a decision was recorded twice"
        for order in self.orders:
            intent = intents[order["client_order_id"]]
            sent = json.loads(intent.body)
            assert order["product_id"] == sent["product_id"]
        names = [order["client_order_id"] for order in self.orders]
        assert len(names) == len(set(names)), "an order was created twice"

    # crashes

    def crash(self, kind: type[AnyEvent], *, is_before: bool, skip: int = 0) -> None:
        """Let the process end around the journal's next taking of `kind`."""
        self.trap(kind, _crash, is_before=is_before, skip=skip)

    def trap(
        self,
        kind: type[AnyEvent],
        act: Callable[[], None],
        *,
        is_before: bool = False,
        times: int = 1,
        skip: int = 0,
    ) -> None:
        """Let `act` happen right before or after events of `kind` are taken."""
        self._traps.append(Trap(kind, act, is_before, times, skip))

    def _watch_journal(self, patch: pytest.MonkeyPatch) -> None:
        append = SqliteJournal.append

        def watched(
            journal: SqliteJournal, events: Sequence[AnyEvent], time: Instant
        ) -> tuple[Recorded, ...]:
            due = [trap for trap in self._traps if self._is_due(trap, events)]
            for trap in due:
                if trap.is_before:
                    trap.act()
            written = append(journal, events, time)
            for trap in due:
                if not trap.is_before:
                    trap.act()
            return written

        patch.setattr(SqliteJournal, "append", watched)

    def _is_due(self, trap: Trap, events: Sequence[AnyEvent]) -> bool:
        if trap.left == 0 or not any(isinstance(event, trap.kind) for event in events):
            return False
        if trap.skip:
            trap.skip -= 1
            return False
        trap.left -= 1
        return True


def shipped(change: Callable[[Policy], Policy] | None = None) -> Settings:
    """The shipped settings, the policy tightened by `change`."""
    settings = load_settings(SHIPPED)
    if change is None:
        return settings
    return replace(settings, policy=sealed(change(settings.policy)))


def kept_locally(policy: Policy) -> Policy:
    """The policy without stops at the venue: for stories that count what is sent and held."""
    return replace(policy, execution=replace(policy.execution, venue_stops="off"))


def kept_at_the_venue(policy: Policy) -> Policy:
    """The policy with stops at the venue, as shipped."""
    return replace(policy, execution=replace(policy.execution, venue_stops="auto"))


@contextmanager
def staged(
    data: Path, template: Path, patch: pytest.MonkeyPatch, settings: Settings
) -> Iterator[Stage]:
    """A stage whose exchange is a copy of one that has lived through its history."""
    shutil.copytree(template, data, dirs_exist_ok=True)
    stage = Stage(data, settings, patch)
    stage.start()
    try:
        yield stage
    finally:
        stage.abandon()


def unknowns(portfolio: Portfolio) -> list[WorkingIntent]:
    return [each for each in portfolio.working.values() if each.state is IntentState.UNKNOWN]


def _nothing() -> None: ...


def _crash() -> None:
    raise Crash
