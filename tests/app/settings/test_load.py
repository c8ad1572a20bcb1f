"""The whole configuration: what is taken, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from trader247.app.books.modes import Mode, VenueName
from trader247.app.settings import policy_file
from trader247.app.settings.load import (
    Settings,
    expect_quoted,
    is_read_only_now,
    load_settings,
    with_tape_products,
)
from trader247.app.settings.location import SHIPPED, ConfigSource
from trader247.app.settings.problems import SettingsInvalid
from trader247.app.settings.removed import REMOVED
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.min_notional import MinNotional
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.checks.slippage import Slippage
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.registry import ALL_CHECKS
from trader247.core.rules.registry import ALL_RULES
from trader247.core.signals.registry import ALL_SIGNALS
from trader247.domain.errors import ConfigInvalid, UsageError
from trader247.domain.ids import ProductId
from trader247.domain.money import Bps, Money, Percent

FOUNDING_POLICY = """\
risk:
  min_trade_notional_usd: 15
  max_total_at_risk_pct: 15.0
  max_position_size_pct: 5.0
  daily_stop_pnl_pct: -3.0
  weekly_stop_pnl_pct: -7.0
execution:
  default_order_type: "limit_post_only"
  max_slippage_bps: 50
microstructure:
  max_quote_age_seconds: 30
"""
FOUNDING_APP = """\
app:
  mode: "PAPER"
exchange:
  read_only: true
monitoring:
  alerts_enabled: true
  slack_webhook: "${SLACK_WEBHOOK_URL}"
  email: "${ALERT_EMAIL}"
"""


def load(folder: Path, **environment: str) -> Settings:
    return load_settings(folder, environment=environment)


def swap(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text, f"{old!r} is not in the shipped {file}"
    (folder / file).write_text(text.replace(old, new, 1))


def problems(folder: Path) -> list[str]:
    with pytest.raises(SettingsInvalid) as refused:
        load(folder)
    return [str(each) for each in refused.value.problems]


def test_the_founding_documents_blocks_load_verbatim(folder: Path) -> None:
    (folder / "policy.yaml").write_text(FOUNDING_POLICY)
    (folder / "app.yaml").write_text(FOUNDING_APP)
    settings = load(folder, SLACK_WEBHOOK_URL="https://hooks.example/T0", ALERT_EMAIL="a@b.example")
    policy, app = settings.policy, settings.app
    assert check_in(policy.checks, MinNotional).quote_min == Money.of(15)
    assert check_in(policy.checks, TotalExposure).pct_max == Percent.of(15)
    assert check_in(policy.checks, ProductExposure).pct_max == Percent.of(5)
    assert policy.stops.daily_pct == Percent.of(-3)
    assert policy.stops.weekly_pct == Percent.of(-7)
    assert policy.execution.order_type == "limit_post_only"
    assert check_in(policy.checks, Slippage).bps_max == Bps.of(50)
    assert check_in(policy.checks, QuoteAge).seconds_max == 30
    assert app.mode is Mode.PAPER
    assert app.is_read_only
    assert app.are_alerts_enabled
    assert app.slack_webhook is not None
    assert app.slack_webhook.reveal() == "https://hooks.example/T0"
    assert app.email is not None


def test_the_shipped_files_hold_the_founding_blocks_lines() -> None:
    for file, block in (("policy.yaml", FOUNDING_POLICY), ("app.yaml", FOUNDING_APP)):
        shipped = [line.split("  #")[0].rstrip() for line in _shipped(file).splitlines()]
        assert [line for line in block.splitlines() if line not in shipped] == []


def test_the_shipped_files_write_out_every_default_and_change_none(tmp_path: Path) -> None:
    shipped = load_settings(SHIPPED, environment={})
    slots = [slot for section in policy_file.SECTIONS for slot in section.slots.values()]
    assert len(slots) > 60
    lines = shipped.lines["policy.yaml"]
    missing = [
        slot.key for slot in slots if not any(path[: len(slot.path)] == slot.path for path in lines)
    ]
    assert missing == []
    (tmp_path / "app.yaml").write_text("")
    (tmp_path / "policy.yaml").write_text("")
    (tmp_path / "universe.yaml").write_text(_shipped("universe.yaml"))
    bare = load(tmp_path)
    assert bare.policy == shipped.policy
    assert bare.app == shipped.app


def test_every_check_signal_and_rule_has_its_section() -> None:
    text = _shipped("policy.yaml")
    names = [kind.id for kind in ALL_CHECKS]
    names += [kind.id for kind in ALL_SIGNALS] + [kind.id for kind in ALL_RULES]
    assert len(names) > 30
    assert [name for name in names if f"\n  {name}:" not in text] == []


def test_the_shipped_configuration_is_paper_on_the_simulated_market_and_read_only() -> None:
    app = load_settings(SHIPPED, environment={}).app
    assert (app.mode, app.venue, app.is_read_only) == (Mode.PAPER, VenueName.SIM, True)


BROKEN = [
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: 5.1", "from 0.1 to 5"),
    ("policy.yaml", "max_total_at_risk_pct: 15.0", "max_total_at_risk_pct: 16", "above the most"),
    ("policy.yaml", "min_trade_notional_usd: 15", "min_trade_notional_usd: 14.99", "below the"),
    ("policy.yaml", "daily_stop_pnl_pct: -3.0", "daily_stop_pnl_pct: -3.5", "below the least"),
    ("policy.yaml", "daily_stop_pnl_pct: -3.0", "daily_stop_pnl_pct: 3", "above the most"),
    ("policy.yaml", "weekly_stop_pnl_pct: -7.0", "weekly_stop_pnl_pct: -8", "below the least"),
    ("policy.yaml", "max_slippage_bps: 50", "max_slippage_bps: 51", "above the most"),
    ("policy.yaml", "max_quote_age_seconds: 30", "max_quote_age_seconds: 31", "above the most"),
    ("policy.yaml", "max_quote_age_seconds: 30", "max_quote_age_seconds: 30.0", "whole number"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: .nan", "no plain"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: .inf", "no plain"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: 05", "no plain"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: 1e0", "no plain"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: yes", "no plain"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: 1:30", "no plain"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct:", "nothing is written"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: [5]", "a list"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: {a: 5}", "a mapping"),
    ("policy.yaml", "max_position_size_pct: 5.0", "max_position_size_pct: ${CAP}", "a variable"),
    (
        "policy.yaml",
        "max_position_size_pct: 5.0",
        "max_position_sise_pct: 5.0",
        "did you mean max_",
    ),
    ("policy.yaml", "quote_max: 250", "quote_max: 251", "above the most"),
    ("app.yaml", '  endpoint: ""', '  endpoint: "api.evil.example"', "not on this machine"),
    ("app.yaml", '"localhost:8443"   #', '"10.0.0.1:8443"   #', "not on this machine"),
    ("app.yaml", '  ca_file: ""', '  ca_file: "/ca.pem"', "Coinbase itself is trusted"),
    ("policy.yaml", '"limit_post_only"', '"market"', "one of limit_post_only"),
    ("policy.yaml", "checks:", "max_slippage_bps: 50\nchecks:", "mean execution.max_slippage_bps"),
    ("policy.yaml", "  trading_state: {}", "  trading_state: {enabled: false}", "unknown key"),
    ("policy.yaml", "  trading_state: {}", "  trading_stat: {}", "did you mean trading_state"),
    ("policy.yaml", "sizing:", "risk: {}\nsizing:", "a second time"),
    ("policy.yaml", "MEME: 5", "MEMES: 5", "a cluster that does not exist"),
    ("policy.yaml", "MEME: 5", "MEME: 50", "above the most"),
    ("policy.yaml", "crash_trend_pct: -10", "crash_trend_pct: -4", "rise from crash"),
    ("policy.yaml", "recovery_pct_min: 5", "recovery_pct_min: 20", "below recovery_pct_min, 20"),
    ("policy.yaml", "    seconds_max: 5  ", "    seconds_max: 1  ", "below seconds_warn, 2"),
    ("policy.yaml", "refuse_under: 1", "refuse_under: 4", "below refuse_under, 4"),
    ("policy.yaml", "  buying_power: {}", "  buying_power: {a: 1}", "no number of its own"),
    ("app.yaml", "2026-01-05T00:00:00Z", "2026-01-05T00:00:30Z", "a whole minute"),
    ("app.yaml", "2026-01-05T00:00:00Z", "1960-01-05T00:00:00Z", "a whole minute from"),
    ("app.yaml", "2026-01-05T00:00:00Z", "9999-12-31T23:59:00Z", "a whole minute from"),
    ("app.yaml", "venue: sim", "venue: si\0m", "app.yaml:7"),
    ("policy.yaml", "sizing:", "sizing: !!python/object:os.system x", "a tag"),
    ("policy.yaml", "risk:", "risk: &all", "an anchor"),
    ("policy.yaml", "risk:", "risk", "YAML"),
    ("universe.yaml", "[BTC-USD, ETH", "[BTC-USD, BTC-USD, ETH", "BTC-USD is in tier_1 already"),
    ("universe.yaml", "- DOGE-USD", "- SOL-USD", "SOL-USD is in tier_1 already"),
    ("universe.yaml", "[BTC-USD, ETH", "[btc-usd, ETH", "not a product id"),
    ("universe.yaml", "[BTC-USD, ETH", "[BTC-EUR, ETH", "not quoted in USD"),
    ("universe.yaml", "[BTC-USD, ETH", "[USDT-USD, ETH", "USDT is a stablecoin"),
    ("universe.yaml", "MEME: [DOGE-USD]", "MEME: [BTC-USD]", "in LAYER1 already"),
    ("universe.yaml", "MEME: [DOGE-USD]", "DOGS: [DOGE-USD]", "DOGS"),
    ("universe.yaml", "  tier_3:", "  tier_4:", "did you mean tier_3"),
    ("universe.yaml", "products: [BTC-USD, ETH-USD, SOL-USD]", "products: BTC-USD", "a list"),
    ("universe.yaml", "red_flags: []", "red_flags: [{product: DOGE-USD}]", "is missing"),
    ("universe.yaml", "base_position_pct: 2 ", "base_position_pct: 6 ", "above the most"),
    ("app.yaml", 'mode: "PAPER"', 'mode: "PAPIER"', "did you mean PAPER"),
    ("app.yaml", "venue: sim", "venue: binance", "one of sim, coinbase"),
    ("app.yaml", "read_only: true", "read_only: yes", "neither true nor false"),
    ("app.yaml", "read_only: true", 'read_only: "true"', "neither true nor false"),
    ("app.yaml", "equity: 10000", "equity: 1e4", "no plain decimal"),
    ("app.yaml", "equity: 10000", "equity: ${EQUITY}", "a variable"),
    ("app.yaml", "seed: 496", "seed: -1", "below the least"),
    ("app.yaml", "2026-01-05T00:00:00Z", "2026-13-05", "RFC 3339"),
    ("app.yaml", "interval_seconds: 60", "interval_seconds: 1", "below the least"),
    ("app.yaml", "exchange:", "exchanges:", "did you mean exchange"),
    ("app.yaml", "${ALERT_EMAIL}", "${ALERT-EMAIL}", "broken variable"),
]


@pytest.mark.parametrize(("file", "old", "new", "words"), BROKEN)
def test_what_is_wrong_is_refused_with_its_place(
    folder: Path, file: str, old: str, new: str, words: str
) -> None:
    swap(folder, file, old, new)
    found = problems(folder)
    assert any(words in each for each in found), found
    assert all(each.startswith(str(folder)) for each in found)
    assert any(f"/{file}:" in each or "universe.yaml:" in each for each in found)


def test_a_problem_names_the_line_on_which_it_stands(folder: Path) -> None:
    swap(folder, "policy.yaml", "max_slippage_bps: 50", "max_slippage_bps: 99")
    text = (folder / "policy.yaml").read_text().splitlines()
    line = next(i for i, each in enumerate(text, 1) if "max_slippage_bps" in each)
    with pytest.raises(ConfigInvalid, match=rf"policy\.yaml:{line}: execution\.max_slippage_bps"):
        load(folder)


@pytest.mark.parametrize("key", REMOVED)
def test_a_removed_setting_is_refused_for_ever_and_told_its_successor(
    folder: Path, key: str
) -> None:
    section, name = key.split(".")
    swap(folder, "policy.yaml", f"\n{section}:\n", f"\n{section}:\n  {name}: 1\n")
    (told,) = problems(folder)
    assert f"{key}: was removed and is refused (did you mean {REMOVED[key]}?)" in told


def test_all_problems_of_all_files_are_told_at_once(folder: Path) -> None:
    swap(folder, "policy.yaml", "max_slippage_bps: 50", "max_slippage_bps: 99")
    swap(folder, "policy.yaml", "quote_max: 250", "quote_max: none")
    swap(folder, "app.yaml", "venue: sim", "venue: moon")
    swap(folder, "universe.yaml", "[BTC-USD, ETH", "[btc, ETH")
    assert len(problems(folder)) == 4


@pytest.mark.parametrize("file", ["app.yaml", "policy.yaml", "universe.yaml"])
def test_a_missing_file_is_told_with_what_writes_it(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert any(file in each and "trader247 init" in each for each in problems(folder))


def test_a_universe_without_products_is_refused(folder: Path) -> None:
    (folder / "universe.yaml").write_text("floors: {}\n")
    assert any("lists no product" in each for each in problems(folder))


def test_a_cluster_without_a_cap_is_refused(folder: Path) -> None:
    swap(folder, "universe.yaml", "MEME: [DOGE-USD]", "MEME: [DOGE-USD]\n  NEW: []")
    assert any("NEW" in each and "without a cap" in each for each in problems(folder))


def test_an_unset_variable_leaves_its_channel_out_and_says_so(folder: Path) -> None:
    settings = load(folder)
    assert settings.app.slack_webhook is None
    assert any("SLACK_WEBHOOK_URL is not set" in str(each) for each in settings.warnings)


def test_an_unset_variable_in_the_list_of_urls_leaves_that_one_out(folder: Path) -> None:
    swap(folder, "app.yaml", "urls: []", 'urls: ["${ONE}", "${TWO}"]')
    settings = load(folder, TWO="json://two.example")
    assert [each.reveal() for each in settings.app.alert_urls] == ["json://two.example"]
    assert any("ONE is not set" in str(each) for each in settings.warnings)


def test_mail_without_a_server_warns(folder: Path) -> None:
    settings = load(folder, ALERT_EMAIL="a@b.example")
    assert any(
        "smtp_url" in each.found and each.key == "monitoring.email" for each in settings.warnings
    )


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("volume_24h_min: 8000000", "volume_24h_min: 3600000000", ""),
        ("volume_24h_min: 8000000", "volume_24h_min: 3600000001", "floors.volume_24h_min"),
        ("  depth_min: 10000\n  listing", "  depth_min: 20000000\n  listing", ""),
        ("  depth_min: 10000\n  listing", "  depth_min: 20000001\n  listing", "floors.depth_min"),
        ("volume_24h_min: 20000000", "volume_24h_min: 1e12", "tiers.tier_2.volume_24h_min"),
    ],
)
def test_floors_that_no_product_of_a_venue_meets_warn(
    folder: Path, old: str, new: str, key: str
) -> None:
    swap(folder, "universe.yaml", old, new.replace("1e12", "1000000000000"))
    told = [each for each in load(folder).warnings if "nothing will be bought" in each.found]
    assert [each.key for each in told] == [key] * bool(key)


def test_a_secret_is_shown_nowhere(folder: Path) -> None:
    settings = load(folder, SLACK_WEBHOOK_URL="https://hooks.example/T0PS3CRET")
    assert "T0PS3CRET" not in repr(settings)
    assert "T0PS3CRET" not in f"{settings.app.slack_webhook}"


def test_a_secret_written_into_the_file_warns(folder: Path) -> None:
    swap(folder, "app.yaml", "${SLACK_WEBHOOK_URL}", "https://hooks.example/T0")
    assert any("use ${VARIABLE}" in str(each) for each in load(folder).warnings)


def test_tightening_changes_the_hash_and_a_remark_does_not(folder: Path) -> None:
    before = load(folder).policy.hash
    swap(folder, "policy.yaml", "risk:", "# a remark\nrisk:")
    assert load(folder).policy.hash == before
    swap(folder, "policy.yaml", "max_slippage_bps: 50", "max_slippage_bps: 49")
    assert load(folder).policy.hash != before


def test_read_only_is_read_as_the_file_stands_now(folder: Path) -> None:
    source = ConfigSource(folder, "x")
    assert is_read_only_now(source)
    swap(folder, "app.yaml", "read_only: true", "read_only: false")
    assert not is_read_only_now(source)
    (folder / "app.yaml").write_text("exchange: [")
    with pytest.raises(SettingsInvalid):
        is_read_only_now(source)


def test_the_folder_asked_for_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="no such folder"):
        load(tmp_path / "none")


def test_without_a_folder_the_shipped_configuration_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    assert load_settings(environment={}).source.directory == SHIPPED
    (tmp_path / "config" / "app.yaml").write_text("")
    with pytest.raises(SettingsInvalid):
        load_settings(environment={})


def test_a_folder_that_holds_a_config_folder_stands_for_it(folder: Path) -> None:
    inner = folder / "config"
    inner.mkdir()
    for name in ("app.yaml", "policy.yaml", "universe.yaml"):
        (folder / name).rename(inner / name)
    assert load(folder).source.directory == inner


def test_products_of_a_tape_join_the_second_tier(folder: Path) -> None:
    policy = load(folder).policy
    tape = (ProductId("BTC", "USD"), ProductId("FIL", "USD"))
    replayed = with_tape_products(policy, tape)
    tier = replayed.universe.tier_of(ProductId("FIL", "USD"))
    assert tier is not None
    assert tier.name == "tier_2"
    assert replayed.universe.tiers[0] == policy.universe.tiers[0]
    assert replayed.hash != policy.hash
    assert replayed.universe.floors.products_min == 2
    assert with_tape_products(policy, tape[:1]).universe.floors.products_min == 1


def test_what_a_tape_has_in_another_currency_is_not_traded(folder: Path) -> None:
    policy = load(folder).policy
    euros, dollars = ProductId("FIL", "EUR"), ProductId("FIL", "USD")
    assert with_tape_products(policy, (euros, dollars)) == with_tape_products(policy, (dollars,))


def test_a_tape_with_nothing_in_the_quote_currency_is_refused(folder: Path) -> None:
    policy = load(folder).policy
    dollars, euros = ProductId("BTC", "USD"), ProductId("ETH", "EUR")
    expect_quoted(policy, (dollars, euros))
    with pytest.raises(UsageError, match="none is quoted in USD") as found:
        expect_quoted(policy, (euros,))
    assert "app.quote_currency" in found.value.hint


def _shipped(file: str) -> str:
    return (SHIPPED / file).read_text()
