"""What is left of a position and less than the venue sells: no position, and not forgotten."""

from __future__ import annotations

from decimal import Decimal

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.faulty import Ask, Body, Deliver
from tests.engine.stage import BTC, ETH, Stage

from trader247.cli.main import execute
from trader247.core.risk.stops import nav_of
from trader247.domain.errors import NotAllowed
from trader247.domain.events.holdings import DustSetAside, DustTakenBack
from trader247.domain.money import Price
from trader247.domain.reasons import Reason


def partly_bought(stage: Stage) -> None:
    """An entry of which so little filled, before its time was over, that nobody takes it back."""
    stage.entry(BTC)
    stage.dip(BTC, volume=1_800)
    stage.wait(240)
    stage.cycle(2)


def test_after_a_remnant_the_product_is_bought_again_and_both_are_sold_together(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    partly_bought(stage)
    assert not stage.portfolio.positions
    left = stage.portfolio.dust[BTC].quantity
    assert left.value == stage.held("BTC") == Decimal("0.000009")
    (aside,) = stage.recorded(DustSetAside)
    assert aside.cause == (
        "0.000009 at 100499.99 is worth less than 1, the least that the venue sells for"
    )
    assert stage.ending(BTC).reason is not Reason.HOLDING
    equity = stage.portfolio.equity.equity
    assert equity is not None
    assert stage.portfolio.cash is not None
    assert equity > stage.portfolio.cash, "it counts at its bid, less the fee of selling it"

    stage.wait(3_600)
    stage.breakout(BTC)
    stage.cycle()
    assert stage.ending(BTC).reason is Reason.ENTRY_SENT
    stage.dip(BTC)
    stage.cycle()
    held = stage.portfolio.positions[BTC]
    assert not stage.portfolio.dust
    assert held.quantity.value == stage.held("BTC") > Decimal("0.0001")
    assert held.entry_price.value > Decimal("100_900"), "of its own entry"
    stage.fall("3.5")
    stage.fall("3.5")
    stage.cycle(4)
    assert stage.held("BTC") == 0
    assert not stage.portfolio.holdings
    stage.assert_books_agree()
    data = stage.places.data
    stage.abandon()
    assert execute(["replay", f"1..{stage.reports[-1].cycle}", "--data", str(data)]) == 0
    assert execute(["why", "BTC-USD", "--cycle", "4", "--data", str(data)]) == 0
    assert "dust       0.000009 left of a position" in capsys.readouterr().out


def test_while_its_order_works_it_may_become_more(stage: Stage) -> None:
    stage.entry(BTC)
    stage.dip(BTC, volume=1_800)
    stage.cycle()
    assert stage.portfolio.working
    assert BTC in stage.portfolio.positions
    assert not stage.recorded(DustSetAside)


def test_a_price_that_makes_it_sellable_gives_the_position_back_under_its_old_plan(
    stage: Stage,
) -> None:
    partly_bought(stage)
    stage.board.move("BTC-USD", "12")
    stage.begin_minute()
    stage.cycle()
    assert not stage.recorded(DustTakenBack), "worth 1.01, and the collar may take 0.5 % of it"
    stage.board.move("BTC-USD", "12")
    stage.begin_minute()
    stage.cycle()
    (back,) = stage.recorded(DustTakenBack)
    assert back.cause.startswith("the venue sells it at 126")
    assert stage.ending(BTC).reason is Reason.EXIT_SENT, "it is over its target, and leaves at once"
    assert not stage.portfolio.holdings
    stage.assert_books_agree()


def test_a_new_process_knows_of_it_and_reconciles(stage: Stage) -> None:
    partly_bought(stage)
    before = stage.portfolio.dust
    stage.restart()
    stage.cycle()
    assert stage.portfolio.dust == before
    assert not stage.portfolio.differences
    assert len(stage.recorded(DustSetAside)) == 1


def delisted(ask: Ask, deliver: Deliver) -> Response:
    """The venue knows the product no more: it is on no list and has no book."""
    if "product_id=BTC-USD" in ask.query or "BTC-USD" in ask.line:
        return faulty.response(404, b'{"error":"NOT_FOUND"}', "application/json")

    def without(body: Body) -> None:
        if "products" in body:
            body["products"] = [each for each in body["products"] if each["base_name"] != "BTC"]

    return faulty.edited(without)(ask, deliver)


@pytest.mark.parametrize("is_dust", [True, False])
def test_what_a_delisted_product_leaves_is_handed_over_and_trading_goes_on(
    stage: Stage, is_dust: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if is_dust:
        partly_bought(stage)
    else:
        stage.position(BTC)
    held, before = stage.portfolio.holdings[BTC].quantity, stage.portfolio.equity
    stage.wire.on(r"GET /(market|products).*", delisted)
    stage.cycle(2)
    assert stage.portfolio.equity.equity is None
    (alert,) = [each for each in stage.told.alerts if each.code == "data_unavailable"]
    assert 'reconcile --accept --reason "delisted" --price BTC-USD=PRICE' in alert.text
    with pytest.raises(NotAllowed) as unnamed:
        stage.trader.accepting.accept("delisted")
    assert unnamed.value.hint == "BTC-USD has no price; to take it over: --price BTC-USD=PRICE"

    stage.trader.accepting.accept("delisted", prices={BTC: Price.of(100_000)})
    assert not stage.portfolio.holdings
    assert stage.portfolio.foreign == {"BTC": held.value}
    report = stage.cycle()
    assert not report.collected.breaks
    assert not report.collected.pending
    after = stage.portfolio.equity
    assert after.equity == stage.portfolio.cash
    assert before.high_nav is not None
    assert nav_of(after, after.equity) == pytest.approx(before.high_nav, rel=Decimal("0.001"))
    stage.wait(3_600)
    stage.breakout(ETH)
    stage.cycle()
    assert stage.ending(ETH).reason is Reason.ENTRY_SENT, "equity is known, and buying goes on"
    data, cycle = stage.places.data, stage.reports[-1].cycle
    stage.abandon()
    assert execute(["replay", f"1..{cycle}", "--data", str(data)]) == 0
    assert execute(["why", "BTC-USD", "--cycle", str(cycle - 2), "--data", str(data)]) == 0
    assert "worth      UNKNOWN, and so equity is" in capsys.readouterr().out
