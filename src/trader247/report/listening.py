"""Listens to a journal, event by event, and tells the story of it at the end."""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trader247.core.figures.funnel import FunnelDay, funnel_day
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.valuation import pnl_figures
from trader247.domain.events.book import PolicyAdopted
from trader247.domain.events.cycles import CycleDecided, Ending
from trader247.domain.events.halts import BanCleared, BanLatched, HaltCleared, HaltLatched
from trader247.domain.events.money import CashFlowed
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    IntentRecorded,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import NO_MONEY, Money, total
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio, ban_key
from trader247.domain.proposals import Purpose
from trader247.domain.time import Instant
from trader247.report.curve import Curve
from trader247.report.made import made_between, standing_of
from trader247.report.round_trips import RoundTrips
from trader247.report.story import Caps, Holdings, Origin, Stop, Story
from trader247.report.trades import Trade

UNKNOWN = float("nan")

_SAYS_NOTHING = frozenset({OrderSeen, SubmissionSettled, CancelRequested})
"""What nothing is told of here, and most events of a year are: they are not looked at."""

PolicyOf = Callable[[PolicyAdopted], Policy]
"""Reads the policy whose text an event has."""


@dataclass(slots=True)
class _Day:
    cycles: int
    reasons: Counter[str]
    filled: set[ClientOrderId]


class _Ended:
    """How a cycle's products ended, as it is hashed and counted; most end like the one before."""

    def __init__(self, endings: Mapping[ProductId, Ending]) -> None:
        self.endings = endings
        self.reasons = [each.reason for each in endings.values()]
        self.text = "".join(
            f"{product} {ending.reason}\n" for product, ending in sorted(endings.items())
        )


class Listener:
    """Takes events in order, each with the ledger before and after it.

    `start` is the ledger before the first of them, `policy` the one in force there, if any.
    """

    def __init__(self, start: Portfolio, policy: Policy | None, *, policy_of: PolicyOf) -> None:
        self._trips = RoundTrips(start, policy)
        self._policy = policy
        self._policy_of = policy_of
        self._start = start
        self._opening = start.equity.equity
        self._is_new = start.equity.units == 0
        self._begin = standing_of(start, policy)
        self._flows = self._later_flows = NO_MONEY
        self._bought = self._sold = self._fees = NO_MONEY
        self._fills = self._orders = self._entries = 0
        self._times = array("q")
        self._equity = array("d")
        self._nav = array("d")
        self._exposure = array("d")
        self._held: dict[ProductId, tuple[array[int], array[float]]] = {}
        self._days: dict[str, _Day] = {}
        self._stops: list[Stop] = [
            *(Stop(each.name.value, each.cause, each.since, None) for each in start.halts.values()),
            *(Stop(key, each.cause, each.since, None) for key, each in start.bans.items()),
        ]
        self._entered: dict[ClientOrderId, str] = {}
        """The UTC day of each entry."""
        self._decisions = hashlib.sha256()
        self._ended = _Ended({})

    def take(self, recorded: Recorded, before: Portfolio, after: Portfolio) -> None:
        """One more event."""
        if type(recorded.event) in _SAYS_NOTHING:
            return
        self._trips.take(recorded, before, after)
        match recorded.event:
            case CycleDecided() as cycle:
                self._cycled(cycle, after)
            case IntentRecorded(intent):
                self._intended(intent)
            case FillBooked() as filled:
                self._filled(filled)
            case CashFlowed(amount):
                self._flowed(amount)
            case PolicyAdopted() as adopted:
                self._policy = self._policy_of(adopted)
                self._trips.judged_by(self._policy)
            case HaltLatched() | HaltCleared() | BanLatched() | BanCleared() as stopped:
                self._stopped(stopped, recorded.time, before, after)
            case _:
                pass

    def told(self, origin: Origin, end: Portfolio, *, begin: Instant, until: Instant) -> Story:
        """The story up to here; `end` is the ledger after the last event."""
        trades, still_open = tuple(self._trips.closed), self._trips.still_open(end)
        policy = self._policy
        funnel = self._funnel()
        return Story(
            origin=origin,
            begin=begin,
            end=until,
            cycles=sum(each.cycles for each in self._days.values()),
            opening=self._opening,
            trades=trades,
            still_open=still_open,
            curve=Curve(
                self._times_from(begin),
                np.frombuffer(self._equity),
                np.frombuffer(self._nav),
                np.frombuffer(self._exposure),
            ),
            holdings={
                product: Holdings(np.frombuffer(at, dtype=np.int64), np.frombuffer(notional))
                for product, (at, notional) in sorted(self._held.items())
            },
            clusters=_clusters(policy, self._held),
            caps=None if policy is None else caps_of(policy),
            pnl=pnl_figures(end),
            made=made_between(
                self._begin, standing_of(end, policy), result=self._result(end.equity.equity)
            ),
            bought=self._bought,
            sold=self._sold,
            fees=self._fees,
            slippage=_slippage((*trades, *still_open)),
            flows=self._flows,
            entries_sent=self._entries,
            orders_sent=self._orders,
            fills=self._fills,
            funnel=funnel,
            refusals=refusals_of(funnel),
            stops=tuple(self._stops),
            policy_hash="" if policy is None else policy.hash,
            settings={} if policy is None or not policy.text else json.loads(policy.text),
            decisions=self._decisions.hexdigest(),
        )

    def _result(self, equity: Money | None) -> Money | None:
        if equity is None or self._opening is None:
            return None
        return equity - self._opening - self._later_flows

    def _times_from(self, begin: Instant) -> NDArray[np.int64]:
        """The instants of the curve; its first value is that of the beginning, where it was known.

        What a period made began with that, and not with what its first cycle saw.
        """
        times = np.array(self._times, dtype=np.int64)
        if self._start.equity.nav is not None and len(times):
            times[0] = min(begin.us, times[0])
        return times

    def _cycled(self, cycle: CycleDecided, after: Portfolio) -> None:
        self._trips.marked(after)
        if not self._times and self._start.equity.nav is not None:
            self._stands(cycle.at, self._start, self._opening)
        self._stands(cycle.at, after, after.equity.equity)
        self._decided(cycle)

    def _stands(self, at: Instant, after: Portfolio, equity: Money | None) -> None:
        index = len(self._times)
        nav = after.equity.nav
        self._times.append(at.us)
        self._equity.append(UNKNOWN if equity is None else float(equity.value))
        self._nav.append(UNKNOWN if nav is None else float(nav))
        whole = 0.0
        for product, position in after.positions.items():
            mark = after.marks.get(product)
            notional = UNKNOWN if mark is None else float((mark * position.quantity).value)
            whole += notional
            columns = self._held.get(product)
            if columns is None:
                columns = self._held[product] = array("q"), array("d")
            columns[0].append(index)
            columns[1].append(notional)
        self._exposure.append(whole)

    def _decided(self, cycle: CycleDecided) -> None:
        # Who decided, on what, and how each product ended: not how long it took.
        ended = self._ended
        if ended.endings is not cycle.endings:
            ended = self._ended = _Ended(cycle.endings)
        at_text = str(cycle.at)
        self._decisions.update(f"cycle {at_text}\n{ended.text}".encode())
        if not cycle.is_exits_only:
            day = self._day(at_text[:10])
            day.cycles += 1
            day.reasons.update(ended.reasons)

    def _intended(self, intent: RecordedIntent) -> None:
        self._orders += 1
        if intent.purpose is Purpose.ENTRY:
            self._entries += 1
            self._entered[intent.client_order_id] = str(intent.created)[:10]
        self._decisions.update(
            f"intent {intent.product} {intent.side.value} {intent.order_type.value} "
            f"{intent.price} {intent.quantity} {intent.rule} {intent.leg}\n".encode()
        )

    def _filled(self, event: FillBooked) -> None:
        fill = event.fill
        self._fills += 1
        self._fees = self._fees + fill.fee
        if fill.side is Side.BUY:
            self._bought = self._bought + fill.notional
            entered = self._entered.get(event.client_order_id)
            if entered is not None:
                self._day(entered).filled.add(event.client_order_id)
        else:
            self._sold = self._sold + fill.notional

    def _flowed(self, amount: Money) -> None:
        self._flows = self._flows + amount
        if self._times:
            self._later_flows = self._later_flows + amount
        elif self._opening is not None:
            self._opening = self._opening + amount
        elif self._is_new:
            self._opening = amount

    def _stopped(
        self,
        event: HaltLatched | HaltCleared | BanLatched | BanCleared,
        at: Instant,
        before: Portfolio,
        after: Portfolio,
    ) -> None:
        match event:
            case HaltLatched(name=name, cause=cause):
                if name in after.halts and name not in before.halts:
                    self._stops.append(Stop(name.value, cause, at, None))
            case HaltCleared(name=name):
                self._cleared(name.value, at)
            case BanLatched(control=control, scope=scope, cause=cause):
                if ban_key(control, scope) not in before.bans:
                    self._stops.append(Stop(ban_key(control, scope), cause, at, None))
            case BanCleared(control=control, scope=scope):
                self._cleared(ban_key(control, scope), at)

    def _cleared(self, name: str, at: Instant) -> None:
        for index, each in enumerate(self._stops):
            if each.name == name and each.cleared is None:
                self._stops[index] = Stop(each.name, each.cause, each.since, at)

    def _day(self, day: str) -> _Day:
        return self._days.setdefault(day, _Day(0, Counter(), set()))

    def _funnel(self) -> tuple[FunnelDay, ...]:
        return tuple(
            funnel_day(day, cycles=each.cycles, reasons=each.reasons, filled=len(each.filled))
            for day, each in sorted(self._days.items())
        )


def caps_of(policy: Policy) -> Caps:
    """The exposure caps of a policy."""
    return Caps(
        product=check_in(policy.checks, ProductExposure).pct_max,
        total=check_in(policy.checks, TotalExposure).pct_max,
        clusters={each.name: each.cap for each in policy.universe.clusters},
    )


def _clusters(policy: Policy | None, held: Mapping[ProductId, object]) -> dict[ProductId, str]:
    if policy is None:
        return {}
    found = {product: policy.universe.cluster_of(product) for product in held}
    return {product: each.name for product, each in found.items() if each is not None}


def refusals_of(funnel: tuple[FunnelDay, ...]) -> dict[str, int]:
    """What stopped products, most frequent first."""
    counts: Counter[str] = Counter()
    for day in funnel:
        counts.update(day.stopped)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _slippage(trades: tuple[Trade, ...]) -> Money | None:
    found = [each.slippage for trade in trades for each in trade.fills]
    known = [each for each in found if each is not None]
    return total(known) if known and len(known) == len(found) else None
