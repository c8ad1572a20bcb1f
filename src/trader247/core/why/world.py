"""What a cycle was decided on, and one part of it changed: the rest stays exactly as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import timedelta
from decimal import Decimal

from trader247.core.decide import Deliberation, deliberate
from trader247.core.market.senses import OnceEach, Senses
from trader247.core.policy import Policy
from trader247.core.risk.check import Check, check_in
from trader247.core.risk.checks.collar import Collar
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars, Depth, Product, ProductView, Quote, Snapshot
from trader247.domain.money import CONTEXT, ONE, Bps, Money, Price
from trader247.domain.portfolio import Membership, Portfolio
from trader247.domain.time import Instant
from trader247.domain.verdicts import Refused


@dataclass(frozen=True, slots=True)
class World:
    """All that `decide` is given.

    `aged` is by how much what is remembered was made older: so much later than the snapshot says
    is it decided, in effect. Worlds made of one another share their `senses`.
    """

    snapshot: Snapshot
    portfolio: Portfolio
    policy: Policy
    aged: timedelta = timedelta()
    senses: Senses = field(default_factory=OnceEach, compare=False, repr=False)

    def deliberated(self) -> Deliberation:
        """What is decided in this world, with the reasoning."""
        return deliberate(self.snapshot, self.portfolio, self.policy, self.senses)

    def view(self, product: ProductId) -> ProductView:
        """All that was seen of a product; nothing, where it was not looked at."""
        return self.snapshot.views.get(product) or ProductView(None, None, None, None)

    def with_portfolio(self, **parts: object) -> World:
        """The same world with another ledger."""
        return replace(self, portfolio=replace(self.portfolio, **parts))  # type: ignore[arg-type] # names are checked by replace

    def with_policy(self, **parts: object) -> World:
        """The same world under another policy."""
        return replace(self, policy=replace(self.policy, **parts))  # type: ignore[arg-type] # names are checked by replace

    def with_check(self, check: Check) -> World:
        """The same world with one check's limits changed."""
        checks = tuple(check if type(each) is type(check) else each for each in self.policy.checks)
        return self.with_policy(checks=checks)

    def with_view(self, of: ProductId, /, **parts: object) -> World:
        """The same world with other parts of a product's view."""
        view = replace(self.view(of), **parts)  # type: ignore[arg-type] # names are checked by replace
        views: Mapping[ProductId, ProductView] = {**self.snapshot.views, of: view}
        return replace(self, snapshot=replace(self.snapshot, views=views))

    def with_rules(self, product: ProductId, **parts: object) -> World:
        """The same world with other rules of a product that the venue lists."""
        rules = self.view(product).product
        assert rules is not None, "only a listed product has rules"
        changed: Product = replace(rules, **parts)  # type: ignore[arg-type] # names are checked by replace
        return self.with_view(product, product=changed)

    def with_quote(self, product: ProductId, **parts: object) -> World:
        """The same world with other parts of a product's quote."""
        quote = self.view(product).quote
        assert quote is not None, "only what is quoted has a quote to change"
        changed: Quote = replace(quote, **parts)  # type: ignore[arg-type] # names are checked by replace
        return self.with_view(product, quote=changed)

    def with_depth(self, product: ProductId, *, band_bps: int, least: Money) -> World:
        """The same world with a book that holds at least `least` within a band, on each side."""
        depth = self.view(product).depth
        if depth is None:
            whole = (least,) * 5
            return self.with_view(product, depth=Depth(whole, whole))
        found = depth.within(band_bps)
        if found.value == 0:
            sides = [tuple(max(each, least) for each in side) for side in (depth.bids, depth.asks)]
            return self.with_view(product, depth=Depth(*sides))
        # A little more than the exact share: the sums are compared to the last digit.
        share = CONTEXT.multiply(CONTEXT.divide(least.value, found.value), Decimal("1.000001"))
        sides = [tuple(each * share for each in side) for side in (depth.bids, depth.asks)]
        return self.with_view(product, depth=Depth(*sides))

    def with_member(self, product: ProductId) -> World:
        """The same world with a product in the universe."""
        return self.with_portfolio(
            universe={**self.portfolio.universe, product: Membership(is_member=True)}
        )

    def moved(self, product: ProductId, ticks: int) -> World:
        """The same world with the last close, and the quote around it, so many ticks off."""
        view = self.view(product)
        bars, quote = view.bars, view.quote
        assert bars is not None, "only what has bars has a last close"
        before = bars.close[-1]
        parts: dict[str, object] = {"bars": with_closes(bars, before + ticks)}
        if quote is not None:
            shift = CONTEXT.multiply(bars.tick.value, Decimal(ticks))
            parts["quote"] = replace(
                quote,
                bid=Price(CONTEXT.add(quote.bid.value, shift)),
                ask=Price(CONTEXT.add(quote.ask.value, shift)),
            )
        return self.with_view(product, **parts)

    def quoted_at(self, product: ProductId, bid: Price) -> World:
        """The same world with a product's bid there, as wide a quote, and its last minutes too.

        A bid that is alone there is a wrong tick, and the collar takes it for one.
        """
        view = self.view(product)
        quote = view.quote
        assert quote is not None, "only what is quoted has a bid"
        gap = CONTEXT.subtract(quote.ask.value, quote.bid.value)
        parts: dict[str, object] = {
            "quote": replace(quote, bid=bid, ask=Price(CONTEXT.add(bid.value, gap)))
        }
        if view.bars is not None:
            minutes = check_in(self.policy.checks, Collar).bars
            ticks = int(CONTEXT.divide(bid.value, view.bars.tick.value))
            parts["bars"] = with_closes(view.bars, ticks, minutes)
        return self.with_view(product, **parts)


@dataclass(frozen=True, slots=True)
class Remedy:
    """One input that was otherwise: what it was, what it takes, and the world where it is so.

    `since` is the instant from which on it holds, where time alone brings it.
    """

    what: str
    was: str
    needed: str
    world: World
    since: Instant | None = None

    def __str__(self) -> str:
        return f"{self.what} {self.needed}; it was {self.was}"


Remedies = Callable[[ProductId, World, Deliberation, Outcome], Remedy | None]
"""What would have changed an outcome; None where no single input can."""


def refused_of(product: ProductId, found: Deliberation) -> Refused:
    """The gate's no to a product's order, or to its sale if the stop at the venue were gone."""
    refused = (*found.decisions.refused, *found.exits.refused)
    return next(each for each in refused if each.proposal.product == product)


def with_closes(bars: Bars, close: int, count: int = 1) -> Bars:
    """The same bars with other last closes, the last `count` of them."""
    first = max(0, len(bars) - count)
    low, high, closes = bars.low[:], bars.high[:], bars.close[:]
    for place in range(first, len(bars)):
        closes[place] = close
        low[place], high[place] = min(low[place], close), max(high[place], close)
    return replace(bars, close=closes, high=high, low=low)


def spread_at(quote: Quote, most: Bps, tick: Price) -> Quote:
    """The quote with its ask brought so near to the bid that the spread is at most `most`."""
    half = CONTEXT.divide(most.value, Decimal(20_000))
    # ask / bid = (1 + h) / (1 - h), where h is half of the spread as a share of the mid.
    ratio = CONTEXT.divide(CONTEXT.add(ONE, half), CONTEXT.subtract(ONE, half))
    ask = (quote.bid * ratio).floor_to(tick)
    next_up = Price(CONTEXT.add(quote.bid.value, tick.value))
    return replace(quote, ask=max(ask, next_up))
