"""What trading costs: tiers by what was traded in the last 30 days, or by what is held in USDC.

The tier is found afresh each hour, from what was traded before that hour; an order pays the rates
of the moment at which it was placed. Rates of the first tier and of the last are Coinbase's, as of
September 2026; those between are not public, and made up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from trader247.simex.exact import ZERO
from trader247.simex.orders.costs import INTRO, Rates
from trader247.simex.turnover import Turnover

HOUR_US = 3_600_000_000
DAYS_US = 30 * 24 * HOUR_US


@dataclass(frozen=True, slots=True)
class Tier:
    """One line of the schedule: from what volume or balance on it holds, in dollars."""

    name: str
    volume: Decimal
    balance: Decimal | None
    rates: Rates
    is_made_up: bool = True


def _tier(name: str, volume: int, balance: int | None, maker: str, taker: str) -> Tier:
    least = None if balance is None else Decimal(balance)
    return Tier(name, Decimal(volume), least, Rates(Decimal(maker), Decimal(taker)))


SCHEDULE = (
    Tier("Intro", ZERO, ZERO, INTRO, is_made_up=False),
    _tier("Advanced 1", 10_000, 500_000, "0.004", "0.006"),
    _tier("Advanced 2", 50_000, 1_000_000, "0.0025", "0.004"),
    _tier("Advanced 3", 250_000, 5_000_000, "0.0015", "0.0025"),
    _tier("VIP 1", 1_000_000, 10_000_000, "0.001", "0.002"),
    _tier("VIP 2", 5_000_000, 15_000_000, "0.0008", "0.0018"),
    _tier("VIP 3", 20_000_000, None, "0.0006", "0.0016"),
    _tier("VIP 4", 50_000_000, None, "0.0003", "0.001"),
    _tier("VIP 5", 100_000_000, None, "0", "0.0006"),
    _tier("VIP 6", 200_000_000, None, "0", "0.0004"),
    _tier("VIP 7", 500_000_000, None, "0", "0.0003"),
    replace(_tier("VIP 8", 1_000_000_000, None, "0", "0.0002"), is_made_up=False),
)


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """What the account is charged by: the schedule, a tier whatever was traded, a promotion."""

    schedule: tuple[Tier, ...] = SCHEDULE
    fixed: str | None = None
    promotion: Rates | None = None

    def to_json(self) -> dict[str, Any]:
        """Where it is not as usual."""
        told: dict[str, Any] = {}
        if self.schedule != SCHEDULE:
            told["schedule"] = [
                [
                    each.name,
                    str(each.volume),
                    None if each.balance is None else str(each.balance),
                    *map(str, each.rates),
                ]
                for each in self.schedule
            ]
        if self.fixed is not None:
            told["fixed"] = self.fixed
        if self.promotion is not None:
            told["promotion"] = [str(each) for each in self.promotion]
        return told

    @staticmethod
    def from_json(told: Mapping[str, Any]) -> FeeTerms:
        """The inverse of `to_json`."""
        promotion = told.get("promotion")
        return FeeTerms(
            tuple(_read(row) for row in told["schedule"]) if "schedule" in told else SCHEDULE,
            told.get("fixed"),
            None if promotion is None else Rates(Decimal(promotion[0]), Decimal(promotion[1])),
        )


class Fees:
    """The fees of one account.

    `traded` says what was traded from one time up to another, `balance` what is held in USDC.
    """

    def __init__(
        self,
        terms: FeeTerms,
        *,
        traded: Callable[[int, int], Turnover],
        balance: Callable[[], Decimal],
        now_us: Callable[[], int],
    ) -> None:
        self.terms = terms
        self._traded = traded
        self._balance = balance
        self._now_us = now_us
        self._found: tuple[int, Tier] | None = None

    def change(self, terms: FeeTerms) -> None:
        """Charge by other terms from now on."""
        self.terms = terms
        self._found = None

    @property
    def tier(self) -> Tier:
        """The one of this hour."""
        hour = self._now_us() // HOUR_US
        if self._found is None or self._found[0] != hour:
            self._found = hour, self._tier_at(hour * HOUR_US)
        return self._found[1]

    def tier_after(self, tier: Tier) -> Tier | None:
        """The next one of the schedule, if there is any."""
        schedule = self.terms.schedule
        after = schedule.index(tier) + 1
        return schedule[after] if after < len(schedule) else None

    @property
    def rates(self) -> Rates:
        """What an order that is placed now pays."""
        return self.tier.rates if self.terms.promotion is None else self.terms.promotion

    def turnover(self) -> Turnover:
        """What was traded in the last 30 days, and what it cost."""
        now_us = self._now_us()
        return self._traded(now_us - DAYS_US, now_us + 1)

    def _tier_at(self, time_us: int) -> Tier:
        schedule = self.terms.schedule
        if self.terms.fixed is not None:
            return next(each for each in schedule if each.name == self.terms.fixed)
        volume = self._traded(time_us - DAYS_US, time_us).value
        balance = self._balance()
        return [each for each in schedule if _is_reached(each, volume, balance)][-1]


def read_schedule(rows: Iterable[tuple[str, Decimal, Decimal, Decimal]]) -> tuple[Tier, ...]:
    """A schedule from names, volumes, maker and taker rates. Raises ValueError: it is none."""
    tiers = tuple(Tier(name, volume, None, Rates(*rates)) for name, volume, *rates in rows)
    volumes = [each.volume for each in tiers]
    if not volumes or volumes[0] != 0 or volumes != sorted(set(volumes)):
        raise ValueError("a schedule begins at a volume of 0 and rises")
    if len({each.name for each in tiers}) != len(tiers):
        raise ValueError("the names of a schedule differ")
    if not all(0 <= rate < 1 for each in tiers for rate in each.rates):
        raise ValueError("a rate is a share: 0.005 is half a percent")
    return tiers


def _is_reached(tier: Tier, volume: Decimal, balance: Decimal) -> bool:
    return volume >= tier.volume or (tier.balance is not None and balance >= tier.balance)


def _read(row: Any) -> Tier:
    name, volume, balance, maker, taker = row
    least = None if balance is None else Decimal(balance)
    return Tier(name, Decimal(volume), least, Rates(Decimal(maker), Decimal(taker)))
