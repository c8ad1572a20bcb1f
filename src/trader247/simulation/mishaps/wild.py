"""A strategy that runs wild: it asks for anything that an order may be, and sizes nothing.

What a strategy plans is cut down before the gate sees it, which hides what the gate would do by
itself. This one is not: the gate alone stands between it and the account. A brisk one asks for
little, and often, and lets go of it within minutes: there is much more of everything that way.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from trader247.core.market.senses import Fresh
from trader247.core.orders.exits import due
from trader247.core.policy import Policy
from trader247.core.rules.rule import STRATEGY
from trader247.domain.ids import ProductId, decision_id
from trader247.domain.market import Product, Quote, Snapshot
from trader247.domain.money import Bps, Money, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import ExitPlan, Proposal, Purpose
from trader247.domain.stage import Confirmation
from trader247.simulation.mishaps.faults import BRISK, WILD, Odds
from trader247.simulation.world.dice import Dice

_ASKS, _ASKS_AGAIN = 120_000, 700_000
"""The chance that it wants a product in a cycle, and one that it likes or a person said yes to."""
_LIKES = 4
"""So many products it likes best: what is held of those grows beyond what one order sells."""
_FAR = 30_000
"""The chance that its price is far off: a few of those, and the product is banned."""
_TOO_HIGH = 300
"""Basis points above the bid: no collar has room for that."""
_INSISTS = 700_000
"""The chance that it wants as much of a product as a person said yes to, or as the last time:
whoever is asked says yes to that, and to no more.
"""
_SHARES = (100, 96, 92, 88, 84)
"""Of it, in per cent: what has the size of the last one is taken for it, and refused."""
_MODEST = (16, 30, 60, 97, 110, 190, 249)
_ODD = (5, 14, 260, 320, 600, 3_000)
"""Sizes that are refused whatever else is so: where those are many, no other limit is reached."""
_IS_ODD = 150_000
_STOPS = ("0.004", "0.006", "0.01", "0.03")
_TARGETS = ("0.02", "0.03", "0.06")
_NOT_WORTH_IT, _IS_WORTHLESS = "0.005", 60_000
_HOLD_MINUTES = (2, 10, 45, 90)
_LIFE_SECONDS = (30, 120, 300)
_BRISK_ASKS = 50_000
_BRISK_SIZES = (16, 20, 30, 45, 60)
_BRISK_MINUTES = (1, 2, 4, 8, 15)


class Wild(Fresh):
    """One run's: what it wants follows from the seed. It leaves everything else as it is."""

    def __init__(self, dice: Dice, odds: Odds) -> None:
        self._dice = dice
        self._odds = odds
        self._wanted: dict[ProductId, Money] = {}
        self._liked: set[ProductId] = set()
        self.is_far_off = False
        """Whether each of its prices is too high now, where a scene wants that."""

    def wished(
        self, planned: tuple[Proposal, ...], snapshot: Snapshot, book: Portfolio, policy: Policy
    ) -> tuple[Proposal, ...]:
        """What was planned, and buys of whatever is quoted, held or on its way, of any size."""
        if self._odds.has(BRISK):
            return self._brisk(planned, snapshot, book, policy)
        if not self._odds.has(WILD):
            return planned
        found: dict[ProductId, Proposal] = {}
        if not self._liked:
            names = list(policy.universe.products)
            self._liked = {self._dice.pick(names) for _ in range(_LIKES)}
        for name in policy.universe.products:
            view = snapshot.views.get(name)
            if view is None or view.product is None or view.quote is None:
                continue
            held = book.positions.get(name)
            if held is not None and due(held, view.quote.bid, snapshot.time) is not None:
                continue  # a cycle has one word for a product: that of what leaves
            is_likely = name in self._liked or _given(name, snapshot, book) is not None
            if self._dice.chance(_ASKS_AGAIN if is_likely else _ASKS):
                size = self._notional(name, snapshot, book)
                found[name] = self._wish(name, view.product, view.quote, snapshot, size)
        if found:
            self._odds.count(WILD)
        return (*(each for each in planned if each.product not in found), *found.values())

    def _brisk(
        self, planned: tuple[Proposal, ...], snapshot: Snapshot, book: Portfolio, policy: Policy
    ) -> tuple[Proposal, ...]:
        """What was planned, for minutes, and a little of what nobody planned, or holds."""
        dice, found = self._dice, {each.product: self._for_minutes(each) for each in planned}
        at_work = {each.intent.product for each in book.working.values()} | book.positions.keys()
        for name in policy.universe.products:
            view = snapshot.views.get(name)
            if not dice.chance(_BRISK_ASKS) or name in found or name in at_work:
                continue
            if view is None or view.product is None or view.quote is None:
                continue
            size = Money(Decimal(dice.pick(_BRISK_SIZES)))
            wish = self._wish(name, view.product, view.quote, snapshot, size)
            found[name] = self._for_minutes(wish)
        if found:
            self._odds.count(BRISK)
        return tuple(found.values())

    def _for_minutes(self, wish: Proposal) -> Proposal:
        if not wish.is_entry or wish.plan is None:
            return wish
        longest = timedelta(minutes=self._dice.pick(_BRISK_MINUTES))
        return replace(wish, plan=replace(wish.plan, longest_hold=longest))

    def _wish(
        self,
        name: ProductId,
        product: Product,
        quote: Quote,
        snapshot: Snapshot,
        notional: Money,
    ) -> Proposal:
        dice = self._dice
        off = dice.between(-300, 300) if dice.chance(_FAR) else -dice.between(0, 25)
        off = _TOO_HIGH if self.is_far_off else off
        price = quote.bid.shifted(Bps(Decimal(off))).floor_to(product.price_increment)
        price = max(price, product.price_increment)
        return Proposal(
            product=name,
            side=Side.BUY,
            purpose=Purpose.ENTRY,
            order_type=OrderType.POST_ONLY_GTD,
            price=price,
            quantity=self._quantity(notional, product, price),
            reference=quote.mid,
            strategy=STRATEGY,
            rule="momentum",
            decision_id=decision_id(snapshot.cycle, name),
            leg=0,
            score=Decimal(dice.between(1, 100)).scaleb(-2),
            lifetime=timedelta(seconds=dice.pick(_LIFE_SECONDS)),
            plan=ExitPlan(
                Decimal(dice.pick(_STOPS)),
                Decimal(_NOT_WORTH_IT if dice.chance(_IS_WORTHLESS) else dice.pick(_TARGETS)),
                timedelta(minutes=dice.pick(_HOLD_MINUTES)),
            ),
        )

    def _quantity(self, notional: Money, product: Product, price: Price) -> Quantity:
        whole = notional.at(price).floor_to(product.base_increment)
        return max(whole, product.base_increment)

    def _notional(self, name: ProductId, snapshot: Snapshot, book: Portfolio) -> Money:
        """How much of a product it wants now."""
        given = _given(name, snapshot, book)
        if not self._dice.chance(_INSISTS):
            sizes = _ODD if self._dice.chance(_IS_ODD) else _MODEST
            self._wanted[name] = Money(Decimal(self._dice.pick(sizes)))
        elif given is not None:
            self._wanted[name] = given.notional
        elif name not in self._wanted:
            self._wanted[name] = Money(Decimal(self._dice.pick(_MODEST)))
        return self._wanted[name] * (Decimal(self._dice.pick(_SHARES)) / 100)


def _given(name: ProductId, snapshot: Snapshot, book: Portfolio) -> Confirmation | None:
    """The yes to a product that stands."""
    return None if book.stage is None else book.stage.given_for(name, Side.BUY, snapshot.time)
