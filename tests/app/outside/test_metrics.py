"""Metrics: a text that any scraper reads, unknown that is never zero, pages that fit them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.app.small_books import trader_in

from trader247.app.books.overview import Frame, Overview, overview_at_start, overview_of_report
from trader247.app.outside.metering import Meter
from trader247.app.outside.metrics import Family, families_of, rendered
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import CycleReport
from trader247.domain.time import Instant

ROOT = Path(__file__).resolve().parents[3]
NOW = Instant.parse("2026-01-05T12:00:00.5Z")
_SAMPLE = re.compile(r'([a-z_0-9]+)(\{([a-z_]+="(?:[^"\\\n]|\\.)*"(,|(?=\})))+\})? (\S+)\Z')


@pytest.fixture(scope="module")
def cycled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Frame, CycleReport]:
    """A report of a real cycle, with the frame that it is looked at in."""
    places = tmp_path_factory.mktemp("metrics") / "data"
    trader = trader_in(places)
    trader.startup.recover()
    report = trader.cycle.run()
    trader.close(is_clean=True)
    return Frame(trader.places, trader.label, 7, trader.policy), report


@pytest.fixture(scope="module")
def view(cycled: tuple[Frame, CycleReport]) -> Overview:
    return overview_of_report(*cycled)


def samples(families: list[Family]) -> dict[str, list[str]]:
    """Values by name, and that every line is one that a parser takes."""
    lines = rendered(families).splitlines()
    assert lines[-1] == "# EOF"
    found: dict[str, list[str]] = {}
    for line in lines[:-1]:
        if line.startswith("# "):
            assert re.match(r"# (TYPE [a-z_0-9]+ (gauge|counter)|HELP [a-z_0-9]+ [^\n]+)\Z", line)
            continue
        match = _SAMPLE.match(line)
        assert match, line
        float(match[5])
        found.setdefault(match[1], []).append(match[5])
    return found


def test_every_line_is_one_that_a_scraper_reads(view: Overview) -> None:
    found = samples(families_of(view, now=NOW, is_alive=True))
    assert found["trader247_up"] == ["1"]
    assert found["trader247_written_seconds"] == ["1767614400.5"]
    assert found["trader247_cycles_total"] == [str(view.cycle)]
    assert view.pnl.equity is not None
    assert found["trader247_equity"] == [str(view.pnl.equity)]
    assert found["trader247_trading_state"].count("1") == 1


def test_what_is_unknown_is_no_number(cycled: tuple[Frame, CycleReport]) -> None:
    nothing = overview_at_start(cycled[0], Portfolio())
    found = samples(families_of(nothing, now=NOW))
    for name in ("equity", "cash", "day", "week", "drawdown_percent", "up", "last_cycle_seconds"):
        assert found[f"trader247_{name}"] == ["NaN"], name
    assert set(found["trader247_exposure_percent"]) == {"NaN"}
    assert "NaN" not in found["trader247_exposure_cap_percent"]


def test_text_from_outside_stays_within_its_quotes(view: Overview) -> None:
    odd = replace(view, market='a "b" \\ c\nd')
    text = rendered(families_of(odd, now=NOW))
    assert r'market="a \"b\" \\ c\nd"' in text
    samples(families_of(odd, now=NOW))


def test_a_family_has_one_name_and_counters_end_in_total(view: Overview) -> None:
    families = families_of(view, now=NOW)
    names = [each.name for each in families]
    assert len(names) == len(set(names))
    for each in families:
        is_counter = each.kind == "counter"
        assert all((one.suffix == "_total") is is_counter for one in each.samples), each.name


def expressions(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        own = [tree[key] for key in ("expr", "query") if isinstance(tree.get(key), str)]
        return own + [each for value in tree.values() for each in expressions(value)]
    if isinstance(tree, list):
        return [each for value in tree for each in expressions(value)]
    return []


@pytest.mark.parametrize("page", ["trader247.json", "rules.yaml"])
def test_dashboard_and_rules_ask_for_metrics_that_exist(page: str, view: Overview) -> None:
    text = (ROOT / "docs" / "grafana" / page).read_text(encoding="utf-8")
    tree = json.loads(text) if page.endswith("json") else yaml.safe_load(text)
    known = {
        f"{family.name}{sample.suffix}"
        for family in families_of(view, now=NOW)
        for sample in family.samples
    } | {each.name for each in families_of(view, now=NOW) if not each.samples}
    asked = {name for each in expressions(tree) for name in re.findall(r"trader247_\w+", each)}
    assert len(asked) >= 4
    assert asked <= known


def test_a_trader_renews_its_file_whole_and_goes_on_where_it_cannot(
    tmp_path: Path, cycled: tuple[Frame, CycleReport]
) -> None:
    frame, report = cycled
    meter = Meter("metrics.prom", tmp_path)
    meter.cycled(report)
    assert list(tmp_path.iterdir()) == [], "before the start is over nobody knows whose it is"
    meter.begin(frame)
    meter.cycled(report)
    text = (tmp_path / "metrics.prom").read_text(encoding="utf-8")
    assert text.endswith("# EOF\n")
    assert "trader247_up 1\n" in text
    assert [each.name for each in tmp_path.iterdir()] == ["metrics.prom"]
    lost = Meter(str(tmp_path / "nowhere" / "metrics.prom"), tmp_path)
    lost.begin(frame)
    lost.cycled(report)
    none = Meter("", tmp_path)
    none.begin(frame)
    none.cycled(report)
    assert [each.name for each in tmp_path.iterdir()] == ["metrics.prom"]
