"""One run of a simulation: a seed, a market, the process that trades on it now, what strikes it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import apsw

from trader247.adapters.ids import FAR
from trader247.adapters.kill_switch import SWITCH
from trader247.adapters.sqlite.tenure import take
from trader247.app.books.choice import Choice
from trader247.app.granting.rehearsing import rehearsal
from trader247.domain.milestones import Milestone
from trader247.domain.portfolio import Portfolio
from trader247.simulation.death import Cause
from trader247.simulation.deliveries import Channel
from trader247.simulation.judged.chronicle import Chronicle
from trader247.simulation.judged.history import Judge, Record
from trader247.simulation.judged.journal_reader import JournalReader
from trader247.simulation.judged.tally import Tally
from trader247.simulation.lives import Lives
from trader247.simulation.mishaps.emptying import Emptying
from trader247.simulation.mishaps.faults import WILD, Odds
from trader247.simulation.mishaps.kinds import kinds
from trader247.simulation.mishaps.machine import MachineMishaps
from trader247.simulation.mishaps.people import People
from trader247.simulation.mishaps.process import ProcessMishaps
from trader247.simulation.mishaps.restoring import Restoring
from trader247.simulation.mishaps.schedule import Mishaps
from trader247.simulation.mishaps.venue import VenueMishaps
from trader247.simulation.mishaps.wild import Wild
from trader247.simulation.settings import (
    Account,
    account_of,
    traded_products,
    write_settings,
)
from trader247.simulation.world.aside import Aside
from trader247.simulation.world.clock import MachineClock
from trader247.simulation.world.counterparty import Counterparty
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.disk import Disk, SimulatedDisk
from trader247.simulation.world.exchange import SimulatedExchange
from trader247.simulation.world.files import Files
from trader247.simulation.world.network import Network
from trader247.simulation.world.quotes import Quotes
from trader247.simulation.world.surroundings import Surroundings
from trader247.simulation.world.timeline import Timeline

HOUR_US = 3_600_000_000
_DATA = Path("data")
_CONFIG = Path("config")
JOURNAL = _DATA / "live-sim.db"
SEGMENTS = _DATA / "live-sim.segments"
_KEYS = Path("keys")
_BEFORE_BYTES = (Milestone.DECIDED, Milestone.INTENT_COMMITTING, Milestone.INTENT_RECORDED)
"""Where a stop that is raised must still keep an order back."""
_MARKET_SHARED_BY = 16
"""So many seeds in a row trade on one market: a new one takes seconds to live through its past."""
_TYPED = 500_000
"""The chance that a switch is raised by `kill on`, which empties the exchange besides."""
_FEES_ROUNDED_BY = 4
"""Every other so many seeds pay rounded fees: a part of a lot has no round share of one."""


class Run:
    """All of one seed. The working directory is its own: nothing in it has another name twice."""

    def __init__(self, seed: int, judge: Judge, odds: Odds, account: Account | None = None) -> None:
        """`account` is whose money it trades, where it is not that of its seed."""
        self.seed = seed
        self.odds = odds
        self.tally = Tally()
        self.account = account or account_of(seed)
        self.exchange = SimulatedExchange(seed // _MARKET_SHARED_BY, self.account.cash)
        self.timeline = Timeline(self.exchange, self.exchange.exchange)
        self.first_us = self.timeline.now_us
        self.chronicle = Chronicle(judge, self.timeline, self.tally)
        self.tell = self.chronicle.tell
        self.clock = MachineClock(
            self.timeline,
            on_wait=self._catch_up,
            on_stuck=lambda: self.tell({"kind": "stuck"}),
        )
        self.on_touch: Callable[[int], int] = _sound
        self.on_passing: Callable[[Milestone], None] = _nothing
        self.on_start: Callable[[], None] = _idle
        self.on_connected: Callable[[], None] = _idle
        """Is called as an order has its connection, just before its first byte."""
        self.data = _DATA
        self.on_rest: Callable[[], None] = _idle
        """Is called where a process has ended, before the next one begins."""
        self.touches = 0
        self._typing = Dice(seed, "typing")
        self._beside: Aside | None = None
        self.dice = Dice(seed, "run")
        self._channel = Channel(self._overhear)
        self._beneath()
        self._people_and_mishaps()
        self._plug_together()

    def _beneath(self) -> None:
        """The machine with its disk, and who reads on it."""
        self.disk = Disk(Dice(self.seed, "disk"))
        self.disk.on_touch = self.touch
        self.files = Files(_DATA, self.disk, Dice(self.seed, "files"))
        self._vfs = SimulatedDisk(self.disk)
        self.reader = JournalReader(JOURNAL, self.tell)
        self.machine = MachineMishaps(
            Dice(self.seed, "machine"),
            self.timeline,
            self.clock,
            JOURNAL,
            pass_by=self.pass_by,
            tell=self.tell,
        )
        self.files.room = self.machine.room
        self.lives = Lives(
            _DATA,
            self.chronicle,
            self.reader,
            self.tally,
            disk=self.disk,
            files=self.files,
            machine=self.machine,
            now_us=lambda: self.timeline.now_us,
        )

    def _people_and_mishaps(self) -> None:
        """Who is around, on the other side and on this one, and what may happen to them."""
        seed, odds, timeline = self.seed, self.odds, self.timeline
        self.network = Network(Dice(seed, "network"), odds, lambda: timeline.now_us)
        self.quotes = Quotes(Dice(seed, "quotes"), lambda: timeline.now_us, odds)
        self.counterparty = Counterparty(
            self.exchange,
            self.quotes,
            seed=seed,
            keys=_KEYS,
            is_streaming=odds.is_listening,
            has_small_pages=odds.has_small_pages or odds.has("F20") or odds.has("F22"),
            rounds_fees=bool(seed // _FEES_ROUNDED_BY % 2),
            now_us=lambda: timeline.now_us,
            wall=self.clock.now,
            tell=self.tell,
        )
        self.people = People(
            Dice(seed, "people"),
            timeline,
            _DATA,
            books=self._books,
            tell=self.tell,
            now=self.clock.now,
            apart=self.files.apart,
        )
        self.products = traded_products()
        self.venue = VenueMishaps(
            Dice(seed, "venue"),
            timeline,
            self.exchange,
            self.counterparty.keyring,
            traded=self.products,
            tell=self.tell,
        )
        process = ProcessMishaps(
            Dice(seed, "process"),
            timeline,
            self,
            self.people,
            data=_DATA,
            settings=_CONFIG,
            pass_by=self.pass_by,
            tell=self.tell,
        )
        deeds = kinds(self.network, self.venue, self.quotes, self.machine, process)
        self.mishaps = Mishaps(seed, odds, timeline, deeds)

    def _plug_together(self) -> None:
        """The settings of the trader, and what each process of it will find."""
        write_settings(
            _CONFIG,
            self.account,
            is_listening=self.odds.is_listening,
            has_venue_stops=self.has_venue_stops,
        )
        self._settings = _CONFIG.joinpath("app.yaml").read_text(encoding="utf-8")
        self.choice: Choice = rehearsal(_CONFIG, _DATA, self.counterparty.key_file)
        leaps = Dice(self.seed, "leaps")

        def ahead() -> int:
            return leaps.between(1, FAR)

        self.restoring = Restoring(
            self.choice,
            self.disk,
            self.files,
            self.reader,
            tally=self.tally,
            tell=self.tell,
            ahead=ahead,
        )
        self.wild = Wild(Dice(self.seed, "wild"), self.odds)
        self.surroundings = Surroundings(
            self.timeline,
            self.clock,
            self.network,
            self.exchange,
            self.counterparty,
            people=self.people,
            lives=self.lives,
            chronicle=self.chronicle,
            channel=self._channel,
            passing=self.passing,
            on_connected=self._connected,
            senses=self.wild,
            ahead=ahead,
            data=_DATA,
        )

    # what strikes

    @property
    def now_us(self) -> int:
        """The true time."""
        return self.timeline.now_us

    @property
    def is_alive(self) -> bool:
        """Whether a process trades now."""
        return self.lives.is_alive

    def die(self, cause: Cause, where: str) -> None:
        """End the process that trades now, if one does."""
        self.lives.die(cause, where)

    def terminate(self) -> None:
        """Ask it to end, as SIGTERM does."""
        self.lives.terminate()

    def set_channel(self, *, is_up: bool) -> None:
        """Let alerts through, or not."""
        self._channel.is_up, self._channel.is_hanging = is_up, False
        self.tell({"kind": "channel", "is_up": is_up})

    def hang_channel(self) -> None:
        """Let an attempt to tell people hang, until the channel is set."""
        if not self.odds.is_calm:
            self._channel.is_hanging = True
            self.tell({"kind": "channel", "is_up": False})

    def pass_by(self, span_us: int) -> None:
        """Let time pass in which no process runs, and nobody does anything to one."""
        self.exchange.drift(self.timeline.now_us + span_us)

    def touch(self, act: str, path: str) -> int:
        """What strikes where a file is changed."""
        self.reader.wrote(act, path)
        self.lives.touched(act, path)
        struck = 0
        if self.lives.is_going_on:
            self.touches += 1
            struck = self.on_touch(self.touches)
        return struck or self.machine.touch(act, path)

    def passing(self, milestone: Milestone) -> None:
        """See how far the trader has come."""
        if not self.lives.is_going_on:
            return
        self.lives.has_failed = self.lives.has_failed or milestone is Milestone.DISK_FAILED
        self.tally.milestones[milestone] += 1
        self.on_passing(milestone)
        if milestone in _BEFORE_BYTES:
            self._amid_an_order(is_recorded=milestone is Milestone.INTENT_RECORDED)
        if self.odds.strikes("F48.point"):
            self.die(self.dice.pick((Cause.KILLED, Cause.POWER)), milestone.value)

    def _connected(self) -> None:
        self.on_connected()
        self._amid_an_order()

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
        if not self.is_alive or not JOURNAL.exists():
            return
        taker = apsw.Connection(str(JOURNAL), flags=apsw.SQLITE_OPEN_READWRITE)
        with contextlib.closing(taker):
            self._catch_up()  # what it wrote until now was its own to write
            epoch, _ = take(taker, self.clock.now())
            self.tell({"kind": "taken", "epoch": epoch})

    def back_up(self) -> None:
        """Make a backup of the journal, beside whoever trades."""
        if JOURNAL.exists() and not self.odds.is_calm:
            self._catch_up()
            self.restoring.back_up()

    def go_back(self) -> None:
        """End the process that trades, and put that backup in its journal's place."""
        if not self.odds.is_calm and self.restoring.go_back():
            self.die(Cause.KILLED, "going back to a backup")

    def raise_switch(self) -> None:
        """As a person does, who lets it go again before long."""
        self.people.kill()

    def raise_somehow(self, *, keeps_sales: bool) -> None:
        """The same in some way, or by the command.

        The command proves by listings: not where one lacks new orders for minutes (F19), since
        where the trader is dead it looks for ten seconds after the last one alone.
        """
        is_typed = self._typing.chance(_TYPED) and self.is_alive and "F19" not in self.odds.chosen
        if is_typed:
            self.raise_beside(keeps_sales=keeps_sales)
        else:
            self.people.kill(keeps_sales=keeps_sales)

    def raise_beside(self, *, keeps_sales: bool = False) -> None:
        """As `kill on` does beside a trader that lives: it raises the switch, then empties the
        exchange by itself, while the trader answers it. One such command works at a time.
        """
        self.people.kill(keeps_sales=keeps_sales, is_touched=False)
        if self._beside is not None and self._beside.is_at_work:
            return
        self._beside = aside = Aside(self.timeline)
        emptying = Emptying(
            aside, self.clock, self.network, self.counterparty, data=self.data, tell=self.tell
        )
        aside.begin(lambda: emptying.done(keeps_sales=keeps_sales, is_alive=lambda: self.is_alive))

    def hide_switch(self, for_us: int) -> None:
        """The disk lets nobody look at the kill switch for a while."""
        self.files.unseen = SWITCH
        self.people.lose_sight()
        self.timeline.after(for_us, self._show_switch)

    def _show_switch(self) -> None:
        if self.files.unseen:
            self.files.unseen = ""
            self.people.release()

    def _overhear(self, record: Record) -> None:
        """Tell of a message, after the events that it speaks of: they were committed before."""
        self.lives.catch_up()
        self.tell(record)

    @property
    def has_venue_stops(self) -> bool:
        """Whether stops of positions rest at the exchange."""
        return WILD not in self.odds.chosen

    def cut_off(self, span_us: int) -> None:
        """Nothing gets through to the exchange for so long."""
        self.network.cut_until_us = self.now_us + span_us

    def calm_down(self) -> None:
        """From here on nothing goes wrong."""
        self.odds.calm_down()
        self.on_passing, self.on_touch = _nothing, _sound
        self.on_start = self.on_connected = self.on_rest = self.network.on_request = _idle
        self.odds.count_rules(self.counterparty.plan.told())
        self.counterparty.plan.change((), seed=self.seed)
        self.machine.mend()
        self.venue.mend()
        self.quotes.mend()
        self._show_switch()
        self.people.forget()
        _CONFIG.joinpath("app.yaml").write_text(self._settings, encoding="utf-8")
        self.tell({"kind": "settings", "may_send": True})
        self.network.cut_until_us = self.network.deaf_until_us = self.network.connect_us = 0
        self.network.wait_s = 0
        self._channel.is_up, self._channel.is_hanging = True, False
        self.tell({"kind": "calm"})

    def arm_anew(self) -> None:
        """Somebody ends the trader, and arms its book before another one starts."""
        self.surroundings.account = ""
        self.die(Cause.KILLED, "to arm its book anew")

    def _books(self) -> Portfolio | None:
        held = self.lives.held
        return None if held is None else held.trader.ledger.portfolio

    def _catch_up(self) -> None:
        self.lives.catch_up()
        if self.lives.is_going_on:
            self.people.read_word()

    def close(self) -> None:
        """Let go of everything."""
        if self._beside is not None:
            self._beside.end()
        self.reader.let_go()
        self.lives.let_go()
        self._vfs.unregister()
        self.exchange.close()


def _sound(_: int) -> int:
    """Nothing strikes."""
    return 0


def _nothing(_: object) -> None:
    """Nobody looks."""


def _idle() -> None:
    """Nobody counts."""
