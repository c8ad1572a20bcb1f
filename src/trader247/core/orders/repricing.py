"""After a post-only rejection: the next entry stands back from the touch, a few times, no more.

The touch moved between quote and order. The decision is gone with its order; a cycle that follows
decides afresh, under an id of its own, and prices with a cushion for each rejection in a row.
"""

from __future__ import annotations

from collections.abc import Mapping

from trader247.core.policy import Policy
from trader247.domain.changing import replace
from trader247.domain.ids import ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.market import Product, Quote
from trader247.domain.money import Bps, Price
from trader247.domain.outcomes import Acknowledged, Declined, Outcome
from trader247.domain.portfolio import EMPTY, Portfolio, Rejections
from trader247.domain.time import MINUTE, Instant

POST_ONLY = frozenset({"INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"})
"""The venue's codes for an order that would not have rested."""
FORGIVEN_MAX = 3
"""Rejections in a row that use up no pace: nothing rested, nothing traded."""
WINDOW = 10 * MINUTE
"""Rejections further apart than this are not in a row."""


def is_post_only_rejection(outcome: Outcome) -> bool:
    """Whether the venue declined an order because it would have taken instead of rested."""
    return isinstance(outcome, Declined) and outcome.is_sent and outcome.code in POST_ONLY


def in_a_row(product: ProductId, portfolio: Portfolio, now: Instant) -> int:
    """Post-only rejections of a product's entries that came one after the other, lately."""
    known = portfolio.post_only_rejections.get(product)
    # What is dated ahead is of a clock that was set back: it ends as soon.
    return 0 if known is None or abs(now - known.last) > WINDOW else known.count


def is_over(product: ProductId, portfolio: Portfolio, policy: Policy, now: Instant) -> bool:
    """Whether a product's entries were rejected as often as they may be tried again."""
    return in_a_row(product, portfolio, now) > policy.execution.reprices_max


def entry_price(
    product: Product, quote: Quote, portfolio: Portfolio, policy: Policy, now: Instant
) -> Price:
    """The touch, or as many cushions under it as there were rejections in a row."""
    touch = quote.bid.floor_to(product.price_increment)
    count = in_a_row(product.id, portfolio, now)
    if not count:
        return touch
    back = Bps(policy.execution.post_only_cushion_bps.value * count)
    return touch.shifted(-back).floor_to(product.price_increment)


def remembered(
    portfolio: Portfolio, intent: RecordedIntent, outcome: Outcome, at: Instant
) -> Portfolio:
    """The portfolio with what an entry's answer says of post-only prices.

    A rejection in a row gives back the pace that its entry had used up, so that the next cycle may
    try again; how often is bounded by the policy, and by `FORGIVEN_MAX` here.
    """
    product = intent.product
    if isinstance(outcome, Acknowledged):
        if product not in portfolio.post_only_rejections:
            return portfolio
        return replace(portfolio, post_only_rejections=_without(portfolio, product))
    if not is_post_only_rejection(outcome):
        return portfolio
    count = in_a_row(product, portfolio, at) + 1
    rejections = {**_without(portfolio, product), product: Rejections(count, at)}
    noted = replace(portfolio, post_only_rejections=rejections)
    if count > FORGIVEN_MAX:
        return noted
    history = portfolio.history[product]
    return replace(
        noted,
        entries_sent=portfolio.entries_sent[:-1],
        history={**portfolio.history, product: replace(history, last_entry=None)},
    )


def _without(portfolio: Portfolio, product: ProductId) -> Mapping[ProductId, Rejections]:
    others = {key: each for key, each in portfolio.post_only_rejections.items() if key != product}
    return others or EMPTY
