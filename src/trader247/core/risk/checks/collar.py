"""The check on the limit price against the market."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, figure
from trader247.domain.dataclass import dataclass
from trader247.domain.market import Bars
from trader247.domain.money import CONTEXT, ONE, Bps, Percent, Price
from trader247.domain.orders import Side
from trader247.domain.proposals import Proposal
from trader247.domain.time import DAY, Instant, microseconds
from trader247.domain.verdicts import Finding

_DAY_US = microseconds(DAY)


@dataclass(frozen=True, slots=True)
class Collar(Check):
    """A limit price stays within `mid_bps` of the mid and `median_pct` of the last minutes' median.

    It holds a buy from above and a sale from below. The mid stops a wrong limit; the median over
    the last `bars` closes stops a limit that is right for a single wrong tick. Where no bar closed
    in the last `bars_minutes_max`, there is no median, and that is a no. An entry also stays within
    `last_fill_pct` of our own last fill of the product, if that is under a day old. A stop that
    waits below the market is held by its own stop price instead: it sells at most `mid_bps` under
    that. A product that is refused here `strikes_max` times within `strikes_minutes` is banned.
    """

    id: ClassVar[str] = "collar"
    row: ClassVar[int] = 9
    source: ClassVar[str] = "RTS 6 Art 15(1)(a); FIA price tolerance"
    binds_exits: ClassVar[bool] = True

    mid_bps: Bps = limit(Bps.of(50), unit="bps", at_least=1, at_most=50, doc="off the mid")
    median_pct: Percent = limit(
        Percent.of(2), unit="%", at_least="0.1", at_most=2, doc="off the median of the last closes"
    )
    bars: int = limit(5, unit="bars", at_least=3, at_most=15, doc="closed minutes in the median")
    bars_minutes_max: int = limit(
        10, unit="min", at_least=2, at_most=30, doc="age of the last closed minute"
    )
    last_fill_pct: Percent = limit(
        Percent.of(10), unit="%", at_least=1, at_most=10, doc="an entry off our own last fill"
    )
    strikes_max: int = limit(
        3, unit="refusals", at_least=1, at_most=3, doc="of a product here, then it is banned"
    )
    strikes_minutes: int = limit(
        10, unit="min", at_least=10, at_most=1440, doc="within which they count"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        view = context.snapshot.views.get(proposal.product)
        if view is None or view.quote is None:
            return self.refuse(f"no quote for {proposal.product}", value=None)
        if proposal.stop_price is not None:
            return self._of_stop(proposal, proposal.stop_price, view.quote.bid)
        median = self.median(view.bars, context.now)
        if median is None:
            return self.refuse("no median: closed minutes are missing or old", value=None)
        strange = self._off_last_fill(proposal, context)
        if strange is not None:
            return strange
        value, edge = proposal.price, self._edge(proposal.side, view.quote.mid, median)
        most = edge, 10
        if proposal.side is Side.BUY:
            is_inside, where = value.value <= edge, "above"
        else:
            is_inside, where = value.value >= edge, "below"
        words = "{} is not {} {}" if is_inside else "{} is {} {}"
        return is_inside, (words, value, where, most), value, most, ""

    def _off_last_fill(self, proposal: Proposal, context: Context) -> Finding | None:
        """The no to an entry far from where we last traded ourselves; None where that is near."""
        history = context.portfolio.history.get(proposal.product)
        if not proposal.is_entry or history is None or history.last_price is None:
            return None
        if history.last_fill is None or context.now.us - history.last_fill.us > _DAY_US:
            return None
        if proposal.price.is_near(history.last_price, self.last_fill_pct):
            return None
        off = proposal.price.percent_off(history.last_price)
        detail = (
            f"{proposal.price} is {figure(off.value)} % off our last fill, {history.last_price}"
        )
        return self.refuse(detail, value=(off.value, 4), limit=self.last_fill_pct, unit="%")

    def _of_stop(self, proposal: Proposal, trigger: Price, bid: Price) -> Finding:
        lowest = trigger.shifted(-self.mid_bps)
        value, least = proposal.price, (lowest.value, 10)
        if trigger >= bid:
            return self.refuse(f"its stop {trigger} is not below the bid {bid}", value=value)
        detail = "{} for a stop at {}, not below {}", value, trigger, least
        return lowest <= proposal.price <= trigger, detail, value, least, ""

    def edge(self, side: Side, mid: Price, median: Price) -> Price:
        """The highest price of a buy, or the lowest of a sale."""
        return Price(self._edge(side, mid, median))

    def _edge(self, side: Side, mid: Price, median: Price) -> Decimal:
        off_mid, off_median = self.mid_bps.fraction, self.median_pct.fraction
        shifted, pick = (CONTEXT.add, min) if side is Side.BUY else (CONTEXT.subtract, max)
        by_mid = CONTEXT.multiply(mid.value, shifted(ONE, off_mid))
        by_median = CONTEXT.multiply(median.value, shifted(ONE, off_median))
        return pick(by_mid, by_median)

    def median(self, bars: Bars | None, now: Instant) -> Price | None:
        """The median of the last closes; None where they are too few or too old."""
        count = self.bars
        if bars is None or len(bars.close) < count:
            return None
        # A minute that is not over was closed by a clock that has been set back since.
        if not 60_000_000 <= now.us - bars.end * 60_000_000 <= self.bars_minutes_max * 60_000_000:
            return None
        closes, middle = sorted(bars.close[-count:]), count // 2
        if count % 2:
            return bars.price(closes[middle])
        return bars.price(closes[middle - 1]).midpoint(bars.price(closes[middle]))
