"""Which way each limit is safe, and that nothing that decides is forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from trader247.app.settings.canonical import policy_from_text
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.tightening import loosened
from trader247.core.policy import Policy

POLICY = load_settings(SHIPPED).policy


def changed(path: str, value: object) -> Policy:
    """The shipped policy with one value of its text changed."""
    body: dict[str, Any] = json.loads(POLICY.text)
    *parents, last = path.split(".")
    at = body
    for each in parents:
        at = at[each]
    at[last] = value
    return policy_from_text(json.dumps(body))


@pytest.mark.parametrize(
    ("place", "name"),
    [("policy.checks.cluster_exposure.caps_pct", "MEME"), ("universe.clusters", "MEME")],
)
def test_a_limit_that_is_taken_out_is_no_tighter_than_it_was(place: str, name: str) -> None:
    """Whoever takes a cluster out lets its products be at risk without a cap of their own."""
    body: dict[str, Any] = json.loads(POLICY.text)
    at = body
    for each in place.split("."):
        at = at[each]
    del at[name]
    said = loosened(replace(POLICY, text=json.dumps(body), hash="another"), POLICY)
    assert any(name in each and "-> nothing" in each for each in said)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("policy.risk.daily_stop_pnl_pct", "-2"),
        ("policy.risk.max_drawdown_pct", "9"),
        ("policy.risk.min_trade_notional_usd", "20"),
        ("policy.checks.max_order.quote_max", "100"),
        ("policy.checks.pace.seconds_between", 120),
        ("policy.checks.cluster_exposure.caps_pct.MEME", "4"),
        ("policy.breakers.clean_cycles", 3),
        ("policy.breakers.errors_running", 2),
        ("policy.microstructure.max_quote_age_seconds", 5),
        ("universe.floors.depth_min", "20000"),
        ("universe.tiers.tier_2.products", ["DOGE-USD"]),
        ("universe.tiers.tier_1.base_position_pct", "1"),
        ("policy.checks.canary.quote_max", "20"),
        ("policy.checks.confirmation.trades_first", 30),
    ],
)
def test_a_tighter_limit_loosens_nothing_and_its_way_back_does(path: str, value: object) -> None:
    tighter = changed(path, value)
    assert loosened(tighter, POLICY) == ()
    (said,) = loosened(POLICY, tighter)
    assert path.rpartition(".")[2] in said


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("policy.signals.momentum.return_24_h_pct", "3"),
        ("policy.rules.momentum.target_pct", "10"),
        ("policy.regime.bear_multiplier", "0.4"),
        ("policy.execution.exit_collar_bps", "40"),
        ("universe.clusters.MEME", []),
    ],
)
def test_what_decides_and_is_no_limit_has_no_safer_side(path: str, value: object) -> None:
    other = changed(path, value)
    assert loosened(other, POLICY)
    assert loosened(POLICY, other)


def test_an_equal_policy_loosens_nothing_whatever_its_hash() -> None:
    assert loosened(replace(POLICY, hash="other"), POLICY) == ()


def _leaves(body: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in body.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield prefix + key


def test_every_number_of_a_check_has_its_safer_side() -> None:
    """Only the collar's number of bars has none: more of them are older, fewer are wilder."""
    paths = [each for each in _leaves(json.loads(POLICY.text)) if each.startswith("policy.checks.")]
    assert len(paths) > 30
    without = []
    for path in paths:
        body: dict[str, Any] = json.loads(POLICY.text)
        at = body
        *parents, last = path.split(".")
        for each in parents:
            at = at[each]
        if not isinstance(at[last], int | str):
            continue
        lower, higher = json.loads(POLICY.text), json.loads(POLICY.text)
        for side, step in ((lower, -1), (higher, 1)):
            inner = side
            for each in parents:
                inner = inner[each]
            inner[last] = str(float(at[last]) + step)
        results = [
            bool(loosened(replace(POLICY, text=json.dumps(side), hash=""), POLICY))
            for side in (lower, higher)
        ]
        if results == [True, True]:
            without.append(path)
        assert results != [False, False], path
    assert without == ["policy.checks.collar.bars"]
