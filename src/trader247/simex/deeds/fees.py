"""What the account is charged: another tier, a promotion, another schedule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from trader247.simex.deeds.asked import Asked, Undone
from trader247.simex.exact import plain
from trader247.simex.exchange import Exchange
from trader247.simex.fees import SCHEDULE, Tier, read_schedule
from trader247.simex.orders.costs import Rates
from trader247.simex.wire.render import Body

AUTOMATIC = "auto"


class FeeDeeds:
    """The actions on the fees of one exchange; orders that live already keep theirs."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.deeds: dict[str, Callable[[Asked], Body]] = {
            "tier": self._tier,
            "promotion": self._promote,
            "schedule": self._schedule,
        }

    def told(self) -> Body:
        """What is charged now."""
        fees = self._exchange.fees
        return {
            "tier": fees.tier.name,
            "is_fixed": fees.terms.fixed is not None,
            "maker": plain(fees.rates.maker),
            "taker": plain(fees.rates.taker),
            "is_promotion": fees.terms.promotion is not None,
            "is_made_up": fees.tier.is_made_up and fees.terms.promotion is None,
            "volume": plain(fees.turnover().value),
        }

    def _tier(self, asked: Asked) -> Body:
        terms, name = self._exchange.fees.terms, asked.text("tier")
        known = [each.name for each in terms.schedule]
        named = next((each for each in known if each.casefold() == name.casefold()), None)
        if named is None and name != AUTOMATIC:
            raise Undone(
                f"there is no tier {name!r}; there are {', '.join(known)}, and {AUTOMATIC}",
                is_refused=True,
            )
        self._exchange.charge(replace(terms, fixed=named))
        return self.told()

    def _promote(self, asked: Asked) -> Body:
        """Other rates for a while; none where neither is given."""
        promotion = None
        if asked.has("maker") or asked.has("taker"):
            promotion = Rates(_share("maker", asked), _share("taker", asked))
        self._exchange.charge(replace(self._exchange.fees.terms, promotion=promotion))
        return self.told()

    def _schedule(self, asked: Asked) -> Body:
        """Other tiers, or without any those that are there at first."""
        terms = self._exchange.fees.terms
        schedule: tuple[Tier, ...] = SCHEDULE
        if asked.has("tiers"):
            try:
                schedule = read_schedule(_row(each) for each in asked.tables("tiers"))
            except ValueError as error:
                raise Undone(str(error)) from None
        self._exchange.charge(replace(terms, schedule=schedule, fixed=None))
        return {**self.told(), "tiers": [each.name for each in schedule]}


def _share(name: str, asked: Asked) -> Decimal:
    share = asked.number(name)
    if not 0 <= share < 1:
        raise Undone(f"{name} is a share of the value, 0.005 for half a percent, not {share}")
    return share


def _row(fields: dict[str, Any]) -> tuple[str, Decimal, Decimal, Decimal]:
    asked = Asked(fields)
    return (
        asked.text("name"),
        asked.number("volume"),
        _share("maker", asked),
        _share("taker", asked),
    )
