"""What is asked for too soon, or not again, and what is read before it is so."""

from __future__ import annotations

from scripts.plant.bug import mistake as _bug

UNASKED = (
    _bug(
        "minute-not-over-counts",
        "a minute that is not over counts as closed: half a bar is looked at, and kept",
        "adapters/coinbase/market.py",
        ('now.minute - 1, MINUTE, "ONE_MINUTE"', 'now.minute, MINUTE, "ONE_MINUTE"'),
    ),
    _bug(
        "order-without-leave",
        "an order leaves though no request is left, or the venue has asked to wait",
        "adapters/coinbase/budget.py",
        (
            "        if self._reads.wait(now) > timedelta(0):\n"
            "            return False\n"
            "        self._reads.take(now)",
            "        self._reads.take(now)",
        ),
        needs="scene-orders-asked-to-wait",
    ),
    _bug(
        "cancels-asked-once",
        "a sale that a halt keeps is not asked to end again, though its end was asked for before",
        "core/orders/cancellations.py",
        (
            "    if working.cancel_requested is not None:\n        return f",
            "    if working.cancel_requested is not None and not is_halted:\n        return f",
        ),
        needs="scene-ends-refused",
    ),
    _bug(
        "overdue-unasked",
        "an order that is past its end and in no listing is not asked for by its id",
        "engine/reconciler.py",
        (
            "known.intent.end_time.us < overdue and not known.state.is_settled\n",
            "known.intent.end_time.us < overdue and known.state.is_settled\n",
        ),
        needs="scene-never-listed",
    ),
    _bug(
        "float-cost-of-lots",
        "what a lot that is sold whole had cost goes through a float",
        "core/book/lots.py",
        (
            "        wanted, cost = wanted - lot.quantity, cost + lot.cost\n",
            "        wanted = wanted - lot.quantity\n"
            "        cost = cost + Money(Decimal(str(float(lot.cost.value))))\n",
        ),
    ),
    _bug(
        "exits-by-an-earlier-reading",
        "between two cycles a stop makes way by what an earlier reading could follow",
        "engine/cycle.py",
        ("            self._as_read(known),\n", "            known,\n"),
        needs="scene-refused-between",
    ),
)
