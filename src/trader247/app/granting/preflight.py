"""Whether a paper book has shown what real money takes, item by item, from its journal alone.

For Coinbase that is paper trading on Coinbase's own prices. The rehearsal has an evidence set of
its own, paper trading on the simulated market, whose time can pass in minutes; it counts for the
simulated venue and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property

from trader247.adapters.clock import SystemClock
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.books.source import COINBASE_FEED
from trader247.app.drills.ages import CONTINUITY_DRILLS, DRILL_DAYS_MAX, is_recent
from trader247.app.drills.names import ALL_NAMES
from trader247.app.granting.evidence import Evidence, evidence_of
from trader247.app.granting.program import major_minor
from trader247.app.settings.load import Settings
from trader247.app.venue.endpoint import endpoint_for
from trader247.core.holds import HOLD
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.money import Money
from trader247.domain.time import DAY, HOUR

DAYS_MIN = 7 * DAY
CYCLES_MIN = 50
SMOKE_MAX = 24 * HOUR
KILL_DRILLS = ("kill_file", "kill_command", "kill_stopped")
LOCK_DRILL = "second_instance"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to be shown: what it takes, what was found, and the command that gets it."""

    id: str
    is_met: bool
    needed: str
    found: str
    how: str


@dataclass(frozen=True, slots=True)
class Preflight:
    """All items for one venue; `evidence` is the paper book that they were read from.

    `is_configured_live` says that app.mode is LIVE already, under which no paper book is traded.
    """

    evidence: Places
    venue: VenueName
    items: tuple[Item, ...]
    is_configured_live: bool

    @property
    def is_rehearsal(self) -> bool:
        """Whether this is evidence for the simulated venue alone."""
        return self.venue is VenueName.SIM

    @property
    def missing(self) -> tuple[Item, ...]:
        """What is not shown yet."""
        return tuple(each for each in self.items if not each.is_met)

    @property
    def passed(self) -> bool:
        """Whether everything is shown."""
        return not self.missing


def preflight(choice: Choice, *, is_rehearsal: bool) -> Preflight:
    """The items for the venue of app.yaml or the command line; with `is_rehearsal`, for `sim`.

    Raises:
        SettingsInvalid: the configuration cannot be used.
        UsageError: the venue and the rehearsal contradict each other.
        StorageError, LedgerError: the paper book's journal cannot be read.
    """
    settings, places = choice.settle_to_look()
    if is_rehearsal and choice.venue is VenueName.COINBASE:
        raise UsageError(
            "--rehearsal is evidence for the simulated venue, never for coinbase",
            hint="leave one of --rehearsal and --venue coinbase out",
        )
    if not is_rehearsal and places.venue is VenueName.SIM:
        raise UsageError(
            "a simulated venue takes the rehearsal's evidence alone",
            hint="add --rehearsal, or --venue coinbase for the real one",
        )
    venue = VenueName.SIM if is_rehearsal else places.venue
    return preflight_for(settings, Places(choice.data, Mode.LIVE, venue))


def preflight_for(settings: Settings, places: Places) -> Preflight:
    """The items that a live book takes.

    Raises:
        StorageError, LedgerError: the paper book's journal cannot be read.
    """
    paper = Places(places.data, Mode.PAPER, places.venue)
    evidence = evidence_of(paper, settings.policy)
    items = _Items(settings, places, evidence or Evidence())
    return Preflight(paper, places.venue, tuple(items.all()), settings.app.mode is Mode.LIVE)


class _Items:
    """The items of one paper book."""

    def __init__(self, settings: Settings, live: Places, evidence: Evidence) -> None:
        self._settings = settings
        self._live = live
        self._found = evidence
        self._run = f"trader247 run --mode paper --venue {live.venue.slug}"
        if live.venue is VenueName.SIM:
            self._run += " --speed max"
        self._anew = f"{self._run} --fresh begins the evidence anew"

    def all(self) -> Iterator[Item]:
        yield self._market()
        yield self._days()
        yield self._cycles()
        yield self._pnl()
        yield self._reconciliation()
        yield self._kill()
        yield self._lock()
        yield self._continuity()
        yield self._drills()
        yield self._smoke()

    def _market(self) -> Item:
        """Simulated evidence never counts for the real venue, whatever the file is called."""
        feed = self._found.feed
        is_real = feed == COINBASE_FEED
        wants_real = self._live.venue is VenueName.COINBASE
        needed = "Coinbase's own prices" if wants_real else "a simulated market"
        return Item(
            "market",
            bool(feed) and is_real is wants_real,
            needed,
            feed or "no paper book yet",
            self._run,
        )

    def _days(self) -> Item:
        ran = self._found.ran
        found = f"{_days(ran)} days"
        if self._found.setback:
            found += f"; begun anew: {self._found.setback}"
        how = self._run
        if self._live.venue is VenueName.SIM:
            how += " --interval 3600 --for 8d"
        return Item("days", ran >= DAYS_MIN, f"{DAYS_MIN // DAY} days of paper trading", found, how)

    def _cycles(self) -> Item:
        count = self._found.cycles
        first, last = self._found.first, self._found.last
        found = f"{count} cycles" + (f", {first} to {last}" if first else "")
        return Item("cycles", count >= CYCLES_MIN, f"{CYCLES_MIN} cycles", found, self._run)

    def _pnl(self) -> Item:
        """The journal folds from its first event, every fill is explained, and equity is known.

        One that was set aside stays so, though a person has accepted it since.
        """
        portfolio, odd = self._found.portfolio, self._found.quarantined
        equity = portfolio.equity.equity
        fills = f"{portfolio.fills_booked} fills, realised {_amount(portfolio.realised)}"
        if odd:
            found = f"a fill was set aside: {_events(odd)}"
            return self._item("pnl", False, _FOLDS, found, self._anew)
        if equity is None:
            return self._item("pnl", False, _FOLDS, "equity is unknown", self._run)
        return self._item("pnl", True, _FOLDS, f"{fills}, equity {_amount(equity)}", _LOOK)

    def _reconciliation(self) -> Item:
        breaks = self._found.breaks
        # What is held for an order that is not listed may be a person's own: no figure differs.
        known = self._found.portfolio.differences
        standing = [key for key in known if not key.startswith(HOLD)]
        found = "no break"
        if breaks:
            found = f"a break: {_events(breaks)}"
        elif standing:
            found = f"differs on {', '.join(standing)}"
        elif self._found.cycles == 0:
            found = "nothing was compared yet"
        is_met = not breaks and not standing and self._found.cycles > 0
        how = f"trader247 reconcile --mode paper --venue {self._live.venue.slug}"
        if breaks:
            how = self._anew
        return Item("reconciliation", is_met, "no break", found, how)

    def _kill(self) -> Item:
        seq = self._found.kill_drill
        found = "not drilled" if seq is None else f"raised and cleared: event {seq}"
        if seq is None:
            seq = self._drilled(*KILL_DRILLS)
            found = found if seq is None else f"{', '.join(KILL_DRILLS)}: event {seq}"
        how = f"trader247 drill {' '.join(KILL_DRILLS)}; or kill on, a cycle, kill off"
        return Item("kill_drill", seq is not None, "kill switch drilled", found, how)

    def _lock(self) -> Item:
        seq = self._found.lock_drill
        found = "not drilled" if seq is None else f"a second was refused: event {seq}"
        if seq is None:
            seq = self._drilled(LOCK_DRILL)
            found = found if seq is None else f"{LOCK_DRILL}: event {seq}"
        how = f"trader247 drill {LOCK_DRILL}; or start a second `trader247 run` on the same --data"
        return Item("lock_drill", seq is not None, "instance lock drilled", found, how)

    def _continuity(self) -> Item:
        """The way back from a backup, and twice the greatest load, were drilled lately."""
        seq = self._drilled(*CONTINUITY_DRILLS)
        names = " and ".join(CONTINUITY_DRILLS)
        found = f"not drilled within {DRILL_DAYS_MAX} days" if seq is None else f"event {seq}"
        how = f"trader247 drill {' '.join(CONTINUITY_DRILLS)}"
        needed = f"{names} drilled within {DRILL_DAYS_MAX} days"
        return Item("continuity", seq is not None, needed, found, how)

    def _drills(self) -> Item:
        """Those that LIVE takes are items of their own; of all others, none may have failed."""
        latest = self._latest
        failed = [name for name, (_, is_passed) in latest.items() if not is_passed]
        held = len(latest) - len(failed)
        found = f"{held} of {len(ALL_NAMES)} passed"
        if failed:
            found += f"; failed: {', '.join(failed)}"
        elif held < len(ALL_NAMES):
            found += "; the others were not held under this policy and of late"
        how = f"trader247 drill {' '.join(failed) or 'all'}"
        is_met = not failed and bool(self._found.feed)
        return Item("drills", is_met, "no drill of this policy failed", found, how)

    @cached_property
    def _latest(self) -> dict[str, tuple[int, bool]]:
        """Each drill that counts, by its last result: the event, and whether it passed.

        What was passed long ago is as if it was not held; what failed once stays failed.
        """
        latest: dict[str, tuple[int, bool]] = {}
        now = SystemClock().now()
        for seq, held in self._found.drills:
            if held.version != major_minor() or held.policy_hash not in self._policies:
                continue
            known = [name for name in held.passed if name in ALL_NAMES]
            if is_recent(held.at, now):
                latest |= dict.fromkeys(known, (seq, True))
            else:
                latest = {name: each for name, each in latest.items() if name not in known}
            latest |= {name: (seq, False) for name in held.failed if name in ALL_NAMES}
        return latest

    def _drilled(self, *names: str) -> int | None:
        """The event of the first of some drills, if all of them passed the last time."""
        results = [self._latest.get(name) for name in names]
        seqs = [each[0] for each in results if each is not None and each[1]]
        return min(seqs) if len(seqs) == len(names) else None

    @property
    def _policies(self) -> set[str]:
        """The policy in force, and those that it only tightens."""
        return {self._settings.policy.hash, *self._found.policies}

    def _smoke(self) -> Item:
        venue = self._live.venue.slug
        needed = f"all smoke tests passed within {SMOKE_MAX // HOUR} h"
        how = f"trader247 smoke --mode live --venue {venue}"
        feed = endpoint_for(self._settings.app, self._live).evidence
        ours = [
            each.at
            for each in self._found.smokes
            if each.feed == feed
            and each.version == major_minor()
            and each.policy_hash in self._policies
        ]
        if not ours:
            return Item("smoke", False, needed, f"never, on {feed}", how)
        # The one recorded last, whatever a clock that was ahead has said of one before.
        age = SystemClock().now() - ours[-1]
        is_fresh = timedelta(0) <= age <= SMOKE_MAX
        return Item("smoke", is_fresh, needed, f"passed at {ours[-1]}", how)

    def _item(self, id: str, is_met: bool, needed: str, found: str, how: str) -> Item:
        return Item(id, is_met and self._found.cycles > 0, needed, found, how)


_FOLDS = "the ledger folds anew, and every fill is explained"
_LOOK = "trader247 state verify"


def _days(span: timedelta) -> str:
    return f"{span / DAY:.1f}"


def _amount(money: Money) -> str:
    return f"{money.value:,.2f}"


def _events(numbers: list[int]) -> str:
    return "event " + ", ".join(map(str, numbers[:3]))
