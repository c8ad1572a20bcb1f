"""What streams say otherwise, a wish that is over, and a wait that was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD
from trader247.simulation.mishaps.scenes.deeds import PATIENCE_US, for_a_while
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_SEVERAL, _EACH = ("AVAX-USD", "DOT-USD", "UNI-USD"), Decimal(100)
_EXPLAINED_US = 330_000_000
_WORDS = {"reason": "simulated", "operator": "simulation"}
_PLAN = {"stop_pct": "15", "target_pct": "80", "hours": "3"}
_LOWER = Decimal("0.03")
_UNPRICED, _UNPRICED_US = ("error_before=100%@book",), 990_000_000
_WAIT_S = 7
_NEARLY, _RISEN_MIN, _RISE_PCT = 99, 5, 40
_AHEAD_US = 3_600_000_000
_MOVED, _HASTY_US = Decimal(700), 5_000_000


def _misled(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.readings.said_otherwise > 50, "messages of books that are said to be lower"),
        *some(len(seen.holdings.adopted) > 1, "coins of which they are, adopted"),
    ]


def _wish_over(seen: Witness) -> Sequence[str]:
    return [
        *some(len(seen.holdings.adopted) > 1, "coins that somebody wanted sold, adopted"),
        *some(seen.intents.causes["flatten"] == 0, "a wish that came to nothing"),
    ]


def _waited(seen: Witness) -> Sequence[str]:
    return some(seen.readings.waits > 2, "requests that were refused, with a word of how long")


def _kept_back(seen: Witness) -> Sequence[str]:
    return some(
        seen.orders.kept_back > 0, "an order that was kept back after another had been refused"
    )


def _adopt_several(run: Run) -> None:
    """Bought by hand, explained, and handed over until they have moved by far."""
    run.people.patience_us = PATIENCE_US
    for product in _SEVERAL:
        run.venue.buy_of(product, _EACH)
        price = str(run.venue.price_of(product))
        wish = {"product": product, "price": price, "fee": "0", **_PLAN, **_WORDS}
        run.timeline.after(_EXPLAINED_US, partial(run.people.ask, CommandKind.ADOPT, wish))


def _say_lower(run: Run) -> None:
    """On the grid, and always by as much."""
    run.quotes.lower = {
        product: (price * _LOWER).quantize(price)
        for product in _SEVERAL
        for price in [run.venue.price_of(product)]
    }


def _mend_quotes(run: Run) -> None:
    run.quotes.mend()


def _hide_prices(run: Run) -> None:
    for_a_while(run, _UNPRICED, _UNPRICED_US)


def _sell_all(run: Run) -> None:
    run.people.ask(CommandKind.FLATTEN, _WORDS)


def _accepted(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.holdings.flows > 1, "movements that somebody explained"),
        *some(len(seen.fills.booked) > 5, "fills of orders"),
    ]


def _move_some(run: Run) -> None:
    run.people.patience_us = _HASTY_US
    run.venue.move(_MOVED)


def _dust_sold_before(seen: Witness) -> Sequence[str]:
    return [
        *some(sum(seen.holdings.sold_by_hand.values()) > 0, "a sale by hand that left dust"),
        *some(seen.holdings.taken_back_from_dust > 0, "dust that was worth a sale again"),
    ]


def _sell_nearly_all(run: Run) -> None:
    run.venue.sell_by_hand(_NEARLY)


def _rise(run: Run) -> None:
    run.venue.crash_for(_RISEN_MIN, -_RISE_PCT)


def _ask_to_wait(run: Run) -> None:
    run.network.wait_s = _WAIT_S


def _set_ahead(run: Run) -> None:
    run.clock.ahead_us = _AHEAD_US


def _set_right(run: Run) -> None:
    run.clock.ahead_us = 0


MISLED = (
    Accident(
        "streams-err",
        "streams that say of some books for minutes that they are lower than they are",
        "each book is asked for in turn all the same, and what differs is not believed",
        _misled,
        faults=frozenset({BRISK}),
        is_listening=True,
        deeds={2: _adopt_several, 9: _say_lower, 22: _mend_quotes},
        minutes=24,
    ),
    Accident(
        "wish-is-over",
        "a wish that all be sold, while no price can be read for longer than it stands",
        "what has not left by then stays, and a person looks at it",
        _wish_over,
        deeds={2: _adopt_several, 9: _hide_prices, 10: _sell_all},
        minutes=30,
    ),
    Accident(
        "explained-early",
        "money that comes in, and somebody who explains it while fills are listed minutes late",
        "what orders under way may explain is not accepted: a person waits until they ended",
        _accepted,
        rules=("late_fills:ms=170000",),
        faults=frozenset({BRISK}),
        deeds={4: _move_some},
        every=7,
        minutes=18,
    ),
    Accident(
        "dust-sold-before",
        "positions of which their owner sells nearly all, and prices that rise by far after it",
        "what was made before it was dust is over with that: it counts once",
        _dust_sold_before,
        faults=frozenset({WILD}),
        deeds={2: _adopt_several, 9: _sell_nearly_all, 16: _rise},
        minutes=24,
    ),
    Accident(
        "asked-to-wait",
        "requests that are refused for asking too often, with a word of how long to wait, and a "
        "clock that is an hour ahead for three minutes",
        "nothing but the end of orders is asked for until then; what was read by that clock is old",
        _waited,
        rules=("limited=1%",),
        faults=frozenset({BRISK}),
        deeds={0: _ask_to_wait, 4: _set_ahead, 7: _set_right},
        minutes=14,
    ),
    Accident(
        "orders-asked-to-wait",
        "orders that are refused for asking too often, with a word of how long to wait",
        "no other order of the cycle leaves until then",
        _kept_back,
        rules=("limited=50%@create",),
        faults=frozenset({BRISK, WILD}),
        deeds={0: _ask_to_wait},
        minutes=9,
    ),
)
