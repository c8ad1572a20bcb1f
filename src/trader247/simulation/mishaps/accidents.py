"""What others lost money by, each as a scenario by name: the peers' accidents, kept as regressions.

Each is one run without other faults, in which what happened to them is made to happen here, often.
The judges look on as ever; the accident's own witness asks besides that it really happened, and how
it ended: a scenario in which nothing went wrong shows nothing, and fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from trader247.domain.milestones import Milestone
from trader247.ports import CommandKind
from trader247.simulation.death import Cause
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.faults import BRISK
from trader247.simulation.settings import Account

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_MINUTE_US = 60_000_000

Shown = Callable[[Witness], Sequence[str]]
"""What a witness lacks for an accident to be shown: nothing, where it is."""


@dataclass(frozen=True, slots=True)
class Accident:
    """One of them. `met` is what their users met, `here` what becomes of it.

    `rules` are faults of the exchange in its own words, `faults` some of the simulation's, at full
    strength. With `has_small_pages` a listing has two rows a page; with `is_listening` the trader
    listens to streams of which nothing is lost; `account` is
    another one than its seed's. `dies_at` are points of an
    order's way at which the process is killed, once each. `deeds` are done at their minutes, and
    again after each `every` of them.
    """

    name: str
    met: str
    here: str
    shown: Shown
    rules: tuple[str, ...] = ()
    faults: frozenset[str] = frozenset()
    has_small_pages: bool = False
    is_listening: bool = False
    account: Account | None = None
    dies_at: tuple[tuple[Milestone, Cause], ...] = ()
    deeds: Mapping[int, Callable[[Run], None]] = field(default_factory=dict)
    every: int = 0
    minutes: int = 20

    def begin(self, run: Run) -> None:
        """Let it happen in a run that is about to begin."""
        due = dict(self.dies_at)

        def passing(milestone: Milestone) -> None:
            cause = due.get(milestone)
            if cause is not None and run.tally.cycles:
                del due[milestone]
                run.die(cause, milestone.value)

        run.on_passing = passing
        for minute, deed in self.deeds.items():
            run.timeline.after(minute * _MINUTE_US, partial(self._do, run, deed))

    def _do(self, run: Run, deed: Callable[[Run], None]) -> None:
        if run.odds.is_calm:
            return
        if self.every:
            run.timeline.after(self.every * _MINUTE_US, partial(self._do, run, deed))
        deed(run)


def _some(count: int, what: str) -> list[str]:
    return [] if count else [f"not shown: {what}"]


def _answers_lost(seen: Witness) -> Sequence[str]:
    return [
        *_some(len(seen.fates.unanswered_and_there), "an order that was taken, and not answered"),
        *_some(len(seen.fates.doubted_then_taken), "one of unknown fate that was found"),
        *(f"{name} was marked failed, and lived" for name in seen.fates.failed_and_there),
    ]


def _fills_while_down(seen: Witness) -> Sequence[str]:
    return [
        *_some(len(seen.fills.while_down), "a fill while no process ran"),
        *(
            f"{entry} was never booked"
            for entry in seen.fills.while_down - seen.fills.booked.keys()
        ),
        *_some(seen.course.restarts, "a restart"),
    ]


def _booked_once(seen: Witness) -> Sequence[str]:
    return [*_some(seen.course.restarts, "a restart amid a booking"), *_each_once(seen)]


def _each_once(seen: Witness) -> Sequence[str]:
    return [
        *_some(len(seen.fills.booked), "a fill that was booked"),
        *(
            f"{entry} was booked {count} times"
            for entry, count in seen.fills.booked.items()
            if count > 1
        ),
        *(
            f"{entry} was never booked"
            for entry in seen.fills.there.keys() - seen.fills.booked.keys()
        ),
    ]


def _cancels_in_batches(seen: Witness) -> Sequence[str]:
    return [
        *_some(len(seen.orders.cancelled_and_lived), "an order that its cancel left alive"),
        *_some(len(seen.orders.ended & seen.orders.cancel_wishes), "one that its cancel ended"),
    ]


def _cancel_races(seen: Witness) -> Sequence[str]:
    filled = {name for name in seen.orders.cancel_wishes if seen.fills.after_cancel.get(name)}
    return [
        *_some(len(filled), "an order that filled after its cancel was asked for"),
        *(
            f"{entry} of {name} was never booked"
            for name in filled
            for entry in seen.fills.after_cancel[name] - seen.fills.booked.keys()
        ),
    ]


def _young_orders(seen: Witness) -> Sequence[str]:
    return [
        *_some(len(seen.orders.young_at_start), "a start with an order that is not listed yet"),
        *(f"{name} was marked failed, and lived" for name in seen.fates.failed_and_there),
    ]


def _many_parts(seen: Witness) -> Sequence[str]:
    parts = max(seen.fills.parts.values(), default=0)
    return [*_some(parts > 2, f"an order with three fills or more ({parts})"), *_each_once(seen)]


def _stop_kept(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.course.restarts, "a restart between an entry and its stop"),
        *_some(len(seen.intents.sales_after_restart), "a stop, or a sale, of the next process"),
    ]


def _flows(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.holdings.flows > 1, "money moved by hand, booked as such"),
        *_some("drawdown" not in seen.halts.latched, "no drawdown by a flow"),
        *_some("daily_stop" not in seen.halts.latched, "no daily stop by a flow"),
    ]


def _one_tape(seen: Witness) -> Sequence[str]:
    return [
        *_some(len(seen.fills.there), "a fill"),
        *_some(seen.course.cycles > 15, "fifteen cycles"),
    ]


def _silence(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.course.blind_cycles, "a cycle that saw no market"),
        *(f"{name} was bought blindly" for name in seen.intents.bought_blindly),
    ]


def _frozen(seen: Witness) -> Sequence[str]:
    stale = seen.course.words.get("stale_quote", 0)
    return [*_some(stale, "a quote that was refused for its age")]


def _secrets(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.course.secrets, "a secret to look for"),
        *_some(seen.course.restarts, "a crash"),
    ]


def _restored(seen: Witness) -> Sequence[str]:
    return [
        *_some(seen.restored.times, "a journal that was restored"),
        *_some(len(seen.restored.forgotten), "an order of which it does not know"),
        *(
            f"{name} was never taken back"
            for name in seen.restored.forgotten - seen.restored.taken_back
        ),
    ]


def _growth(seen: Witness) -> Sequence[str]:
    found = list(_some(seen.course.cycles > 100, "a hundred cycles"))
    month = seen.course.journal_bytes * 30 * 24 * 60 // max(1, seen.course.minutes)
    if month > 840_000_000:  # of text, which is stored in a fourth of that
        found.append(f"the journal grows by {month:,} bytes of text a month")
    if seen.course.working_max > 100:
        found.append(f"{seen.course.working_max} orders were kept at once")
    return found


def _fill_all(run: Run) -> None:
    """Somebody trades with all that rests."""
    for order in list(run.exchange.exchange.desk.live.values()):
        run.exchange.exchange.fill_resting(order.order_id, hundredths=100)


def _deposit(run: Run) -> None:
    run.venue.move(Decimal(700))


def _withdraw(run: Run) -> None:
    run.venue.move(Decimal(-900))


def _fill_parts(run: Run) -> None:
    run.venue.fill_in_part()


def _cancel_all(run: Run) -> None:
    words = {"orders": " ".join(run.people.orders()), "reason": "simulated"}
    run.people.ask(CommandKind.CANCEL_ORDERS, words)


def _freeze(run: Run) -> None:
    run.quotes.freeze(is_time=True)


def _back_up(run: Run) -> None:
    run.back_up()


def _go_back(run: Run) -> None:
    run.go_back()


def _kill_and_fill(run: Run) -> None:
    """The process dies, and what it left resting fills before the next one starts."""
    run.timeline.after(1_000_000, lambda: _fill_all(run))
    run.die(Cause.KILLED, "with orders that rest")


def _named(*accidents: Accident) -> Mapping[str, Accident]:
    return MappingProxyType({each.name: each for each in accidents})


ACCIDENTS = _named(
    Accident(
        "answer-lost",
        "orders marked failed that were live at the venue",
        "unknown until a listing shows them; never sent again, and never given up while they live",
        _answers_lost,
        rules=("lost_answer=35%@create", "missing_field=25%@create", "error_after=15%@create"),
    ),
    Accident(
        "flat-at-restart",
        "a bot told it was flat while a position was open",
        "fills that the journal lacks are read from the venue, and none is ever made up",
        _fills_while_down,
        deeds={7: _kill_and_fill, 13: _kill_and_fill},
        every=4,
    ),
    Accident(
        "suppressed-fill",
        "a fill rejected once and then suppressed for ever",
        "a fill's key and its effect are one transaction",
        _booked_once,
        dies_at=(
            (Milestone.FILL_WRITTEN, Cause.POWER),
            (Milestone.FILL_BOOKED, Cause.KILLED),
            (Milestone.FILLS_FETCHED, Cause.POWER),
        ),
    ),
    Accident(
        "wrong-cancel",
        "the wrong order marked cancelled",
        "answers are matched by order id; only a reading says that an order is over",
        _cancels_in_batches,
        rules=("partial_cancel=60%@cancel",),
        deeds={4: _cancel_all},
        every=3,
        minutes=30,
    ),
    Accident(
        "cancel-then-fill",
        "cancel booked as cancelled, then it filled",
        "an order is over when its end and every fill of it are read",
        _cancel_races,
        rules=("cancel_race=90%@cancel",),
        deeds={4: _cancel_all},
        every=3,
        minutes=30,
    ),
    Accident(
        "young-order",
        "an order one second old declared cancelled at start",
        "what a listing lacks is no evidence for three minutes",
        _young_orders,
        rules=("stale_list:ms=60000", "stale_order:ms=60000"),
        dies_at=((Milestone.ANSWER_ARRIVED, Cause.KILLED), (Milestone.ANSWER_READ, Cause.POWER)),
    ),
    Accident(
        "many-partials",
        "position counted three times",
        "fills are the books, each by its own id; an order's cumulative figure only checks them",
        _many_parts,
        deeds={2: _fill_parts},
        every=2,
    ),
    Accident(
        "stop-lost",
        "stop lost at restart, orphaned buy",
        "how a position ends is in the journal with its entry",
        _stop_kept,
        dies_at=((Milestone.FILL_BOOKED, Cause.KILLED), (Milestone.ORDERS_REST, Cause.POWER)),
        minutes=30,
    ),
    Accident(
        "flows",
        "drawdown stop fired after a withdrawal, or never while a bag lost 40 %",
        "equity is counted in units, which a flow buys or sells, and positions count at the bid",
        _flows,
        deeds={3: _deposit, 25: _withdraw},
        every=40,
        minutes=60,
    ),
    Accident(
        "one-tape",
        "+262 in backtest, -94 live",
        "one path decides in every mode; the suite trades one tape by both doors and compares",
        _one_tape,
    ),
    Accident(
        "silent-feed",
        "a feed that was silent but open",
        "no quote is no price: nothing is bought, and people hear of it",
        _silence,
        rules=("lost_request=10%@book,best_bid_ask:for=180",),
        minutes=30,
    ),
    Accident(
        "frozen-quotes",
        "paper fills frozen on stale quotes",
        "a quote's age is the venue's own time of it, not its arrival",
        _frozen,
        deeds={3: _freeze},
        every=8,
        minutes=25,
    ),
    Accident(
        "canary-secrets",
        "secrets in debug logs",
        "every file, event, alert and request of the run is searched for the key",
        _secrets,
        # A key that is refused twice running halts everything: nothing would ever be sent.
        rules=("unauthorized=2%", "html=1%", "error_before=1%"),
        faults=frozenset({BRISK}),
        dies_at=((Milestone.ANSWER_READ, Cause.KILLED),),
        minutes=30,
    ),
    Accident(
        "journal-restored",
        "a book that was put back to yesterday's, and bought all of it again",
        "what the venue has under our name is taken back first, and a person looks",
        _restored,
        deeds={6: _back_up, 13: _go_back},
        every=14,
        minutes=45,
    ),
    Accident(
        "growth",
        "memory grew by gigabytes a week",
        "what is over is forgotten by the books a day later, and the journal has a budget",
        _growth,
        minutes=150,
    ),
)
"""Every one, by its name."""
