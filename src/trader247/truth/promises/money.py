"""Every fill once, every figure to its last digit."""

from __future__ import annotations

from fractions import Fraction

from trader247.truth.book import Book
from trader247.truth.exact import NONE, exact, plain
from trader247.truth.facts import Fill
from trader247.truth.promise import Lasting, Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import SECOND_US
from trader247.truth.world import World

_OPENING = "opening"
_TOO_LITTLE = Fraction(1, 1_000_000)
"""So much cash too many, or too few, is no difference that is told."""


class EachFillOnce(Promise):
    """Each fill of ours is booked exactly once, as the exchange made it; in the end none lacks.

    Nor does any for long: it is listed ten minutes later at the latest, and so many cycles that
    read the list do not all leave it out. What a sending of unknown fate may explain waits for it,
    and a sale of coins that such a buy brought, or one that is lost and not taken back, with that.

    A fill that the exchange never made is not booked, nor one of somebody else's order; a plain
    fill of ours is not set aside, but for a sale of coins that a person had adopted after the
    backup that somebody went back to. What is booked agrees in every figure.
    """

    id = "I6"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._seen: set[str] = set()
        self._made_us: dict[str, int] = {}
        self._left_out: dict[str, int] = {}
        """How many cycles read the list since each fill was surely on it."""
        self._read = 0

    _LISTED_US, _CYCLES = 660 * SECOND_US, 10

    def on_folded(self, _: Told) -> Wrong:
        world, before = self.world, self._left_out
        read, self._read = self._read, world.fills_read
        self._made_us = {key: self._made_us.get(key, world.now_us) for key in world.unbooked}
        if read == world.fills_read:
            return []
        owed, coming = self._owed()
        self._left_out = {
            key: before.get(key, 0) + 1
            for key, fill in owed.items()
            if world.now_us - self._made_us[key] > self._LISTED_US
            and not self._sells(fill, coming.get(fill.product, NONE))
        }
        return [
            f"fill {key} was not booked in {count} cycles, and is listed"
            for key, count in self._left_out.items()
            if count > self._CYCLES
        ]

    def _owed(self) -> tuple[dict[str, Fill], dict[str, Fraction]]:
        """The fills that nothing need wait for, and how much of each product the others bought."""
        world, owed, coming = self.world, dict[str, Fill](), dict[str, Fraction]()
        doubted = {(each.product, each.side) for each in world.unresolved.values()}
        for key, fill in world.unbooked.items():
            if key in world.quarantined:
                continue
            is_doubted = (fill.product, fill.side) in doubted
            if world.orders[fill.order_id].name in world.intents and not is_doubted:
                owed[key] = fill
            elif fill.side == "BUY":
                coming[fill.product] = coming.get(fill.product, NONE) + fill.size
        return owed, coming

    def event_fill_booked(self, payload: Told, _: Told) -> Wrong:
        told = payload["fill"]
        entry = told["entry_id"]
        if entry in self._seen:
            return [f"fill {entry} was booked twice"]
        self._seen.add(entry)
        fill = self.world.fills.get(entry)
        if fill is None:
            return [f"fill {entry} was booked, and the exchange never made it"]
        found = []
        order = self.world.orders[fill.order_id]
        if order.name != payload["client_order_id"]:
            found.append(f"fill {entry} of {order.name} was booked for another order")
        ours = (told["order_id"], told["product"], told["side"])
        theirs = (fill.order_id, fill.product, fill.side)
        if ours != theirs:
            found.append(f"fill {entry} is {theirs} at the exchange, and was booked as {ours}")
        for word, value, true in (
            ("price", told["price"], fill.price),
            ("quantity", told["quantity"], fill.size),
            ("fee", told["fee"], fill.fee),
        ):
            if exact(value) != true:
                found.append(f"fill {entry}: its {word} is {plain(true)}, booked was {value}")
        if fill.kind != "FILL":
            found.append(f"entry {entry} is a {fill.kind}, and was booked as a fill")
        return found

    def event_fill_quarantined(self, payload: Told, _: Told) -> Wrong:
        entry = payload["fill"]["entry_id"]
        fill = self.world.fills.get(entry)
        if fill is None:
            return [f"fill {entry} was set aside, and the exchange never made it"]
        if entry in self._seen:
            return [f"fill {entry} was set aside, and had been booked"]
        if not fill.is_ours or fill.kind != "FILL":
            return []
        name = self.world.orders[fill.order_id].name
        if name not in self.world.intents or self._sells_lost_coins(fill):
            return []
        return [f"fill {fill.entry_id} of {name} was set aside: {payload['cause']}"]

    def _sells_lost_coins(self, fill: Fill) -> bool:
        return self._sells(fill, self.world.lost_coins.get(fill.product, NONE))

    def _sells(self, fill: Fill, coins: Fraction) -> bool:
        """Whether it sells more than is held, and no more than with so many `coins`."""
        held = self.world.book.held(fill.product)
        return fill.side == "SELL" and held < fill.size <= held + coins

    def on_settled(self, _: Told) -> Wrong:
        return [
            f"fill {each.entry_id} of {self.world.orders[each.order_id].name} was never booked"
            for each in self.world.unbooked.values()
            if each.entry_id not in self.world.quarantined
        ] + [
            f"{each.kind} {each.entry_id} was never set aside"
            for each in self.world.irregular.values()
            if each.entry_id not in self.world.quarantined
        ]


class Balances(Promise):
    """The trader's cash and coins are what its journal's fills and flows add up to, exactly.

    After every cycle against a book of our own; in the end against the exchange's wallets too, but
    for what the trader itself tells as a difference and is halted for, until a person explains it.
    What it tells of a wallet is what the wallet had since it was last asked for, answered or not,
    and what it says that it knows is what its own events add up to; once a person has explained
    what moved, both are the same: but for what fills moved that somebody accepted, which is exactly
    that.
    """

    id = "I7"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._has_flowed = False
        self._explained: set[str] = set()

    def event_foreign_seen(self, payload: Told, _: Told) -> Wrong:
        if not self.world.is_due:
            self._explained.add(payload["currency"])
        return []

    def event_lots_sold_by_hand(self, payload: Told, _: Told) -> Wrong:
        if not self.world.is_due:
            self._explained.add(self.world.bases[payload["product"]])
        return []

    def event_cash_flowed(self, payload: Told, _: Told) -> Wrong:
        if not self.world.is_due:
            self._has_flowed = payload["cause"] != _OPENING
        return []

    def on_journal(self, _: Told) -> Wrong:
        has_flowed, self._has_flowed = self._has_flowed, False
        explained, self._explained = self._explained, set()
        if has_flowed:
            explained = {*explained, self.world.quote}
        found = []
        for currency in sorted(explained):
            had, known = self.world.totals(currency), self._own(currency)
            if known not in had:
                seen = " or ".join(sorted(map(plain, had)))
                found.append(
                    f"after what a person explained {plain(known)} {currency} is known, and the "
                    f"wallet had {seen}"
                )
        return found

    def event_difference_found(self, payload: Told, _: Told) -> Wrong:
        what, _colon, currency = payload["key"].partition(":")
        if what not in ("cash", "base"):
            return []
        own, told = self._own(currency), exact(payload["ledger"])
        found = (
            []
            if told == own
            else [f"of {currency} {payload['ledger']} was told to be known, and it is {plain(own)}"]
        )
        # The last words of a process may be heard after the first reading of the next one.
        is_own = self.world.holder == self.world.incarnation
        had = self.world.totals(currency, is_latest=is_own)
        if exact(payload["venue"]) not in had:
            seen = " or ".join(sorted(map(plain, had)))
            found.append(f"of {currency} {payload['venue']} was told to be there, and it is {seen}")
        return found

    def _own(self, currency: str) -> Fraction:
        """What the journal's own events add up to: cash, or coins held and foreign ones."""
        world = self.world
        if currency == world.quote:
            return world.book.cash
        products = [product for product, base in world.bases.items() if base == currency]
        held = sum(map(world.book.held, products), NONE)
        return held + world.foreign.get(currency, NONE)

    def on_folded(self, record: Told) -> Wrong:
        portfolio, book = record["portfolio"], self.world.book
        found = []
        if portfolio["cash"] is not None and exact(portfolio["cash"]) != book.cash:
            found.append(f"cash is {plain(book.cash)}, the trader's {portfolio['cash']}")
        theirs = {each["product"]: exact(each["quantity"]) for each in _owned(portfolio)}
        ours = {product: each.quantity for product, each in book.holdings.items()}
        if theirs != ours:
            found.append(f"held is {_told(ours)}, the trader's {_told(theirs)}")
        aside = {each["product"] for each in portfolio.get("dust", ())}
        if aside != self.world.dust.keys():
            known = ", ".join(sorted(self.world.dust)) or "nothing"
            found.append(f"set aside is {known}, by the trader {', '.join(sorted(aside))}")
        return found

    def on_settled(self, _: Told) -> Wrong:
        world = self.world
        found = []
        told = world.breaks if world.halts else set()
        total, _hold = world.wallets[world.quote]
        gap = total - world.book.cash
        is_untold = gap != 0 and f"cash:{world.quote}" not in told
        if is_untold and not (abs(gap) <= _TOO_LITTLE and gap == self._aside()):
            found.append(f"cash is {plain(world.book.cash)}, the wallet has {plain(total)}")
        held: dict[str, Fraction] = {}
        for product, holding in world.book.holdings.items():
            base = world.bases[product]
            held[base] = held.get(base, NONE) + holding.quantity
        for currency, (total, _hold) in world.wallets.items():
            ours = held.get(currency, NONE) + world.foreign.get(currency, NONE)
            if currency != world.quote and total != ours and f"base:{currency}" not in told:
                found.append(f"of {currency} {plain(ours)} is known, the wallet has {plain(total)}")
        return found

    def _aside(self) -> Fraction:
        """What reversals and corrections that are set aside did to the wallet."""
        world = self.world
        aside = (each for each in world.irregular.values() if each.entry_id in world.quarantined)
        return sum(map(_of_wallet, aside), NONE)


def _of_wallet(fill: Fill) -> Fraction:
    """What a fill does to the wallet of its quote currency."""
    fee = -fill.fee if fill.kind == "REVERSAL" else fill.fee
    return -fill.sign * fill.size * fill.price - fee


def _owned(portfolio: Told) -> list[Told]:
    """Everything of ours: positions, and what was set aside as too little to sell."""
    return [*portfolio["positions"], *portfolio.get("dust", ())]


def _told(held: dict[str, Fraction]) -> str:
    return ", ".join(f"{key} {plain(value)}" for key, value in sorted(held.items())) or "nothing"


class Profit(Promise):
    """Realised profit, fees and cost are those of the exchange's own fills, to the last digit.

    First in first out, fees with their lots; a part of a lot bears its share of the fee rounded up
    to 1e-16, the last part the rest. What is held has made its worth at the latest marks, less all
    that it cost; and a position what its sales have brought since it was opened.
    """

    id = "I8"

    _NEAR = Fraction(1, 10**20)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._marks: dict[str, str] = {}
        self._realised = NONE
        self._made: dict[str, Fraction] = {}
        """What each position has made so far."""
        self._openers: dict[str, str] = {}

    def event_fill_booked(self, payload: Told, _: Told) -> Wrong:
        return self._traded(payload["fill"]["product"])

    def event_lots_sold_by_hand(self, payload: Told, _: Told) -> Wrong:
        return self._traded(payload["product"])

    def event_holding_adopted(self, payload: Told, _: Told) -> Wrong:
        return self._traded(payload["product"])

    def event_dust_set_aside(self, payload: Told, _: Told) -> Wrong:
        self._made.pop(payload["product"], None)
        return []

    def _traded(self, product: str) -> Wrong:
        """What was made counts for the position, unless another one has just begun."""
        world = self.world
        made, self._realised = world.book.realised - self._realised, world.book.realised
        opener = world.openers.get(product, "")
        if opener != self._openers.get(product):
            self._openers[product] = opener
            self._made.pop(product, None)
        self._made[product] = self._made.get(product, NONE) + made
        if product not in world.book.holdings:
            del self._made[product]
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        before = self._marks if payload.get("regime") == EXITS_ONLY else {}
        self._marks = {**before, **payload["marks"]}
        return []

    def on_folded(self, record: Told) -> Wrong:
        portfolio, book = record["portfolio"], self.world.book
        found = [
            f"{word} is {plain(true)}, the trader's {portfolio[word]}"
            for word, true in (("realised", book.realised), ("fees", book.fees))
            if exact(portfolio[word]) != true
        ]
        for each in _owned(portfolio):
            holding = book.holdings.get(each["product"])
            if holding is not None and exact(each["cost"]) != holding.cost:
                found.append(
                    f"{each['product']} has cost {plain(holding.cost)}, the trader's {each['cost']}"
                )
        for each in portfolio["positions"]:
            made = self._made.get(each["product"], NONE)
            if "made" in each and exact(each["made"]) != made:
                found.append(
                    f"{each['product']} has made {plain(made)}, the trader's {each['made']}"
                )
        return [*found, *self._unrealised(portfolio.get("unrealised"))]

    def _unrealised(self, told: str | None) -> Wrong:
        holdings, marks = self.world.book.holdings, self._marks
        if told is None or holdings.keys() - marks.keys():
            return []
        gains = (each.quantity * exact(marks[key]) - each.cost for key, each in holdings.items())
        made = sum(gains, NONE)
        if abs(made - exact(told)) <= self._NEAR:
            return []
        return [f"what is held has made {plain(made)}, the trader's {told}"]

    def on_settled(self, _: Told) -> Wrong:
        """The same once more from the exchange's fills alone, in its own order."""
        world = self.world
        if world.quarantined:
            return []
        book = Book()
        for fill in world.fills.values():
            if fill.is_ours and fill.kind == "FILL":
                book.trade(fill.product, fill.side, fill.size, fill.price, fill.fee)
        ours = world.book.fees, world.book.cash - world.book.flows + world.book.adopted
        if ours != (book.fees, book.cash):
            return [f"the exchange's fills make {plain(book.cash)}, the journal's {plain(ours[1])}"]
        return []


class DoubleEntry(Lasting):
    """What one side gets another gives: every movement of a wallet is a fill's or its owner's.

    At the exchange, for each thing that it writes down; in the trader's books, flows and profit
    are cash and cost, to the last digit.
    """

    id = "I9"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._known: dict[str, Fraction] = {}
        self._open: dict[str, Fraction] = {}
        """What wallets moved by, and nothing told so far explains."""
        self._may_wait = False
        """Whether what explains it may be the very next thing that is told."""

    def on_begun(self, _: Told) -> Wrong:
        self._known = {key: total for key, (total, _hold) in self.world.wallets.items()}
        return []

    def on_moved(self, record: Told) -> Wrong:
        self._explain(record["currency"], exact(record["amount"]))
        self._may_wait, self.due_us = True, self.world.now_us
        return []

    def on_exchange(self, record: Told) -> Wrong:
        for row in record["fills"]:
            fill = self.world.fills[row["entry_id"]]
            base, quote = fill.product.split("-")
            if fill.sign:
                self._explain(base, fill.sign * fill.size)
                self._explain(quote, _of_wallet(fill))
        for row in record["wallets"]:
            currency, total = row["currency"], exact(row["total"])
            self._explain(currency, self._known.get(currency, NONE) - total)
            self._known[currency] = total
        self._may_wait, self.due_us = True, self.world.now_us
        return []

    def _explain(self, currency: str, amount: Fraction) -> None:
        left = self._open.pop(currency, NONE) - amount
        if left:
            self._open[currency] = left

    def every(self) -> Wrong:
        if self._may_wait and self._open:
            self._may_wait = False
            return []
        self._may_wait, self.due_us = False, self.NEVER_US
        found = [
            f"the wallet of {currency} moved by {plain(amount)} that no fill and nobody explains"
            for currency, amount in self._open.items()
        ]
        self._open.clear()
        return found

    def on_folded(self, record: Told) -> Wrong:
        portfolio = record["portfolio"]
        if portfolio["cash"] is None:
            return []
        cost = sum((exact(each["cost"]) for each in _owned(portfolio)), NONE)
        left = self.world.book.flows + exact(portfolio["realised"])
        if left != exact(portfolio["cash"]) + cost:
            return [f"flows and profit are {plain(left)}, cash and cost are not"]
        return []
