"""One run of a simulation: a seed, a market, and whichever process trades on it now."""

from __future__ import annotations

import contextlib
import json
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import apsw
from requests.adapters import BaseAdapter

from trader247.adapters.alerts import AlertOutbox, Route
from trader247.adapters.channels import NotDelivered
from trader247.adapters.sqlite.packed import unpacked
from trader247.adapters.sqlite.tenure import take
from trader247.app.arming import arm_simulated
from trader247.app.choice import Choice
from trader247.app.rehearsing import rehearsal
from trader247.app.trading import Plan, Tenure, tenure
from trader247.app.world import Beneath, Finish, World
from trader247.domain.errors import Trader247Error
from trader247.domain.milestones import Milestone
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant
from trader247.ports import Alert, Delivery
from trader247.simex.faults.hands import Hands
from trader247.simex.faults.inside import Inside
from trader247.simex.faults.line import Line
from trader247.simex.faults.plan import Plan as ExchangePlan
from trader247.simex.faults.rules import read_rules
from trader247.simex.faults.streaming import PlannedFaults
from trader247.simex.key_files import new_keys
from trader247.simex.keyring import Keyring
from trader247.simex.limits import Limits
from trader247.simex.request import Reply, Request
from trader247.simex.streams import Streams
from trader247.simex.switches import Switches
from trader247.simex.wire import Wire
from trader247.simulation.clock import MachineClock
from trader247.simulation.death import BrokenPromise, Cause, Death
from trader247.simulation.dice import Dice
from trader247.simulation.disk import NAME, Disk, SimulatedDisk
from trader247.simulation.exchange import SimulatedExchange, product_rows
from trader247.simulation.faults import Odds
from trader247.simulation.files import Files
from trader247.simulation.folded import folded_row
from trader247.simulation.history import Judge, Record, Violation
from trader247.simulation.judging import Found
from trader247.simulation.machine import MachineMishaps
from trader247.simulation.mishaps import Mishap, Mishaps
from trader247.simulation.network import Network
from trader247.simulation.people import People
from trader247.simulation.process_mishaps import ProcessMishaps
from trader247.simulation.quotes import Quotes, shown
from trader247.simulation.sampled import Sampled
from trader247.simulation.settings import traded_products, write_settings
from trader247.simulation.streams import Ears
from trader247.simulation.timeline import Timeline
from trader247.simulation.tour import Tour
from trader247.simulation.venue_mishaps import VenueMishaps
from trader247.simulation.wire import SimulatedWire

CASH = (Decimal(1_000_000), Decimal(5_000), Decimal(20_000))
"""What accounts begin with, one seed after the other: with a million fees trip no stop and all
goes on; with a few thousand every order is near a limit; with the last one, paces are tight."""
_HOURLY = (60, 60, 12)
"""How many entries an hour each of these allows."""
SETTLE_US = 570_000_000
"""When all must be settled, a little before ten minutes are over: ending takes its time too."""
HOUR_US = 3_600_000_000
_DATA = Path("data")
_CONFIG = Path("config")
_JOURNAL = "live-sim.db"
_SEGMENTS = "live-sim.segments"
_KEYS = Path("keys")
_PUMP_US = 2_000_000
_PUMP_SOON_US = 250_000
_LAST_EVENTS = 40
_TEXT = json.JSONEncoder(sort_keys=True, check_circular=False)
_BEFORE_BYTES = (Milestone.DECIDED, Milestone.INTENT_COMMITTING, Milestone.INTENT_RECORDED)
"""Where a stop that is raised must still keep an order back."""
_MARKET_SHARED_BY = 16
"""So many seeds in a row trade on one market: a new one takes seconds to live through its past."""


@dataclass(slots=True)
class Tally:
    """What happened in a run, counted."""

    orders: int = 0
    fills: int = 0
    cycles: int = 0
    crashes: int = 0
    starts: int = 0
    recoveries: int = 0
    records: int = 0
    worst_recovery_us: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    milestones: Counter[Milestone] = field(default_factory=Counter)


class Run:
    """One seed's story. The working directory is its own: nothing in it has another name twice."""

    def __init__(self, seed: int, judge: Judge, odds: Odds) -> None:
        self.seed = seed
        self.odds = odds
        self.tally = Tally()
        self.violations: list[Violation] = []
        self.last: list[Record] = []
        self.incarnation = 0
        self.death: Death | None = None
        self.channel_is_up = True
        self._judge = judge
        self._hash = sha256()
        market = seed // _MARKET_SHARED_BY
        cash = CASH[seed % len(CASH)]
        self.exchange = SimulatedExchange(market, cash)
        self.timeline = Timeline(self.exchange)
        self.clock = MachineClock(self.timeline, on_wait=self.catch_up)
        self.disk = Disk(Dice(seed, "disk"))
        self.files = Files(_DATA, self.disk, Dice(seed, "files"))
        self._vfs = SimulatedDisk(self.disk)
        self.plan = ExchangePlan(seed=seed)
        self._keys()
        self.network = Network(Dice(seed, "network"), odds, lambda: self.timeline.now_us)
        exchange = self.exchange.exchange
        self._line = Line(self.plan, lambda: self.timeline.now_us)
        self._wire = Wire(
            exchange,
            switches=Switches(usdc_aliases=False),
            keyring=self._keyring,
            machine_s=lambda: self.clock.now().seconds,
            limits=Limits(Switches(), lambda: self.timeline.now_us),
            inside=Inside(self.plan, Hands(exchange)),
        )
        self._streams = (
            Streams(
                exchange,
                entrance=self._wire.entrance,
                reading=self._wire.reading,
                switches=Switches(usdc_aliases=False),
                monotonic_us=lambda: self.timeline.now_us,
                faults=PlannedFaults(self.plan, lambda: self.timeline.now_us),
            )
            if odds.is_listening
            else None
        )
        self._dice = Dice(seed, "run")
        self.is_alive = False
        self.touches = 0
        self.visits = 0
        self.on_touch: Callable[[int], int] = _sound
        self.on_passing: Callable[[Milestone], None] = _nothing
        self._failures = 0
        self._reader: apsw.Connection | None = None
        self._seen = 0
        self._frames: list[tuple[str, int, int, str]] = []
        """Where cycles say that what they saw is kept, with its hash."""
        self._has_news = True
        """Whether the journal was written to since it was last looked at."""
        self.held: Tenure | None = None
        self.people = People(
            Dice(seed, "people"),
            self.timeline,
            _DATA,
            books=self._books,
            tell=self.tell,
            now=self.clock.now,
        )
        self._hourly = _HOURLY[seed % len(CASH)]
        write_settings(_CONFIG, is_listening=odds.is_listening, entries_per_hour=self._hourly)
        self._settings = _CONFIG.joinpath("app.yaml").read_text(encoding="utf-8")
        self.products = traded_products()
        self.machine = MachineMishaps(
            Dice(seed, "machine"),
            self.timeline,
            self.clock,
            _DATA / _JOURNAL,
            pass_by=self.pass_by,
        )
        self.disk.on_touch = self.touch
        self.venue = VenueMishaps(
            Dice(seed, "venue"),
            self.timeline,
            self.exchange,
            self._keyring,
            traded=self.products,
            tell=self.tell,
        )
        self.quotes = Quotes(Dice(seed, "quotes"), lambda: self.timeline.now_us, odds)
        self.mishaps = Mishaps(seed, odds, self.timeline, self._kinds())

    def _kinds(self) -> dict[str, Mishap]:
        process = ProcessMishaps(
            Dice(self.seed, "process"),
            self.timeline,
            self,
            self.people,
            data=_DATA,
            settings=_CONFIG,
            pass_by=self.pass_by,
        )
        machine, venue, quotes, network = self.machine, self.venue, self.quotes, self.network
        return {
            "F14": network.cut,
            "F15": network.go_deaf,
            "F23": venue.revise,
            "F24": venue.fill_in_part,
            "F27": venue.end_early,
            "F28": venue.halt,
            "F31": venue.move_money,
            "F32": venue.change_tier,
            "F33": venue.maintain,
            "F34": venue.revoke_key,
            "F35": quotes.freeze,
            "F36": quotes.distort,
            "F37": venue.crash,
            "F38": venue.depeg,
            "F39": quotes.muddle_candles,
            "F40": machine.jump,
            "F41": machine.suspend,
            "F42": machine.wander,
            "F43": machine.fill_up,
            "F44": machine.fail_once,
            "F45": process.power,
            "F46": machine.flip,
            "F47": machine.remount,
            "F48.kill": process.kill,
            "F48.term": process.terminate,
            "F48.stall": process.stall,
            "F48.second": process.start_second,
            "F48.switch": process.raise_switch,
            "F48.config": process.edit_settings,
            "F48.people": process.meddle,
            "F48.channel": process.mute,
        }

    # what is told

    def tell(self, record: Record) -> None:
        """Tell the judge of something that happened now, in this incarnation."""
        record["at_us"] = self.timeline.now_us
        record["incarnation"] = self.incarnation
        self.tally.records += 1
        self._hash.update(_TEXT.encode(_hashed(record)).encode())
        self.last.append(record)
        del self.last[:-_LAST_EVENTS]
        if record["kind"] == "exchange":
            self.tally.fills += len(record["fills"])
        elif record["kind"] == "request" and "touch" in record:
            self.tally.orders += 1
        found = self._judge.see(record)
        if found:
            self.violations += found
            raise BrokenPromise

    @property
    def digest(self) -> str:
        """The hash of everything that was told: equal for equal runs."""
        return self._hash.hexdigest()

    def catch_up(self) -> None:
        """Tell of what the journal has committed since this was last asked."""
        if self.death is not None or not self._has_news or not (_DATA / _JOURNAL).exists():
            return
        self._has_news = False
        rows = self._rows()
        if rows:
            self._seen = rows[-1]["seq"]
            self.tell({"kind": "journal", "events": rows})

    def _rows(self) -> list[Record]:
        if self._reader is None:
            self._reader = apsw.Connection(str(_DATA / _JOURNAL), flags=apsw.SQLITE_OPEN_READONLY)
            self._tell_what_is_left(self._reader)
        found = self._reader.execute(
            "SELECT seq, v, time, kind, ref, payload, prev_hash, hash FROM events WHERE seq > ? "
            "ORDER BY seq",
            (self._seen,),
        ).fetchall()
        names = ("seq", "v", "time", "kind", "ref", "payload", "prev_hash", "hash")
        rows = [dict(zip(names, row, strict=True)) for row in found]
        for row in rows:
            row["payload"] = payload = json.loads(unpacked(row["payload"]))
            if row["kind"] == "cycle_decided" and payload["seen"] is not None:
                seen = payload["seen"]
                self._frames.append(
                    (seen["segment"], seen["offset"], seen["length"], seen["sha256"])
                )
        return rows

    def _tell_what_is_left(self, reader: apsw.Connection) -> None:
        """Tell what a new process finds of the events that were told of as committed."""
        if self._seen:
            last = "SELECT seq, hash FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT 1"
            (left,) = reader.execute(last, (self._seen,)).fetchall() or [(0, "")]
            self._seen = int(str(left[0]))
            self.tell({"kind": "reopened", "seq": self._seen, "hash": left[1]})

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.close(force=True)
        self._reader = None

    # the world

    def die(self, cause: Cause, where: str) -> None:
        """End the process that trades now.

        Raises:
            Death: always, where one trades.
        """
        if self.is_alive and self.death is None:
            self.death = Death(cause, where)
            self.disk.is_dead = True
            raise self.death

    def terminate(self) -> None:
        """Ask the process that trades now to end, as SIGTERM does."""
        if self.is_alive and self.held is not None:
            self.held.trader.loop.end("SIGTERM")

    def set_channel(self, *, is_up: bool) -> None:
        """Let alerts through, or not."""
        self.channel_is_up = is_up
        self.tell({"kind": "channel", "is_up": is_up})

    def pass_by(self, span_us: int) -> None:
        """Let time pass in which no process runs, and nobody does anything to one."""
        self.exchange.drift(self.timeline.now_us + span_us)

    def touch(self, act: str, path: str) -> int:
        """What strikes where a file is changed."""
        self._has_news = self._has_news or path.endswith("-wal")
        struck = 0
        if self.is_alive and self.death is None:
            self.touches += 1
            struck = self.on_touch(self.touches)
        return struck or self.machine.touch(act, path)

    def passing(self, milestone: Milestone) -> None:
        """See how far the trader has come."""
        if not self.is_alive or self.death is not None:
            return
        self.tally.milestones[milestone] += 1
        self.on_passing(milestone)
        if milestone in _BEFORE_BYTES:
            self._amid_an_order(is_recorded=milestone is Milestone.INTENT_RECORDED)
        if self.odds.strikes("F48.point"):
            self.die(self._dice.pick((Cause.KILLED, Cause.POWER)), milestone.value)

    def _amid_an_order(self, *, is_recorded: bool = True) -> None:
        """What must still keep an order back: a stop, or another process that has the journal.

        Before the intent is recorded the record itself would find that out.
        """
        if self.odds.strikes("F48.touch"):
            self.people.kill()
        if is_recorded and self.odds.strikes("F48.taken"):
            self.take_over()

    def take_over(self) -> None:
        """Somebody broke the lock, and another process takes the journal: this one is over."""
        if not self.is_alive or not (_DATA / _JOURNAL).exists():
            return
        taker = apsw.Connection(str(_DATA / _JOURNAL), flags=apsw.SQLITE_OPEN_READWRITE)
        with contextlib.closing(taker):
            epoch, _ = take(taker, self.clock.now())
            self.tell({"kind": "taken", "epoch": epoch})

    def world(self) -> World:
        """What a new process finds beneath it."""
        return World(
            clock=self.clock,
            delivering=self._delivering,
            routes=(Route(_Channel(self)),),
            passing=self.passing,
            on_alert=self._alerted,
            on_delivery=self._delivered,
            is_screen_silent=True,
            beneath=Beneath(
                transport=self._transport, account=self._account, vfs=NAME, hearing=self._ears()
            ),
        )

    _account = ""

    def _transport(self, is_stopped: Callable[[], bool]) -> BaseAdapter:
        return SimulatedWire(
            self.timeline,
            self.network,
            self._line,
            answer=self._answer,
            tell=self.tell,
            touch=self.exchange.touch,
            is_stopped=self.people.looked_through(is_stopped),
            on_leaving=self.catch_up,
            on_connected=self._amid_an_order,
        )

    def _ears(self) -> Ears | None:
        if self._streams is None:
            return None
        mine = self.incarnation
        return Ears(
            self.timeline,
            self.network,
            self._streams,
            is_living=lambda: self.is_alive and self.death is None and self.incarnation == mine,
            touch=self.exchange.touch,
            tell=self.tell,
            monotonic=self.clock.monotonic,
        )

    def _answer(self, request: Request) -> Reply:
        reply = self.quotes.seen(request, self._wire.answer(request))
        touches = shown(request, reply)
        if touches is not None:
            self.tell({"kind": "quotes", "touches": touches})
        return reply

    def _delivering(self, outbox: AlertOutbox) -> Finish:
        mine = self.incarnation
        is_over = False

        def pump() -> None:
            if is_over or self.death is not None or self.incarnation != mine:
                return
            while outbox.attempt(0):
                pass
            self.timeline.after(_PUMP_SOON_US if outbox.waiting else _PUMP_US, pump)

        def finish(_: float) -> None:
            nonlocal is_over
            if self.death is None:
                while outbox.attempt(0):
                    pass
            is_over = True

        self.timeline.after(_PUMP_SOON_US, pump)
        return finish

    def _alerted(self, alert: Alert) -> None:
        if self.death is None:
            self.tell(
                {
                    "kind": "alert",
                    "what": "raised",
                    "id": alert.id,
                    "code": alert.code,
                    "severity": alert.severity.value.lower(),
                    "text": alert.text,
                }
            )

    def _delivered(self, delivery: Delivery) -> None:
        if self.death is None:
            what = "delivered" if delivery.is_delivered else "tried"
            self.tell(
                {
                    "kind": "alert",
                    "what": what,
                    "id": delivery.alert,
                    "code": delivery.channel,
                    "severity": "",
                    "text": delivery.detail,
                }
            )

    def _keys(self) -> None:
        organization, *ids = (f"00000000-0000-4000-8000-{n:012x}" for n in range(5))
        _, key, _, _ = new_keys(organization, (ids[0], ids[1], ids[2], ids[3]))
        self._keyring = Keyring([replace(key.key, public=Sampled.of(key.key.public))])
        _KEYS.mkdir(mode=0o700)
        path = _KEYS / "key.json"
        path.touch(mode=0o600)
        path.write_bytes(key.content)
        self.choice: Choice = rehearsal(_CONFIG, _DATA, path)
        pem = str(json.loads(key.content)["privateKey"]).splitlines()
        self.secrets = [line for line in pem if line and not line.startswith("-")]
        """What may be told nowhere: each line of the key by itself."""

    # the story

    def tell_beginning(self) -> None:
        """Tell what the run is."""
        self.tell(
            {
                "kind": "begun",
                "seed": self.seed,
                "quote": "USD",
                "wallets": {row["currency"]: row["total"] for row in self.exchange.wallets()},
                "products": product_rows(self.exchange.listings),
                "limits": {
                    "product_pct": "5",
                    "total_pct": "15",
                    "quote_age_s": 30,
                    "collar_bps": 50,
                    "order_life_s": 900,
                    "late_s": 60,
                    "kill_s": 1,
                    "alert_s": 5,
                    "settle_s": 600,
                    "requests_per_s": 30,
                    "entries_per_hour": self._hourly,
                },
                "secrets": self.secrets,
            }
        )
        self.exchange.tell_of_commits(self.tell)

    def _books(self) -> Portfolio | None:
        return None if self.held is None else self.held.trader.ledger.portfolio

    def through(
        self, until_us: int, *, is_over: Callable[[], bool] = lambda: False
    ) -> Sequence[Violation]:
        """Let one process after another trade until then, and ten minutes more in peace.

        Answers the promises that were broken: the run ends at the first one.
        """
        with contextlib.suppress(BrokenPromise), self.files.between():
            while not self._account:
                self._arm()
            self.people.begin()
            self.mishaps.begin()
            self.plan.change(read_rules(self.odds.rules()), seed=self.seed)
            while self.timeline.now_us < until_us and not is_over():
                self._one_process(until_us)
            self.calm_down()
            settled_us = self.timeline.now_us + SETTLE_US
            while self.timeline.now_us < settled_us:
                self._one_process(settled_us)
            self.tell({"kind": "settled"})
            self._look_for_secrets()
            self._look_for_frames()
        return self.violations

    def _look_for_secrets(self) -> None:
        """Look through everything that the trader left on its disk."""
        for path in sorted(each for each in _DATA.rglob("*") if each.is_file()):
            content = path.read_bytes()
            for secret in self.secrets:
                if secret.encode() in content:
                    self.tell({"kind": "log", "text": f"{path}: {secret}"})

    def _look_for_frames(self) -> None:
        """Look whether all that cycles say they saw is there, as they said."""
        for name, offset, length, digest in self._frames:
            with (_DATA / _SEGMENTS / name).open("rb") as file:
                file.seek(offset)
                if sha256(file.read(length)).hexdigest() != digest:
                    self.tell({"kind": "lost", "text": f"what was seen, at {offset} of {name}"})

    def _look_for_torn_files(self) -> None:
        """Look whether each small file is an old or a new one, and none is half of one."""
        for path in sorted(_DATA.glob("*.json")):
            try:
                json.loads(path.read_bytes())
            except ValueError:
                self.tell({"kind": "lost", "text": f"what {path.name} said"})

    @property
    def now_us(self) -> int:
        """The true time."""
        return self.timeline.now_us

    def raise_switch(self) -> None:
        """As a person does, who lets it go again before long."""
        self.people.kill()

    def tour(
        self, until_us: int, *, stretches: Collection[str]
    ) -> tuple[Sequence[Violation], list[str]]:
        """Visit every place at which a process may die, until then at the latest.

        And each operation of some `stretches`. Answers what was broken, and what was not visited.
        """
        tour = Tour(self, stretches=stretches)
        self.people.patience_us = 60_000_000
        self.on_passing, self.on_touch = tour.passing, tour.touch
        broken = self.through(until_us, is_over=lambda: tour.is_over)
        self.visits = tour.visits
        return broken, tour.left

    def calm_down(self) -> None:
        """From here on nothing goes wrong."""
        self.odds.calm_down()
        self.on_passing, self.on_touch = _nothing, _sound
        self.odds.count_rules(self.plan.told())
        self.plan.change((), seed=self.seed)
        self.machine.mend()
        self.venue.mend()
        self.quotes.mend()
        self.people.forget()
        _CONFIG.joinpath("app.yaml").write_text(self._settings, encoding="utf-8")
        self.network.cut_until_us = self.network.deaf_until_us = 0
        self.channel_is_up = True
        self.tell({"kind": "calm"})

    def _arm(self) -> None:
        with self._process():
            self._account = arm_simulated(self.choice, self.world())

    def _one_process(self, until_us: int) -> None:
        plan = Plan(speed=Decimal(1))
        begun_us = self.timeline.now_us
        with (
            self._process(),
            tenure(self.choice, plan, on_report=self._reported, world=self.world()) as held,
        ):
            self.held = held
            self.tell({"kind": "process", "what": "recovered"})
            took_us = self.timeline.now_us - begun_us
            self.tally.recoveries += 1
            self.tally.worst_recovery_us = max(self.tally.worst_recovery_us, took_us)
            held.trader.loop.run(cycles=None, until=Instant(until_us + self.clock.ahead_us))
        self.held = None
        if self.timeline.now_us < until_us:
            self._rest(until_us)

    def _rest(self, until_us: int) -> None:
        """Whatever starts the trader again takes its time, and longer where it fails at once."""
        pause_us = self._dice.between(5, 20) * 1_000_000 << min(self._failures, 5)
        self.timeline.run_to(min(until_us, self.timeline.now_us + pause_us))

    @contextlib.contextmanager
    def _process(self) -> Iterator[None]:
        """A process's life: however it ends, the next one finds what it left on the disk."""
        self.incarnation += 1
        self.tally.starts += 1
        self.is_alive = True
        self._has_news = True
        unflip = self.machine.flipped()
        self.tell({"kind": "process", "what": "started"})
        what, cause = "ended", ""
        try:
            yield
            self.catch_up()
        except BaseException as error:
            if self.death is not None:
                what, cause = self.death.cause.value, self.death.where
            elif isinstance(error, Trader247Error):
                what, cause = "failed", str(error)
            elif isinstance(error, Exception):
                self.violations.append(_crash(self.timeline.now_us, error))
                raise BrokenPromise from error
            else:
                raise
        finally:
            self.is_alive = False
            self.held = None
            self._let_go()
        if self.death is not None:
            self.tally.crashes += 1
            if self.death.cause is Cause.POWER:
                self.disk.fail_power()
                self.files.fail_power()
                self._look_for_torn_files()
        if unflip is not None and what == "failed":
            unflip()  # whoever looks after it puts the right file there again
        self._failures = self._failures + 1 if what == "failed" else 0
        self.death, self.disk.is_dead = None, False
        self.tally.ends[what] += 1
        self.tell({"kind": "process", "what": what, "cause": cause})

    def _reported(self, report: CycleReport, due: Instant) -> None:
        del due
        self.tally.cycles += 1
        self.catch_up()
        self.tell({"kind": "folded", "portfolio": folded_row(report.portfolio)})

    def close(self) -> None:
        """Let go of everything."""
        self._let_go()
        self._vfs.unregister()
        self.exchange.close()


def _hashed(record: Record) -> Record:
    """What of a record is the same in each run of a seed, with hashes in the place of events."""
    if record["kind"] == "begun":
        return {**record, "secrets": []}  # a key is new in each run
    if record["kind"] == "journal":
        return {**record, "events": [each["hash"] for each in record["events"]]}
    return record


def _crash(at_us: int, error: Exception) -> Found:
    """A bug that ended the process: the trader says so itself, and it should never have to."""
    trace = "".join(traceback.format_exception(error)[-3:])
    return Found("CRASH", at_us, f"{type(error).__name__}: {error}\n{trace}")


@dataclass(frozen=True, slots=True)
class _Channel:
    """The way to people, which may be down."""

    run: Run

    @property
    def name(self) -> str:
        return "simulated"

    def deliver(self, *, title: str, body: str, key: str) -> None:
        """Deliver at once. Raises NotDelivered."""
        del title, body, key
        if not self.run.channel_is_up:
            raise NotDelivered("the channel is down")


def _sound(_: int) -> int:
    """Nothing strikes."""
    return 0


def _nothing(_: object) -> None:
    """Nobody looks."""
