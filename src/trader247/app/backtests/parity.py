"""One tape through the backtest, PAPER and LIVE: the same decisions, the same fills.

PAPER is the whole of it: the adapter speaks the venue's dialect to the embedded exchange, the
journal is on disk. LIVE signs its requests besides, for an exchange that verifies them. The
backtest reaches the matching core without the wire. What either decided is
compared cycle by cycle, what was filled to the last digit, and whatever differs is said.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from trader247.app.books.markets import Market
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.candles.text import replayable
from trader247.app.settings.canonical import policy_of_file
from trader247.app.settings.load import Settings, expect_quoted, load_settings, with_tape_products
from trader247.app.version import code_version
from trader247.app.wiring.assembly import Surroundings, Trader
from trader247.app.wiring.by_mode import simulated
from trader247.backtest.fast import quickest
from trader247.backtest.history import Histories, ProductHistory
from trader247.backtest.recorder import Recorder
from trader247.backtest.result import FillRow, OrderRow, Trade
from trader247.backtest.run import Backtest, Setup
from trader247.backtest.surroundings import NoStop, Unheard
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.reports import CycleReport
from trader247.domain.time import MINUTE, SECOND, Instant
from trader247.ports import Command, Delivery
from trader247.simex.feeds.replay import TRADING_MINUTES_MIN, WARM_UP_MINUTES, ReplayFeed
from trader247.simex.feeds.tape_cleaning import read_tape
from trader247.simex.feeds.tape_file import TapeUnusable, tape_files
from trader247.simex.fees import FeeTerms

_PRESSING_CYCLES_MAX = 58
_DIFFERENCES_MAX = 20
_NAME = re.compile(r"t247-[0-9a-f]+-\d+-[0-9a-f-]{36}")
"""An order's name within a text: each installation has its own."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that came out otherwise: where, and what each of the two says."""

    what: str
    one: str
    other: str


@dataclass(slots=True)
class Track:
    """What one way of trading the tape left: a hash a cycle, and what its recorder heard.

    `reasons` are those of each cycle's products, `details` the words behind them besides.
    """

    name: str
    recorder: Recorder
    cycles: list[str] = field(default_factory=list)
    reasons: list[Mapping[str, str]] = field(default_factory=list)
    equity: list[str] = field(default_factory=list)
    has_details: bool = True

    def hear(self, event: AnyEvent) -> None:
        """Keep a cycle's decision."""
        if not isinstance(event, CycleDecided):
            return
        reasons = {str(product): each.reason for product, each in event.endings.items()}
        words = [
            str(event.cycle),
            str(event.at),
            event.regime,
            str(event.equity),
            *(f"{product} {reason}" for product, reason in sorted(reasons.items())),
            *(f"{product} {price}" for product, price in sorted(event.marks.items())),
            *sorted(each.value for each in event.tripped),
        ]
        if self.has_details:
            words += [
                f"{key} {_NAME.sub('an order', each.detail)}"
                for key, each in sorted(event.endings.items())
            ]
        self.cycles.append(sha256("\n".join(words).encode()).hexdigest())
        self.reasons.append(reasons)
        self.equity.append(str(event.equity))


@dataclass(frozen=True, slots=True)
class Parity:
    """What a comparison found. `cycles` were compared one by one; no `differences` means none."""

    cycles: int
    orders: int
    fills: int
    trades: int
    label: str
    hashes: Mapping[str, str]
    differences: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether everything came out the same."""
        return not self.differences


def parity(
    tape: Path,
    cycles: int,
    *,
    config: Path | None = None,
    policy: Path | Policy | None = None,
    is_fast_alone: bool = False,
    is_live_too: bool = True,
    progress: Callable[[int], None] = lambda _: None,
) -> Parity:
    """Trade a tape both ways for so many cycles, and compare.

    With `is_fast_alone` the slow backtest, whose words are compared too, is left out: the fast one
    says no figures behind a reason. With `is_live_too` LIVE is one of the ways, whose words are
    compared as well; `progress` hears of its cycles after those of PAPER.

    Raises:
        UsageError: the tape cannot be used, or is too short for so many cycles.
        SettingsInvalid: configuration or policy cannot be used.
    """
    settings = load_settings(config)
    if policy is not None:
        other = policy if isinstance(policy, Policy) else policy_of_file(policy, settings.policy)
        settings = replace(settings, policy=other)
    with tempfile.TemporaryDirectory() as folder:
        needed = WARM_UP_MINUTES + max(cycles, TRADING_MINUTES_MIN)
        tape = replayable(tape, Path(folder) / "text", minutes=needed)
        setup = _setup(tape, cycles, settings)
        paper = Track("PAPER", Recorder(setup.policy), has_details=True)
        _trade_paper(Path(folder) / "data", tape, settings, paper, cycles=cycles, progress=progress)
        live = Track("LIVE", Recorder(setup.policy), has_details=True)
        if is_live_too:
            _trade_live(
                Path(folder) / "live",
                tape,
                settings,
                live,
                policy=setup.policy,
                cycles=cycles,
                progress=lambda done: progress(cycles + done),
            )
    tracks = [_backtested(quickest(setup), "backtest", has_details=False)]
    if is_live_too:
        tracks.insert(0, live)
    if not is_fast_alone:
        tracks.append(_backtested(Backtest(setup), "backtest --slow", has_details=True))
    found: list[Difference] = []
    for track in tracks:
        found += _compared(paper, track)
    recorder = paper.recorder
    return Parity(
        cycles=len(paper.cycles),
        orders=len(recorder.orders),
        fills=len(recorder.fills),
        trades=len(recorder.trades),
        label=setup.identity,
        hashes={each.name: each.recorder.decision_hash for each in (paper, *tracks)},
        differences=tuple(found[:_DIFFERENCES_MAX]),
    )


def _setup(tape: Path, cycles: int, settings: Settings) -> Setup:
    try:
        feed = ReplayFeed(tape)
        tapes = [read_tape(product, file)[0] for product, file in tape_files(tape).items()]
    except TapeUnusable as error:
        raise UsageError(str(error), hint=error.hint or "a file or a folder of candles") from error
    if feed.minutes_available < cycles:
        raise UsageError(
            f"{tape} has {feed.minutes_available} minutes to trade, {cycles} cycles are asked for",
            hint=f"--cycles {feed.minutes_available}, or a longer tape",
        )
    last = feed.start_minute + cycles - 1
    products = [ProductId.parse(each.product_id) for each in tapes]
    expect_quoted(settings.policy, products)
    return Setup(
        policy=with_tape_products(settings.policy, products),
        histories=Histories(
            [ProductHistory(each, first=feed.first_minute, last=last) for each in tapes]
        ),
        identity=feed.identity,
        book="paper-sim",
        funding={settings.app.quote_currency: settings.app.paper_equity.value},
        start=feed.start_minute,
        end=last,
        fees=FeeTerms(),
        code_version=code_version(),
    )


def _backtested(run: Backtest, name: str, *, has_details: bool) -> Track:
    track = Track(name, run.recorder, has_details=has_details)
    run.heard = track.hear
    run.run()
    return track


def _trade_paper(
    data: Path,
    tape: Path,
    settings: Settings,
    track: Track,
    *,
    cycles: int,
    progress: Callable[[int], None],
) -> None:
    data.mkdir(mode=0o700)
    trader = simulated(
        settings,
        Places(data, Mode.PAPER, VenueName.SIM),
        Market(seed=None, start=None, replay=tape.resolve()),
        _unwatched(),
        speed=None,
        interval=timedelta(seconds=60),
    )
    try:
        trader.startup.recover()
        _cycle_on_the_minute(trader, cycles, progress)
        _heard(trader, track)
    finally:
        trader.close(is_clean=True)


def _trade_live(
    folder: Path,
    tape: Path,
    settings: Settings,
    track: Track,
    *,
    policy: Policy,
    cycles: int,
    progress: Callable[[int], None],
) -> None:
    from trader247.app.backtests.parity_live import live_on_tape

    folder.mkdir(mode=0o700)
    with live_on_tape(folder, tape, settings, policy, _unwatched()) as trader:
        _cycle_on_the_minute(trader, cycles, progress)
        _heard(trader, track)


def _unwatched() -> Surroundings:
    return Surroundings(NoStop(), _NoPost(), Unheard(), _unseen, lambda _clear, _kept: None)


def _heard(trader: Trader, track: Track) -> None:
    """Let a track hear all that a trader's journal says."""
    for recorded in trader.journal.events():
        track.recorder.take(recorded.event, recorded.time)
        track.hear(recorded.event)


def _cycle_on_the_minute(trader: Trader, cycles: int, progress: Callable[[int], None]) -> None:
    """The pace of a backtest: a cycle on each minute, and those that one presses for."""
    start = trader.clock.now()
    for number in range(cycles):
        trader.clock.wait_until(start + number * MINUTE, lambda: False)
        report = trader.cycle.run()
        for _ in range(_PRESSING_CYCLES_MAX):
            if not report.is_pressing:
                break
            trader.clock.wait_until(trader.clock.now() + SECOND, lambda: False)
            report = trader.cycle.run()
        progress(number + 1)


def _compared(paper: Track, other: Track) -> list[Difference]:
    found: list[Difference] = []
    if other.has_details:
        found += _cycles_compared(paper, other)
    ours, theirs = paper.recorder, other.recorder
    mine, its = _Names(ours), _Names(theirs)
    for what, one, two in (
        ("orders", mine.orders, its.orders),
        ("fills", mine.fills, its.fills),
        ("trades", mine.trades, its.trades),
        ("stops", ours.stops, theirs.stops),
    ):
        found += _rows_compared(f"{what} of {other.name}", one, two)
    if ours.decision_hash != theirs.decision_hash:
        what = f"decisions of {other.name}"
        found.append(Difference(what, ours.decision_hash, theirs.decision_hash))
    return found


def _cycles_compared(paper: Track, other: Track) -> list[Difference]:
    if len(paper.cycles) != len(other.cycles):
        counts = str(len(paper.cycles)), str(len(other.cycles))
        return [Difference(f"number of cycles of {other.name}", *counts)]
    found = []
    for number, (one, two) in enumerate(zip(paper.cycles, other.cycles, strict=True)):
        if one == two:
            continue
        mine, its = paper.reasons[number], other.reasons[number]
        unlike = {key for key in mine.keys() | its.keys() if mine.get(key) != its.get(key)}
        what = f"cycle {number + 1} of {other.name}"
        if unlike:
            name = min(unlike)
            found.append(Difference(f"{what}, {name}", mine.get(name, "-"), its.get(name, "-")))
        else:
            figures = paper.equity[number], other.equity[number]
            found.append(Difference(f"{what}: equity, marks or words", *figures))
    return found


class _Names:
    """What a recorder heard, its orders called by their number: names are each installation's."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._numbers = {
            each.client_order_id: ClientOrderId(f"order {number}")
            for number, each in enumerate(recorder.orders, start=1)
        }

    @property
    def orders(self) -> list[OrderRow]:
        return [
            replace(each, client_order_id=self._numbers[each.client_order_id])
            for each in self._recorder.orders
        ]

    @property
    def fills(self) -> list[FillRow]:
        return [self._named(each) for each in self._recorder.fills]

    @property
    def trades(self) -> list[Trade]:
        return [
            replace(each, fills=tuple(map(self._named, each.fills)))
            for each in self._recorder.trades
        ]

    def _named(self, fill: FillRow) -> FillRow:
        return replace(fill, client_order_id=self._numbers[fill.client_order_id])


def _rows_compared(what: str, one: Sequence[object], two: Sequence[object]) -> list[Difference]:
    if len(one) != len(two):
        return [Difference(f"number of {what}", str(len(one)), str(len(two)))]
    unlike = [(mine, its) for mine, its in zip(one, two, strict=True) if mine != its]
    return [Difference(what, str(mine)[:400], str(its)[:400]) for mine, its in unlike]


class _NoPost:
    """An inbox in which nothing waits."""

    def has_post(self) -> bool:
        return False

    def commands(self) -> Sequence[Command]:
        return ()

    def answer(self, command: Command, *, is_done: bool, text: str) -> None:
        """Nobody asked."""

    def deliveries(self) -> Sequence[Delivery]:
        return ()


def _unseen(_report: CycleReport, _due: Instant) -> None:
    """Nobody looks at a report."""
