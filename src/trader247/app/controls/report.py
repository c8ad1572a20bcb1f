"""Every control as it stands now, which halts stand and what clears them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from trader247.adapters.clock import SystemClock
from trader247.adapters.files import free_bytes
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.books.reading import Book, opened
from trader247.app.drills.ages import (
    CONTINUITY_DRILLS,
    DRILL_DAYS_MAX,
    is_recent,
    last_passed,
)
from trader247.app.killing.standing_stops import ban_in_words
from trader247.app.settings.app_file import AppSettings
from trader247.core.alerts.faults import unlock_ban
from trader247.core.alerts.words import NOTES, cause_of
from trader247.core.policy import Policy
from trader247.core.risk.bans import standing_ban_cause
from trader247.core.risk.control_view import ControlState, ControlView, age_seconds
from trader247.core.risk.controls import EQUITY_AGE_MAX, controls
from trader247.core.risk.halts import standing_cause
from trader247.domain.dataclass import dataclass
from trader247.domain.market import Snapshot
from trader247.domain.portfolio import Ban, Halt, Portfolio
from trader247.domain.reasons import BreakerName, HaltName, TradingState
from trader247.domain.time import DAY, SECOND, Instant

_OWN_COMMANDS = (HaltName.KILL_SWITCH, HaltName.PAUSE)

ALERTS_LOOKED_AT = 200
"""The newest alerts, among which those are counted that no channel has taken."""


@dataclass(frozen=True, slots=True)
class HaltView:
    """A stop that stands; `since` is None where the journal has not learned of it yet."""

    name: str
    cause: str
    since: Instant | None
    clears: str


@dataclass(frozen=True, slots=True)
class RiskReport:
    """What holds a book back now.

    `market_age` is the age of the market that values are measured on; None where none was read.
    `holder` says who trades on the book, empty where nobody does. `remarks` are sentences that a
    reader of the figures must know.
    """

    mode: Mode
    venue: VenueName
    market: str
    seed: int | None
    time: Instant
    cycle: int
    trading_state: TradingState
    halts: tuple[HaltView, ...]
    controls: tuple[ControlView, ...]
    market_age: timedelta | None
    holder: str
    remarks: tuple[str, ...]

    @property
    def is_halted(self) -> bool:
        """Whether any stop stands, journalled or not."""
        return bool(self.halts)


def risk_report(choice: Choice) -> RiskReport:
    """The chosen book's risk, read beside a running trader.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as `reading.opened` says.
    """
    with opened(choice) as book:
        return report_of(book)


def report_of(book: Book) -> RiskReport:
    """The risk of a book that is open."""
    guard, switch = InstanceGuard(book.places.data), KillSwitch(book.places.data)
    ledger = book.portfolio()
    seen = book.snapshot(ledger)
    # Asked after the ledger was read: it is not before anything that the ledger tells.
    now = book.now()
    portfolio = with_switch(ledger, switch, now)
    is_held = guard.is_held()
    holder = str(guard.holder() or "a process that left no name") if is_held else ""
    recent = seen if seen is not None and now - seen.time <= EQUITY_AGE_MAX else None
    right = now if seen is None else seen.right(now)
    return RiskReport(
        mode=book.places.mode,
        venue=book.places.venue,
        market=book.label,
        seed=book.seed,
        time=now,
        cycle=portfolio.cycle,
        trading_state=portfolio.trading_state,
        halts=halts_of(book, portfolio, ledger),
        controls=(
            _kill_switch(switch),
            *(_with_room(each, book) for each in _measured(portfolio, recent, book.policy, now)),
            _reconciliation(portfolio, right),
            _alerts(book, portfolio, right),
            _single_instance(is_held=is_held),
            continuity(book.places, SystemClock().now()),
        ),
        market_age=None if seen is None else max(now - seen.time, timedelta(0)),
        holder=holder,
        remarks=tuple(_remarks(book, portfolio, seen, recent)),
    )


def with_switch(portfolio: Portfolio, switch: KillSwitch, now: Instant) -> Portfolio:
    """The ledger as it will be once a trader has seen the kill switch, should it be on."""
    if not switch.is_raised() or HaltName.KILL_SWITCH in portfolio.halts:
        return portfolio
    said = switch.said().reason
    halt = Halt(HaltName.KILL_SWITCH, said or "the kill switch is on", now)
    return replace(portfolio, halts={HaltName.KILL_SWITCH: halt, **portfolio.halts})


def halts_of(book: Book, portfolio: Portfolio, ledger: Portfolio) -> tuple[HaltView, ...]:
    """Every stop of `portfolio`; those that `ledger` does not have are not journalled yet."""
    halts = tuple(
        HaltView(
            halt.name.value,
            cause_of(halt),
            halt.since if halt.name in ledger.halts else None,
            _what_clears(halt.name, book, portfolio),
        )
        for halt in portfolio.halts.values()
    )
    return (*halts, *(_ban_view(ban, book, portfolio) for ban in portfolio.bans.values()))


def _ban_view(ban: Ban, book: Book, portfolio: Portfolio) -> HaltView:
    said, clears = ban_in_words(ban), unlock_ban(ban.key)
    now = portfolio.time or ban.since
    cause = standing_ban_cause(ban, portfolio, book.policy, now)
    return HaltView(
        ban.key, said.cause, ban.since, f"{clears}; not yet: {cause}" if cause else clears
    )


def channel_count(app: AppSettings) -> int:
    """How many alert channels beside the log are set up."""
    if not app.are_alerts_enabled:
        return 0
    mail = app.email if app.smtp_url is not None else None
    return sum(each is not None for each in (app.slack_webhook, mail, *app.alert_urls))


def _measured(
    portfolio: Portfolio, seen: Snapshot | None, policy: Policy, now: Instant
) -> list[ControlView]:
    """The controls as the last cycle measured them, with the age that this has by now.

    Between two cycles every quote grows older than it may be when it is traded on: that is no
    finding.
    """
    at = now if seen is None else seen.time
    since = (now - at) // SECOND
    return [
        each if each.age_s is None else replace(each, age_s=each.age_s + since)
        for each in controls(portfolio, seen, policy, at)
    ]


def _with_room(view: ControlView, book: Book) -> ControlView:
    """The room on the disk as it is now: the cycles keep only whether it was enough."""
    if view.id != BreakerName.DISK.value:
        return view
    free = free_bytes(book.places.data)
    if free is None:
        return replace(view, value=None, headroom=None, state=ControlState.UNKNOWN)
    megabytes, least = free // 1_000_000, book.policy.breakers.disk_mb_min
    is_low = megabytes < least
    state = ControlState.TRIPPED if is_low else view.state
    return replace(
        view, value=str(megabytes), headroom=str(megabytes - least), state=state, age_s=0
    )


def _what_clears(name: HaltName, book: Book, portfolio: Portfolio) -> str:
    """The command to type, and what keeps it from being obeyed now."""
    command = NOTES[name].next_command
    if name in _OWN_COMMANDS:
        return command
    unlock = f'trader247 unlock halt {name.value} --reason "..."'
    if "unlock halt" not in command:
        command = f"{command}, then {unlock}"
    cause = standing_cause(name, portfolio, book.policy, is_stop_raised=False)
    if cause is None or name is HaltName.DRAWDOWN:
        return command
    return f"{command}; not yet: {cause}"


def _kill_switch(switch: KillSwitch) -> ControlView:
    is_on = switch.is_raised()
    state = ControlState.TRIPPED if is_on else ControlState.OK
    return ControlView("kill_switch", 1, "off", "on" if is_on else "off", None, "", state, 0)


def _single_instance(*, is_held: bool) -> ControlView:
    count = int(is_held)
    return ControlView(
        "single_instance", 45, "1", str(count), str(1 - count), "trader", ControlState.OK, 0
    )


def continuity(places: Places, now: Instant) -> ControlView:
    """How old the older one of the two drills of continuity is, by the machine's clock."""
    held = last_passed(places)
    times = [held[name] for name in CONTINUITY_DRILLS if name in held]
    limit = str(DRILL_DAYS_MAX)
    if len(times) < len(CONTINUITY_DRILLS) or min(times) > now:
        return ControlView("continuity", 50, limit, None, None, "days", ControlState.UNKNOWN, None)
    days = (now - min(times)) // DAY
    state = ControlState.OK if is_recent(min(times), now) else ControlState.WARN
    left = str(DRILL_DAYS_MAX - days)
    return ControlView("continuity", 50, limit, str(days), left, "days", state, 0)


def _reconciliation(portfolio: Portfolio, now: Instant) -> ControlView:
    age = age_seconds(portfolio.time, now)
    if portfolio.cash is None:
        return ControlView(
            "reconciliation", 39, "0", None, None, "breaks", ControlState.UNKNOWN, age
        )
    breaks = sum(each.is_break for each in portfolio.differences.values())
    state = ControlState.WARN if portfolio.differences else ControlState.OK
    if breaks:
        state = ControlState.TRIPPED
    return ControlView("reconciliation", 39, "0", str(breaks), str(-breaks), "breaks", state, age)


def _alerts(book: Book, portfolio: Portfolio, now: Instant) -> ControlView:
    rows = book.journal.alerts(limit=ALERTS_LOOKED_AT)
    failing = sum(each.state == "failing" for each in rows)
    is_well = not failing and channel_count(book.settings.app) > 0
    return ControlView(
        "alerts",
        31,
        "0",
        str(failing),
        str(-failing),
        "undelivered",
        ControlState.OK if is_well else ControlState.WARN,
        age_seconds(portfolio.time, now),
    )


def _remarks(
    book: Book, portfolio: Portfolio, seen: Snapshot | None, recent: Snapshot | None
) -> list[str]:
    remarks = []
    if seen is None:
        remarks.append("no cycle has been run yet: what only a market can tell is UNKNOWN")
    elif recent is None:
        remarks.append("the last cycle is too old: what only a market can tell is UNKNOWN")
    if portfolio.policy_hash not in ("", book.policy.hash):
        remarks.append(
            "the configuration has changed since this book's last start: limits shown are those "
            "of the files, a running trader keeps its own until it is started again"
        )
    if channel_count(book.settings.app) == 0:
        remarks.append("alerts go to the log alone: no channel is set up in app.yaml")
    return remarks
