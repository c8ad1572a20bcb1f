"""Which bid of what is held can be believed, and in words why one cannot."""

from __future__ import annotations

from trader247.core.risk.check import in_seconds
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.checks.quote_sanity import QuoteSanity
from trader247.domain.market import ProductView
from trader247.domain.money import Price
from trader247.domain.time import Instant


def believed(view: ProductView, now: Instant, age: QuoteAge, sanity: QuoteSanity) -> Price | None:
    """An old price is not a price, and neither is a crossed one, or one that nothing led up to."""
    quote = view.quote
    if quote is None or quote.is_crossed or sanity.is_too_high(view):
        return None
    return quote.bid if age.is_fresh(quote, now) else None


def disbelief(view: ProductView | None, now: Instant, age: QuoteAge, sanity: QuoteSanity) -> str:
    """Why `believed` answers no bid: what was found, and what is allowed; empty where it does."""
    if view is None or view.quote is None:
        return "no quote"
    quote = view.quote
    if quote.is_crossed:
        return f"crossed: bid {quote.bid} is not below ask {quote.ask}"
    if sanity.is_too_high(view):
        return f"over {sanity.jump_pct_max} % above the last minute's close: {quote.mid}"
    if not age.is_fresh(quote, now):
        us = now.us - quote.time.us
        if us < 0:
            return f"{in_seconds(-us)} s ahead of the clock, of {age.ahead_seconds_max} s at most"
        return f"{in_seconds(us)} s old, of {age.seconds_max} s at most"
    return ""
