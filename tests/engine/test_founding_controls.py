"""The founding controls: one proof each, end to end, and each proof notices the removal.

A control that was taken out of the code and that no test misses was never there. So every proof
here is run twice: as things are, and with the control removed, where it has to fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import BOOKS, EVERYTHING, FILLS, ORDERS, READS, Body
from tests.engine.stage import BTC, ETH, SOL, Stage

from trader247.adapters.coinbase import products
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.holder import Holder
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.choice import Choice
from trader247.app.running import trading
from trader247.app.running.plan import Plan
from trader247.app.wiring import by_mode as wiring
from trader247.core import decide, sizing
from trader247.core.market import senses
from trader247.core.market.triggers import Trigger
from trader247.core.policy import Policy
from trader247.core.risk import stops
from trader247.core.risk.check import Check, Context
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.min_notional import MinNotional
from trader247.core.risk.checks.order_type import OrderTypeCheck
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.checks.quote_sanity import QuoteSanity
from trader247.core.risk.checks.slippage import Slippage
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.reservations import total_exposure
from trader247.core.signals.filters import OutlierGuard
from trader247.core.sizing import Level, Size
from trader247.domain.errors import AlreadyRunning, Trader247Error
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.money import Money, Percent
from trader247.domain.orders import OrderType
from trader247.domain.proposals import Proposal
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import Instant
from trader247.domain.verdicts import Verdict
from trader247.engine import ledger
from trader247.engine.execution import Execution
from trader247.engine.fill_intake import FillIntake
from trader247.engine.reconciler import Reconciler

Patch = pytest.MonkeyPatch
Tighten = Callable[[Policy], Policy]


def as_shipped(policy: Policy) -> Policy:
    return policy


@dataclass(frozen=True, slots=True)
class Control:
    """One control: what it must do, how it could be taken out, on which policy it is shown."""

    name: str
    proof: Callable[[Stage, Patch], None]
    removed: Callable[[Patch], None]
    policy: Tighten = as_shipped


_TAKE = InstanceGuard.take


@contextmanager
def guarded(stage: Stage) -> Iterator[None]:
    """The guard of a stage's folder, held as another process would."""
    guard = InstanceGuard(stage.places.data)
    _TAKE(guard, since="now")
    try:
        yield
    finally:
        guard.release()


# The proofs


def kill_switch(stage: Stage, _: Patch) -> None:
    entry = stage.entry(ETH)
    sent = len(stage.wire.lines(ORDERS))
    stage.kill.path.touch()
    stage.breakout(BTC)
    stage.cycle()
    assert len(stage.wire.lines(ORDERS)) == sent
    assert stage.cancelled(entry)
    assert HaltName.KILL_SWITCH in stage.portfolio.halts


def a_stop(name: HaltName) -> Callable[[Stage, Patch], None]:
    def proof(stage: Stage, _: Patch) -> None:
        stage.position(BTC)
        stage.fall("4")
        stage.cycle(5)
        stage.fall("4.2")
        stage.cycle()
        stage.breakout(ETH)
        stage.cycle()
        assert name in stage.portfolio.halts
        assert stage.ending(ETH).reason is Reason.TRADING_STATE

    return proof


def circuit_breakers(stage: Stage, _: Patch) -> None:
    stage.cycle()
    stage.wire.on(EVERYTHING, faulty.request_lost)
    stage.cycle()
    stage.wire.lift()
    stage.breakout()
    stage.cycle()
    assert stage.ending().reason is Reason.BREAKER_OPEN


def stale_quotes(stage: Stage, _: Patch) -> None:
    def aged(body: Body) -> None:
        body["pricebook"]["time"] = str(stage.now - timedelta(seconds=31))

    stage.cycle()
    stage.wire.on(BOOKS, faulty.edited(aged))
    stage.breakout()
    stage.cycle()
    assert stage.wire.lines(ORDERS) == []


def min_notional(stage: Stage, _: Patch) -> None:
    stage.breakout()
    stage.cycle()
    assert stage.ending().reason is Reason.SIZE_BELOW_FLOOR
    assert stage.wire.lines(ORDERS) == []


def total_at_risk(stage: Stage, _: Patch) -> None:
    for product in (BTC, ETH, SOL):
        stage.breakout(product)
        stage.cycle(2)
        at_risk = total_exposure(stage.portfolio)
        assert at_risk is not None
        assert at_risk <= Money.of(200)
    assert len(stage.portfolio.working) >= 1


def position_cap(stage: Stage, _: Patch) -> None:
    stage.position(BTC)
    assert stage.portfolio.positions[BTC].cost <= Money.of(101)


def slippage_cap(stage: Stage, patch: Patch) -> None:
    wished = decide._entry

    def dearer(trigger: Trigger, size: Size, scene: decide.Scene) -> Proposal:
        proposal = wished(trigger, size, scene)
        return replace(proposal, price=proposal.price * Decimal("1.0051"))

    patch.setattr(decide, "_entry", dearer)
    stage.breakout()
    stage.cycle()
    assert stage.wire.lines(ORDERS) == []
    verdicts = stage.recorded(CycleDecided)[-1].verdicts[BTC]
    assert not next(each for each in verdicts if each.check == "slippage").is_allowed


def post_only(stage: Stage, _: Patch) -> None:
    stage.breakout()
    stage.cycle()
    (order,) = stage.orders
    assert "limit_limit_gtd" in order["order_configuration"], order["order_configuration"]
    assert order["order_configuration"]["limit_limit_gtd"]["post_only"] is True


def single_instance(stage: Stage, _: Patch) -> None:
    with guarded(stage), pytest.raises(Trader247Error) as found:
        trading.cycle(Choice(None, stage.places.data), Plan())
    assert found.type is AlreadyRunning


def alerts(stage: Stage, _: Patch) -> None:
    stage.kill.raise_(reason="", operator="", time="")
    stage.cycle()
    assert "kill_switch" in stage.told.codes


def fills_reconciliation(stage: Stage, _: Patch) -> None:
    stage.wire.on(FILLS, faulty.after(lambda ask: None))
    stage.entry()
    stage.dip()
    stage.cycle()
    assert stage.portfolio.fills_booked == len(stage.fills) == 1
    stage.assert_books_agree()


def books_compared(stage: Stage, _: Patch) -> None:
    stage.exchange.deposit("USD", Decimal(-50))
    stage.cycle(3)
    assert HaltName.RECONCILIATION_BREAK in stage.portfolio.halts


def product_metadata_cache(stage: Stage, _: Patch) -> None:
    asked = r"GET /market/products\Z"
    stage.position()
    before = len(stage.wire.lines(asked))
    stage.wait(10)
    stage.trader.cycle.run()
    assert len(stage.wire.lines(asked)) == before, "what was just read is not read again"
    stage.wire.on(asked, faulty.BROKEN)
    report = stage.cycle(3)
    assert report.endings[BTC].reason is Reason.HOLDING, "what was known still serves"
    assert report.equity is not None


def rate_limit_budget(stage: Stage, patch: Patch) -> None:
    stage.abandon()
    patch.setattr(wiring, "SIMULATED_REQUESTS_PER_SECOND", 5)
    stage.start()
    asked: list[Instant] = []
    stage.wire.on(READS, faulty.after(lambda ask: asked.append(stage.now)))
    stage.cycle()
    first = asked[0]
    assert len([at for at in asked if at < first + timedelta(seconds=1)]) <= 10


def outlier_ticks(stage: Stage, _: Patch) -> None:
    stage.board.move("BTC-USD", "12", volume=10)
    stage.begin_minute()
    stage.cycle()
    assert stage.ending().reason is Reason.OUTLIER


def wrong_quotes(stage: Stage, _: Patch) -> None:
    """A book that jumps away from the last minute's close is no price to buy at."""

    def jumped(body: Body) -> None:
        for side in ("bids", "asks"):
            for level in body["pricebook"][side]:
                level["price"] = str((Decimal(level["price"]) * 2).quantize(Decimal("0.01")))

    stage.cycle()
    stage.wire.on(BOOKS, faulty.edited(jumped))
    stage.breakout()
    stage.cycle()
    verdicts = stage.recorded(CycleDecided)[-1].verdicts[BTC]
    assert not next(each for each in verdicts if each.check == "quote_sanity").is_allowed


# The removals


def always_allows(patch: Patch, *checks: type[Check]) -> None:
    def judge(check: Check, proposal: Proposal, context: Context) -> Verdict:
        return Verdict.of(check.id, is_allowed=True, detail="removed")

    for check in checks:
        patch.setattr(check, "judge", judge)


def without_cap(patch: Patch, name: str) -> None:
    caps = sizing._caps

    def fewer(*arguments: object) -> list[Level]:
        return [each for each in caps(*arguments) if each.name != name]  # type: ignore[arg-type]

    patch.setattr(sizing, "_caps", fewer)


def no_switch(patch: Patch) -> None:
    patch.setattr(KillSwitch, "is_raised", lambda _: False)


def no_stop(name: HaltName) -> Callable[[Patch], None]:
    def removed(patch: Patch) -> None:
        levels = stops.stop_levels

        def fewer(*arguments: object, **named: object) -> tuple[stops.StopLevel, ...]:
            found = levels(*arguments, **named)  # type: ignore[arg-type]
            return tuple(each for each in found if each.name is not name)

        patch.setattr(stops, "stop_levels", fewer)

    return removed


def no_breakers(patch: Patch) -> None:
    patch.setattr(senses, "changes_by", lambda *_, **__: ())


def any_quote(patch: Patch) -> None:
    always_allows(patch, QuoteAge)
    patch.setattr(QuoteAge, "is_fresh", lambda *_: True)
    patch.setattr(Execution, "_too_late", lambda *_: None)


def any_notional(patch: Patch) -> None:
    always_allows(patch, MinNotional)
    low = Level("none", Money.of(0))
    patch.setattr(sizing, "_floor", lambda *_: low)


def any_total(patch: Patch) -> None:
    always_allows(patch, TotalExposure)
    without_cap(patch, "total_exposure")


def any_position(patch: Patch) -> None:
    always_allows(patch, ProductExposure)
    without_cap(patch, "product_exposure")


def any_price(patch: Patch) -> None:
    always_allows(patch, Slippage)


def any_type(patch: Patch) -> None:
    always_allows(patch, OrderTypeCheck)
    wished = decide._entry

    def taking(trigger: Trigger, size: Size, scene: decide.Scene) -> Proposal:
        return replace(wished(trigger, size, scene), order_type=OrderType.LIMIT_IOC)

    patch.setattr(decide, "_entry", taking)


def no_guard(patch: Patch) -> None:
    patch.setattr(InstanceGuard, "take", lambda _, **whose: Holder.this_process(**whose))


def no_alerts(patch: Patch) -> None:
    patch.setattr(ledger, "alerts_for", lambda *_: None)


def no_fills(patch: Patch) -> None:
    patch.setattr(FillIntake, "book", lambda *_: ())


def no_comparison(patch: Patch) -> None:
    patch.setattr(Reconciler, "note_differences", lambda *_, **__: None)


def no_cache(patch: Patch) -> None:
    patch.setattr(products, "STATUS_AGE", timedelta(0))
    patch.setattr(products, "PRODUCT_AGE_MAX", timedelta(microseconds=1))


def no_budget(patch: Patch) -> None:
    patch.setattr(RateBudget, "take_read", lambda _: None)


def any_tick(patch: Patch) -> None:
    measure = OutlierGuard.measure

    def calm(guard: OutlierGuard, *arguments: object) -> object:
        found = measure(guard, *arguments)  # type: ignore[arg-type]
        return found._replace(is_triggered=found.is_triggered & False)

    patch.setattr(OutlierGuard, "measure", calm)


def any_quote_at_all(patch: Patch) -> None:
    always_allows(patch, QuoteSanity, Collar)


# The table


def small_positions(policy: Policy) -> Policy:
    tiers = tuple(replace(tier, base_position=Percent.of("0.1")) for tier in policy.universe.tiers)
    return replace(policy, universe=replace(policy.universe, tiers=tiers))


def with_check(kind: type[Check], **limits: object) -> Tighten:
    def change(policy: Policy) -> Policy:
        checks = tuple(
            replace(check, **limits) if isinstance(check, kind) else check
            for check in policy.checks
        )
        return replace(policy, checks=checks)

    return change


def with_stops(**limits: Percent) -> Tighten:
    return lambda policy: replace(policy, stops=replace(policy.stops, **limits))


CONTROLS = (
    Control("kill switch", kill_switch, no_switch),
    Control(
        "daily stop",
        a_stop(HaltName.DAILY_STOP),
        no_stop(HaltName.DAILY_STOP),
        with_stops(daily_pct=Percent.of("-0.1")),
    ),
    Control(
        "weekly stop",
        a_stop(HaltName.WEEKLY_STOP),
        no_stop(HaltName.WEEKLY_STOP),
        with_stops(weekly_pct=Percent.of("-0.1")),
    ),
    Control(
        "max drawdown",
        a_stop(HaltName.DRAWDOWN),
        no_stop(HaltName.DRAWDOWN),
        with_stops(drawdown_pct=Percent.of("0.1")),
    ),
    Control("circuit breakers", circuit_breakers, no_breakers),
    Control("stale quotes", stale_quotes, any_quote),
    Control("min notional", min_notional, any_notional, small_positions),
    Control(
        "total at risk",
        total_at_risk,
        any_total,
        with_check(TotalExposure, pct_max=Percent.of(2)),
    ),
    Control(
        "position cap",
        position_cap,
        any_position,
        with_check(ProductExposure, pct_max=Percent.of(1)),
    ),
    Control("slippage cap", slippage_cap, any_price),
    Control("post-only by default", post_only, any_type),
    Control("single instance", single_instance, no_guard),
    Control("alerts", alerts, no_alerts),
    Control("fills reconciliation", fills_reconciliation, no_fills),
    Control("books compared", books_compared, no_comparison),
    Control("product metadata cache", product_metadata_cache, no_cache),
    Control("rate-limit budget", rate_limit_budget, no_budget),
    Control("outlier ticks", outlier_ticks, any_tick),
    Control("wrong quotes", wrong_quotes, any_quote_at_all),
)
"""The fourteen, and what the founding document left open."""


@pytest.fixture(params=CONTROLS, ids=[each.name for each in CONTROLS])
def control(request: pytest.FixtureRequest) -> Control:
    found: Control = request.param
    return found


def test_the_control_does_its_work(
    control: Control, open_stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    control.proof(open_stage(control.policy), monkeypatch)


def test_its_proof_fails_where_it_is_removed(
    control: Control, open_stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = open_stage(control.policy)
    control.removed(monkeypatch)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        control.proof(stage, monkeypatch)


def test_all_fourteen_are_in_the_table() -> None:
    assert len({each.name for each in CONTROLS}) == len(CONTROLS) >= 14 + 3
