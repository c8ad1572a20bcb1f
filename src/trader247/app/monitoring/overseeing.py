"""What an account's own figures say of the trader that works on it, judged apart from that trader.

Nothing here knows the strategy, its policy or its journal: balances, open orders and prices of the
venue, and limits of its own, a fifth looser than the trader's. What is unknown is no breach and not
well either: a person is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from decimal import Decimal

from trader247.app.monitoring.opening import Opening
from trader247.core.book.clocks import Clocks
from trader247.core.limits import limit
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import OWN_PREFIX
from trader247.domain.money import CONTEXT, NO_MONEY, ZERO, Money, Percent, Price, Quantity, plain
from trader247.domain.orders import Order, Side
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class OverseerLimits:
    """The monitor's own limits, a fifth above the trader's ceilings."""

    product_pct_max: Percent = limit(
        Percent.of(6), unit="% of equity", at_least="0.1", at_most=6, doc="one product, with buys"
    )
    total_pct_max: Percent = limit(
        Percent.of(18), unit="% of equity", at_least="0.1", at_most=18, doc="all of them, with buys"
    )
    order_quote_max: Money = limit(
        Money.of(300), unit="quote", at_least=15, at_most=300, doc="one open order of ours"
    )
    loss_pct_max: Percent = limit(
        Percent.of("3.6"), unit="%", at_least="0.1", at_most="3.6", doc="of equity in a UTC day"
    )
    order_minutes_max: int = limit(
        16, unit="min", at_least=6, at_most=16, doc="age of an open order of ours"
    )
    silence_seconds_max: int = limit(
        300, unit="s", at_least=60, at_most=3600, doc="since the trader's last heartbeat"
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """An account as the venue tells it; a price that could not be read is None.

    `time` is the venue's, `own` this machine's: None where the venue has a time of its own.
    """

    time: Instant
    cash: Decimal
    holdings: Mapping[str, Decimal]
    prices: Mapping[str, Price | None]
    orders: tuple[Order, ...]
    own: Instant | None = None

    @property
    def clocks(self) -> Clocks:
        """By what a day begins."""
        return Clocks(self.time if self.own is None else self.own, self.time)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is over a limit, or not known; `is_breach` stops the trader, the rest is told."""

    id: str
    text: str
    is_breach: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One look: equity and what is at risk, None where unknown, and what was found."""

    time: Instant
    equity: Money | None
    at_risk: Money | None
    findings: tuple[Finding, ...]

    @property
    def breaches(self) -> tuple[Finding, ...]:
        """What stops the trader."""
        return tuple(each for each in self.findings if each.is_breach)

    @property
    def is_well(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass(slots=True)
class Overseer:
    """Judges look after look; of the past it knows what the day opened at alone.

    That is one of another look's too, if it left the same coins out.
    """

    limits: OverseerLimits
    foreign: Mapping[str, Decimal] = field(default_factory=dict)
    opening: Opening | None = None

    def judge(self, seen: Seen, *, silence: timedelta | None) -> Judged:
        """Everything that is over a limit; `silence` is the age of the heartbeat, None unknown."""
        worths = {currency: _worth(seen, currency, coins) for currency, coins in self._ours(seen)}
        findings = [
            Finding(
                "price",
                f"what {currency} is worth is unknown, and so equity and exposure are; if it is "
                f"not the trader's: --foreign {currency}={plain(seen.holdings[currency])}",
                is_breach=False,
            )
            for currency, worth in worths.items()
            if worth is None
        ]
        findings += self._of_orders(seen)
        known = {currency: worth for currency, worth in worths.items() if worth is not None}
        equity = at_risk = None
        if len(known) == len(worths):
            equity = Money(sum(known.values(), seen.cash))
            at_risk, over = self._of_exposure(seen, known, equity)
            findings += [*over, *self._of_loss(seen, equity)]
        if silence is None or silence > timedelta(seconds=self.limits.silence_seconds_max):
            age = "is not there" if silence is None else f"is {silence.total_seconds():.0f} s old"
            findings.append(Finding("heartbeat", f"the trader's heartbeat {age}", is_breach=False))
        return Judged(seen.time, equity, at_risk, tuple(findings))

    def _ours(self, seen: Seen) -> list[tuple[str, Decimal]]:
        """Coins that are not foreign; what others are worth, or that nobody knows it, is no matter.

        An account keeps remnants for which there is no market: named as foreign they blind nobody.
        """
        ours = (
            (currency, CONTEXT.subtract(coins, self.foreign.get(currency, ZERO)))
            for currency, coins in seen.holdings.items()
        )
        return [(currency, coins) for currency, coins in ours if coins > 0]

    def _of_exposure(
        self, seen: Seen, worths: Mapping[str, Decimal], equity: Money
    ) -> tuple[Money, list[Finding]]:
        """What is at risk: coins that are not foreign, and open buys at their limits."""
        exposures = dict(worths)
        for order in seen.orders:
            notional = _open_notional(order)
            if order.side is Side.BUY and not order.state.is_final and notional is not None:
                base = order.product.base
                exposures[base] = exposures.get(base, ZERO) + notional
        total = sum(exposures.values(), ZERO)
        findings = []
        for currency, exposure in sorted(exposures.items()):
            if _is_over(exposure, self.limits.product_pct_max, equity):
                most = self.limits.product_pct_max
                text = f"{_share(exposure, equity)} at risk in {currency}, over {most} %"
                findings.append(Finding("product_exposure", text, is_breach=True))
        if _is_over(total, self.limits.total_pct_max, equity):
            text = f"{_share(total, equity)} at risk in all, over {self.limits.total_pct_max} %"
            findings.append(Finding("total_exposure", text, is_breach=True))
        return Money(total), findings

    def _of_orders(self, seen: Seen) -> list[Finding]:
        findings = []
        for order in seen.orders:
            if order.state.is_final or not order.client_order_id.startswith(OWN_PREFIX):
                continue
            notional, age = _open_notional(order), seen.time - order.created
            if notional is None:
                text = f"what {order.client_order_id} may still take is unknown"
                findings.append(Finding("order_unknown", text, is_breach=False))
            elif order.side is Side.BUY and notional > self.limits.order_quote_max.value:
                most = self.limits.order_quote_max
                text = f"a buy of {notional:,.2f} is open, over {most}: {order.client_order_id}"
                findings.append(Finding("order_size", text, is_breach=True))
            if age > timedelta(minutes=self.limits.order_minutes_max):
                text = (
                    f"{order.client_order_id} is open since {order.created}, over "
                    f"{self.limits.order_minutes_max} min"
                )
                findings.append(Finding("order_age", text, is_breach=True))
        return findings

    def _of_loss(self, seen: Seen, equity: Money) -> list[Finding]:
        opening = self.opening
        if opening is None or not opening.goes_on(seen.clocks) or opening.foreign != self.foreign:
            opening = self.opening = Opening(seen.time.day_start, equity, self.foreign)
        opened = opening.equity
        lost = opened.value - equity.value
        if opened <= NO_MONEY or not _is_over(lost, self.limits.loss_pct_max, opened):
            return []
        text = (
            f"equity fell from {opened.value:,.2f} to {equity.value:,.2f} today, over "
            f"{self.limits.loss_pct_max} %"
        )
        return [Finding("loss", text, is_breach=True)]


def _worth(seen: Seen, currency: str, coins: Decimal) -> Decimal | None:
    price = seen.prices.get(currency)
    return None if price is None else (price * Quantity(coins)).value


def _share(amount: Decimal, equity: Money) -> str:
    """An amount and which share of equity it is."""
    if equity <= NO_MONEY:
        return f"{amount:,.2f} of an equity of {equity.value:,.2f} is"
    share = CONTEXT.divide(100 * amount, equity.value)
    return f"{amount:,.2f}, {share:.2f} % of an equity of {equity.value:,.2f}, is"


def _open_notional(order: Order) -> Decimal | None:
    """What an order may still take; None where the venue does not tell its figures."""
    if order.price is None or order.quantity is None:
        return None
    left = max(ZERO, CONTEXT.subtract(order.quantity.value, order.filled.value))
    return CONTEXT.multiply(left, order.price.value)


def _is_over(amount: Decimal, most: Percent, equity: Money) -> bool:
    """Whether an amount is above its share of equity; with no equity anything is."""
    if equity <= NO_MONEY:
        return amount > 0
    return amount > most.of_money(equity).value
