"""A book on one screen: the ledger's own figures, and every stop that stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tests.cli.views.test_news import a_report
from tests.core.ledger_values import BTC, a_cycle, after, an_intent, bought, folded, opened, sent

from trader247.app.books.choice import Choice
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.overview import Frame, Overview, overview_at_start, overview_of_book
from trader247.app.books.overview import overview_of_report as of_report
from trader247.app.books.places import Places
from trader247.app.books.reading import opened as opened_book
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.core.policy import Policy
from trader247.core.risk.stops import stop_levels
from trader247.core.valuation import pnl_figures
from trader247.domain.events.halts import HaltLatched
from trader247.domain.outcomes import Declined
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName, TradingState


@cache
def policy() -> Policy:
    return load_settings(SHIPPED).policy


def a_frame(data: Path) -> Frame:
    places = Places(data, Mode.PAPER, VenueName.SIM)
    return Frame(places, "SIMULATED MARKET synthetic, seed 7", 7, policy())


def overview_of(portfolio: Portfolio, data: Path) -> Overview:
    return of_report(a_frame(data), a_report(portfolio))


def test_figures_are_those_of_the_ledger(tmp_path: Path) -> None:
    book = folded(bought(), a_cycle(1, at=after(60), equity="9990", marks={BTC: "98"}))
    view = overview_of(book, tmp_path)
    assert view.pnl == pnl_figures(book)
    (held,) = view.positions
    assert held.worth is not None
    assert held.unrealised == held.worth - held.cost
    assert held.stop == book.positions[BTC].stop
    assert held.target == book.positions[BTC].target
    assert view.exposures[0].name == "total"
    levels = stop_levels(book, policy(), equity=book.equity.equity, now=after(60))
    assert [each.change for each in view.stops] == [level.value for level in levels]


def test_what_is_not_known_is_not_a_figure(tmp_path: Path) -> None:
    book = folded(bought(), a_cycle(1, at=after(60), equity=None))
    view = overview_of(book, tmp_path)
    assert view.pnl.equity is None
    (held,) = view.positions
    assert (held.mark, held.worth, held.unrealised, held.change) == (None, None, None, None)
    assert view.exposures[0].amount is None
    assert all(each.change is None for each in view.stops)


def test_a_book_before_its_first_cycle_can_be_shown(tmp_path: Path) -> None:
    view = overview_at_start(a_frame(tmp_path), Portfolio())
    assert view.cycle == 0
    assert view.time is None
    assert view.stops == ()
    assert view.decisions == ()


def test_a_switch_that_no_trader_has_seen_halts_the_screen(tmp_path: Path) -> None:
    (tmp_path / "KILL_SWITCH").touch()
    view = overview_of(opened(), tmp_path)
    assert view.trading_state is TradingState.HALTED
    assert view.halts[0].cause.startswith("KILL SWITCH ACTIVATED")
    assert view.halts[0].clears == "trader247 kill off"


def test_the_strictest_stop_names_the_state(tmp_path: Path) -> None:
    book = folded(opened(), HaltLatched(HaltName.DAILY_STOP, "-3.1 %"))
    assert overview_of(book, tmp_path).trading_state is TradingState.REDUCING
    book = folded(book, HaltLatched(HaltName.STORAGE, "disk full"))
    assert overview_of(book, tmp_path).trading_state is TradingState.HALTED


def test_only_orders_that_may_still_fill_are_open(tmp_path: Path) -> None:
    assert len(overview_of(sent(opened(), an_intent()), tmp_path).orders) == 1
    declined = sent(opened(), an_intent(), Declined("POST_ONLY", "no", is_sent=True))
    assert overview_of(declined, tmp_path).orders == ()


def test_a_journal_shows_what_its_trader_showed(traded: Path) -> None:
    with opened_book(Choice(SHIPPED, traded)) as book:
        view = overview_of_book(book)
        listed = list(book.policy.universe.products)
        assert [each.product for each in view.decisions] == listed
        assert view.regime
        assert view.seed == book.seed
        assert view.pnl == pnl_figures(book.portfolio())
