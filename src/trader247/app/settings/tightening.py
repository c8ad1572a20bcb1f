"""Whether one policy only tightens another: every limit that moved, moved to the safer side.

Evidence and arming are given for a policy, and keep while it is tightened. What decides but is no
limit, a signal's threshold or a rule's target, has no safer side: any change of it counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import Any

from trader247.core.policy import Policy

CANARY = "policy.checks.canary."
"""The sizes of the canary stage: evidence on paper says nothing of them."""

_LOWER_IS_SAFER = (
    "policy.checks.canary.positions_max",
    "policy.checks.canary.quote_max",
    "policy.checks.capital.*",
    "policy.checks.clock_skew.*",
    "policy.checks.cluster_exposure.caps_pct.*",
    "policy.checks.collar.bars_minutes_max",
    "policy.checks.collar.last_fill_pct",
    "policy.checks.collar.median_pct",
    "policy.checks.collar.mid_bps",
    "policy.checks.collar.strikes_max",
    "policy.checks.ladder.week_pct_max",
    "policy.checks.losing_streak.closes_max",
    "policy.checks.market_volume.*",
    "policy.checks.max_order.*",
    "policy.checks.max_positions.positions_max",
    "policy.checks.new_positions.cycle_max",
    "policy.checks.pace.per_day",
    "policy.checks.pace.per_hour",
    "policy.checks.pace.per_minute",
    "policy.checks.product_status.*",
    "policy.checks.quote_age.*",
    "policy.checks.quote_sanity.*_pct_max",
    "policy.checks.repetition.*",
    "policy.checks.slippage.*",
    "policy.checks.turnover.*",
    "policy.conduct.*",
    "policy.breakers.*_pct",
    "policy.breakers.cycle_budget_seconds",
    "policy.breakers.errors_*",
    "policy.breakers.overruns",
    "policy.breakers.latency_*",
    "policy.breakers.rate_limited_*",
    "policy.breakers.reconnects_*",
    "policy.execution.cancels_per_minute",
    "policy.execution.decision_seconds_max",
    "policy.execution.entry_seconds",
    "policy.execution.max_slippage_bps",
    "policy.execution.reconcile_seconds",
    "policy.microstructure.*",
    "policy.risk.max_*",
    "policy.sizing.risk_pct",
    "policy.triggers.missing_pct_max",
    "policy.triggers.triggers_max",
    "policy.triggers.volatility_pct_max",
    "universe.floors.leave_cycles",
    "universe.floors.spread_bps_max",
    "universe.tiers.*.base_position_pct",
    "universe.tiers.*.spread_bps_max",
)
_HIGHER_IS_SAFER = (
    "policy.checks.canary.equity_end",
    "policy.checks.canary.quote_min",
    "policy.checks.collar.strikes_minutes",
    "policy.checks.confirmation.trades_first",
    "policy.checks.cooldown.*",
    "policy.checks.duplicate.*",
    "policy.checks.depth_multiple.*",
    "policy.checks.fee_worth.*",
    "policy.checks.losing_streak.minutes",
    "policy.checks.pace.product_minutes",
    "policy.checks.pace.seconds_between",
    "policy.checks.quote_sanity.doubt_minutes",
    "policy.checks.quote_sanity.prints_min",
    "policy.breakers.*_minutes",
    "policy.breakers.clean_cycles",
    "policy.breakers.disk_*",
    "policy.execution.fallback_*",
    "policy.execution.overlap_*",
    "policy.risk.*_stop_pnl_pct",
    "policy.risk.min_*",
    "policy.triggers.score_min",
    "universe.floors.*_min",
    "universe.floors.enter_cycles",
    "universe.tiers.*.depth_min",
    "universe.tiers.*.volume_24h_min",
)
_FEWER_IS_SAFER = ("universe.tiers.*.products",)
_MORE_IS_SAFER = ("universe.red_flags", "universe.stablecoins")


def loosened(now: Policy, then: Policy, *, ignoring: str = "") -> tuple[str, ...]:
    """What `now` allows and `then` did not, a sentence each; empty where it only tightens.

    Keys that begin with `ignoring` are left out, where it is not empty.
    """
    if now.hash == then.hash and now.hash:
        return ()
    before, after = (_flat(policy) for policy in (then, now))
    return tuple(
        f"{_shown(key)} {_text(before.get(key))} -> {_text(after.get(key))}"
        for key in sorted(before.keys() | after.keys())
        if not (ignoring and key.startswith(ignoring))
        and not _is_as_tight(key, before.get(key), after.get(key))
    )


def _is_as_tight(key: str, before: object, after: object) -> bool:
    if before == after:
        return True
    if isinstance(before, list) and isinstance(after, list):
        old, new = ({json.dumps(each, sort_keys=True) for each in side} for side in (before, after))
        if _is_one_of(key, _FEWER_IS_SAFER):
            return new <= old
        return _is_one_of(key, _MORE_IS_SAFER) and new >= old
    old_number, new_number = _number(before), _number(after)
    if old_number is None or new_number is None:
        return False
    if _is_one_of(key, _LOWER_IS_SAFER):
        return new_number <= old_number
    return _is_one_of(key, _HIGHER_IS_SAFER) and new_number >= old_number


def _is_one_of(key: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(key, pattern) for pattern in patterns)


def _flat(policy: Policy) -> Mapping[str, object]:
    return dict(_leaves(json.loads(policy.text), ""))


def _leaves(branch: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in branch.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _number(value: object) -> Decimal | None:
    try:
        return None if isinstance(value, bool) else Decimal(str(value))
    except InvalidOperation:
        return None


def _shown(key: str) -> str:
    return key.removeprefix("policy.")


def _text(value: object) -> str:
    if value is None:
        return "nothing"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
