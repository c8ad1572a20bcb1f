"""The kill switch, raised by hand: a file that appears while an order rests and more are wanted."""

from __future__ import annotations

from datetime import timedelta

from trader247.app.drills import steps
from trader247.app.drills.drill import Account, Drill, Yard
from trader247.app.drills.ground import Ground, Story
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import CancelRequested
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import SECOND, Instant

SEEN_MAX = 1 * SECOND
CANCELS_MAX = 5 * SECOND
PROOF_MAX = 3 * SECOND


def _by_file(yard: Yard, account: Account) -> None:
    ground = Ground(yard)
    ground.start()
    ground.play(_story(ground, account))
    ground.stop()


def _story(ground: Ground, account: Account) -> Story:
    yield from steps.entry(ground)
    rested = len(ground.seen.live_orders)
    raised = ground.now + 7 * SECOND
    resting: list[int] = []

    def touch() -> None:
        ground.kill.path.touch()

    ground.on_halted = lambda _: resting.append(len(ground.seen.live_orders))
    ground.clock.at(raised, touch)
    before = len(ground.reports)
    yield from steps.wishing(ground, 4)
    after = ground.wire.sent("create", since=raised + SEEN_MAX)
    refused = ground.seen.refused(before, Reason.TRADING_STATE)
    account.claim(
        "no order is begun later than 1 s after it, whatever the rules wish for",
        not after and refused > 0,
        f"{len(after)} sent, {refused} wishes refused",
    )
    cancels = ground.wire.sent("cancel", since=raised)
    account.within(
        f"the cancel of what rests ({rested}) is asked for",
        cancels[0].at - raised if cancels and rested else None,
        CANCELS_MAX,
    )
    proven = next((at for at, is_clear in ground.proofs if is_clear), None)
    account.within(
        "none of our orders works at the exchange, by its own list",
        _since(raised, proven) if resting[:1] == [0] else None,
        PROOF_MAX,
    )
    ground.kill.path.unlink()
    removed = ground.now
    yield from steps.wishing(ground, 3)
    account.claim(
        "removing the file does not resume",
        HaltName.KILL_SWITCH in ground.portfolio.halts
        and not ground.wire.sent("create", since=removed),
        "still halted" if HaltName.KILL_SWITCH in ground.portfolio.halts else "resumed",
    )
    ground.seen.show(
        account,
        ground.seen.first(HaltLatched, lambda each: each.name is HaltName.KILL_SWITCH),
        ground.seen.first(CancelRequested),
    )


def _since(begin: Instant, end: Instant | None) -> timedelta | None:
    return None if end is None else end - begin


KILL_FILE = Drill(
    name="kill_file",
    emergency="kill switch by file, while an order rests",
    proves=("run.interval_seconds", "checks.trading_state"),
    act=_by_file,
)
