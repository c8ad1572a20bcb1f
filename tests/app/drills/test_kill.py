"""The kill switch by file: what rests is cancelled, and what is wished for is refused."""

from __future__ import annotations

import pytest
from tests.app.drills.conftest import Hold

from trader247.app.settings.location import SHIPPED


def test_a_file_stops_the_trader_within_its_times(hold: Hold) -> None:
    (result,) = hold("kill_file").results
    assert result.passed, [(each.text, each.measured) for each in result.failures]
    assert [each.ref for each in result.evidence if each.kind == "halt_latched"] == ["kill_switch"]


@pytest.mark.parametrize("currency", ["EUR", "USDC"])
def test_it_is_drilled_in_each_quote_currency(hold: Hold, currency: str) -> None:
    shipped = (SHIPPED / "universe.yaml").read_text(encoding="utf-8")
    report = hold(
        "kill_file",
        app={"quote_currency: USD ": f"quote_currency: {currency} "},
        policy={"reference: BTC-USD": f"reference: BTC-{currency}"},
        universe={shipped: shipped.replace("-USD", f"-{currency}")},
    )
    (result,) = report.results
    assert result.passed, (result.trouble, [each.text for each in result.failures])


def test_a_configuration_that_never_buys_shows_nothing(hold: Hold) -> None:
    changes = {"score_min: 0.2": "score_min: 1"}
    (result,) = hold("kill_file", policy=changes).results
    assert not result.passed
    assert "no entry in BTC-USD came about" in result.trouble
