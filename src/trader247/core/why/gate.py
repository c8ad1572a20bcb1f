"""What would have let an order through the gate, one check at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from trader247.core.decide import Deliberation
from trader247.core.holds import strange_cash
from trader247.core.risk.check import check_in, figure
from trader247.core.risk.checks.clock_skew import skew_seconds
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.cooldown import Cooldown
from trader247.core.risk.checks.depth_multiple import DepthMultiple
from trader247.core.risk.checks.fee_worth import FeeWorth
from trader247.core.risk.checks.losing_streak import LosingStreak
from trader247.core.risk.checks.max_positions import MaxPositions
from trader247.core.risk.checks.pace import Pace
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.checks.quote_sanity import QuoteSanity
from trader247.core.risk.checks.repetition import Repetition
from trader247.core.risk.reservations import exposed_products, fee_rates
from trader247.core.why.world import Remedies, Remedy, World, refused_of, with_closes
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.market import FeeTier, ProductStatus
from trader247.domain.money import CONTEXT, Bps, Price
from trader247.domain.orders import Side
from trader247.domain.portfolio import EMPTY, EquityRecord, FaultTimes, ProductHistory
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import DAY, HOUR, MINUTE, Instant

_MOST = 1 << 30


def _halts(_: ProductId, world: World, found: Deliberation, __: Outcome) -> Remedy:
    standing = world.portfolio.halts
    if standing:
        names = ", ".join(name.value for name in standing)
        return Remedy("halts", names, "none", world.with_portfolio(halts=EMPTY))
    latched = "; ".join(halt.cause for halt in found.decisions.halts)
    # A book that has known no better equity has lost nothing.
    units = world.portfolio.equity.units
    changed = world.with_portfolio(equity=EquityRecord(units=units), spent=None)
    is_fees = all(halt.name is HaltName.FEES for halt in found.decisions.halts)
    what = "fees of the day" if is_fees else "loss of equity"
    return Remedy(what, latched, "within the stops", changed)


def _breakers(_: ProductId, world: World, found: Deliberation, __: Outcome) -> Remedy | None:
    held = found.decisions.tripped
    if not held:
        names = ", ".join(name.value for name in world.portfolio.breakers)
        changed = world.with_portfolio(breakers=EMPTY)
        return Remedy("open breakers", names, "none, as after some clean cycles more", changed)
    calm = replace(
        world.policy.breakers,
        stale_share_pct=replace(world.policy.breakers.stale_share_pct, value=Decimal(100)),
        move_major_pct=replace(world.policy.breakers.move_major_pct, value=Decimal(_MOST)),
        move_other_pct=replace(world.policy.breakers.move_other_pct, value=Decimal(_MOST)),
        velocity_pct=replace(world.policy.breakers.velocity_pct, value=Decimal(_MOST)),
    )
    changed = world.with_portfolio(breakers=EMPTY, faults=FaultTimes()).with_policy(breakers=calm)
    names = ", ".join(name.value for name in held)
    return Remedy("conditions that hold breakers open", names, "none", changed)


def _bans(_: ProductId, world: World, __: Deliberation, ___: Outcome) -> Remedy | None:
    if not world.portfolio.bans:
        return None  # found in this very cycle: another input is at fault
    names = ", ".join(world.portfolio.bans)
    changed = world.with_portfolio(bans=EMPTY, conduct=EMPTY, history=_without_slips(world))
    return Remedy("bans", names, "none, as a person cleared them", changed)


def _without_slips(world: World) -> dict[ProductId, ProductHistory]:
    known = world.portfolio.history
    return {product: replace(each, slips=()) for product, each in known.items()}


def _skew(_: ProductId, world: World, __: Deliberation, ___: Outcome) -> Remedy:
    skew = world.snapshot.clock_skew
    was = "unknown" if skew is None else f"{figure(skew_seconds(skew), 3)} s"
    changed = replace(world, snapshot=replace(world.snapshot, clock_skew=timedelta(0)))
    return Remedy("clock skew", was, "within checks.clock_skew.seconds_max", changed)


def _status(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy | None:
    rules = world.view(product).product
    if rules is None:
        return None
    changed = world.with_rules(product, status=ProductStatus.ONLINE, read_at=world.snapshot.time)
    was = f"{rules.status.value}, read at {rules.read_at}"
    return Remedy("product status", was, "online, read lately", changed)


def _quote_age(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy | None:
    quote = world.view(product).quote
    if quote is None:
        return None
    most = check_in(world.policy.checks, QuoteAge).seconds_max
    changed = world.with_quote(product, time=world.snapshot.time)
    return Remedy("time of the quote", str(quote.time), f"at most {most} s ago", changed)


def _sanity(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy | None:
    view = world.view(product)
    if view.quote is None or view.bars is None or view.quote.is_crossed:
        return None
    most = check_in(world.policy.checks, QuoteSanity).jump_pct_max
    doubts = {each: doubt for each, doubt in world.portfolio.doubts.items() if each != product}
    known = world.portfolio.doubts.get(product)
    if known is not None and known.level is None:
        changed = world.with_portfolio(doubts=doubts)
        return Remedy("doubt", known.cause, f"none, as after {known.until}", changed)
    close = view.bars.price(view.bars.close[-1])
    quote, tick = view.quote, view.bars.tick
    gap = CONTEXT.subtract(quote.ask.value, quote.bid.value)
    bid = close if close > tick else tick
    ask = replace(bid, value=CONTEXT.add(bid.value, gap))
    changed = world.with_portfolio(doubts=doubts).with_view(
        product, quote=replace(quote, bid=bid, ask=ask)
    )
    was = figure(quote.mid.value, 10)
    return Remedy("mid", was, f"within {most} % of the last close, {close}", changed)


def _collar(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy | None:
    """A sale is priced at the bid where that lies under the collar: a nearer bid would do."""
    view = world.view(product)
    if view.quote is None or view.product is None:
        return None
    quote, tick = view.quote, view.product.price_increment
    check = check_in(world.policy.checks, Collar)
    median = check.median(view.bars, world.snapshot.time)
    if median is None:
        return None
    is_sale = refused_of(product, found).proposal.side is Side.SELL
    if not is_sale or check.edge(Side.SELL, quote.mid, median) > quote.mid:
        needed = f"within {check.median_pct} % of the last minutes' median, {median}"
        nearer = Remedy("bid", str(quote.bid), needed, world.quoted_at(product, quote.bid))
        ending = nearer.world.deliberated().decisions.outcomes[product]
        # What triggers at this price alone does not any more where the price is another.
        is_lost = not is_sale and ending.reason is Reason.NO_TRIGGER
        return _followed(product, world, check, median) if is_lost else nearer
    near = quote.ask.shifted(-check.mid_bps).ceil_to(tick)
    if not quote.bid < near < quote.ask:
        return None
    needed = f"within {check.mid_bps} bps of the mid, like {near} under an ask of {quote.ask}"
    return Remedy("bid", str(quote.bid), needed, world.with_quote(product, bid=near))


def _followed(product: ProductId, world: World, check: Collar, median: Price) -> Remedy:
    """The same last close, with minutes before it that have gone there too."""
    bars = world.view(product).bars
    assert bars is not None, "what has a median has bars"
    last = bars.close[-1]
    closes = with_closes(with_closes(bars, last - 1, check.bars), last)
    changed = world.with_view(product, bars=closes)
    needed = f"within {check.median_pct} % of the bid, like {bars.price(last - 1)}"
    return Remedy("median of the last minutes", str(median), needed, changed)


def _fees(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy | None:
    plan = refused_of(product, found).proposal.plan
    if plan is None:
        return None
    times = check_in(world.policy.checks, FeeWorth).refuse_under
    maker, taker = fee_rates(world.portfolio, world.policy)
    round_trip = CONTEXT.divide(plan.target_fraction, times)
    each = Bps(CONTEXT.multiply(round_trip, Decimal(5_000)))
    tier = FeeTier("cheaper", each, each, world.snapshot.time)
    was = f"{maker + max(maker, taker)} bps"
    needed = f"at most {figure(CONTEXT.multiply(round_trip, Decimal(10_000)), 2)} bps"
    return Remedy("round-trip fees", was, needed, world.with_portfolio(fee_tier=tier))


def _depth(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy:
    check = check_in(world.policy.checks, DepthMultiple)
    least = refused_of(product, found).proposal.notional * Decimal(check.multiple)
    depth = world.view(product).depth
    was = "unknown" if depth is None else figure(depth.within(check.BAND_BPS).value, 2)
    changed = world.with_depth(product, band_bps=check.BAND_BPS, least=least)
    needed = f"at least {figure(least.value, 2)}"
    return Remedy(f"depth within {check.BAND_BPS} bps", was, needed, changed)


def _duplicate(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy:
    decided = refused_of(product, found).proposal.decision_id

    def without(intents: object) -> dict[object, object]:
        assert hasattr(intents, "items")
        return {
            name: each
            for name, each in intents.items()
            if each.intent.product != product and each.intent.decision_id != decided
        }

    changed = world.with_portfolio(
        working=without(world.portfolio.working), settled=without(world.portfolio.settled)
    )
    standing = refused_of(product, found).first.detail
    return Remedy("orders that stand in the way", standing, "none", changed)


def _positions(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy:
    check = check_in(world.policy.checks, MaxPositions)
    after = len({*exposed_products(world.portfolio), product})
    if after <= check.positions_max:
        return _alone(product, world, found)  # an entry of this cycle took the last place
    changed = world.with_check(replace(check, positions_max=after))
    needed = (
        f"at most {check.positions_max}, or checks.max_positions.positions_max at least {after}"
    )
    again = changed.deliberated()
    if again.decisions.outcomes[product].reason is Reason.MAX_POSITIONS:
        # What ranks before it takes the place that was made.
        changed = _alone(product, changed, again).world
        needed += ", and no other entry in that cycle"
    return Remedy("products held or being bought, with this one", str(after), needed, changed)


def _new_positions(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy:
    return _alone(product, world, found)


def _alone(product: ProductId, world: World, found: Deliberation) -> Remedy:
    """The same cycle in which nothing else asked for an entry: not who was first, nor who next."""
    first = [each.proposal.product for each in found.decisions.approved if each.proposal.is_entry]
    changed = world
    for other, examined in found.examined.items():
        if other != product and examined.trigger is not None:
            changed = changed.with_view(other, bars=None)
    names = ", ".join(str(each) for each in first)
    return Remedy("entries approved before it in this cycle", names, "none", changed)


def _pace(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy:
    """The first instant at which the same order would have kept its distance."""
    if any(each.proposal.is_entry for each in found.decisions.approved):
        return _alone(product, world, found)
    check = check_in(world.policy.checks, Pace)
    sent = world.portfolio.entries_sent
    history = world.portfolio.history.get(product, ProductHistory())
    ends = [max(sent) + timedelta(seconds=check.seconds_between)] if sent else []
    newest = sorted(sent, reverse=True)
    windows = ((check.per_minute, MINUTE), (check.per_hour, HOUR), (check.per_day, DAY))
    ends += [newest[most - 1] + window for most, window in windows if len(newest) >= most]
    if history.last_entry is not None:
        ends.append(history.last_entry + timedelta(minutes=check.product_minutes))
    return _later(product, world, max(ends))


def _repetition(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy:
    check = check_in(world.policy.checks, Repetition)
    newest = sorted(world.portfolio.history[product].entries, reverse=True)
    ends = []
    if len(newest) >= check.per_hour:
        ends.append(newest[check.per_hour - 1] + HOUR)
    if len(newest) >= check.per_day:
        ends.append(newest[check.per_day - 1] + DAY)
    return _later(product, world, max(ends))


def _turnover(_: ProductId, world: World, __: Deliberation, ___: Outcome) -> Remedy | None:
    spent, now = world.portfolio.spent, world.snapshot.time
    if spent is None:
        return None
    return _from(now.day_start + DAY, world, world.with_portfolio(spent=None))


def _cooldown(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy:
    history = world.portfolio.history.get(product, ProductHistory())
    until = check_in(world.policy.checks, Cooldown).until(history)
    assert until is not None, "what cools down has an end"
    return _later(product, world, until)


def _streak(product: ProductId, world: World, _: Deliberation, __: Outcome) -> Remedy | None:
    last = world.portfolio.last_loss
    if last is None:
        return None
    minutes = check_in(world.policy.checks, LosingStreak).minutes
    return _later(product, world, last + timedelta(minutes=minutes))


def _later(product: ProductId, world: World, when: Instant) -> Remedy:
    """The same market at a later time: what is remembered is so much older."""
    by = when - world.snapshot.time

    def older(time: Instant | None) -> Instant | None:
        return None if time is None else time - by

    book = world.portfolio
    history = book.history.get(product, ProductHistory())
    aged = replace(
        history,
        last_entry=older(history.last_entry),
        last_fill=older(history.last_fill),
        last_loss=older(history.last_loss),
        last_stop=older(history.last_stop),
        previous_stop=older(history.previous_stop),
        entries=tuple(each - by for each in history.entries),
    )
    changed = world.with_portfolio(
        entries_sent=tuple(each - by for each in book.entries_sent),
        last_loss=older(book.last_loss),
        history={**book.history, product: aged},
    )
    # In a world that was aged before, every time that is remembered lies so much earlier.
    return _from(when + world.aged, world, replace(changed, aged=world.aged + by))


def _from(since: Instant, world: World, changed: World) -> Remedy:
    now = world.snapshot.time
    return Remedy("time of the decision", str(now), f"{since} or later", changed, since)


def _cash(product: ProductId, world: World, found: Deliberation, _: Outcome) -> Remedy | None:
    proposal = refused_of(product, found).proposal
    cash = world.portfolio.cash
    if not proposal.is_entry or cash is None:
        return None
    verdict = refused_of(product, found).first
    if strange := strange_cash(world.portfolio, world.snapshot.time):
        differences = {
            key: each for key, each in world.portfolio.differences.items() if each is not strange
        }
        changed = world.with_portfolio(differences=differences)
        return Remedy("cash held for nobody", strange.venue, "none", changed)
    more = proposal.notional * Decimal(2)
    record = world.portfolio.equity
    units = record.units
    if record.going_nav > 0:
        units = CONTEXT.add(units, CONTEXT.divide(more.value, record.going_nav))
    changed = world.with_portfolio(cash=cash + more, equity=replace(record, units=units))
    return Remedy("free cash", f"{verdict.limit}", f"at least {verdict.value}", changed)


REMEDIES: dict[Reason, Remedies] = {
    Reason.TRADING_STATE: _halts,
    Reason.BREAKER_OPEN: _breakers,
    Reason.BANNED: _bans,
    Reason.CLOCK_SKEW: _skew,
    Reason.PRODUCT_STATUS: _status,
    Reason.QUOTE_AGE: _quote_age,
    Reason.QUOTE_SANITY: _sanity,
    Reason.COLLAR: _collar,
    Reason.FEE_WORTH: _fees,
    Reason.DEPTH_MULTIPLE: _depth,
    Reason.DUPLICATE: _duplicate,
    Reason.SELF_MATCH: _duplicate,
    Reason.MAX_POSITIONS: _positions,
    Reason.NEW_POSITIONS: _new_positions,
    Reason.PACE: _pace,
    Reason.REPETITION: _repetition,
    Reason.COOLDOWN: _cooldown,
    Reason.LOSING_STREAK: _streak,
    Reason.TURNOVER: _turnover,
    Reason.BUYING_POWER: _cash,
}
"""By check: what would have let the order through."""
