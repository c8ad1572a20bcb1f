"""Books that differ from the exchange's, or cannot be read."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from trader247.domain.reasons import HaltName
from trader247.ports import CommandKind
from trader247.simulation.judged.witness import Witness
from trader247.simulation.mishaps.accidents import Accident
from trader247.simulation.mishaps.faults import BRISK, WILD
from trader247.simulation.mishaps.scenes.deeds import IN_NO_HURRY_US, PATIENCE_US, for_a_while
from trader247.simulation.mishaps.scenes.showing import some

if TYPE_CHECKING:
    from trader247.simulation.run import Run

_UNPRICED, _UNPRICED_US = ("error_before=40%@book",), 210_000_000


_UNLISTED, _MUCH = "ALGO-USD", Decimal(100)
_EXPLAINED_US = 300_000_000
_PART = 40
_LITTLE_US = 480_000_000
_BY_NAME = (
    "BTC-USD",
    "ETH-USD",
    "SOL-USD",
    "XRP-USD",
    "DOGE-USD",
    "ADA-USD",
    "LINK-USD",
    "AVAX-USD",
)
_HARDLY_MORE = tuple(Decimal(each) / 10 for each in range(2_505, 2_545, 5))
_WORDS = {"reason": "simulated", "operator": "simulation"}
_PLAN = {"stop_pct": "15", "target_pct": "15", "hours": "3"}


def _by_hand(seen: Witness) -> Sequence[str]:
    return some(seen.holdings.adopted_beside > 0, "coins adopted beside those that were held")


def _unread(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.readings.wallets_unread > 5, "wallets that could not be read"),
        *some(len(seen.fills.booked) > 5, "fills while they could not"),
    ]


def _retold(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.fills.retold > 0, "fills that were listed otherwise"),
        *some("reconciliation_break" in seen.halts.latched, "a halt for it"),
    ]


def _beside_a_stop(seen: Witness) -> Sequence[str]:
    return some(seen.holdings.broken_beside > 1, "breaks in coins of which a stop rested")


def _sold_by_hand(seen: Witness) -> Sequence[str]:
    most = max(seen.holdings.sold_by_hand.values(), default=0)
    return some(most > 1, "two sales by hand of one product")


def _beside_dust(seen: Witness) -> Sequence[str]:
    return some(
        sum(seen.holdings.sold_by_hand.values()) > 1, "sales by hand of what was bought beside dust"
    )


def _hardly_more(seen: Witness) -> Sequence[str]:
    return some(
        seen.intents.causes["flatten"] > len(seen.holdings.adopted) > 1,
        "a position that left in two sales",
    )


def _half_gone(seen: Witness) -> Sequence[str]:
    return [
        *some("reconciliation_break" in seen.halts.latched, "a halt for what is missing"),
        *some(len(seen.fills.booked) > 5, "fills of what is left"),
    ]


def _unlisted(seen: Witness) -> Sequence[str]:
    return [
        *some(_UNLISTED in seen.holdings.adopted, "coins that no tier lists, adopted"),
        *some(_UNLISTED in seen.intents.left, "a sale of them"),
    ]


def _noted(seen: Witness) -> Sequence[str]:
    return [
        *some(seen.fills.noted > 1, "rows of fills that move nothing"),
        *some("reconciliation_break" in seen.halts.latched, "a halt for one"),
    ]


def _note(run: Run) -> None:
    """Of an order that has filled in part, so that one row more would fit it."""
    run.people.patience_us = PATIENCE_US
    run.venue.fill_one(_PART, is_oldest=True)
    run.venue.note()


def _split_wallets(run: Run) -> None:
    run.counterparty.splits_wallets = True


def _sell_a_little(run: Run) -> None:
    run.people.patience_us = PATIENCE_US
    run.venue.sell_by_hand(20)


def _adopt_unlisted(run: Run) -> None:
    """Coins of which no tier says anything, bought by hand, explained, and handed over."""
    run.people.patience_us = PATIENCE_US
    run.venue.buy_of(_UNLISTED, _MUCH)
    price = run.venue.price_of(_UNLISTED)
    words = {"reason": "simulated", "operator": "simulation", "fee": "0", "may_sell": "yes"}
    plan = {"stop_pct": "0.5", "target_pct": "0.5", "hours": "1"}
    wish = {"product": _UNLISTED, "price": str(price), **plan, **words}
    run.timeline.after(_EXPLAINED_US, lambda: run.people.ask(CommandKind.ADOPT, wish))


def _sell_half_untold(run: Run) -> None:
    """And nobody says so for a quarter of an hour."""
    run.people.patience_us = IN_NO_HURRY_US
    run.venue.sell_by_hand(50)


def _want_it_over(run: Run) -> None:
    """The owner wants the halt cleared while the books differ."""
    told = {"name": HaltName.RECONCILIATION_BREAK.value, **_WORDS}
    run.people.ask(CommandKind.CLEAR_HALT, told)


def _sell_half_told(run: Run) -> None:
    run.people.patience_us = PATIENCE_US
    run.venue.sell_by_hand(50)


def _leave_little(run: Run) -> None:
    """Of what rests in the first minutes; later orders fill as they may."""
    if run.now_us - run.first_us < _LITTLE_US:
        run.venue.leave_little(Decimal("0.6"), ends_after_us=1_000_000)


def _buy_hardly_more(run: Run) -> None:
    """Worth a little more than the largest order once it is sold."""
    run.people.patience_us = PATIENCE_US
    for product, much in zip(_BY_NAME, _HARDLY_MORE, strict=True):
        run.venue.buy_of(product, much)
        price = str(run.venue.price_of(product))
        wish = {"product": product, "price": price, "fee": "0", **_PLAN, **_WORDS}
        run.timeline.after(_EXPLAINED_US, partial(run.people.ask, CommandKind.ADOPT, wish))


def _sell_as_many(run: Run) -> None:
    """Of what is left: the same number of coins, at another price."""
    run.venue.sell_by_hand(25)


def _sell_more(run: Run) -> None:
    run.venue.sell_by_hand(40)


def _sell_half(run: Run) -> None:
    run.venue.sell_by_hand(50, is_exact=True)


def _sell_the_rest(run: Run) -> None:
    """By our own orders, as many coins as somebody sold by hand."""
    run.people.ask(CommandKind.FLATTEN, {"reason": "simulated", "operator": "simulation"})


def _hide_prices(run: Run) -> None:
    """Of what is held something has no price for a while."""
    for_a_while(run, _UNPRICED, _UNPRICED_US)


def _buy_more(run: Run) -> None:
    run.people.patience_us = PATIENCE_US
    run.venue.buy_by_hand()


def _buy_unhurried(run: Run) -> None:
    run.people.patience_us = IN_NO_HURRY_US
    run.venue.buy_by_hand()


BOOKS = (
    Accident(
        "two-prices",
        "coins bought by hand and adopted beside those that are held",
        "each lot has its own cost and fee; stop and target follow from the average of them",
        _by_hand,
        faults=frozenset({BRISK}),
        deeds={6: _buy_more},
        every=5,
        minutes=60,
    ),
    Accident(
        "wallets-unread",
        "wallets, two of each currency, that cannot be read while fills come in",
        "what could not be read says nothing: no difference is found in it; all wallets are one",
        _unread,
        deeds={0: _split_wallets},
        rules=("error_before=30%@accounts",),
        faults=frozenset({BRISK}),
        minutes=50,
    ),
    Accident(
        "fills-retold",
        "fills that are listed with another fee, two minutes after they were booked",
        "what is booked stays booked, and nothing is bought until somebody has looked at it",
        _retold,
        rules=("restated_fills=50%:ms=120000",),
        faults=frozenset({BRISK}),
        minutes=25,
    ),
    Accident(
        "beside-a-stop",
        "coins bought by hand beside a stop of ours that rests, and nobody who explains them",
        "what an order explains is what it can still do: a sale brings no coins",
        _beside_a_stop,
        faults=frozenset({BRISK}),
        deeds={6: _buy_unhurried},
        every=10,
        minutes=45,
    ),
    Accident(
        "sold-by-hand",
        "lots of ours that their owner sells on the website: a few, as many again, and then more",
        "a person explains it, and what they brought and cost is what the venue says of that sale",
        _sold_by_hand,
        faults=frozenset({WILD}),
        deeds={
            6: _sell_a_little,
            8: _hide_prices,
            12: _sell_as_many,
            14: _hide_prices,
            18: _sell_more,
            20: _hide_prices,
            24: _sell_half,
            25: _sell_the_rest,
        },
        minutes=35,
    ),
    Accident(
        "dust-beside",
        "a little that is left of orders, and of the same much more, which is sold in parts",
        "what was left of an earlier position says nothing of where the next one ends",
        _beside_dust,
        faults=frozenset({WILD}),
        deeds={1: _leave_little, 15: _sell_half_told},
        every=3,
        minutes=45,
    ),
    Accident(
        "hardly-more",
        "a little more than the largest order, bought by hand and adopted, and wanted sold",
        "what the first sale leaves can be sold as well",
        _hardly_more,
        deeds={2: _buy_hardly_more, 9: _sell_the_rest},
        minutes=20,
    ),
    Accident(
        "half-gone",
        "half of what is held, sold on the website by its owner, who says nothing of it for long, "
        "and wants the halt over meanwhile",
        "what is left leaves at its time; nobody asks for the sale of what is not there, and the "
        "halt stands",
        _half_gone,
        faults=frozenset({WILD}),
        deeds={8: _sell_half_untold, 13: _want_it_over},
        every=14,
        minutes=45,
    ),
    Accident(
        "unlisted",
        "coins that no tier lists, bought by hand and adopted",
        "what is held leaves as its plan says, whether it would be bought or not",
        _unlisted,
        faults=frozenset({BRISK}),
        deeds={5: _adopt_unlisted},
        minutes=80,
    ),
    Accident(
        "noted-again",
        "fills that are noted once more, by rows that move nothing",
        "what is no plain execution is set aside, and a person looks: nothing is booked by it",
        _noted,
        faults=frozenset({BRISK}),
        deeds={5: _note},
        every=3,
        minutes=26,
    ),
)
