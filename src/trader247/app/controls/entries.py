"""The controls that are no checks of single orders and are measured: stops, breakers, guards."""

from __future__ import annotations

from trader247.app.settings import policy_file
from trader247.app.settings.layout import Section
from trader247.core.policy import BreakerPolicy, ConductPolicy, ExecutionPolicy, StopPolicy
from trader247.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A control that is no check: its words, and the fields of `file` that hold its limits."""

    row: int
    title: str
    text: str
    source: str
    section: Section | None = None
    fields: tuple[str, ...] = ()
    file: str = policy_file.FILE


_STOPS = Section(("risk",), StopPolicy)
_BREAKERS = Section(("breakers",), BreakerPolicy)
_EXECUTION = Section(("execution",), ExecutionPolicy)
_LATCHES = (
    "Once hit, only exits are allowed until a person clears it: not a restart, not a new day, not "
    "an edited file. It looks at marked-to-market equity, adjusted for deposits and withdrawals."
)
_MET = "What a cycle met counts from the next one on."
_CLOSES = (
    "An open breaker stops entries, never exits, and closes by itself after `clean_cycles` clean "
    "cycles, `probe_minutes` after it opened at the earliest."
)

MEASURED: dict[str, Entry] = {
    "kill_switch": Entry(
        1,
        "A person's stop: once it is seen, no order is sent and those that work are cancelled.",
        "The file KILL_SWITCH in the data folder is the switch, whatever it holds: `trader247 kill "
        "on` writes it, `touch` does as well. Deleting the file resumes nothing: only `trader247 "
        "kill off` ends it. An order that is not known to have ended after 30 s is a critical "
        "alert, each minute.",
        "founding document; RTS 6 Art 12(1)",
    ),
    "daily_stop": Entry(
        5,
        "The loss of a UTC day at which trading stops.",
        "Counted from equity at 00:00 UTC and from the high of the last 24 hours; the worse "
        f"counts, and it trips at exactly the limit. {_LATCHES}",
        "founding document; 15c3-5(c)(1)(i)",
        _STOPS,
        ("daily_pct",),
    ),
    "weekly_stop": Entry(
        6,
        "The loss of a week at which trading stops.",
        "Counted from equity on Monday 00:00 UTC and from the high of the last 7 x 24 hours; the "
        f"worse counts, and it trips at exactly the limit. {_LATCHES}",
        "founding document; 15c3-5(c)(1)(i)",
        _STOPS,
        ("weekly_pct",),
    ),
    "drawdown": Entry(
        7,
        "How far equity may fall below its greatest value.",
        f"The high-water mark is durable. {_LATCHES} Clearing it takes a new high-water mark: "
        "`trader247 unlock halt drawdown --accept-peak EQUITY --reason TEXT`.",
        "founding document; FIA credit controls",
        _STOPS,
        ("drawdown_pct",),
    ),
    "loss_velocity": Entry(
        8,
        "A loss within a quarter of an hour at which buying pauses.",
        "From the high of the last 15 minutes, at exactly the limit. Nothing is bought for "
        f"`velocity_minutes`, whatever follows. {_CLOSES}",
        "RTS 6 Art 15(3); Knight Capital, 2012",
        _BREAKERS,
        ("velocity_pct", "velocity_minutes", "clean_cycles", "probe_minutes"),
    ),
    "api_errors": Entry(
        35,
        "Errors of the venue, one after the other or within five minutes.",
        f"{_MET} {_CLOSES}",
        "founding document; RTS 6 Art 15",
        _BREAKERS,
        ("errors_running", "errors_in_5_min", "clean_cycles", "probe_minutes"),
    ),
    "rate_limit": Entry(
        35,
        "Answers of the venue that we ask too often.",
        f"{_MET} {_CLOSES}",
        "founding document",
        _BREAKERS,
        ("rate_limited_in_10_min", "clean_cycles", "probe_minutes"),
    ),
    "maintenance": Entry(
        35,
        "The venue could not be read at all.",
        _CLOSES,
        "founding document",
        _BREAKERS,
        ("clean_cycles", "probe_minutes"),
    ),
    "cycle_budget": Entry(
        35,
        "Cycles that took longer than their budget, one after the other.",
        f"{_MET} {_CLOSES}",
        "founding document",
        _BREAKERS,
        ("overruns", "cycle_budget_seconds", "clean_cycles", "probe_minutes"),
    ),
    "latency": Entry(
        35,
        "Answers of the venue that come too late.",
        "Measured is what 95 % of the requests of the last five minutes took, failed ones among "
        f"them. {_MET} {_CLOSES}",
        "RTS 6 Art 15, Art 16",
        _BREAKERS,
        ("latency_seconds_max", "clean_cycles", "probe_minutes"),
    ),
    "reconnects": Entry(
        35,
        "A stream of the venue that has to be begun anew again and again.",
        f"Counted over an hour, market and orders together. {_MET} {_CLOSES}",
        "RTS 6 Art 15, Art 16",
        _BREAKERS,
        ("reconnects_per_hour", "clean_cycles", "probe_minutes"),
    ),
    "disk": Entry(
        35,
        "Too little room where the journal is.",
        "What cannot be recorded is not sent: so buying ends while there is room for the record "
        f"of what is held. Room that cannot be told counts as none. {_MET} {_CLOSES}",
        "RTS 6 Art 15, Art 16",
        _BREAKERS,
        ("disk_mb_min", "clean_cycles", "probe_minutes"),
    ),
    "stale_market": Entry(
        36,
        "The share of the universe without a fresh quote.",
        f"Resting buys are cancelled: nobody would see what fills them. {_CLOSES}",
        "founding document; FIA market data",
        _BREAKERS,
        ("stale_share_pct", "clean_cycles", "probe_minutes"),
    ),
    "volatility": Entry(
        36,
        "A five-minute move that is a flash crash.",
        "Tier 1 and the others have limits of their own. Resting buys are cancelled, and nothing "
        f"is bought for `move_minutes`. {_CLOSES}",
        "FIA volatility control",
        _BREAKERS,
        ("move_major_pct", "move_other_pct", "move_minutes", "clean_cycles", "probe_minutes"),
    ),
    "conduct": Entry(
        37,
        "Our own conduct in the market is watched, by strategy and UTC day.",
        "More than `orders_per_trade` orders for each that trades, or a single order that would "
        "have met one of ours, is told of. Where the end of more than `hasty_pct` of at least "
        "`orders_min` orders was asked for within two seconds, as somebody does who only shows "
        "orders, the strategy is banned from buying until a person clears it. A position's "
        "resting stop, renewed all day, counts as no order. `risk controls conduct` shows besides "
        "how many orders of ours rest on one side of a product, and our greatest share of a "
        "product's volume.",
        "RTS 6 Art 13; FIA",
        Section(("conduct",), ConductPolicy),
        ("orders_per_trade", "hasty_pct", "orders_min"),
    ),
    "reconciliation": Entry(
        39,
        "Ledger and venue must agree on fills, orders, cash and holdings.",
        "Compared in every cycle. A difference is pending while it is young or while an order in "
        "flight explains it; then it is a break: only exits are allowed until a person has mended "
        "it and clears reconciliation_break. `trader247 reconcile` shows both sides.",
        "founding document; RTS 6 Art 17(3)",
        _EXECUTION,
        ("reconcile_seconds", "overlap_minutes", "overlap_start_hours"),
    ),
    "alerts": Entry(
        31,
        "What happened must reach a person.",
        "Alerts go to the log always, and to the channels of `monitoring` in app.yaml: the first "
        "at once, the others after half a minute without a delivery. What no channel takes is kept "
        "and tried again, across restarts; a critical alert that none takes for five minutes "
        "latches `alerts`. `trader247 alerts test` sends one.",
        "founding document; RTS 6 Art 16(5)",
    ),
    "single_instance": Entry(
        45,
        "One trader a data folder.",
        "The kernel's lock on trader247.lock is the guard, and it dies with its process. The "
        "journal counts epochs besides, so that a process which was stopped and wakes writes "
        "nothing. `trader247 unlock` shows who holds it.",
        "founding document; Knight Capital, 2012",
    ),
    "continuity": Entry(
        50,
        "Every emergency has a page to follow and a way back.",
        "docs/operating.md is the runbook. `trader247 drill` rehearses each emergency under your "
        "own limits: among them `restore`, the way back from a backup within five minutes, and "
        "`stress`, twice the orders and the cycles of the busiest hour of 180 days. Where these "
        "two were passed more than 90 days ago, or never, `preflight` lacks `continuity` and LIVE "
        "is not armed. Backups are made each hour while a trader runs. A "
        "journal restored from an older one takes its own orders and fills back from the venue "
        "before anything is bought.",
        "RTS 6 Art 9, Art 10, Art 14",
    ),
}
"""The controls that are no checks and whose present standing `risk status` shows."""
