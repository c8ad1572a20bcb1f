"""A position's price falls through its stop: with the stop at the venue, and without.

Where `execution.venue_stops` is off, and where a venue takes no stops, nobody but the trader sells.
Both are held whatever the operator's setting is: it may be changed, and a venue may change its
mind. Everything else is the operator's own.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from trader247.app.drills import steps
from trader247.app.drills.drill import Account, Drill, Yard
from trader247.app.drills.ground import Ground, Story
from trader247.app.settings.canonical import sealed
from trader247.domain.events.orders import FillBooked
from trader247.domain.orders import Side
from trader247.domain.time import MINUTE, Instant

SOLD_MAX = 3 * MINUTE
"""From the minute in which the price falls through the stop until nothing is held."""
_STEP = Decimal("0.5")
_UNDER = Decimal("0.3")
"""How far under the stop the price comes to stand, in per cent."""
_DEEPEST = Decimal(2)
"""How far under its stop, in per cent, a price that falls so gently may sell at the worst."""


def _act(yard: Yard, account: Account) -> None:
    for word in ("auto", "off"):
        policy = yard.settings.policy
        kept = replace(policy, execution=replace(policy.execution, venue_stops=word))
        settings = replace(yard.settings, policy=sealed(kept))
        ground = Ground(replace(yard, settings=settings), word)
        ground.start()
        ground.play(_story(ground, account, is_at_venue=word == "auto"))
        ground.stop()


def _story(ground: Ground, account: Account, *, is_at_venue: bool) -> Story:
    how = "a stop at the venue" if is_at_venue else "no stop at the venue"
    yield from steps.position(ground)
    yield from steps.minutes(ground, 2)
    position = ground.portfolio.positions[ground.product]
    stop = position.stop.value
    resting = [each for each in ground.seen.live_orders if each["side"] == "SELL"]
    account.claim(
        f"with {how}: so many sales rest for the position",
        len(resting) == int(is_at_venue),
        f"{len(resting)}, for {position.quantity} {ground.product.base}",
    )
    while (price := ground.feed.price(str(ground.product))) > stop:
        left = 100 * (1 - stop * (1 - _UNDER / 100) / price)
        crossed = Instant((ground.now.minute + 1) * 60_000_000)
        ground.feed.move(str(ground.product), -min(_STEP, left))
        yield from steps.minutes(ground, 1)
    for _ in range(6):
        if ground.product not in ground.portfolio.positions:
            break
        yield
    sale = ground.seen.last(FillBooked, lambda each: each.fill.side is Side.SELL)
    is_gone = ground.product not in ground.portfolio.positions
    account.within(
        f"with {how}: under its stop it is sold",
        sale.time - crossed if sale is not None and is_gone else None,
        SOLD_MAX,
    )
    left_there = ground.seen.held(ground.product.base)
    account.claim(f"with {how}: nothing of it is left there", left_there == 0, f"{left_there} left")
    sales = [
        event.fill for _, event in ground.seen.recorded(FillBooked) if event.fill.side is Side.SELL
    ]
    worst = min((each.price.value for each in sales), default=Decimal(0))
    account.claim(
        f"with {how}: at no price far under its stop",
        worst >= stop * (1 - _DEEPEST / 100),
        f"at {worst}, the stop was {stop}",
    )
    yield from steps.minutes(ground, 2)
    rests = [each for each in ground.seen.live_orders if each["side"] == "SELL"]
    account.claim(f"with {how}: no sale rests afterwards", not rests, f"{len(rests)} rest")
    ground.seen.show(account, sale)


LEAVING = Drill(
    name="position_stop",
    emergency="a price falls through a position's stop, with it at the venue and without",
    proves=("execution.venue_stops", "execution.exit_collar_bps", "run.interval_seconds"),
    act=_act,
)
