"""What it would have taken for a product to end otherwise: found by deciding again.

Each reason names one input that stood in the way. That input alone is changed and the cycle is
decided again; where another reason then stands in the way, it is asked in turn. So what is told
is never a guess: the world in which it holds was decided.
"""

from __future__ import annotations

from trader247.core.why import armed, gate, held, signals, universe
from trader247.core.why.world import Remedies, Remedy, World
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.reasons import Reason

STEPS_MAX = 16
"""Obstacles that are taken away one after the other, before that alone is the answer."""

TRADED = (Reason.ENTRY_SENT, Reason.EXIT_SENT)

REMEDIES: dict[Reason, Remedies] = {
    **universe.REMEDIES,
    **signals.REMEDIES,
    **gate.REMEDIES,
    **armed.REMEDIES,
    **held.REMEDIES,
}

WITHOUT = frozenset(
    {
        Reason.NOT_AT_VENUE,  # there is nothing to trade
        Reason.STABLECOIN,  # never, whatever the market does
        Reason.NO_QUOTE,  # what was not read is unknown: no figure stands for it
        Reason.BARS_MISSING,
        Reason.EQUITY_KNOWN,
        # The mind proposes nothing that these refuse.
        Reason.ORDER_TYPE,
        Reason.INCREMENTS,
        Reason.SLIPPAGE,
        # Sizing keeps every proposal within these.
        Reason.MIN_NOTIONAL,
        Reason.MAX_ORDER,
        Reason.MARKET_VOLUME,  # far above the largest order, where the universe lets it in
        Reason.PRODUCT_EXPOSURE,
        Reason.CLUSTER_EXPOSURE,
        Reason.TOTAL_EXPOSURE,
        Reason.CAPITAL,
        # The venue's answers, not ours.
        Reason.DRY_RUN,
        Reason.DECLINED,
        Reason.NOT_SENT,
        Reason.UNKNOWN_OUTCOME,
    }
)
"""Reasons that no single input of the decision would have changed."""


@dataclass(frozen=True, slots=True)
class Takes:
    """The inputs that stood in the way, in order, and how the product ends with them changed.

    `world` is the one in which all of them hold.
    """

    remedies: tuple[Remedy, ...]
    ending: Outcome
    world: World

    @property
    def is_answer(self) -> bool:
        """Whether anything was found that changes how the product ends."""
        return bool(self.remedies)


def takes(product: ProductId, world: World) -> Takes:
    """What it would have taken: to trade, or not to, where the product did."""
    found = world.deliberated()
    outcome = found.decisions.outcomes[product]
    has_traded = outcome.reason in TRADED
    remedies: list[Remedy] = []
    seen = {outcome.reason}
    # A reason that comes back may have another cause than before; where that leads nowhere, what
    # was found until then is the answer.
    until_again: Takes | None = None
    while len(remedies) < STEPS_MAX:
        remedy_of = REMEDIES.get(outcome.reason)
        remedy = None if remedy_of is None else remedy_of(product, world, found, outcome)
        if remedy is None:
            break
        found = remedy.world.deliberated()
        after = found.decisions.outcomes[product]
        if after.reason is outcome.reason:
            break  # it alone changes nothing: better no answer than a wrong one
        remedies.append(remedy)
        world, outcome = remedy.world, after
        if has_traded or outcome.reason in TRADED:
            break
        if outcome.reason in seen:
            if until_again is not None:
                break
            until_again = Takes(_without_shorter_waits(remedies), outcome, world)
        seen.add(outcome.reason)
    if until_again is not None and outcome.reason not in TRADED:
        return until_again
    return Takes(_without_shorter_waits(remedies), outcome, world)


def _without_shorter_waits(remedies: list[Remedy]) -> tuple[Remedy, ...]:
    """Of several waits the longest is told: it holds the others."""
    longest = max((each.since for each in remedies if each.since is not None), default=None)
    return tuple(each for each in remedies if each.since is None or each.since == longest)
