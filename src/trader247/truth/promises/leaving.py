"""Every position ends as its entry said: at its stop, at its target, or when its time is over; and
where a person wants it sold.
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from trader247.truth.exact import NONE, exact, plain
from trader247.truth.facts import HALTING
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World

_CLEARLY_UNDER, _CLEARLY_OVER = exact("0.99999"), exact("1.00001")
_DUST = 5
STOP = "stop_limit_gtd"


class Due(Promise):
    """What each position's plan asks for now, by the average of what was paid and the cycle's mark.

    Not a promise by itself: those below are. Stop, target and longest time are the entry's own; a
    person may want it sold besides, for as long as that wish says.
    """

    id = "I17"

    def why(self, product: str, mark: str, at_us: int) -> str:
        """Why a position should leave, in words; empty where it may stay, or is hardly anything."""
        plan, since_us = self.world.plans.get(product, (None, 0))
        holding = self.world.book.holdings.get(product)
        if plan is None or holding is None or holding.quantity * exact(mark) < _DUST:
            return ""
        wanted_us, until_us = self.world.wanted_sold.get(product, (0, 0))
        if wanted_us <= at_us < until_us:
            return "held, and a person wants it sold"
        paid = holding.paid
        stop, target = paid * (1 - plan.stop_fraction), paid * (1 + plan.target_fraction)
        if exact(mark) < stop * _CLEARLY_UNDER:
            return f"held at {mark}, its stop is {plain(stop)}"
        if exact(mark) > target * _CLEARLY_OVER:
            return f"held at {mark}, its target is {plain(target)}"
        if at_us - since_us > plan.longest_us + MINUTE_US:
            return "held longer than its entry allowed"
        return ""

    def is_there(self, product: str) -> bool:
        """Whether the exchange has what the trader holds: nobody sells what somebody took away."""
        world = self.world
        total, _hold = world.wallets.get(world.bases.get(product, ""), (NONE, NONE))
        return total >= world.book.held(product)

    def is_unknown(self, product: str) -> bool:
        """Whether the trader cannot tell what became of a sale of it."""
        unknown = self.world.unresolved.values()
        return any((each.product, each.side) == (product, "SELL") for each in unknown)

    def sales(self, product: str) -> set[str]:
        """What may sell it: the types of sales that rest, may rest, or traded and are not booked;
        empty where there are none.
        """
        world = self.world
        names = self._at_work(product)
        names |= {
            world.orders[each.order_id].name
            for each in world.unbooked.values()
            if (each.product, each.side) == (product, "SELL")
        }
        return {world.intents[name].order_type for name in names if name in world.intents}

    def may_rest(self, product: str) -> bool:
        """Whether a sale of it rests, or may: where none does, what may sell it has traded."""
        return bool(self._at_work(product))

    def _at_work(self, product: str) -> set[str]:
        live, unresolved = self.world.live, self.world.unresolved
        of_it = (product, "SELL")
        return {name for name, each in live.items() if (each.product, each.side) == of_it} | {
            name for name, each in unresolved.items() if (each.product, each.side) == of_it
        }


class Leaving(Due):
    """No cycle says that it holds on to what is under its stop, at its target, past its time, or
    wanted sold by a person.

    Only what the cycle itself says is judged here: a sale that cannot be sent has another word.
    """

    id = "I17"

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        found = []
        at_us = instant_us(payload["at"])
        for product, mark in payload["marks"].items():
            ending = payload["endings"].get(product)
            if ending is None or ending["reason"] != "holding":
                continue
            why = self.why(product, mark, at_us)
            # What is not there cannot leave, and all of it may be on hold, or sold already.
            if why and self.is_there(product) and not self.sales(product):
                found.append(f"{product} is {why}")
        return found


class Highest(Promise):
    """The highest bid that a cycle saw since each position was bought; of what was dust, none.

    Not a promise by itself: a stop that trails follows it.
    """

    id = "I17"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._highest: dict[str, Fraction | None] = {}

    def event_fill_booked(self, payload: Told, _: Told) -> Wrong:
        fill, held = payload["fill"], self.world.book.holdings
        self._highest = {key: each for key, each in self._highest.items() if key in held}
        if fill["product"] in held:
            self._highest.setdefault(fill["product"], exact(fill["price"]))
        return []

    def event_holding_adopted(self, payload: Told, _: Told) -> Wrong:
        self._highest.setdefault(payload["product"], exact(payload["mark"]))
        return []

    def event_dust_set_aside(self, payload: Told, _: Told) -> Wrong:
        self._highest[payload["product"]] = None
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        for product, mark in payload["marks"].items():
            known = self._highest.get(product)
            if known is not None:
                self._highest[product] = max(known, exact(mark))
        return []


class Planned(Highest):
    """Stop, target and last moment of each position are what its entry's plan makes of it.

    By the average of what was paid for what is left, and from its first fill on; the trader's own
    are compared after every cycle. A stop that trails is as far under the highest bid that a cycle
    saw since, and at least where it began; of what was dust meanwhile that alone is known.
    """

    id = "I17"

    _NEAR = Fraction(1, 10**20)

    def _trails(self, product: str, share: Fraction, stop: Fraction, least: Fraction) -> bool:
        """Whether a stop is where it has followed to."""
        highest = self._highest.get(product)
        if highest is None:
            return stop >= least
        return abs(stop - max(least, highest * (1 - share))) <= self._NEAR * highest

    def on_folded(self, record: Told) -> Wrong:
        found = []
        for told in record["portfolio"]["positions"]:
            product = told["product"]
            plan, since_us = self.world.plans.get(product, (None, 0))
            holding = self.world.book.holdings.get(product)
            if plan is None or holding is None or "stop" not in told:
                continue
            paid = holding.paid
            stop, target = exact(told["stop"]), exact(told["target"])
            least, due = paid * (1 - plan.stop_fraction), paid * (1 + plan.target_fraction)
            is_stop = abs(stop - least) <= self._NEAR * paid
            share = plan.trailing_fraction
            if not (is_stop if share is None else self._trails(product, share, stop, least)):
                found.append(f"{product} stops at {plain(least)}, the trader's at {told['stop']}")
            if abs(target - due) > self._NEAR * paid:
                found.append(f"{product} is sold at {plain(due)}, the trader's at {told['target']}")
            if told["leaves_us"] != since_us + plan.longest_us:
                late_s = (told["leaves_us"] - since_us - plan.longest_us) / SECOND_US
                found.append(f"{product} leaves {late_s} s after its time is over")
        return found


class Early(Due):
    """No position is sold for a stop, a target or a time that its plan has not come to.

    By the mark of the cycle that decided it. A stop that trails, and a person, have their own word.
    """

    id = "I17"

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        product, cycle = intent.product, world.cycle
        plan, since_us = world.plans.get(product, (None, 0))
        holding, mark = world.book.holdings.get(product), cycle.get("marks", {}).get(product)
        is_another = intent.cycle != cycle.get("cycle") or intent.order_type == STOP
        is_another = is_another or intent.name in world.by_name  # taken back: sent long before
        if is_another or plan is None or holding is None or mark is None:
            return []
        paid, at_us = holding.paid, instant_us(cycle["at"])
        stop, target = paid * (1 - plan.stop_fraction), paid * (1 + plan.target_fraction)
        is_early = {
            "stop": exact(mark) > stop * _CLEARLY_OVER,
            "target": exact(mark) < target * _CLEARLY_UNDER,
            "longest_hold": at_us - since_us < plan.longest_us - MINUTE_US,
        }
        if not is_early.get(intent.exit_cause, False):
            return []
        levels = f"stop {float(stop):.8f}, target {float(target):.8f}"
        return [f"{intent.name} sells at {mark} for its {intent.exit_cause}, of {levels}"]


class LetGo(Due):
    """A position that is due leaves: its sale is not refused, put off or declined without an end.

    Three cycles in a row may refuse one for a reason that is none, six may wait for a stop that
    rests to make way, ten may send one that sells nothing, fifteen may wait for a sale that is over
    at the exchange, since listings lag, and twenty for a collar, whose median comes after; one may
    wait for a sale that is none. No cycle counts for a stop that rests where the exchange was asked
    since the one before for an order by its id, and told nothing: nobody would learn that the stop
    has ended. A listing, a median and bids come after by time, however often
    cycles follow: those that wait for them count a minute apart. What an exit has to wait for is a
    market without a price, a product that the venue has halted, and what allows cancels alone; all
    else binds entries.
    """

    id = "I17"

    _REFUSED_MAX, _RESTING_MAX, _SENT_MAX, _OVER_MAX, _COLLAR_MAX = 3, 6, 10, 15, 20
    _IDLE_MAX = 1
    _APART_US = 55 * SECOND_US
    _WAITS: ClassVar = {
        "no_quote", "stale_quote", "crossed_quote", "not_at_venue", "not_tradable",
        "product_status", "quote_age", "quote_sanity", "collar", "clock_skew", "arming",
    }  # fmt: skip

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._refused: dict[str, int] = {}
        self._resting: dict[str, int] = {}
        self._sent: dict[str, int] = {}
        self._over: dict[str, int] = {}
        self._collar: dict[str, int] = {}
        self._idle: dict[str, int] = {}
        self._decided_us = 0
        self._by_time = (self._over, self._collar, self._sent)
        self._counted_us: tuple[dict[str, int], ...] = ({}, {}, {})
        """When each of these counted last, by product."""
        self._all = (
            self._refused, self._resting, self._sent, self._over, self._collar, self._idle,
        )  # fmt: skip

    def event_fill_booked(self, payload: Told, _: Told) -> Wrong:
        if payload["fill"]["side"] == "SELL":
            # A position that is larger than an order may be leaves in parts.
            self._sent.pop(payload["fill"]["product"], None)
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world, at_us = self.world, instant_us(payload["at"])
        due = {
            product: why
            for product, mark in payload["marks"].items()
            if (why := self.why(product, mark, at_us)) and self.is_there(product)
        }
        for counts in self._all:
            for product in counts.keys() - due.keys():
                del counts[product]
        if HALTING & world.halts.keys() or world.kill_us is not None:
            for counts in self._all:
                counts.clear()
            return []
        found = []
        for product, why in due.items():
            word = payload["endings"].get(product, {}).get("reason", "")
            found += [f"{product} is {why}, {text}" for text in self._late(product, word)]
        self._decided_us = world.now_us
        return found

    def _has_unread(self, product: str) -> bool:
        """Whether a sale of it is not over as far as the journal goes, whatever became of it."""
        world = self.world
        return any(
            each.state == "ACCEPTED"
            and (each.product, each.side) == (product, "SELL")
            and not (
                each.is_end_seen
                and (each.booked, each.paid)
                == (world.by_name[name].filled, world.by_name[name].fees)
                and name not in world.listed_otherwise
            )
            for name, each in world.intents.items()
            if name in world.by_name
        )

    def _late(self, product: str, word: str) -> Wrong:
        sales = self.sales(product)
        # One of which nobody knows whether it rests is settled by evidence, which takes its time.
        is_resting = sales == {STOP} and word not in self._WAITS and not self.is_unknown(product)
        is_resting = is_resting and self.world.untold_us < self._decided_us
        # What it sold is not booked before the exchange lists it.
        is_sold = is_resting and not self.may_rest(product)
        is_resting = is_resting and not is_sold
        is_sent = not sales and word == "exit_sent"
        is_unsold = not sales and word == "order_working"
        is_over = is_sold or (is_unsold and self._has_unread(product))
        is_idle = is_unsold and not is_over
        is_refused = not (sales or is_sent or is_over or is_idle or word in self._WAITS)
        found = []
        for counts, counted, most, text in (
            (self._refused, is_refused, self._REFUSED_MAX, f"and {word or 'nothing'} keeps it"),
            (self._resting, is_resting, self._RESTING_MAX, "and a stop that rests keeps it"),
            (self._sent, is_sent, self._SENT_MAX, "and no sale sells it"),
            (self._collar, word == "collar", self._COLLAR_MAX, "and a collar keeps it"),
            (self._over, is_over, self._OVER_MAX, "and a sale that is over keeps it"),
            (self._idle, is_idle, self._IDLE_MAX, "and a sale keeps it that nobody sent"),
        ):
            if not counted:
                counts.pop(product, None)
            elif self._is_apart(counts, product):
                counts[product] = counts.get(product, 0) + 1
                if counts[product] > most:
                    found.append(f"{text}, for {counts[product]} cycles")
        return found

    def _is_apart(self, counts: dict[str, int], product: str) -> bool:
        """Whether a cycle counts: always, but where it waits for what comes after by time."""
        now_us = self.world.now_us
        for each, counted_us in zip(self._by_time, self._counted_us, strict=True):
            if counts is each:
                if product in counts and now_us - counted_us[product] < self._APART_US:
                    return False
                counted_us[product] = now_us
        return True
