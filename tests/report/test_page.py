"""The page: nothing is loaded, no text becomes markup, every picture is drawable and a table."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import numpy as np
import plotly.graph_objects
import pytest
from tests.report.stories import BEGIN, story, trade

from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Percent, Price
from trader247.report.charts.prices import trade_table
from trader247.report.months import MonthReturn
from trader247.report.page.months import month_table
from trader247.report.page.page import page
from trader247.report.page.parts import json_in_page
from trader247.report.plain import as_json, written
from trader247.report.report import report_of
from trader247.report.story import Held, Holdings, Stop, Story

EVIL = "</script><img src=x onerror=alert(1)>\"'&<!--"
LIBRARY = "/* the library */"


class Seen(HTMLParser):
    """Every element with its attributes, and the ids that are drawn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def drawn(told: Story) -> str:
    return page(report_of(told), hash="0123", library=LIBRARY)


def charts(text: str) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="charts">(.*?)</script>', text, re.S)
    assert found is not None
    result: list[dict[str, Any]] = json.loads(found[1])
    return result


@pytest.fixture(scope="module")
def busy() -> Story:
    trades = tuple(
        trade(number, exit="110" if number % 3 else "94", rule=f"rule_{number % 2}")
        for number in range(1, 25)
    )
    return story(trades=trades)


def test_every_picture_is_one_that_the_library_can_draw_and_stands_in_the_page(
    busy: Story,
) -> None:
    text = drawn(busy)
    found = charts(text)
    ids = {str(each["id"]) for each in found}
    assert ids >= {
        "equity", "by-product", "by-rule", "by-hour", "by-exit", "price-BTC-USD", "distribution",
        "holding", "exposure", "caps", "funnel", "refusals",
    }  # fmt: skip
    for each in found:
        plotly.graph_objects.Figure(data=each["traces"], layout=each["layout"])
    seen = Seen(text)
    assert {a["data-chart"] for _, a in seen.tags if "data-chart" in a} == ids
    assert all(a.get("aria-label") for _, a in seen.tags if "data-chart" in a)
    assert sum(tag == "table" for tag, _ in seen.tags) >= len(ids)


def test_a_picture_that_nobody_scrolls_to_is_drawn_once_there_is_time(busy: Story) -> None:
    # Screenshots of whole pages showed empty cards: all was drawn that came near the window alone.
    text = drawn(busy)
    assert "const waiting = [...nodes];" in text
    assert "whenIdle(drawNext);" in text


def test_a_section_that_is_not_there_is_not_led_to(busy: Story) -> None:
    # Without a closed trade nothing is said of where it was made, and a link to that led nowhere.
    for told in (busy, story()):
        seen = Seen(drawn(told))
        ids = {attributes.get("id") for _, attributes in seen.tags}
        led = {str(a["href"])[1:] for tag, a in seen.tags if tag == "a"}
        assert led <= ids
        assert ("where" in led) is bool(told.trades)


def test_an_exit_stands_under_the_others_as_every_price_does(busy: Story) -> None:
    text = drawn(busy)
    trades = text[text.index('id="trades"') :]
    assert '<th scope="col">exit</th>' in trades
    assert '<th scope="col" class="text">exit</th>' in text[: text.index('id="trades"')], "by exit"


def test_a_months_colour_has_the_sign_of_its_figure() -> None:
    lost = (MonthReturn("2026-01", 0.01, True), MonthReturn("2026-02", -0.00004, True))
    table = month_table(lost)
    assert ">+0.00<" in table
    assert "217,98,43" not in table, "the colour of a loss"
    assert "217,98,43" in month_table((MonthReturn("2026-02", -0.0001, True),))


def test_a_curve_that_waits_in_the_legend_is_said_to(busy: Story) -> None:
    times = busy.curve.times
    near = Held((ProductId.parse("BTC-USD"),), times, np.full(len(times), 1.0))
    far = replace(near, nav=np.linspace(1.0, 9.0, len(times)))
    said = "Hold BTC-USD is far from this curve: a click on its name shows it."
    assert said in drawn(replace(busy, held=far))
    assert said not in drawn(replace(busy, held=near))


def test_one_is_told_as_one() -> None:
    text = drawn(replace(story(days=1), orders_sent=1, fills=1))
    assert "1 order sent, 1 fill<" in text
    assert "Only 1 day: one market mood." in text
    assert "Only 1.5 days: one market mood." in drawn(
        replace(story(days=1), end=BEGIN + timedelta(days=1.5))
    )


def test_a_cap_of_which_little_was_used_was_not_unused(busy: Story) -> None:
    # 0.2 per cent of the largest equity, of a cap of 55: 0.4 % of it was shown as 0 %.
    caps = replace(busy.caps, total=Percent.of(1000)) if busy.caps else None
    drawn_caps: dict[str, Any] = next(
        each for each in charts(drawn(replace(busy, caps=caps))) if each["id"] == "caps"
    )
    (bars,) = drawn_caps["traces"]
    shown = dict(zip(bars["y"], bars["text"], strict=True))
    assert shown["all together"] == "0.4 %"


def test_what_is_folded_is_unfolded_for_paper(busy: Story) -> None:
    # Products below the first were printed as their names alone; a browser: test_printed.
    text = drawn(busy)
    assert text.count("<details") - text.count(" open>") > text.count('class="data"') > 0
    paper = text[text.index("const forPaper") : text.index("const forScreen")]
    assert "each.open = true" in paper
    assert "each.open = false" in text[text.index("const forScreen") :]


def test_the_page_loads_nothing_and_forbids_it(busy: Story) -> None:
    seen = Seen(drawn(busy))
    for _, attributes in seen.tags:
        assert "src" not in attributes
        assert str(attributes.get("href", "#")).startswith("#")
    policies = [a["content"] for tag, a in seen.tags if tag == "meta" and "http-equiv" in a]
    assert policies
    assert str(policies[0]).startswith("default-src 'none';")


def test_the_first_screen_says_what_the_figures_rest_on() -> None:
    text = drawn(story(trades=(trade(1),)))
    first = text[: text.index("<nav")]
    for said in ("SIMULATED", "maker 50 bps", "1 closed", "Only 1 closed trade: too few", "period"):
        assert said in first


def test_no_text_from_outside_becomes_markup(busy: Story) -> None:
    told = replace(
        busy,
        origin=replace(busy.origin, title=EVIL, market=EVIL),
        trades=(replace(trade(1, rule=EVIL), cluster=EVIL, exit_cause=EVIL, strategy=EVIL),),
        stops=(Stop(EVIL, EVIL, busy.begin, None),),
        refusals={EVIL: 3},
        settings={EVIL: EVIL},
        parameters={EVIL: EVIL},
    )
    seen = Seen(drawn(told))
    assert not [tag for tag, _ in seen.tags if tag == "img"]
    assert not [a for _, a in seen.tags if "onerror" in a]
    assert sum(tag == "script" for tag, _ in seen.tags) == 3
    assert json.loads(json_in_page({"x": EVIL + "\u2028"})) == {"x": EVIL + "\u2028"}


def test_a_story_without_a_trade_or_a_cycle_still_has_a_page() -> None:
    told = story(days=1)
    text = drawn(told)
    assert "No trade was closed" in text
    empty = replace(
        told.curve,
        **{n: getattr(told.curve, n)[:0] for n in ("times", "equity", "nav", "exposure")},
    )
    drawn(replace(told, curve=empty, holdings={}, funnel=(), refusals={}, prices={}, caps=None))


def test_the_same_story_gives_the_same_bytes(busy: Story) -> None:
    assert drawn(busy) == drawn(busy)
    assert written(as_json(report_of(busy))) == written(as_json(report_of(busy)))
    other = replace(busy, fees=busy.bought)
    assert as_json(report_of(busy))["hash"] != as_json(report_of(other))["hash"]


def test_months_of_which_nothing_is_known_take_no_room_and_texts_say_their_heads() -> None:
    told = story()
    text = drawn(told)
    months = re.search(r'<table class="months">(.*?)</table>', text, re.S)
    assert months is not None
    heads = re.findall(r'<th scope="col">(\w+)</th>', months[1])
    known = {f"{each.month}" for each in report_of(told).months}
    assert len(heads) == len({each[5:] for each in known}) + 1
    assert heads[-1] == "all"
    formulas = re.search(r'<table class="formulas">(.*?)</table>', text, re.S)
    assert formulas is not None
    assert formulas[1].count('data-head="source"') == formulas[1].count("<tr>") - 1 > 10


def test_of_many_trades_the_newest_are_drawn_with_their_days_and_all_are_counted() -> None:
    told = story(trades=tuple(trade(number) for number in range(1, 131)))
    text = drawn(told)
    assert "<span>130 trades</span>" in text
    assert "The newest 120 of 130 trades are drawn" in text
    (found,) = (each for each in charts(text) if each["id"] == "price-BTC-USD")
    layout = found["layout"]
    assert isinstance(layout, dict)
    begin, end = layout["xaxis"]["range"]
    first, last = told.trades[10].opened.us // 1000, told.trades[-1].opened.us // 1000
    assert begin < first < last < end < told.end.us // 1000
    assert first - begin < (end - first) / 10
    low, high = layout["yaxis"]["range"]
    assert low < 100 < 110 < high
    few = replace(told, trades=told.trades[:20])
    (found,) = (each for each in charts(drawn(few)) if each["id"] == "price-BTC-USD")
    assert isinstance(found["layout"], dict)
    assert "range" not in found["layout"]["xaxis"]


def test_what_was_held_for_a_moment_is_in_the_picture_of_exposure(busy: Story) -> None:
    count = len(busy.curve)
    exposure = np.full(count, 1.0)
    exposure[count // 3] = 90.0
    product = next(iter(busy.holdings))
    holdings = {product: Holdings(np.arange(count, dtype=np.int64), exposure)}
    told = replace(busy, curve=replace(busy.curve, exposure=exposure), holdings=holdings)
    (found,) = (each for each in charts(drawn(told)) if each["id"] == "exposure")
    assert isinstance(found["traces"], list)
    shares = 100 * exposure / told.curve.equity
    for each in found["traces"][:2]:
        assert len(each["y"]) < count / 2
        assert max(each["y"]) == pytest.approx(shares.max(), rel=1e-3)


def test_a_cap_looks_like_none_of_the_lines_that_are_held_against_it(busy: Story) -> None:
    (found,) = (each for each in charts(drawn(busy)) if each["id"] == "exposure")
    traces, layout = found["traces"], found["layout"]
    assert isinstance(traces, list)
    assert isinstance(layout, dict)
    (shape,) = layout["shapes"]
    assert len(traces) > 1
    for each in traces:
        assert each["line"]["color"] != shape["line"]["color"]
    assert [each["text"] for each in layout["annotations"]] == ["cap 15 %"]


def test_a_share_that_is_little_is_not_told_as_nothing(busy: Story) -> None:
    told = replace(busy, refusals={"no_trigger": 99_990, "collar": 4, "cooldown": 6})
    (found,) = (each for each in charts(drawn(told)) if each["id"] == "refusals")
    traces = found["traces"]
    assert isinstance(traces, list)
    assert [each["text"] for each in traces] == [["100.0 %", "< 0.1 %", "< 0.1 %"]]


def test_a_table_of_a_hidden_rest_says_that_it_is_not_all() -> None:
    many = tuple(trade(number) for number in range(1, 405))
    assert "the newest trades (400)" in drawn(story(trades=many))
    assert "every trade, newest first (3)" in drawn(story(trades=many[:3]))


def test_on_a_phone_a_table_of_many_columns_flows_and_on_paper_none_does(busy: Story) -> None:
    text = drawn(busy)
    tables = re.findall(r"<table[^>]*><thead><tr>.*?</tr>", text)
    many = [each for each in tables if each.count("<th ") >= 5]
    assert len(many) >= 5
    assert all(re.match('<table class=".*(flowed|months)', each) for each in many)
    # A4 paper is narrower than some screens, and no phone.
    assert re.findall(r"@media [^{]*max-width[^{]*", text) == [
        "@media screen and (max-width: 720px) "
    ]


def test_what_nothing_was_sold_of_has_no_profit_yet() -> None:
    held = replace(trade(1), closed=None, exit_price=None, exit_cause=None, pnl=Money.of(0))
    (row,) = trade_table([held]).rows
    assert (row[4], row[6], row[9:12]) == ("open", "\u2013", ("open", "\u2013", "\u2013"))
    partly = replace(held, exit_price=Price.of("110"), pnl=Money.of(4))
    assert trade_table([partly]).rows[0][10] == "+4.00"


def test_of_one_trade_no_half_returned_more() -> None:
    assert "Half of the trades" not in drawn(story(trades=(trade(1),)))
    assert "Half of the trades" in drawn(story(trades=(trade(1), trade(2))))


def test_a_trades_return_has_no_more_digits_than_mean_something() -> None:
    # 9.8 over 100.1: a quotient that does not end had fifty of them.
    (found,) = as_json(report_of(story(trades=(trade(1),))))["trades"]
    assert found["return_pct"] == "9.79020979021"
