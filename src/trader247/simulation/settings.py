"""The configuration of a simulated trader: the shipped one, busy, on an account of its own."""

from __future__ import annotations

import re
from pathlib import Path

from trader247.app.settings.location import SHIPPED

BUSY = {
    "seconds_between": "1",
    "per_day": "500",
    "product_minutes": "1",
    "fill_minutes": "1",
    "loss_minutes": "1",
    "stop_minutes": "1",
    "stops_hours": "1",
    "move_minutes": "1",
    "velocity_minutes": "60",
    "bought_pct": "300",
    "fees_pct": "3",
    "closes_max": "10",
    "minutes": "1",
    "stop_pct": "0.5",
    "target_pct": "1.5",
    "hours_max": "1",
    "return_15_min_pct": "0.3",
    "return_24_h_pct": "0.3",
    "score_min": "0.05",
    "triggers_max": "20",
    "cycle_max": "5",
    "crash_trend_pct": "-50",
    "crash_volatility_pct": "200",
}
"""Pauses at their floors, paces at their ceilings, thin stops: so that there is much to get wrong.

No limit on what is at risk is looser than shipped: those are ceilings.
"""

_LEFT_OUT = ("ALGO-USD", "HBAR-USD")
"""Twelve products are left."""

_APP = {
    'mode: "PAPER"': 'mode: "LIVE"',
    "read_only: true": "read_only: false",
}
_NO_STREAM = {"stream: true": "stream: false"}


def traded_products() -> tuple[str, ...]:
    """What the simulated trader trades in."""
    text = (SHIPPED / "universe.yaml").read_text(encoding="utf-8")
    tiers = text.partition("clusters:")[0]
    found = dict.fromkeys(re.findall(r"[A-Z]+-USD", tiers))
    return tuple(each for each in found if each not in _LEFT_OUT)


def write_settings(folder: Path, *, is_listening: bool, entries_per_hour: int) -> None:
    """Write app.yaml, policy.yaml and universe.yaml to a new folder."""
    changes = _APP if is_listening else {**_APP, **_NO_STREAM}
    folder.mkdir(mode=0o700)
    for source in sorted(SHIPPED.glob("*.yaml")):
        text = source.read_text(encoding="utf-8")
        if source.name == "policy.yaml":
            for key, value in {**BUSY, "per_hour": str(entries_per_hour)}.items():
                text, count = re.subn(rf"(?m)^( +{key}: )\S+", rf"\g<1>{value}", text)
                assert count, f"policy.yaml has a {key}"
        elif source.name == "app.yaml":
            for old, new in changes.items():
                assert old in text, f"app.yaml says {old}"
                text = text.replace(old, new)
        else:
            for product in _LEFT_OUT:
                text = re.sub(rf"(?m)^ +- {product}\n", "", text)
        (folder / source.name).write_text(text, encoding="utf-8")
