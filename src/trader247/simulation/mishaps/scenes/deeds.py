"""What is done in more than one scene."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trader247.simex.faults.rules import read_rules
from trader247.simulation.death import Cause

if TYPE_CHECKING:
    from trader247.simulation.run import Run

PATIENCE_US, IN_NO_HURRY_US = 60_000_000, 900_000_000
"""How long people leave a halt alone."""
_SECOND_US = 1_000_000
_ON_US, _AGAIN_US = 8_000_000, 64_000_000


def back_up_unused(run: Run) -> None:
    """Once the book is armed, and before any order: who goes back to this has none under way."""
    if run.is_alive and run.surroundings.account:
        run.back_up()
    else:
        run.timeline.after(_SECOND_US, lambda: back_up_unused(run))


def raise_each_minute(run: Run, *, times: int, again_us: int = _AGAIN_US) -> None:
    """Somebody raises the switch and lets it go, just after each cycle or as often as that."""
    if run.odds.is_calm or not times:
        return
    run.people.kill()
    run.timeline.after(_ON_US, run.people.release)
    again = partial(raise_each_minute, run, times=times - 1, again_us=again_us)
    run.timeline.after(again_us, again)


def kill(run: Run) -> None:
    """End the process that trades at once."""
    run.die(Cause.KILLED, "after a backup")


def for_a_while(run: Run, rules: tuple[str, ...], for_us: int) -> None:
    """Let the exchange err by rules of its own, and then no more."""
    plan = run.counterparty.plan
    plan.change(read_rules(rules), seed=run.seed)

    def as_before() -> None:
        if not run.odds.is_calm:
            plan.change((), seed=run.seed)

    run.timeline.after(for_us, as_before)


def list_all(run: Run) -> None:
    """Let listings leave no order out any more."""
    run.counterparty.left_out = frozenset()


def forbid(run: Run, for_us: int) -> None:
    """Somebody writes into app.yaml that nothing may be sent, and takes it back later."""
    assert run.choice.config is not None, "it was written for this run"
    path = run.choice.config / "app.yaml"
    right = path.read_text(encoding="utf-8")
    path.write_text(right.replace("read_only: false", "read_only: true"), encoding="utf-8")
    run.tell({"kind": "settings", "may_send": False})

    def let() -> None:
        if not run.odds.is_calm:
            path.write_text(right, encoding="utf-8")
            run.tell({"kind": "settings", "may_send": True})

    run.timeline.after(for_us, let)
