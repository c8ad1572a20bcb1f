"""A sale that ended while the account's books cannot be read: what it leaves of its position.

The venue's word on an ended order says how much it sold. That much is spoken for until its fills
are booked, and the rest can be sold or covered: it would else have neither a stop nor a sale for
as long as lists are refused. Lists that are read, and lack those fills, are waited for: there two
words of the venue differ. So is a word that cannot be asked for again: the first one may lag, and
where coins lie that are not ours, those would be sold.
"""

from __future__ import annotations

from datetime import timedelta

from trader247.domain.ids import ProductId
from trader247.domain.intents import WorkingIntent
from trader247.domain.market import Snapshot
from trader247.domain.money import NOTHING, Quantity
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import MINUTE

FILLS_ARE_TOLD = MINUTE
"""So long its fills are awaited: nearly always they come within a second, and are the better word.
"""


def keeps_lots(sale: WorkingIntent, snapshot: Snapshot, portfolio: Portfolio) -> bool:
    """Whether nothing else of its position may be sold, or covered, beside a sale for now."""
    if sale.state.is_settled:
        return False
    intent, now = sale.intent, snapshot.time
    is_told = sale.has_ended_untold and snapshot.follows(intent.product)
    if not (is_told and snapshot.is_unread):
        return True
    held = portfolio.positions.get(intent.product)
    if held is None or held.quantity <= untold(intent.product, portfolio):
        return True  # it took all of it
    known = (intent.created, intent.end_time, sale.cancel_requested)
    # What is dated ahead was dated by a clock that was wrong, or is yet to come.
    since = max((each for each in known if each is not None and each <= now), default=None)
    return since is not None and timedelta(0) <= now - since < FILLS_ARE_TOLD


def untold(product: ProductId, portfolio: Portfolio) -> Quantity:
    """What sales that ended have taken of a position, and no fill has told of yet."""
    taken = NOTHING
    for working in portfolio.working.values():
        intent = working.intent
        if intent.product == product and intent.side is Side.SELL and working.has_ended_untold:
            taken = taken + working.untold
    return taken
