"""The stop of what is held while its product cannot be read: nobody else sells it then."""

from __future__ import annotations

import pytest
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import Body, Fault
from tests.engine.stage import BTC, ETH, Stage, kept_at_the_venue
from tests.engine.test_venue_stops import at_venue, protected

from trader247.domain.reasons import Reason

PRODUCTS = r"GET /market/products\Z"


def _garbled(body: Body) -> None:
    for each in body["products"]:
        if each["product_id"] == str(BTC):
            each["base_increment"] = "none"


def _without(body: Body) -> None:
    body["products"] = [each for each in body["products"] if each["product_id"] != str(BTC)]


@pytest.fixture
def stage(open_stage: Open) -> Stage:
    return open_stage(kept_at_the_venue)


@pytest.mark.parametrize(
    "fault",
    [faulty.answered(503, "{}"), faulty.edited(_garbled), faulty.edited(_without)],
    ids=["refused", "garbled", "left-out"],
)
def test_a_stop_stays_while_its_product_cannot_be_read(stage: Stage, fault: Fault) -> None:
    protected(stage)
    stage.wire.on(PRODUCTS, fault)
    report = stage.cycle(8)
    assert report.endings[BTC].reason is Reason.NO_QUOTE, "no exit can be judged"
    assert at_venue(stage) == ["OPEN"]

    stage.fall("6.2")
    stage.cycle(2)
    assert BTC not in stage.portfolio.positions
    stage.settle()
    stage.assert_books_agree()


def test_a_buy_of_what_cannot_be_read_ends(stage: Stage) -> None:
    stage.entry(ETH)
    stage.wire.on(PRODUCTS, faulty.answered(503, "{}"))
    stage.cycle(8)
    assert not stage.portfolio.working
