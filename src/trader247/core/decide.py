"""The mind: one pure function from what is known to what should be done.

`deliberate` keeps every figure on the way, for a person who asks why; `decide` is its answer. Its
order is the cycle's: stops and breakers, exits, universe, regime, signals, rules, sizes, gate. What
a stop or a breaker finds binds this cycle's own orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import cast

from trader247.core.book.faulting import banned_by, with_doubts
from trader247.core.market.instruments import instruments_of
from trader247.core.market.senses import FRESH, Senses
from trader247.core.market.triggers import Examination, Trigger, ranked
from trader247.core.orders.asking import questions_of
from trader247.core.orders.cancellations import cancellations_of
from trader247.core.orders.exits import Exits, exits_of
from trader247.core.orders.making_way import making_way
from trader247.core.orders.repricing import entry_price, is_over
from trader247.core.policy import Policy
from trader247.core.regime import Regime, regime_of
from trader247.core.risk.bans import judge_bans, with_bans
from trader247.core.risk.check import figure
from trader247.core.risk.checks.self_match import SelfMatch
from trader247.core.risk.gate import judge, with_findings
from trader247.core.risk.reservations import at_market
from trader247.core.risk.stops import judge_fees, judge_stops
from trader247.core.rules.rule import STRATEGY
from trader247.core.sizing import Ground, Size, size_of
from trader247.core.universe import Universe
from trader247.core.valuation import equity_at, mark_to_market
from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Decisions, Outcome
from trader247.domain.events.cycles import EXITS_ONLY
from trader247.domain.ids import ProductId, decision_id
from trader247.domain.intents import WorkingIntent
from trader247.domain.market import Snapshot
from trader247.domain.money import Money, Price
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import Proposal, Purpose
from trader247.domain.reasons import Reason
from trader247.domain.verdicts import Approved, Refused


@dataclass(frozen=True, slots=True)
class Deliberation:
    """The decisions of one cycle with everything that was measured and weighed on the way.

    `examined` and `sizes` hold only the products that came so far.
    """

    decisions: Decisions
    regime: Regime
    universe: Universe
    exits: Exits
    examined: Mapping[ProductId, Examination]
    sizes: Mapping[ProductId, Size]


@dataclass(frozen=True, slots=True)
class Scene:
    """What an entry is judged by: the market, the book at its bids with this cycle's findings."""

    snapshot: Snapshot
    book: Portfolio
    policy: Policy
    regime: Regime
    equity: Money | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The entries that are wished for, in order of judgement, and the reasons of all others."""

    proposals: tuple[Proposal, ...]
    outcomes: Mapping[ProductId, Outcome]
    sizes: Mapping[ProductId, Size]


def decide(
    snapshot: Snapshot, portfolio: Portfolio, policy: Policy, senses: Senses = FRESH
) -> Decisions:
    """What should be done at this instant. Equal inputs give equal decisions, always."""
    return deliberate(snapshot, portfolio, policy, senses).decisions


def deliberate(
    snapshot: Snapshot, portfolio: Portfolio, policy: Policy, senses: Senses = FRESH
) -> Deliberation:
    """Decide, and keep the reasoning. `senses` measure the market."""
    if snapshot.is_exits_only:
        return _between_cycles(snapshot, portfolio, policy)
    now = snapshot.time
    marks = senses.marks(portfolio, snapshot, policy)
    equity = equity_at(marks, portfolio, policy)
    surely = min(now, snapshot.right_time)  # no day, and no high, is over by one clock alone
    halts = (
        *senses.stops(portfolio, policy, equity=equity, now=surely),
        *judge_fees(portfolio, policy, equity=equity, now=surely),
    )
    breakers, trips = senses.breakers(portfolio, snapshot, policy, equity=equity)
    book = at_market(with_findings(portfolio, halts, breakers, now), snapshot, marks)
    doubts = senses.doubts(portfolio, snapshot, policy)
    standing = judge_bans(book, (), policy, snapshot.right_time)
    if doubts or standing:
        book = replace(
            book,
            bans=with_bans(book, standing, now),
            doubts=with_doubts(book.doubts, doubts, now),
        )
    exits = exits_of(snapshot, book, policy, senses.staying(book))
    exits = making_way(exits, snapshot, book, policy, equity=equity)
    universe = senses.universe(snapshot, book, policy)
    scene = Scene(snapshot, book, policy, senses.regime(snapshot, policy), equity)
    outcomes = _outside(universe, policy) | _working(book) | dict(exits.staying)
    examined = _examined(scene, outcomes, senses)
    plan = planned(scene, examined)
    entries = senses.wished(plan.proposals, snapshot, book, policy)
    wishes = (*exits.proposals, *exits.stops, *entries)
    first = exits.foremost
    answers = judge(wishes, snapshot, book, policy, equity=equity, is_marked=True, foremost=first)
    # What ledger and memory show was asked above; only refusals can add to it.
    is_plain = not standing and all(isinstance(each, Approved) for each in answers)
    bans = () if is_plain else judge_bans(portfolio, answers, policy, snapshot.right_time)
    if bans:
        book = replace(book, bans=with_bans(book, bans, now))
    if any(_is_banned(each, book) for each in answers):
        answers = judge(wishes, snapshot, book, policy, equity=equity, is_marked=True)
    outcomes |= plan.outcomes
    outcomes |= {answer.proposal.product: _ending(answer) for answer in answers}
    # Why a sale cannot be sent says more than that a stop is laid for it meanwhile.
    outcomes |= {
        each.proposal.product: exits.staying[each.proposal.product] for each in exits.refused
    }
    listed = policy.universe.products
    assert set(listed) <= set(outcomes), "each product ends in one reason"
    others = sorted(set(outcomes) - set(listed))
    leaving = _leaving(exits)
    decisions = Decisions(
        regime=scene.regime.name,
        outcomes={product: outcomes[product] for product in (*listed, *others)},
        approved=tuple(each for each in answers if isinstance(each, Approved)),
        refused=tuple(each for each in answers if isinstance(each, Refused)),
        halts=halts,
        breakers=breakers,
        cancellations=cancellations_of(
            snapshot,
            book,
            universe,
            leaving=leaving,
            giving_way=exits.giving_way,
            is_online=senses.is_online,
        ),
        universe=universe.changes,
        marks=marks,
        equity=equity,
        eligible=len(universe.eligible),
        is_pressing=exits.is_pressing or _meets_own_buy((*exits.refused, *answers)),
        tripped=trips,
        asked=questions_of(answers, portfolio.stage, now),
        bans=bans,
        doubts=doubts,
    )
    return Deliberation(decisions, scene.regime, universe, exits, examined, plan.sizes)


def _between_cycles(snapshot: Snapshot, portfolio: Portfolio, policy: Policy) -> Deliberation:
    """Judge stops and exits alone, on the quotes of what is held.

    What only a whole reading of the market tells stays as it is: universe, breakers, entries.
    """
    now = snapshot.time
    marks, equity = mark_to_market(portfolio, snapshot, policy)
    surely = min(now, snapshot.right_time)
    halts = (
        *judge_stops(portfolio, policy, equity=equity, now=surely),
        *judge_fees(portfolio, policy, equity=equity, now=surely),
    )
    book = at_market(with_findings(portfolio, halts, (), now), snapshot)
    exits = exits_of(snapshot, book, policy)
    exits = making_way(exits, snapshot, book, policy, equity=equity)
    answers = judge(exits.proposals, snapshot, book, policy, equity=equity, is_marked=True)
    bans = judge_bans(portfolio, answers, policy, snapshot.right_time)
    outcomes = dict(exits.staying)
    outcomes |= {answer.proposal.product: _ending(answer) for answer in answers}
    universe = Universe({}, portfolio.universe, {}, eligible=(), needed=0)
    leaving = _leaving(exits)
    decisions = Decisions(
        regime=EXITS_ONLY,
        outcomes={product: outcomes[product] for product in sorted(outcomes)},
        approved=tuple(each for each in answers if isinstance(each, Approved)),
        refused=tuple(each for each in answers if isinstance(each, Refused)),
        halts=halts,
        breakers=(),
        cancellations=cancellations_of(
            snapshot, book, universe, leaving=leaving, giving_way=exits.giving_way
        ),
        universe={},
        marks=marks,
        equity=equity,
        eligible=0,
        is_pressing=exits.is_pressing or _meets_own_buy((*exits.refused, *answers)),
        tripped=(),
        asked=(),
        bans=bans,
    )
    regime = regime_of(snapshot, policy.regime)
    return Deliberation(decisions, regime, universe, exits, examined={}, sizes={})


def _leaving(exits: Exits) -> tuple[ProductId, ...]:
    """What is to be sold, also where a stop rests, or is laid, until it can be."""
    kept = (*(each for each, _ in exits.waiting), *(each.proposal for each in exits.refused))
    return tuple(sale.product for sale in (*exits.proposals, *kept))


def _meets_own_buy(answers: tuple[Approved | Refused, ...]) -> bool:
    """Whether a sale only waits for the end of a buy of ours, which this cycle asks for."""
    return any(
        isinstance(each, Refused)
        and not each.proposal.is_entry
        and each.first.check == SelfMatch.id
        for each in answers
    )


def _is_banned(answer: Approved | Refused, book: Portfolio) -> bool:
    """Whether an entry was approved beside the fault of another that bans it too."""
    wish = answer.proposal
    is_sent = isinstance(answer, Approved) and wish.is_entry
    return is_sent and bool(banned_by(book, wish.product, wish.strategy))


def _outside(universe: Universe, policy: Policy) -> dict[ProductId, Outcome]:
    """Products that the universe does not let in now."""
    outcomes: dict[ProductId, Outcome] = {}
    for product in policy.universe.products:
        objection = universe.objection(product, policy.universe.floors)
        if objection is not None:
            outcomes[product] = objection
    return outcomes


def _working(book: Portfolio) -> dict[ProductId, Outcome]:
    """Products that have an order on its way."""
    return {
        working.intent.product: _at_work(working)
        for working in book.working.values()
        if not working.state.is_settled
    }


def _at_work(working: WorkingIntent) -> Outcome:
    """How a product ends that has this order; told once, since it mostly rests for many cycles."""
    try:
        return cast("Outcome", working.told)
    except AttributeError:
        intent = working.intent
        text = f"{intent.side.value} {intent.client_order_id} is {working.state.value}"
        outcome = Outcome(Reason.ORDER_WORKING, text)
        object.__setattr__(working, "told", outcome)
        return outcome


def _examined(
    scene: Scene, outcomes: Mapping[ProductId, Outcome], senses: Senses
) -> Mapping[ProductId, Examination]:
    """Every product that could be bought, measured."""
    instruments = instruments_of(scene.policy)
    tiers = {
        product: tier
        for tier, each in enumerate(scene.policy.universe.tiers)
        for product in each.products
        if product not in outcomes and product not in scene.book.positions
    }
    return senses.examinations(tiers, scene.snapshot, instruments, regime=scene.regime)


def planned(scene: Scene, examined: Mapping[ProductId, Examination]) -> Plan:
    """Turn the best triggers into proposals, each sized with those before it in mind."""
    outcomes = {
        product: each.objection for product, each in examined.items() if each.objection is not None
    }
    triggers = ranked([each.trigger for each in examined.values() if each.trigger is not None])
    most = scene.policy.triggers.triggers_max
    proposals: list[Proposal] = []
    sizes: dict[ProductId, Size] = {}
    for place, trigger in enumerate(triggers, start=1):
        product = trigger.product
        if place > most:
            text = f"score {trigger.score:.3f} is number {place}, {most} a cycle"
            outcomes[product] = Outcome(Reason.OUTRANKED, text)
            continue
        if scene.equity is None:
            outcomes[product] = Outcome(Reason.EQUITY_KNOWN, "equity is unknown: nothing is sized")
            continue
        if is_over(product, scene.book, scene.policy, scene.snapshot.time):
            text = "its last entries would not have rested: ten minutes' pause"
            outcomes[product] = Outcome(Reason.DECLINED, text)
            continue
        size = _sized(trigger, scene, scene.equity, proposals)
        sizes[product] = size
        if size.quantity.is_zero:
            outcomes[product] = Outcome(Reason.SIZE_BELOW_FLOOR, size.detail)
            continue
        proposals.append(_entry(trigger, size, scene))
    return Plan(tuple(proposals), outcomes, sizes)


def _sized(trigger: Trigger, scene: Scene, equity: Money, before: list[Proposal]) -> Size:
    view = scene.snapshot.views[trigger.product]
    assert view.product is not None, "an eligible product has its rules"
    assert view.quote is not None, "an eligible product is quoted"
    return size_of(
        view.product,
        entry_price(view.product, view.quote, scene.book, scene.policy, scene.snapshot.time),
        depth=view.depth,
        tier=scene.policy.universe.tiers[trigger.tier],
        wish=trigger.wish,
        confidence=trigger.reading.confidence,
        ground=Ground(
            scene.book, equity, scene.regime, scene.policy, scene.snapshot.time, tuple(before)
        ),
        own=scene.policy.strategy_of(trigger.rule.id),
    )


def _entry(trigger: Trigger, size: Size, scene: Scene) -> Proposal:
    quote = scene.snapshot.quote(trigger.product)
    assert quote is not None, "what was sized is quoted"
    own = scene.policy.strategy_of(trigger.rule.id)
    return Proposal(
        product=trigger.product,
        side=Side.BUY,
        purpose=Purpose.ENTRY,
        order_type=OrderType.POST_ONLY_GTD,
        price=size.price,
        quantity=size.quantity,
        reference=quote.mid,
        strategy=STRATEGY if own is None else own.name,
        rule=trigger.rule.id,
        decision_id=decision_id(scene.snapshot.cycle, trigger.product),
        leg=0,
        score=trigger.score,
        lifetime=timedelta(seconds=scene.policy.execution.entry_seconds),
        plan=trigger.wish.plan,
    )


def _ending(answer: Approved | Refused) -> Outcome:
    """How a judged product ends: sent, or the first check that said no."""
    proposal = answer.proposal
    if proposal.stop_price is not None:
        return _kept(answer, proposal.stop_price)
    if isinstance(answer, Refused):
        return Outcome(Reason(answer.first.check), answer.first.detail)
    notional = figure(proposal.notional.value, 2)
    text = f"{proposal.quantity} at {proposal.price}, {notional}"
    if proposal.exit_cause is not None:
        return Outcome(Reason.EXIT_SENT, f"{proposal.exit_cause.value}: {text}")
    return Outcome(Reason.ENTRY_SENT, f"{proposal.rule} {proposal.score:.3f}: {text}")


def _kept(answer: Approved | Refused, stop: Price) -> Outcome:
    """A position that stays, with its stop at the venue, or watched from here."""
    if isinstance(answer, Approved):
        return Outcome(Reason.HOLDING, f"held; its stop goes to the venue, at {stop}")
    return Outcome(Reason.HOLDING, f"held; its stop stays local: {answer.first.detail}")
