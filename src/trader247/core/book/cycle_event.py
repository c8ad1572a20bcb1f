"""A cycle's event: what was decided, in the form in which the journal keeps it.

The cycle records it, and whoever decides again from the journal compares with it: both take it
from here, so that a difference is one of decisions.
"""

from __future__ import annotations

from collections.abc import Mapping

from trader247.domain.decisions import Decisions
from trader247.domain.events.cycles import CycleDecided, SegmentRef
from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.portfolio import Portfolio
from trader247.domain.verdicts import Verdict


def cycle_event(
    snapshot: Snapshot, portfolio: Portfolio, decisions: Decisions, seen: SegmentRef
) -> CycleDecided:
    """The event of a cycle that saw `snapshot`, stored at `seen`, with this `portfolio`.

    What the venue failed at meanwhile is no decision: it is left at nothing.
    """
    return CycleDecided(
        cycle=snapshot.cycle,
        at=snapshot.time,
        seen=seen,
        regime=decisions.regime,
        endings={product: outcome.ending for product, outcome in decisions.outcomes.items()},
        marks=decisions.marks,
        equity=decisions.equity,
        universe=decisions.universe,
        verdicts=_news(portfolio, decisions),
        tripped=decisions.tripped,
        skew=snapshot.skew_told,
    )


def _news(portfolio: Portfolio, decisions: Decisions) -> Mapping[ProductId, tuple[Verdict, ...]]:
    """All verdicts of a product where an order follows or its reason is new."""
    known = portfolio.reasons
    news = {each.proposal.product: each.verdicts for each in decisions.approved}
    for refused in decisions.refused:
        product = refused.proposal.product
        if known.get(product) != decisions.outcomes[product].reason.value:
            news.setdefault(product, refused.verdicts)
    return news
