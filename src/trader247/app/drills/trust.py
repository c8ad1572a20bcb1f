"""What a trader relies on is taken away: the machine's clock, and the key."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from trader247.app.drills import steps
from trader247.app.drills.buying import must_buy
from trader247.app.drills.drill import Account, Drill, Yard
from trader247.app.drills.ground import Ground, Story
from trader247.domain.events.halts import HaltLatched
from trader247.domain.reasons import HaltName, Reason, Severity
from trader247.domain.time import HOUR, MINUTE, SECOND

LATCHED_MAX = 3 * MINUTE
_SKEWED = (
    Reason.CLOCK_SKEW,
    Reason.STALE_QUOTE,
    Reason.QUOTE_AGE,
    Reason.TRADING_STATE,
    Reason.BREAKER_OPEN,
    Reason.EQUITY_KNOWN,
    Reason.NO_QUOTE,
    Reason.NOT_AT_VENUE,
)


def _jump(yard: Yard, account: Account) -> None:
    must_buy(yard)
    for name, ahead in (("ahead", HOUR), ("behind", -HOUR), ("a little", 8 * SECOND)):
        ground = Ground(yard, name.replace(" ", "_"))
        ground.start()
        ground.play(_jump_story(ground, account, name, ahead))
        ground.stop()


def _jump_story(ground: Ground, account: Account, name: str, ahead: timedelta) -> Story:
    yield from steps.minutes(ground, 3)
    reports, began = len(ground.reports), ground.now
    ground.clock.ahead = ahead
    ended = began + 6 * MINUTE
    ground.clock.at(ended, partial(setattr, ground.clock, "ahead", timedelta(0)))
    while ground.now < ended - 30 * SECOND and ground.now < began + 8 * MINUTE:
        for each in ground.feed.listings:
            ground.feed.move(each.product_id, ground.step)
        yield
    sent = [each for each in ground.wire.sent("create", since=began) if each.at < ended]
    refused = ground.seen.refused(reports, *_SKEWED)
    span = f"{abs(ahead) / SECOND:.0f} s"
    account.claim(
        f"the clock {span} {'ahead' if ahead > timedelta(0) else 'behind'}: nothing is sent",
        not sent and refused > 0,
        f"{len(sent)} sent, {refused} refused",
    )
    ground.clock.ahead = timedelta(0)
    yield from steps.minutes(ground, 3)
    orders = [each for each in ground.seen.live_orders if each["side"] == "BUY"]
    differs = list(ground.portfolio.differences)
    account.claim(
        f"the clock set right again ({name}): books and venue agree",
        not differs and not orders,
        f"differences: {', '.join(differs) or 'none'}; "
        f"halts: {', '.join(each.value for each in ground.portfolio.halts) or 'none'}",
    )
    ground.seen.show(account, ground.seen.first(HaltLatched))


def _revoked(yard: Yard, account: Account) -> None:
    ground = Ground(yard)
    ground.start()
    ground.play(_revoked_story(ground, account))
    ground.stop()


def _revoked_story(ground: Ground, account: Account) -> Story:
    yield from steps.minutes(ground, 3)
    (key,) = ground.keyring
    ground.keyring.revoke(key.name)
    revoked, reports, orders = ground.now, len(ground.reports), len(ground.seen.orders)
    yield from steps.wishing(ground, 4)
    halt = ground.seen.first(HaltLatched, lambda each: each.name is HaltName.KEY)
    account.within("a halt latches", None if halt is None else halt.time - revoked, LATCHED_MAX)
    critical = [each.code for each in ground.alerts.alerts if each.severity is Severity.CRITICAL]
    account.claim(
        "a critical alert says so", "key" in critical, ", ".join(sorted(set(critical))) or "none"
    )
    account.claim(
        "no order comes into being",
        len(ground.seen.orders) == orders,
        f"{len(ground.seen.orders) - orders}",
    )
    ground.keyring.restore(key.name)
    since = ground.now
    yield from steps.wishing(ground, 3)
    sent = ground.seen.sent_entries(since)
    refused = ground.seen.refused(reports, Reason.TRADING_STATE)
    account.claim(
        "a key that works again does not resume by itself",
        HaltName.KEY in ground.portfolio.halts and sent == 0 and refused > 0,
        f"{sent} sent, {refused} wishes refused",
    )
    ground.seen.show(account, halt)


TRUST = (
    Drill(
        name="clock_jump",
        emergency="the machine's clock jumps: an hour on, an hour back, eight seconds",
        proves=("checks.clock_skew.seconds_max", "microstructure.max_quote_age_seconds"),
        act=_jump,
    ),
    Drill(
        name="key_revoked",
        emergency="the key is revoked at the venue",
        proves=("checks.trading_state",),
        act=_revoked,
    ),
)
