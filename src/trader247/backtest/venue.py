"""The arena behind the Venue port: the exchange's own words as the domain's, without a wire.

What the wire's reader would make of an answer, this makes of the exchange's own values; a test
holds the two together.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from decimal import Decimal

from trader247.adapters.coinbase.render import render
from trader247.domain.balances import Balance
from trader247.domain.changing import replace
from trader247.domain.fills import Fill, IrregularFill, Liquidity
from trader247.domain.ids import ClientOrderId, EntryId, OrderId, ProductId
from trader247.domain.intents import OrderBody, RecordedIntent
from trader247.domain.market import FeeTier
from trader247.domain.money import Bps, Money, Price, Quantity
from trader247.domain.orders import Order, OrderState, Side
from trader247.domain.outcomes import Acknowledged, CancelResult, Declined, Outcome, Unknown
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved
from trader247.simex.arena import Arena
from trader247.simex.book import Side as Taken
from trader247.simex.desk import Renewal
from trader247.simex.orders.order import Fill as Traded
from trader247.simex.orders.order import Order as Placed
from trader247.simex.orders.order import Status
from trader247.simex.wire.refusal import Rejection

_TEN_THOUSAND = Decimal(10_000)
_SIDES = {each: Side(each.value) for each in Taken}
_STATES = {each: OrderState(each.value) for each in Status}


class ArenaVenue:
    """The one door to the arena."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._sent = 0
        self._fills: list[Fill] = []
        self._fill_times: list[int] = []
        self._orders: dict[str, tuple[tuple[object, ...], Order]] = {}

    def render(self, approved: Approved, client_order_id: ClientOrderId, end: Instant) -> OrderBody:
        """The exact body that `submit` will send."""
        return render(approved, client_order_id, end)

    def submit(self, approved: Approved, body: OrderBody) -> Outcome:
        """Send an order's recorded body, once."""
        del approved
        sent = json.loads(body.text)
        self._sent += 1
        answer = self._arena.place(
            client_order_id=sent["client_order_id"],
            product_id=sent["product_id"],
            side=sent["side"],
            configuration=sent["order_configuration"],
        )
        if isinstance(answer, Rejection):
            return _declined(answer)
        return Acknowledged(OrderId(answer.order_id))

    def renew(self, stops: Sequence[tuple[Placed, int, RecordedIntent]]) -> list[Order]:
        """Let stops' dates pass, and some of their terms rest in their places, as orders so many.

        Each with the intent that it would have been placed for.
        """
        renewed = self._arena.renew(
            [
                Renewal(
                    order=placed,
                    number=number,
                    client_order_id=intent.client_order_id,
                    configuration=_until(placed, intent.end_time),
                    end_us=intent.end_time.us,
                    now_us=intent.created.us,
                )
                for placed, number, intent in stops
            ]
        )
        return [
            self._renewed(placed, each) for (placed, _, _), each in zip(stops, renewed, strict=True)
        ]

    def _renewed(self, before: Placed, placed: Placed) -> Order:
        """A renewed order as the domain has it: by name and times another one than that before."""
        known = self._orders.pop(before.order_id, None)
        end_us = placed.terms.end_us
        if known is None or known[0] != _stamp(placed) or end_us is None:
            return self._order(placed)
        order = replace(
            known[1],
            order_id=OrderId(placed.order_id),
            client_order_id=ClientOrderId(placed.client_order_id),
            created=Instant(placed.created_us),
            end_time=Instant(end_us),
        )
        self._orders[placed.order_id] = (known[0], order)
        return order

    def forget(self, before: Instant) -> None:
        """Keep no orders that ended before a time: nobody asks for them again."""
        for order_id in self._arena.forget(before.us):
            self._orders.pop(order_id, None)

    def cancel(self, orders: Sequence[OrderId]) -> tuple[CancelResult, ...]:
        """Ask for cancels."""
        answers = self._arena.cancel(orders)
        return tuple(
            CancelResult(order_id, is_taken=reason is None, reason=reason or "")
            for order_id, reason in zip(orders, answers, strict=True)
        )

    def orders(self, since: Instant) -> tuple[Order, ...]:
        """Every order created at or after `since`, whatever its state, newest first."""
        self._arena.news.clear()
        found: list[Order] = []
        for placed in reversed(self._arena.orders.values()):
            if placed.created_us < since.us:
                break
            found.append(self._order(placed))
        return tuple(found)

    def order(self, order_id: OrderId) -> Order | None:
        """One order, or None if the venue does not know it."""
        placed = self._arena.orders.get(order_id)
        return None if placed is None else self._order(placed)

    def fills(self, since: Instant) -> tuple[Fill, ...]:
        """Every fill at or after `since`, oldest first."""
        self._read()
        return _in_order(self._fills[bisect_left(self._fill_times, since.us) :])

    def _told_since(self, number: int) -> tuple[Fill, ...]:
        """The fills after the first so many, oldest first."""
        self._read()
        return _in_order(self._fills[number:])

    def _read(self) -> None:
        for traded in self._arena.fills[len(self._fills) :]:
            self._fills.append(self._fill(traded))
            self._fill_times.append(traded.time_us)

    def irregular_fills(self) -> tuple[IrregularFill, ...]:
        """There are none."""
        return ()

    @property
    def orders_sent(self) -> int:
        """Orders that were sent."""
        return self._sent

    def balances(self) -> Mapping[str, Balance]:
        """Every currency of the account."""
        return {
            each.currency: Balance(each.available, each.hold) for each in self._arena.desk.accounts
        }

    def fees(self) -> FeeTier:
        """The account's fee tier."""
        fees = self._arena.fees
        maker, taker = fees.rates
        return FeeTier(
            fees.tier.name,
            Bps(maker * _TEN_THOUSAND),
            Bps(taker * _TEN_THOUSAND),
            self.time(),
        )

    def time(self) -> Instant:
        """The venue's own clock."""
        return Instant(self._arena.now_us)

    def _order(self, placed: Placed) -> Order:
        """An order as the domain has it, made anew only where something of it changed."""
        stamp = _stamp(placed)
        known = self._orders.get(placed.order_id)
        if known is not None and known[0] == stamp:
            return known[1]
        market = self._arena.markets[placed.terms.product_id]
        terms = placed.terms
        reason = placed.reject_reason
        order = Order(
            order_id=OrderId(placed.order_id),
            client_order_id=ClientOrderId(placed.client_order_id),
            product=ProductId.parse(terms.product_id),
            side=_SIDES[terms.side],
            state=_STATES[placed.status],
            price=None if terms.limit is None else Price(market.price.decimal(terms.limit)),
            quantity=None if terms.lots is None else Quantity(market.size.decimal(terms.lots)),
            filled=Quantity(market.size.decimal(placed.filled_lots)),
            fees=Money(placed.fees),
            fill_count=placed.fill_count,
            created=Instant(placed.created_us),
            end_time=None if terms.end_us is None else Instant(terms.end_us),
            reject_reason="" if reason == "REJECT_REASON_UNSPECIFIED" else reason,
        )
        self._orders[placed.order_id] = (stamp, order)
        return order

    def _fill(self, traded: Traded) -> Fill:
        market = self._arena.markets[traded.product_id]
        return Fill(
            entry_id=EntryId(traded.entry_id),
            trade_id=traded.trade_id,
            order_id=OrderId(traded.order_id),
            product=ProductId.parse(traded.product_id),
            side=_SIDES[traded.side],
            price=Price(market.price.decimal(traded.price)),
            quantity=Quantity(market.size.decimal(traded.lots)),
            fee=Money(traded.commission),
            liquidity=Liquidity.MAKER if traded.is_maker else Liquidity.TAKER,
            time=Instant(traded.time_us),
            sequence_time=Instant(traded.time_us),
        )


def _stamp(placed: Placed) -> tuple[object, ...]:
    """What of an order changes while it lives."""
    return placed.status, placed.filled_lots, placed.fees, placed.reject_reason


def _until(placed: Placed, end: Instant) -> str:
    """An order's configuration with another date."""
    before = placed.terms.end_us
    assert before is not None, "it ends at a date"
    return placed.configuration.replace(str(Instant(before)), str(end))


def _in_order(fills: Sequence[Fill]) -> tuple[Fill, ...]:
    return tuple(sorted(fills, key=lambda fill: (fill.sequence_time.us, fill.entry_id)))


def _declined(rejection: Rejection) -> Outcome:
    """What the wire's reader makes of the same refusal; it is read with all that it needs where
    there is one."""
    from trader247.adapters.coinbase import outcome

    answer = {
        "success": False,
        "error_response": {
            "error": rejection.error,
            "message": rejection.message,
            "preview_failure_reason": rejection.preview,
            "new_order_failure_reason": rejection.error,
        },
    }
    found = outcome.of_answer({}, answer)
    assert isinstance(found, Declined | Unknown), "a refusal is no acknowledgement"
    return found
