"""What a person does with the book's orders and positions, past what is decided for them.

Nothing here sends an order: a position that a person wants sold leaves in the next cycle, through
the same exits, the same gate and the same protocol as any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from trader247.core.book.adopting import adopted_product, adoption, sentence_of_adoption
from trader247.core.orders.flattening import sold_out_of, wishes
from trader247.domain.errors import NotAllowed, VenueError
from trader247.domain.events.holdings import FlattenAsked
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.money import Price
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.engine.execution import Execution
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.ports import Clock, MarketData

FLATTEN_SPAN = timedelta(minutes=15)
"""How long a wish to sell stands: what has not left by then is a person's to look at."""


class Hands:
    """One person's hands at a time: what they ask is journalled, then done."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        execution: Execution,
        reconciler: Reconciler,
        market: MarketData,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._market = market
        self._execution = execution
        self._reconciler = reconciler
        self._clock = clock
        self._is_cycle_wanted = False

    def take_wish(self) -> bool:
        """Whether something was asked for that a cycle should do at once; asked, it is taken."""
        wanted, self._is_cycle_wanted = self._is_cycle_wanted, False
        return wanted

    def cancel(self, arguments: Mapping[str, str]) -> tuple[bool, str]:
        """Ask for the end of the orders named, and read what became of them.

        Raises:
            StorageError: the journal failed.
        """
        working = self._ledger.portfolio.working
        names = [ClientOrderId(name) for name in arguments.get("orders", "").split()]
        unknown = [name for name in names if name not in working]
        if unknown or not names:
            return (
                False,
                f"no such order of ours is under way: {', '.join(unknown) or 'none named'}",
            )
        nameless = [name for name in names if working[name].order_id is None]
        cause = f"by hand: {arguments.get('reason') or 'no reason was given'}"
        try:
            self._execution.cancel(names, cause)
        except VenueError as error:
            return False, f"the venue did not answer, and they may still work: {error}"
        self._reconciler.collect()
        words = [f"{name} {_state(self._ledger.portfolio, name)}" for name in names]
        if nameless:
            words.append("what the venue has not named yet is resolved first, by the next cycles")
        return not nameless, "; ".join(words)

    def flatten(self, arguments: Mapping[str, str]) -> tuple[bool, str]:
        """Want positions sold from now on; buys of the same products that work are cancelled.

        Raises:
            StorageError: the journal failed.
        """
        try:
            products = wishes(self._ledger.portfolio, arguments.get("products", ""))
        except NotAllowed as error:
            return False, f"{error}; {error.hint}" if error.hint else str(error)
        until = self._clock.now() + FLATTEN_SPAN
        reason, who = arguments.get("reason", ""), arguments.get("operator", "")
        held = [each for each in products if each in self._ledger.portfolio.positions]
        self._ledger.record(*(FlattenAsked(each, until, reason, who) for each in held))
        buys = [
            name
            for name, each in self._ledger.portfolio.working.items()
            if each.intent.product in products and each.intent.side is Side.BUY
        ]
        trouble = ""
        if buys:
            try:
                self._execution.cancel(buys, "by hand: its product is being sold")
            except VenueError as error:
                trouble = f"; the venue did not take the cancel of its buys: {error}"
        self._is_cycle_wanted = bool(held)
        words = [sold_out_of(self._ledger.portfolio, each) for each in products]
        return not trouble, "; ".join(words) + trouble

    def adopt(self, arguments: Mapping[str, str]) -> tuple[bool, str]:
        """Make foreign coins a position of ours, at the cost that was stated.

        Raises:
            StorageError: the journal failed.
        """
        collected = self._reconciler.collect()
        if collected.error:
            return False, f"the venue's books cannot be read: {collected.error}"
        try:
            wanted = adopted_product(self._ledger.portfolio, arguments)
            event = adoption(self._ledger.portfolio, arguments, self._bid(wanted))
        except NotAllowed as error:
            return False, f"{error}; {error.hint}" if error.hint else str(error)
        self._ledger.record(event)
        return True, sentence_of_adoption(self._ledger.portfolio, event)

    def _bid(self, product: ProductId) -> Price | None:
        """What one coin brings now; None where the market does not say."""
        cycle = self._ledger.portfolio.cycle + 1
        snapshot = self._market.snapshot(cycle=cycle, products=(product,), reference=product)
        quote = snapshot.quote(product)
        return None if quote is None else quote.bid


def _state(portfolio: Portfolio, name: ClientOrderId) -> str:
    known = portfolio.working.get(name) or portfolio.settled.get(name)
    if known is None:
        return "is over"
    if known.order is not None and known.order.state.is_final:
        return f"is over: {known.order.state.value.lower()}, {known.filled} filled"
    return "was asked to end; the next reading tells whether it did"
