"""A report as JSON types alone: figures as decimal text, times RFC 3339, unknown null.

The same report gives the same bytes. `hash` is the SHA-256 of everything else in it, as JSON with
sorted keys and without spaces.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

from trader247.domain.money import plain
from trader247.domain.time import Instant
from trader247.report import made
from trader247.report.curve import Drawdown, Floats, Ints, day_ends, thinned, under_water
from trader247.report.exposure import Share, shares
from trader247.report.formulas import FORMULAS
from trader247.report.report import Report
from trader247.report.scorecard import Metric
from trader247.report.story import Held, Variant
from trader247.report.trades import Trade, TradeFill

SCHEMA_VERSION = 1
POINTS_MOST = 4_000
"""Points of the equity series, the extremes of what lies between them among them.

Each day's last one stands beside them, and the ends of the drawdowns that are listed: measures of
days and of drawdowns can be computed anew.
"""
_LISTED = 20
DIGITS = 12
"""Significant digits of a statistic: more than any of them has meaning."""


def as_json(report: Report) -> dict[str, Any]:
    """The whole report, with its hash."""
    story = report.story
    body: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "title": story.origin.title,
        "market": story.origin.market,
        "currency": story.origin.currency,
        "seed": story.origin.seed,
        "is_real_money": story.origin.is_real_money,
        "code_version": story.origin.code_version,
        "period": {
            "begin": str(story.begin),
            "end": str(story.end),
            "days": number((story.end - story.begin) / timedelta(days=1)),
            "cycles": story.cycles,
        },
        "assumptions": [
            {"name": each.name, "text": each.text, "is_warning": each.is_warning}
            for each in report.assumptions
        ],
        "cautions": list(report.cautions),
        "fill_models": [_variant(each) for each in story.variants],
        "counts": {
            "trades": len(story.trades),
            "still_open": len(story.still_open),
            "entries_sent": story.entries_sent,
            "orders_sent": story.orders_sent,
            "fills": story.fills,
        },
        "metrics": [_metric(each) for each in report.metrics],
        "win_rate_interval_pct": None
        if report.win_interval is None
        else [number(each * 100.0) for each in report.win_interval],
        "formulas": {
            key: {"text": each.text, "source": each.source} for key, each in FORMULAS.items()
        },
        "pnl": _pnl(report),
        "made": made.body(story.made),
        "equity": _equity(report),
        "drawdowns": [_drawdown(report, each) for each in _listed(report)],
        "months": [
            {
                "month": each.month,
                "return_pct": number(each.value * 100.0),
                "is_whole": each.is_whole,
            }
            for each in report.months
        ],
        "groups": {
            by: [
                {
                    "name": each.name,
                    "trades": each.trades,
                    "wins": each.wins,
                    "pnl": str(each.pnl),
                    "fees": str(each.fees),
                    "slippage": _text(each.slippage),
                }
                for each in groups
            ]
            for by, groups in report.groups.items()
        },
        "exposure": [_share(each) for each in shares(story)],
        "benchmark": None if report.held is None else _benchmark(report.held),
        "refusals": dict(story.refusals),
        "funnel": [
            {
                "day": each.day,
                "cycles": each.cycles,
                "counts": {stage.value: count for stage, count in each.counts.items()},
                "filled": each.filled,
                "exits": each.exits,
                "stopped": dict(each.stopped),
            }
            for each in story.funnel
        ],
        "halts": [
            {
                "name": each.name,
                "cause": each.cause,
                "since": str(each.since),
                "cleared": _text(each.cleared),
            }
            for each in story.stops
        ],
        "trades": [_trade(each) for each in story.trades],
        "still_open": [_trade(each) for each in story.still_open],
        "parameters": dict(story.parameters),
        "policy_hash": story.policy_hash,
        "settings": _settings(story.settings),
        "decisions": story.decisions,
        "data": [
            {"name": each.name, "label": each.label, "sha256": each.sha256} for each in story.data
        ],
    }
    return {**body, "hash": hashlib.sha256(canonical(body)).hexdigest()}


def canonical(body: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and without spaces: what a hash is made of."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def written(body: Mapping[str, Any]) -> bytes:
    """The bytes of report.json: one key a line at the top, so that two of them can be compared."""
    lines = [
        f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False, separators=(', ', ': '))}"
        for key, value in body.items()
    ]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def number(value: float | None) -> str | None:
    """A statistic as decimal text; what is no number is null."""
    if value is None or not isfinite(value):
        return None
    return plain(Decimal(f"{value:.{DIGITS}g}"))


def _metric(each: Metric) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "value": number(each.value),
        "unit": each.unit,
        "reason": each.reason or None,
        "formula": each.formula,
    }


def _variant(each: Variant) -> dict[str, Any]:
    def share(value: float | None) -> str | None:
        return None if value is None else number(value * 100.0)

    return {
        "name": each.name,
        "is_shown": each.is_shown,
        "trades": each.trades,
        "return_pct": share(each.total_return),
        "max_drawdown_pct": share(each.max_drawdown),
        "fees": str(each.fees),
        "slippage": _text(each.slippage),
    }


def _pnl(report: Report) -> dict[str, Any]:
    story, pnl = report.story, report.story.pnl
    return {
        "opening_equity": _text(story.opening),
        "equity": _text(pnl.equity),
        "cash": _text(pnl.cash),
        "realised": str(pnl.realised),
        "unrealised": _text(pnl.unrealised),
        "flows": str(story.flows),
        "bought": str(story.bought),
        "sold": str(story.sold),
        "fees": str(story.fees),
        "slippage": _text(story.slippage),
        "high_water_mark": _text(pnl.high_water_mark),
        "drawdown_pct": _text(pnl.drawdown_pct),
    }


def _equity(report: Report) -> list[dict[str, Any]]:
    curve, depth = report.curve, under_water(report.curve.nav)
    return [
        {
            "time": str(Instant(int(curve.times[at]))),
            "equity": number(float(curve.equity[at])),
            "nav": number(float(curve.nav[at])),
            "drawdown_pct": number(-100.0 * float(depth[at])),
            "exposure": number(float(curve.exposure[at])),
        }
        for at in _kept(curve.times, curve.nav, _listed(report))
    ]


def _kept(times: Ints, nav: Floats, found: Sequence[Drawdown] = ()) -> list[int]:
    of_falls = (end for each in found for end in (each.peak, each.trough, each.recovered))
    known = (each for each in of_falls if each is not None)
    return sorted({*thinned(nav, POINTS_MOST).tolist(), *day_ends(times).tolist(), *known})


def _benchmark(held: Held) -> dict[str, Any]:
    return {
        "products": [str(each) for each in held.products],
        "points": [
            {"time": str(Instant(int(held.times[at]))), "nav": number(float(held.nav[at]))}
            for at in _kept(held.times, held.nav)
        ],
    }


def _listed(report: Report) -> list[Drawdown]:
    """The deepest drawdowns, deepest first, and the longest ones, whose lengths a figure tells."""
    found, last = report.drawdowns, len(report.curve.times) - 1

    def length(each: Drawdown) -> int:
        end = last if each.recovered is None else each.recovered
        return int(report.curve.times[end] - report.curve.times[each.peak])

    deepest = sorted(found, key=lambda each: (-each.depth, each.peak))[:_LISTED]
    longest = sorted(found, key=lambda each: (-length(each), each.peak))[:_LISTED]
    return sorted({*deepest, *longest}, key=lambda each: (-each.depth, each.peak))


def _drawdown(report: Report, each: Drawdown) -> dict[str, Any]:
    times = report.curve.times
    end = None if each.recovered is None else int(times[each.recovered])
    return {
        "peak": str(Instant(int(times[each.peak]))),
        "trough": str(Instant(int(times[each.trough]))),
        "recovered": None if end is None else str(Instant(end)),
        "depth_pct": number(each.depth * 100.0),
    }


def _share(each: Share) -> dict[str, Any]:
    return {
        "of": each.of,
        "name": each.name,
        "most_pct": number(each.most),
        "mean_pct": number(each.mean),
        "cap_pct": number(each.cap),
        "time_pct": number(each.time),
    }


def _trade(each: Trade) -> dict[str, Any]:
    return {
        "number": each.number,
        "product": str(each.product),
        "cluster": each.cluster or None,
        "strategy": each.strategy,
        "rule": each.rule,
        "decision_id": str(each.decision_id),
        "opened": str(each.opened),
        "closed": _text(each.closed),
        "held_seconds": None if each.held is None else number(each.held.total_seconds()),
        "quantity": str(each.quantity),
        "entry_price": str(each.entry_price),
        "exit_price": _text(each.exit_price),
        "stop": str(each.stop),
        "target": str(each.target),
        "longest_hold_seconds": number(each.longest_hold.total_seconds()),
        "exit_cause": each.exit_cause,
        "cost": str(each.cost),
        "pnl": str(each.pnl),
        "return_pct": None if each.return_pct is None else number(float(each.return_pct.value)),
        "multiple": number(each.multiple),
        "fees": str(each.fees),
        "slippage": _text(each.slippage),
        "lowest": _text(each.lowest),
        "highest": _text(each.highest),
        "is_whole": each.is_whole,
        "fills": [_fill(fill) for fill in each.fills],
    }


def _fill(each: TradeFill) -> dict[str, Any]:
    fill = each.fill
    return {
        "entry_id": fill.entry_id,
        "order_id": fill.order_id,
        "client_order_id": each.client_order_id,
        "side": fill.side.value,
        "cause": each.cause,
        "price": str(fill.price),
        "quantity": str(fill.quantity),
        "fee": str(fill.fee),
        "liquidity": fill.liquidity.value,
        "time": str(fill.time),
        "reference": _text(each.reference),
        "slippage": _text(each.slippage),
    }


def _settings(value: object) -> Any:
    if isinstance(value, float):
        raise TypeError("a setting is no float")
    if isinstance(value, Mapping):
        return {str(key): _settings(each) for key, each in value.items()}
    return value


def _text(value: object) -> str | None:
    return None if value is None else str(value)
