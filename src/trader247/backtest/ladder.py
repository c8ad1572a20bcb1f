"""The stops that follow each other while nothing else happens: a chain a position, rung by rung."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from trader247.backtest.order_rows import Renewals as Told
from trader247.backtest.order_rows import Renewed
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ClientOrderId, DecisionId
from trader247.domain.intents import WorkingIntent
from trader247.domain.position import Position
from trader247.ports import Ids
from trader247.simex.orders.order import Order as Placed

Shift = tuple[int, Decimal]
"""What a rung's intent is made with besides: from places to cycles, and the taker's fee."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A stop at the exchange that will be followed by its like, first at the place `first`."""

    placed: Placed
    working: WorkingIntent
    position: Position
    first: int
    trigger: int


class Rung(NamedTuple):
    """One stop of a chain: its name, its leg, where it was placed, the venue's number of it.

    `place` is None for the chain's first: its intent is known.
    """

    chain: Chain
    name: ClientOrderId
    leg: int
    place: int | None
    number: int


class Ladder:
    """The stops that follow each other between two places, chain by chain, in products' order."""

    def __init__(
        self, chains: Sequence[Chain], step: int, following: int, *, begin: int, ids: Ids
    ) -> None:
        self.chains = chains
        self._step = step
        self._following = following
        self._begin = begin
        self._ids = ids
        self._counts = [len(range(each.first, following, step)) for each in chains]
        self._legs = [max(each.position.exit_legs, each.working.intent.leg) for each in chains]
        self._total = sum(self._counts)
        self.newest = [self.rung(row, count - 1) for row, count in enumerate(self._counts)]
        """The last rung of each chain."""

    def __len__(self) -> int:
        return self._total

    @property
    def end(self) -> int:
        """The exchange's number of the last order of all."""
        return self._begin + self._total

    def rung(self, row: int, place: int) -> Rung:
        """A chain's rung by its place in it; below the first is the stop that rested before."""
        chain = self.chains[row]
        if place < 0:
            intent = chain.working.intent
            return Rung(chain, intent.client_order_id, intent.leg, None, chain.placed.number)
        leg = self._legs[row] + 1 + place
        at = chain.first + place * self._step
        return Rung(chain, self._name(row, leg), leg, at, self._number(row, at))

    def ended(self, count: int) -> Iterator[tuple[int, Rung]]:
        """At least so many of the last that ended, or all, oldest first: where each did."""
        span = -(-count // len(self.chains))
        while True:
            since = self._following - (span + 1) * self._step
            found = [
                (chain.first + number * self._step, row, number)
                for row, chain in enumerate(self.chains)
                for number in range(
                    max(0, -((chain.first - since) // self._step)), self._counts[row]
                )
            ]
            if len(found) >= min(count, self._total):
                # One ended where the one after it was placed.
                return ((place, self.rung(row, number - 1)) for place, row, number in sorted(found))
            span *= 2

    def told(self, start: int) -> Told:
        """All of it for the record; `start` is the minute of the first place."""
        return Told(
            tuple(
                Renewed(
                    before=chain.working.intent.client_order_id,
                    last=newest.name,
                    first=start + chain.first,
                    count=self._counts[row],
                    leg=self._legs[row] + 1,
                    # It is kept as long as the run: by what a name is made of, and no more.
                    name=partial(
                        _named,
                        self._ids,
                        chain.working.intent.epoch,
                        chain.working.intent.decision_id,
                    ),
                )
                for row, (chain, newest) in enumerate(zip(self.chains, self.newest, strict=True))
            ),
            self._step,
        )

    def _name(self, row: int, leg: int) -> ClientOrderId:
        intent = self.chains[row].working.intent
        return self._ids.client_order(epoch=intent.epoch, decision=intent.decision_id, leg=leg)

    def _number(self, row: int, place: int) -> int:
        """The exchange's number of an order: it counts them as they come, all chains together."""
        step = self._step
        before = [
            -((each.first - place - (other <= row)) // step)
            for other, each in enumerate(self.chains)
        ]
        return self._begin + sum([each for each in before if each > 0])


def _named(ids: Ids, epoch: int, decision: DecisionId, leg: int) -> ClientOrderId:
    return ids.client_order(epoch=epoch, decision=decision, leg=leg)
