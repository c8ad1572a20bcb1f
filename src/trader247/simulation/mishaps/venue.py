"""What goes wrong at the exchange with time: halts, maintenance, crashes, money moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from trader247.simex.accounts import InsufficientFunds
from trader247.simex.book import Side
from trader247.simex.deeds.asked import Undone
from trader247.simex.deeds.by_name import Deeds
from trader247.simex.door.keyring import Keyring
from trader247.simex.store import Query
from trader247.simulation.judged.history import Record
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.exchange import SimulatedExchange
from trader247.simulation.world.timeline import Act, Timeline

_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_HALTS = ("cancel_only", "auction_mode", "trading_disabled", "post_only", "limit_only")
_NOT_TRADED, _LIMITED = "post_only", "limit_only"
_LOOK_US, _PATIENCE = 5 * _SECOND_US, 120
"""How often, and how many times, somebody looks whether anything rests."""
_ENDS_APART_US = 4 * _MINUTE_US
_SOME, _PIECE = 40, 15
"""Hundredths of an order."""
_TIERS = ("VIP 1", "automatic")
_SMALL_EACH, _SMALL = 4, 4_000
_LATE_US = 55 * _SECOND_US
_AT_ONCE = (1, 1, 2)
"""How many pieces of an order fill in one moment."""


class VenueMishaps:
    """Does them to one exchange, and takes back what does not stay."""

    def __init__(
        self,
        dice: Dice,
        timeline: Timeline,
        exchange: SimulatedExchange,
        keyring: Keyring,
        *,
        traded: tuple[str, ...],
        tell: Callable[[Record], None],
    ) -> None:
        self._dice = dice
        self._timeline = timeline
        self._exchange = exchange
        self._keyring = keyring
        self._deeds = Deeds(exchange.exchange)
        self._traded = traded
        self._tell = tell
        self._shut: dict[str, None] = {}
        """Products that are not traded as usual."""

    def fill_in_part(self) -> None:
        """Somebody trades with what rests there, a piece at a time; all in one trade, or not.

        Within minutes, or all of it within seconds: then one reading has many pieces. Where nothing
        rests, as soon as something does.
        """
        self._join(is_on=self._dice.chance(500_000))
        self._once_one_rests(self._fill_pieces)

    def _once_one_rests(self, act: Act, times: int = _PATIENCE) -> None:
        if times and not self._resting():
            self._timeline.after(_LOOK_US, lambda: self._once_one_rests(act, times - 1))
        else:
            act()

    def _fill_pieces(self) -> None:
        span_us = self._dice.pick((5 * _MINUTE_US, 3 * _SECOND_US))
        for _ in range(self._dice.between(1, 50)):
            self._timeline.after(self._dice.below(span_us), self._fill_a_piece)

    def _join(self, *, is_on: bool) -> None:
        exchange = self._exchange.exchange
        exchange.rules = replace(exchange.rules, joins_trades=is_on)

    def revise(self) -> None:
        """A fill is taken back, and mostly comes again at another price."""
        exchange = self._exchange.exchange
        rows = exchange.store.fills(Query(), 20)
        if not rows:
            return
        fill = self._dice.pick(rows)
        if self._dice.chance(300_000):
            self._do(action="reverse", entry_id=fill.entry_id)
            return
        tick = exchange.markets[fill.product_id].listing.price_increment
        price = str(tick * (fill.price + self._dice.between(1, 5)))
        self._do(action="correct", entry_id=fill.entry_id, price=price)

    def reverse_first_sale(self) -> None:
        """The first sale of ours is taken back."""
        rows = self._exchange.exchange.store.fills(Query(), 1_000)
        sales = [each for each in rows if each.side is Side.SELL]
        if sales:
            self._do(action="reverse", entry_id=sales[-1].entry_id)

    def note(self) -> None:
        """The latest fill of ours is noted once more, by a row that moves nothing."""
        rows = self._exchange.exchange.store.fills(Query(), 20)
        if rows:
            self._do(action="synthetic", entry_id=rows[0].entry_id)

    def end_early(self) -> None:
        """Orders of ours end before their time, mostly just after a piece of each was filled.

        Or for a while all end up to a minute late.
        """
        if self._dice.chance(400_000):
            self._end_late(self._dice.between(5, 55) * _SECOND_US)
            self._timeline.after(20 * _MINUTE_US, lambda: self._end_late(0))
            return
        for number in range(self._dice.between(1, 4)):
            self._timeline.after(
                number * _ENDS_APART_US + 1, lambda: self._once_one_rests(self.end_one)
            )

    def end_one(self) -> None:
        """An order ends before its time, mostly just after a piece of it was filled."""
        exchange = self._exchange.exchange
        live = [each.order_id for each in exchange.desk.live.values()]
        # Stops are most of what lives, and are in no book: whom one can trade with comes first.
        resting = self._resting()
        if resting and self._dice.chance(700_000):
            live = resting
        if not live:
            return
        chosen = self._dice.pick(live)
        if chosen in resting and self._dice.chance(700_000):
            exchange.fill_resting(chosen, hundredths=self._dice.between(1, 60))
        exchange.cancel([chosen])

    def end_in_part(self) -> None:
        """Somebody trades with a part of whatever rests, and the rest of it ends."""
        resting = self._resting()
        for each in resting:
            self._exchange.exchange.fill_resting(each, hundredths=_SOME)
        self._exchange.exchange.cancel(resting)

    def leave_little(self, little: Decimal, *, ends_after_us: int) -> None:
        """Of each buy so little money's worth is filled, and the rest ends a while later."""
        exchange = self._exchange.exchange
        resting = set(self._resting())
        for each in [*exchange.desk.live.values()]:
            terms = each.terms
            if each.order_id not in resting or terms.side is not Side.BUY or not terms.limit:
                continue
            listing = exchange.markets[terms.product_id].listing
            worth = terms.limit * listing.price_increment * listing.base_increment
            lots = max(1, int(little / worth))
            exchange.fill_resting(each.order_id, hundredths=_SOME, lots_max=lots)
            self._timeline.after(ends_after_us, partial(self._end, each.order_id))

    def _end(self, order_id: str) -> None:
        self._exchange.exchange.cancel([order_id])

    def crash_for(self, minutes: int, percent: int) -> None:
        """All products fall by so much, for so long."""
        for product in self._traded:
            self._do(action="jump", product_id=product, percent=str(-percent), for_s=60 * minutes)

    def crash_each(self, minutes: int, percent: int, *, apart_us: int) -> None:
        """Each product falls by so much, for so long, one after the other."""
        for number, product in enumerate(self._traded):
            jump = {"product_id": product, "percent": str(-percent), "for_s": 60 * minutes}
            self._timeline.after(number * apart_us, partial(self._do, action="jump", **jump))

    def ends_late(self) -> None:
        """From now on orders end most of a minute late."""
        self._end_late(_LATE_US)

    def fill_part(self, *, young_us: int) -> tuple[str, ...]:
        """Somebody trades with a part of whatever is so young, and rests; which orders that are."""
        exchange, since_us = self._exchange.exchange, self._exchange.now_us - young_us
        created = {each.order_id: each.created_us for each in exchange.desk.live.values()}
        young = [each for each in self._resting() if created[each] > since_us]
        for each in young:
            exchange.fill_resting(each, hundredths=_SOME)
        return tuple(young)

    def fill_in_a_moment(self, pieces: int) -> bool:
        """Somebody trades so many times at once with an order that rests; whether one does."""
        resting = self._resting()
        for _ in range(pieces if resting else 0):
            self._exchange.exchange.fill_resting(resting[0], hundredths=_PIECE)
        return bool(resting)

    def fill_one(self, hundredths: int, *, is_oldest: bool) -> None:
        """Somebody trades with so much of the oldest order that rests, or of the youngest."""
        resting = self._resting()
        if resting:
            chosen = resting[0 if is_oldest else -1]
            self._exchange.exchange.fill_resting(chosen, hundredths=hundredths)

    def fill_this(self, order_id: str, hundredths: int) -> None:
        """Somebody trades with so much of an order, if it rests."""
        if order_id in self._resting():
            self._exchange.exchange.fill_resting(order_id, hundredths=hundredths)

    def buys_that_were_sold(self) -> frozenset[str]:
        """Buys that filled, of products of which something was sold since."""
        store = self._exchange.exchange.store
        orders = {each.order_id: store.order(each.order_id) for each in store.fills(Query(), 100)}
        terms = {name: each.terms for name, each in orders.items() if each is not None}
        sold = {each.product_id for each in terms.values() if each.side is Side.SELL}
        return frozenset(
            name
            for name, each in terms.items()
            if each.side is Side.BUY and each.product_id in sold
        )

    def buy_that_rests(self, product: str) -> str:
        """A buy of ours of this that nobody has traded with; empty where there is none."""
        for each in self._exchange.exchange.desk.live.values():
            terms = each.terms
            if (terms.product_id, terms.side) == (product, Side.BUY) and not each.filled_lots:
                return each.order_id
        return ""

    def _end_late(self, late_us: int) -> None:
        exchange = self._exchange.exchange
        exchange.rules = replace(exchange.rules, end_late_us=late_us)

    def halt(self) -> None:
        """A product is halted for a while."""
        product, flag = self._dice.pick(self._traded), self._dice.pick(_HALTS)
        self._halt(product, flag, self._dice.between(1, 30) * _MINUTE_US)

    def halt_this(self, product: str, minutes: int) -> None:
        """Nothing is traded of this for so long."""
        self._halt(product, _NOT_TRADED, minutes * _MINUTE_US)

    def limit_beneath(self, minutes: int) -> None:
        """Of what a buy of ours rests in only limit orders are taken, for so long."""
        bought = [each for each in self._traded if self.buy_that_rests(each)]
        if bought:
            self._halt(bought[0], _LIMITED, minutes * _MINUTE_US)
        else:
            self._timeline.after(_LOOK_US, lambda: self.limit_beneath(minutes))

    def _halt(self, product: str, flag: str, for_us: int) -> None:
        self._do(action="set", product_id=product, flags={flag: True})
        self._shut[product] = None
        self._tell({"kind": "state", "product_id": product, "is_usual": False})
        self._timeline.after(for_us, lambda: self._resume(product))

    def _resume(self, product: str) -> None:
        self._do(action="resume", product_id=product)
        if product in self._shut:
            del self._shut[product]
            self._tell({"kind": "state", "product_id": product, "is_usual": True})

    def move_money(self) -> None:
        """The account's owner moves money, or trades on the website."""
        kind = self._dice.below(4)
        if kind < 2:
            amount = Decimal(self._dice.between(1, 2_000))
            if not amount % _SMALL_EACH:
                amount /= (
                    _SMALL  # interest, or a rebate: hardly anything, and a movement all the same
                )
            self.move(amount * (1 if kind == 0 else -1))
            return
        self.buy_by_hand()

    def buy_of(self, product: str, spent: Decimal) -> None:
        """The account's owner buys so much of this on the website."""
        market = {"market_market_ioc": {"quote_size": f"{spent:.2f}"}}
        self._do(action="place", product_id=product, side="BUY", order_configuration=market)

    def price_of(self, product: str) -> Decimal:
        """What one was traded at last."""
        known = self._exchange.exchange.markets[product]
        return known.last * known.listing.price_increment

    def buy_by_hand(self, spent: int | None = None) -> None:
        """The account's owner buys something on the website, for so many USD or by chance."""
        # Rather more of what is there: people adopt it, and its position has lots of two prices.
        wallets = {row["currency"] for row in self._exchange.wallets() if Decimal(row["total"]) > 0}
        there = tuple(each for each in self._traded if each.split("-")[0] in wallets)
        is_more = bool(there) and self._dice.chance(700_000)
        product = self._dice.pick(there if is_more else self._traded)
        value = str(spent or self._dice.between(10, 500))
        market = {"market_market_ioc": {"quote_size": value}}
        self._do(action="place", product_id=product, side="BUY", order_configuration=market)

    def sell_by_hand(self, hundredths: int, *, is_exact: bool = False) -> None:
        """The account's owner sells so much of whatever is there, and on hold for no order; if it
        must be exact, of that alone of which so much is a whole number of steps.
        """
        markets = self._exchange.exchange.markets
        for row in self._exchange.wallets():
            product = f"{row['currency']}-USD"
            if product not in self._traded:
                continue
            step = markets[product].listing.base_increment
            free = Decimal(row["total"]) - Decimal(row["hold"])
            lots = int(free * hundredths / 100 / step)
            market = {"market_market_ioc": {"base_size": f"{lots * step:f}"}}
            if lots and not (is_exact and lots * step * 100 != free * hundredths):
                self._do(
                    action="place", product_id=product, side="SELL", order_configuration=market
                )

    def move(self, amount: Decimal) -> None:
        """The account's owner puts money in, or takes it out."""
        with suppress(InsufficientFunds):
            self._exchange.exchange.deposit("USD", amount)
            self._tell({"kind": "moved", "currency": "USD", "amount": str(amount)})

    def change_tier(self) -> None:
        """Another fee tier."""
        self._do(action="tier", tier=self._dice.pick(_TIERS))

    def maintain(self) -> None:
        """Everything is closed for a while, and prices are elsewhere after it."""
        span_s = self._dice.between(300, self._dice.pick((600, 1_800, 7_200)))
        self._do(action="maintain", kind="closed", for_s=span_s)
        if self._dice.chance(500_000):
            gap = self._dice.pick(("-8", "8", "-3"))
            self._timeline.after(span_s * _SECOND_US, lambda: self._jump(gap))

    def revoke_key(self) -> None:
        """The key does nothing any more, for a while."""
        (key,) = list(self._keyring)
        self._keyring.revoke(key.name)
        self._timeline.after(
            self._dice.between(2, 20) * _MINUTE_US, lambda: self._keyring.restore(key.name)
        )

    def let_transfer(self, *, is_allowed: bool) -> None:
        """The key may move money out from now on, or may not any more."""
        for key in list(self._keyring):
            self._keyring.let_transfer(key.name, is_allowed=is_allowed)

    def crash(self) -> None:
        """40 % down, and back: one product, or all of them."""
        if self._dice.chance(250_000):
            self._jump("-40", for_s=90)
            return
        for product in self._traded:
            self._do(action="jump", product_id=product, percent="-40", for_s=90)

    def depeg(self) -> None:
        """A stablecoin falls to 0.88."""
        names = [each.product_id for each in self._exchange.listings]
        coins = [each for each in names if each.startswith(("USDC-", "USDT-"))]
        for each in coins:
            self._do(action="jump", product_id=each, percent="-12", for_s=7_200)

    def mend(self) -> None:
        """Nothing of it goes on."""
        self._end_late(0)
        self._join(is_on=False)
        self._do(action="clear")
        self._do(action="resume", product_id="*")
        for product in list(self._shut):
            self._resume(product)
        for key in list(self._keyring):
            self._keyring.restore(key.name)
        self.let_transfer(is_allowed=False)

    def _jump(self, percent: str, **more: Any) -> None:
        product = self._dice.pick(self._traded)
        self._do(action="jump", product_id=product, percent=percent, **more)

    def _resting(self) -> list[str]:
        """Orders that somebody may trade with: a stop that waits is in no book."""
        live = self._exchange.exchange.desk.live.values()
        return [each.order_id for each in live if not each.terms.is_sleeping or each.is_triggered]

    def _fill_a_piece(self) -> None:
        resting = self._resting()
        if not resting:
            return
        chosen = self._dice.pick(resting)
        for _ in range(self._dice.pick(_AT_ONCE)):
            if chosen in self._resting():
                hundredths = self._dice.between(1, 60)
                self._exchange.exchange.fill_resting(chosen, hundredths=hundredths)

    def _do(self, **asked: Any) -> None:
        # What cannot be done now, for want of funds or of an order, is not done.
        with suppress(Undone):
            self._deeds.do(asked)
