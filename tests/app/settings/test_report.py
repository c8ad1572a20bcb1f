"""What config check, show and schema answer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from trader247.app.settings.location import FILES, SHIPPED
from trader247.app.settings.report import check_config, config_schema, show_config
from trader247.app.settings.writing import init_config


def copy(to: Path) -> Path:
    for name in FILES:
        shutil.copyfile(SHIPPED / name, to / name)
    return to


def test_a_good_configuration_has_a_hash_and_each_rules_break_even() -> None:
    report = check_config(SHIPPED, environment={})
    assert report.is_valid
    assert report.hash
    rows = {row.rule: row for row in report.break_even}
    assert len(rows) == 6
    # Maker 50 bps in, taker 90 bps out: 1.4 %, of which a 12 % target is 8.57 times.
    assert str(rows["price_move"].round_trip_pct) == "1.4"
    assert str(rows["price_move"].worth) == "8.57"
    assert rows["mean_reversion"].worth is None


def test_a_target_below_its_fees_is_called_refused(tmp_path: Path) -> None:
    path = copy(tmp_path) / "policy.yaml"
    path.write_text(path.read_text().replace("target_pct: 12 ", "target_pct: 1.3 "))
    rows = {row.rule: row for row in check_config(tmp_path, environment={}).break_even}
    assert rows["price_move"].verdict.startswith("refused")
    path.write_text(path.read_text().replace("target_pct: 1.3 ", "target_pct: 4 "))
    rows = {row.rule: row for row in check_config(tmp_path, environment={}).break_even}
    assert rows["price_move"].verdict.startswith("thin")


def test_an_equity_too_small_for_any_order_warns_with_the_two_limits_that_bind(
    tmp_path: Path,
) -> None:
    path = copy(tmp_path) / "app.yaml"
    good = check_config(tmp_path, environment={})
    assert "allows 200 USD" in good.sizing
    path.write_text(path.read_text().replace("equity: 10000", "equity: 255"))
    report = check_config(tmp_path, environment={})
    assert report.is_valid
    assert any("no entry is possible" in each.found for each in report.warnings)
    assert "the floor (min_notional) is 15 USD" in report.sizing


def test_a_bad_configuration_is_a_report_of_problems(tmp_path: Path) -> None:
    report = check_config(tmp_path / "none", environment={})
    assert not report.is_valid
    assert report.hash is None


def test_every_effective_value_says_where_it_comes_from(tmp_path: Path) -> None:
    path = copy(tmp_path) / "policy.yaml"
    path.write_text("risk:\n  max_position_size_pct: 4\n")
    shown = {each.key: each for each in show_config(tmp_path, environment={}).settings}
    assert shown["risk.max_position_size_pct"].value == "4"
    assert shown["risk.max_position_size_pct"].origin == f"{path}:2"
    assert shown["risk.max_total_at_risk_pct"].origin == "default"
    assert shown["tiers.tier_1.products"].value == "BTC-USD, ETH-USD, SOL-USD"
    assert len(shown) > 90


def test_a_secret_is_shown_as_set_and_never_itself(tmp_path: Path) -> None:
    shown = show_config(copy(tmp_path), environment={"SLACK_WEBHOOK_URL": "https://x/T0PS3CRET"})
    values = {each.key: each.value for each in shown.settings}
    assert values["monitoring.slack_webhook"] == "set, from ${SLACK_WEBHOOK_URL}"
    assert values["monitoring.email"] == "not set"
    assert "T0PS3CRET" not in repr(shown)


def test_the_schema_carries_bounds_defaults_and_descriptions() -> None:
    schema = config_schema()
    assert set(schema) == {"app", "policy", "universe"}
    text = json.dumps(schema)
    risk = schema["policy"]["$defs"]["File_risk"]["properties"]["max_position_size_pct"]
    assert risk["maximum"] == 5
    assert risk["default"] == "5"
    assert "equity" in risk["description"]
    assert '"additionalProperties": true' not in text


def test_init_writes_three_files_and_keeps_what_is_there(tmp_path: Path) -> None:
    first = init_config(tmp_path)
    assert [path.name for path in first.written] == list(FILES)
    (tmp_path / "config" / "app.yaml").write_text("app: {}\n")
    (tmp_path / "config" / "policy.yaml").unlink()
    second = init_config(tmp_path)
    assert [path.name for path in second.written] == ["policy.yaml"]
    assert (tmp_path / "config" / "app.yaml").read_text() == "app: {}\n"
    assert check_config(tmp_path, environment={}).is_valid
