"""Until the venue has said what trading costs, equity is worth what the policy fears it costs."""

from __future__ import annotations

import json
from fractions import Fraction

from trader247.truth.world import World

TEXT = json.dumps({"policy": {"execution": {"fallback_taker_bps": "90"}}})


def told(world: World, kind: str, payload: dict[str, object]) -> Fraction:
    world.learn({"seq": 1, "hash": "", "kind": kind, "payload": payload})
    return world.taker


def test_the_policy_counts_until_the_venue_has_said_it() -> None:
    world = World()
    assert told(world, "policy_adopted", {"text": TEXT}) == Fraction(90, 10_000)
    assert told(world, "fees_read", {"tier": {"taker": "40"}}) == Fraction(40, 10_000)
    assert told(world, "policy_adopted", {"text": TEXT}) == Fraction(40, 10_000)
