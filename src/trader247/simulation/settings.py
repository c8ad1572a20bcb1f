"""The configuration of a simulated trader: the shipped one, busy, on an account of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from trader247.app.settings.location import SHIPPED

BUSY = {
    "seconds_between": "0",
    "per_day": "500",
    "product_minutes": "1",
    "loss_minutes": "2",
    "stop_minutes": "4",
    "stops_hours": "1",
    "move_minutes": "1",
    "velocity_minutes": "60",
    "bought_pct": "300",
    "closes_max": "10",
    "minutes": "1",
    "stop_pct": "0.5",
    "target_pct": "1.5",
    "hours_max": "1",
    "return_15_min_pct": "0.3",
    "return_24_h_pct": "0.3",
    "score_min": "0.05",
    "triggers_max": "20",
    "cycle_max": "2",
    "risk_pct": "2",
    "multiplier": "2",
    "bull_multiplier": "2",
    "chop_multiplier": "2",
    "bear_multiplier": "1",
    "crash_trend_pct": "-50",
    "crash_volatility_pct": "200",
}
"""Pauses at their floors, paces and sizes at their ceilings, thin stops: so that there is much to
get wrong.
"""


@dataclass(frozen=True, slots=True)
class Account:
    """What a seed's account begins with, and the limits of its policy that bind there."""

    cash: Decimal
    entries_per_hour: int = 60
    positions_max: int = 12
    at_risk_max: int = 5_000
    """The most at risk in the whole book, in money."""
    cluster_pct: int = 10
    """The most at risk in the greatest cluster, in per cent of equity."""
    total_pct: int = 15
    """The most at risk in the whole book, in per cent of equity."""
    entry_seconds: int = 300
    """How long an entry may rest."""
    entries_per_minute: int = 6
    fill_minutes: int = 1
    """How long a product is left alone after a fill: more than a cycle, or no cycle tells."""
    fees_pct: str = "3"
    """What a day may pay in fees, in per cent of equity."""
    risk_pct: str = BUSY["risk_pct"]
    """What a position may lose at its stop, in per cent of equity."""
    stop_pct: str = BUSY["stop_pct"]
    """How far under its price a position ends, in per cent."""
    trailing_pct: str = "0"
    """How far under the highest bid a stop follows, in per cent; 0: it does not."""
    closes_max: int = int(BUSY["closes_max"])
    """How many losing closes in a row, until nothing is bought for `streak_minutes`."""
    streak_minutes: int = int(BUSY["minutes"])
    hears_s: int = 0
    """Within how many seconds an exit is looked at that its streams show, of which nothing is lost;
    0: nobody says so."""
    armed_minutes: int = 0
    """For how long its book is armed; 0: for as long as anybody's is, which is a month."""
    red_flag: str = ""
    """A product that its owner forbids, though a tier lists it."""

    @property
    def policy(self) -> Mapping[str, str]:
        """What policy.yaml says of it, by key."""
        return {
            **BUSY,
            "per_hour": str(self.entries_per_hour),
            "LAYER1": str(self.cluster_pct),
            "max_total_at_risk_pct": str(self.total_pct),
            "entry_seconds": str(self.entry_seconds),
            "per_minute": str(self.entries_per_minute),
            "fill_minutes": str(self.fill_minutes),
            "fees_pct": self.fees_pct,
            "risk_pct": self.risk_pct,
            "stop_pct": self.stop_pct,
            "trailing_pct": self.trailing_pct,
            "closes_max": str(self.closes_max),
            "minutes": str(self.streak_minutes),
        }

    @property
    def texts(self) -> Mapping[str, str]:
        """The same of keys that stand in more than one section: each shipped text, and its own."""
        return {
            "max_positions:\n    positions_max: 8 ": (
                f"max_positions:\n    positions_max: {self.positions_max} "
            ),
            "capital:\n    quote_max: 5000 ": f"capital:\n    quote_max: {self.at_risk_max} ",
        }

    @property
    def clusters(self) -> dict[str, dict[str, object]]:
        """Which products fall together, and how much of equity may be at risk in them."""
        shares = {"LAYER1": self.cluster_pct, "MEME": 5}
        return {
            name: {"pct": str(shares.get(name, 10)), "products": products}
            for name, products in _clusters().items()
        }

    @property
    def limits(self) -> dict[str, str | int]:
        """What a judge is told of its policy, and of the limits that no policy loosens."""
        # Who asks for more than was planned sizes nothing: there it binds nobody.
        sized = {} if self.risk_pct == BUSY["risk_pct"] else {"risk_pct": self.risk_pct}
        heard = {"hears_s": self.hears_s} if self.hears_s else {}
        return {
            **sized,
            **heard,
            "product_pct": "5",
            "total_pct": str(self.total_pct),
            "at_risk_max": self.at_risk_max,
            "order_pct": "2",
            "order_max": 250,
            "order_min": 15,
            "small_below": 1_250,
            "small_max": 25,
            "small_positions_max": 1,
            "positions_max": self.positions_max,
            "entries_per_cycle": int(BUSY["cycle_max"]),
            "entries_per_minute": self.entries_per_minute,
            "entries_per_hour": self.entries_per_hour,
            "entries_per_day": int(BUSY["per_day"]),
            "same_size_s": 600,
            "product_pause_s": 60 * int(BUSY["product_minutes"]),
            "confirmed_first": 20,
            "fill_pause_s": 60 * self.fill_minutes,
            "loss_pause_s": 60 * int(BUSY["loss_minutes"]),
            "stop_pause_s": 60 * int(BUSY["stop_minutes"]),
            "stops_pause_s": 3_600 * int(BUSY["stops_hours"]),
            "closes_max": self.closes_max,
            "streak_pause_s": 60 * self.streak_minutes,
            "decision_age_s": 2,
            "interval_s": 60,
            "refusals_max": 3,
            "errors_max": 5,
            "digests": 1,
            "reads": 1,
            "breaker_cycles": 2,
            "breaker_s": 300,
            "losses_s": 60 * int(BUSY["velocity_minutes"]),
            "fees_pct": self.fees_pct,
            "strikes_max": 3,
            "strikes_s": 600,
            "doubt_s": 300,
            "room_mb": 1_000,
            "quote_age_s": 30,
            "quote_ahead_s": 5,
            "depth_multiple": 10,
            "collar_bps": 50,
            "order_life_s": 900,
            "late_s": 60,
            "kill_s": 1,
            "alert_s": 5,
            "settle_s": 600,
            "requests_per_s": 30,
            "cancels_per_minute": 30,
        }


ACCOUNTS = (
    Account(Decimal(1_000_000), at_risk_max=900),
    Account(Decimal(5_000), positions_max=20, cluster_pct=12, entries_per_minute=1),
    Account(
        Decimal(20_000),
        entries_per_hour=8,
        positions_max=3,
        total_pct=4,
        fill_minutes=3,
        entry_seconds=90,
    ),
)
"""One seed after the other: with a million fees trip no stop and all goes on, until as much is at
risk as may be; with a few thousand every order is near a share of equity; with the last one,
paces, places and the whole are tight."""
_DOZEN, _LITTLE = 12, Account(Decimal(5_000), positions_max=20, total_pct=3)
"""Every other dozen seeds have this one in the second's place: there the whole book is full after
two orders of the largest size, before any product or cluster is."""

_LEFT_OUT = ("ALGO-USD", "HBAR-USD")
"""Twelve products are left."""

_APP = {
    'mode: "PAPER"': 'mode: "LIVE"',
    "read_only: true": "read_only: false",
}
_FLAGGED = "banned_at: 2026-01-01T00:00:00Z, expires_after_hours: 8760"
_NO_STREAM = {"stream: true": "stream: false"}


def traded_products() -> tuple[str, ...]:
    """What the simulated trader trades in."""
    text = (SHIPPED / "universe.yaml").read_text(encoding="utf-8")
    tiers = text.partition("clusters:")[0]
    found = dict.fromkeys(re.findall(r"[A-Z]+-USD", tiers))
    return tuple(each for each in found if each not in _LEFT_OUT)


def checks() -> list[str]:
    """Every check that the shipped policy names."""
    text = (SHIPPED / "policy.yaml").read_text(encoding="utf-8")
    body = text.partition("\nchecks:\n")[2].partition("\nsignals:")[0]
    return re.findall(r"(?m)^  ([a-z_]+):", body)


def spreads() -> dict[str, str]:
    """How wide the book of each product may be, in basis points, by its tier and the floors."""
    text = (SHIPPED / "universe.yaml").read_text(encoding="utf-8")
    tiers, _, floors = text.partition("clusters:")[0].partition("\nfloors:")
    found: dict[str, str] = {}
    most = _wide(floors)
    for tier in re.split(r"(?m)^  tier_", tiers)[1:]:
        for product in re.findall(r"[A-Z]+-USD", tier):
            found.setdefault(product, str(min(most, _wide(tier))))
    return {product: found[product] for product in traded_products()}


def _wide(text: str) -> Decimal:
    said = re.search(r"spread_bps_max: (\S+)", text)
    assert said is not None, "a tier and the floors say how wide a book may be"
    return Decimal(said[1])


def account_of(seed: int) -> Account:
    """Whose money a seed trades."""
    account = ACCOUNTS[seed % len(ACCOUNTS)]
    return _LITTLE if account is ACCOUNTS[1] and seed // _DOZEN % 2 else account


def _clusters() -> dict[str, list[str]]:
    """Which of the products that are left fall together, by the name of their cluster."""
    text = (SHIPPED / "universe.yaml").read_text(encoding="utf-8")
    body = text.partition("\nclusters:")[2].partition("\nstablecoins:")[0]
    found: dict[str, list[str]] = {}
    for line in body.splitlines():
        name = re.match(r" +([A-Z0-9]+):", line)
        if name is not None:
            found[name[1]] = []
        for product in re.findall(r"[A-Z]+-USD", line):
            if product not in _LEFT_OUT:
                found[next(reversed(found))].append(product)
    return found


def write_settings(
    folder: Path, account: Account, *, is_listening: bool, has_venue_stops: bool = True
) -> None:
    """Write app.yaml, policy.yaml and universe.yaml to a new folder.

    Nothing is bought beside an order of ours that sells: where stops rest at the venue, no position
    ever grows. Some runs keep theirs to themselves.
    """
    changes = _APP if is_listening else {**_APP, **_NO_STREAM}
    folder.mkdir(mode=0o700)
    for source in sorted(SHIPPED.glob("*.yaml")):
        text = source.read_text(encoding="utf-8")
        if source.name == "policy.yaml":
            for key, value in account.policy.items():
                text, count = re.subn(rf"(?m)^( +{key}: )\S+", rf"\g<1>{value}", text)
                assert count, f"policy.yaml has a {key}"
            for old, new in account.texts.items():
                assert text.count(old) == 1, f"policy.yaml says {old}"
                text = text.replace(old, new)
            if not has_venue_stops:
                text, count = re.subn(r"(?m)^( +venue_stops: )\S+", r"\g<1>off", text)
                assert count == 1, "policy.yaml says where stops are kept"
        elif source.name == "app.yaml":
            for old, new in changes.items():
                assert old in text, f"app.yaml says {old}"
                text = text.replace(old, new)
        else:
            for product in _LEFT_OUT:
                text = re.sub(rf"(?m)^ +- {product}\n", "", text)
            if account.red_flag:
                flag = f"product: {account.red_flag}, reason: simulated, {_FLAGGED}"
                text = text.replace("red_flags: []", f"red_flags: [{{{flag}}}]")
                assert account.red_flag in text.partition("red_flags:")[2], "it is forbidden there"
            text, count = re.subn(r"(base_position_pct: )\S+", r"\g<1>5", text)
            assert count, "universe.yaml says how large a position is"
        (folder / source.name).write_text(text, encoding="utf-8")
