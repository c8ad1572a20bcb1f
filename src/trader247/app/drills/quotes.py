"""Prices that are none: frozen, with frozen times, ten times too high, or falling in minutes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import chain
from statistics import median
from typing import Any

from trader247.app.drills import steps
from trader247.app.drills.buying import must_buy
from trader247.app.drills.drill import Account, Drill, Yard
from trader247.app.drills.ground import Ground, Story
from trader247.app.drills.wire import Asked, Change
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import BreakerClosed, BreakerOpened, ProductDoubted
from trader247.domain.ids import ProductId
from trader247.domain.reasons import BreakerName, HaltName, Reason
from trader247.domain.time import MINUTE, SECOND, Instant
from trader247.ports import CommandKind

MEDIAN_PCT = Decimal(2)
"""How far below the median of the last closes anybody may sell, in per cent."""
PAUSE_MIN = 15 * MINUTE
"""So long nobody buys in a market that fell like that, whatever was set."""
AGE_MAX = 30 * SECOND
"""The oldest that a quote may be for anybody."""
_STOPS = (HaltName.DAILY_STOP, HaltName.WEEKLY_STOP, HaltName.DRAWDOWN)
_STALE = (Reason.STALE_QUOTE, Reason.QUOTE_AGE, Reason.BREAKER_OPEN, Reason.EQUITY_KNOWN)
_CRASH = (Decimal(-7), Decimal(-6), Decimal("6.4"), Decimal("7.5"))
"""A fall of an eighth within two minutes, and back: what a cascade of liquidations looks like."""


def _frozen() -> Change:
    """From now on each book is told as it was when it was first asked for."""
    seen: dict[str, str] = {}

    def change(asked: Asked, body: dict[str, Any]) -> None:
        kept = seen.setdefault(asked.query, json.dumps(body))
        body.clear()
        body.update(json.loads(kept))

    return change


def _stopped_clock() -> Change:
    """From now on prices move, and the time that is told with them does not."""
    seen: dict[str, str] = {}

    def change(asked: Asked, body: dict[str, Any]) -> None:
        book = body["pricebook"]
        book["time"] = seen.setdefault(asked.query, book["time"])

    return change


def _stale(
    yard: Yard, account: Account, *, spoilt: Callable[[], Change], is_part: bool = False
) -> None:
    """With `is_part` two thirds of the market are stale for a while, too, besides all of it."""
    ground = Ground(yard)
    ground.start()
    story = _stale_story(ground, account, spoilt())
    ground.play(chain(story, _part_story(ground, account, spoilt()) if is_part else ()))
    ground.stop()


def _part_story(ground: Ground, account: Account, change: Change) -> Story:
    names = [each.product_id for each in ground.feed.listings]
    frozen = names[: -(-2 * len(names) // 3)]

    def change_of_some(asked: Asked, body: dict[str, Any]) -> None:
        if any(name in asked.query for name in frozen):
            change(asked, body)

    began = ground.now
    ground.wire.changes["book"] = change_of_some
    for _ in range(6):
        yield
        if BreakerName.STALE_MARKET in ground.portfolio.breakers:
            break
    opened = ground.seen.last(BreakerOpened, lambda each: each.name is BreakerName.STALE_MARKET)
    is_new = opened is not None and opened.time >= began
    account.within(
        f"and so they are where {len(frozen)} of {len(names)} products are stale",
        opened.time - began if opened is not None and is_new else None,
        3 * MINUTE,
    )
    ground.wire.changes.clear()
    ground.seen.show(account, opened if is_new else None)


def _stale_story(ground: Ground, account: Account, change: Change) -> Story:
    yield from steps.minutes(ground, 3)
    began, before = ground.now, len(ground.reports)
    ground.wire.changes["book"] = change
    yield from steps.wishing(ground, 6)
    age = check_in(ground.policy.checks, QuoteAge)
    too_old = began + age.seconds_max * SECOND
    sent = ground.seen.sent_entries(too_old)
    refused = ground.seen.refused(before, *_STALE)
    account.claim(
        f"nothing is bought by a quote older than {age.seconds_max} s, whatever is wished for",
        sent == 0 and refused > 0 and age.seconds_max * SECOND <= AGE_MAX,
        f"{sent} sent, {refused} refused",
    )
    opened = ground.seen.first(BreakerOpened, lambda each: each.name is BreakerName.STALE_MARKET)
    account.within(
        "entries are closed for the whole market",
        None if opened is None else opened.time - began,
        3 * MINUTE,
    )
    mended = ground.now
    ground.wire.changes.clear()
    yield from steps.minutes(ground, 10)
    closed = ground.seen.first(BreakerClosed, lambda each: each.name is BreakerName.STALE_MARKET)
    account.within(
        "with fresh quotes they open again by themselves",
        None if closed is None else closed.time - mended,
        10 * MINUTE,
    )
    # Else it would be shown of a trader that never buys, too.
    yield from steps.entry(ground)
    account.claim(
        "and what is wished for is bought again", bool(ground.seen.buys), "an entry rests"
    )
    ground.seen.show(account, opened, closed)


def _outlier(yard: Yard, account: Account) -> None:
    must_buy(yard)
    ground = Ground(yard)
    ground.start()
    ground.play(_outlier_story(ground, account))
    ground.stop()


def _outlier_story(ground: Ground, account: Account) -> Story:
    yield from steps.minutes(ground, 2)
    yield from steps.holding(ground, ground.paper_equity / 10)
    yield from steps.minutes(ground, 2)
    name = str(ground.product)
    truth = ground.portfolio.equity.equity
    assert truth is not None, "quotes are fresh"
    sales = len(ground.wire.sent("create"))

    def tenfold(asked: Asked, body: dict[str, Any]) -> None:
        if name in asked.query:
            for level in (*body["pricebook"]["bids"], *body["pricebook"]["asks"]):
                level["price"] = str(Decimal(level["price"]) * 10)

    seen = ground.now
    ground.wire.changes["book"] = tenfold
    yield
    ground.wire.changes.clear()
    wrong = [
        event.equity
        for recorded, event in ground.seen.recorded(CycleDecided)
        if recorded.time >= seen and event.equity is not None
    ]
    most = max((each.value for each in wrong), default=truth.value)
    yield from steps.minutes(ground, 4)
    sent = [each for each in ground.wire.sent("create")[sales:] if each.body["product_id"] == name]
    filled = [each for each in ground.seen.fills if each["product_id"] == name]
    bought = [each for each in sent if each.body["side"] == "BUY"]
    account.claim(
        "nothing is bought on a tick ten times too high, and nothing trades on it",
        not bought and not filled,
        f"{len(bought)} buys, {len(filled)} fills",
    )
    doubted = ground.seen.first(ProductDoubted, lambda each: each.product == ground.product)
    account.claim(
        "the product is not believed for a while",
        doubted is not None and doubted.time >= seen,
        "no doubt recorded" if doubted is None else "in doubt",
    )
    stopped = [each.value for each in _STOPS if each in ground.portfolio.halts]
    high = ground.portfolio.equity.high_water_mark
    account.claim(
        "no loss stop trips on the way back from it",
        not stopped,
        f"{', '.join(stopped) or 'none'}; equity {truth.value:,.2f}, by that tick {most:,.2f}",
    )
    account.claim(
        "the high-water mark is none of that tick",
        high is not None and high.value < truth.value * Decimal("1.05"),
        "unknown" if high is None else f"{high.value:,.2f}",
    )
    ground.seen.show(
        account, doubted, ground.seen.first(CycleDecided, lambda each: each.at >= seen)
    )


def _crash(yard: Yard, account: Account) -> None:
    ground = Ground(yard)
    ground.start()
    ground.play(_crash_story(ground, account))
    ground.stop()
    _crash_of_another(Ground(yard, "another"), account)


def _crash_of_another(ground: Ground, account: Account) -> None:
    """The same fall of one product below the first tier, while the others stand still."""
    tiers = ground.policy.universe.tiers
    lesser = {product for tier in tiers[1:] for product in tier.products}
    listed = [ProductId.parse(each.product_id) for each in ground.feed.listings]
    name = next((each for each in listed if each in lesser), None)
    if name is None:
        return  # whatever the operator trades is of the first tier
    ground.start()
    ground.play(_fall_of(ground, account, str(name)))
    ground.stop()


def _fall_of(ground: Ground, account: Account, name: str) -> Story:
    yield from steps.minutes(ground, 2)
    began = Instant((ground.now.minute + 1) * 60_000_000)
    for pct in _CRASH:
        ground.feed.move(name, pct)
    yield from steps.minutes(ground, 5)
    opened = ground.seen.first(BreakerOpened, lambda each: each.name is BreakerName.VOLATILITY)
    account.within(
        f"and by such a fall of {name} alone",
        None if opened is None else opened.time - began,
        3 * MINUTE,
    )


def _crash_story(ground: Ground, account: Account) -> Story:
    yield from steps.minutes(ground, 2)
    yield from steps.holding(ground, ground.paper_equity / 10)
    yield from steps.minutes(ground, 2)
    name = str(ground.product)
    others = [each.product_id for each in ground.feed.listings if each.product_id != name]
    for each in others[:1]:
        ground.feed.move(each, ground.step)
    yield from steps.minutes(ground, 2)
    resting = len(ground.seen.buys)
    began = Instant((ground.now.minute + 1) * 60_000_000)
    reports = len(ground.reports)
    for pct in _CRASH:
        ground.feed.move(name, pct)
    # In the midst of it somebody loses his nerve.
    asked = began + 2 * MINUTE
    ground.clock.at(
        asked,
        lambda: ground.ask(CommandKind.FLATTEN, products=name, reason="drill", operator="drill"),
    )
    yield from steps.minutes(ground, 6)
    opened = ground.seen.first(BreakerOpened, lambda each: each.name is BreakerName.VOLATILITY)
    account.within(
        "entries are closed",
        None if opened is None else opened.time - began,
        3 * MINUTE,
    )
    since = began if opened is None else opened.time
    buys = [each for each in ground.seen.live_orders if each["side"] == "BUY"]
    account.claim("what rested is cancelled", not buys, f"{resting} rested, {len(buys)} rest now")
    yield from steps.minutes(ground, 2)
    held = max(timedelta(minutes=ground.policy.breakers.move_minutes), PAUSE_MIN)
    while ground.now < since + PAUSE_MIN:
        yield from steps.wishing(ground, 1)
    within = [
        each
        for each in ground.wire.sent("create", since=since)
        if each.body["side"] == "BUY" and each.at < since + held
    ]
    refused = ground.seen.refused(reports, Reason.BREAKER_OPEN)
    account.claim(
        f"nothing is bought in it, nor in the {PAUSE_MIN // MINUTE} min after it",
        opened is not None and not within and refused > 0 and _is_held(ground, since),
        f"{len(within)} sent, {refused} wishes refused"
        + ("" if _is_held(ground, since) else "; entries opened again sooner"),
    )
    # A position's own stop rests far below, and sells only once the price is there.
    sales = [
        each
        for each in ground.wire.sent("create", since=began)
        if each.body["side"] == "SELL" and "stop_price" not in _terms(each)
    ]
    cheap = [each for each in sales if _limit(each) < _floor(ground, each.at)]
    account.claim(
        f"nothing is sold over {MEDIAN_PCT} % below the median of the last minutes, even by hand",
        not cheap,
        f"{len(cheap)} of {len(sales)} sales",
    )
    ground.seen.show(account, opened)


def _is_held(ground: Ground, since: Instant) -> bool:
    """Whether the breaker stayed open as long as a market needs that fell like that."""
    closed = ground.seen.first(BreakerClosed, lambda each: each.name is BreakerName.VOLATILITY)
    return closed is None or closed.time - since >= PAUSE_MIN


def _floor(ground: Ground, at: Instant) -> Decimal:
    """The lowest price of a sale at a moment, by the market's own minutes."""
    bars = check_in(ground.policy.checks, Collar).bars
    # The trader may have asked for the minutes just before one of them closed.
    closes = [
        ground.feed.closes(str(ground.product), minute, bars)
        for minute in (at.minute - 1, at.minute)
    ]
    return min(median(each) for each in closes) * (1 - MEDIAN_PCT / 100)


def _terms(asked: Asked) -> dict[str, Any]:
    terms: dict[str, Any]
    (terms,) = asked.body["order_configuration"].values()
    return terms


def _limit(asked: Asked) -> Decimal:
    return Decimal(_terms(asked)["limit_price"])


QUOTES = (
    Drill(
        name="frozen_feed",
        emergency="stale quotes: the feed is frozen",
        proves=("microstructure.max_quote_age_seconds", "breakers.stale_share_pct"),
        act=partial(_stale, spoilt=_frozen, is_part=True),
    ),
    Drill(
        name="frozen_times",
        emergency="stale quotes: prices move, their times do not",
        proves=("microstructure.max_quote_age_seconds", "breakers.stale_share_pct"),
        act=partial(_stale, spoilt=_stopped_clock),
    ),
    Drill(
        name="flash_crash",
        emergency="flash crash: an eighth lost in two minutes, and back",
        proves=(
            "breakers.move_major_pct",
            "breakers.move_other_pct",
            "breakers.move_minutes",
            "checks.collar.median_pct",
        ),
        act=_crash,
    ),
    Drill(
        name="outlier_tick",
        emergency="one quote ten times too high",
        proves=("checks.quote_sanity.jump_pct_max", "checks.collar.mid_bps"),
        act=_outlier,
    ),
)
