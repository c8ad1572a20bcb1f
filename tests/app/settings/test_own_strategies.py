"""A strategy of one's own: off until it is on, bound to its very text, within its own budget."""

from __future__ import annotations

from pathlib import Path

import pytest

from trader247.app.settings.canonical import policy_from_text
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.problems import SettingsInvalid
from trader247.app.settings.report import check_config
from trader247.app.settings.tightening import loosened
from trader247.app.strategies.writing import write_new
from trader247.core.market.instruments import instruments_of
from trader247.core.rules.registry import ALL_RULES
from trader247.domain.errors import UsageError
from trader247.domain.money import Percent

SECTION = """
strategies:
  dip_buyer:
    module: own/dip_buyer.py
    enabled: true
    budget_pct: 2
    signal: {fall_pct: 1.5}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The shipped configuration, to which a test adds its section, with a strategy beside it."""
    folder = tmp_path / "config"
    folder.mkdir()
    for each in SHIPPED.glob("*.yaml"):
        (folder / each.name).write_text(each.read_text(encoding="utf-8"), encoding="utf-8")
    write_new("dip_buyer", folder / "own")
    return folder


def added(config: Path, section: str) -> Path:
    with (config / "policy.yaml").open("a", encoding="utf-8") as file:
        file.write(section)
    return config


def test_one_that_is_not_enabled_is_not_even_read(config: Path) -> None:
    shipped = load_settings(config).policy
    (config / "own" / "dip_buyer.py").write_text("raise SystemExit")
    added(config, SECTION.replace("true", "false"))
    policy = load_settings(config).policy
    assert policy.strategies == ()
    assert (policy.hash, policy.text) == (shipped.hash, shipped.text)


def test_one_that_is_enabled_decides_beside_the_shipped_rules(config: Path) -> None:
    shipped = load_settings(config).policy
    settings = load_settings(added(config, SECTION))
    policy = settings.policy
    (own,) = policy.strategies
    assert own.name == "dip_buyer"
    assert own.budget == Percent.of(2)
    assert getattr(own.signal, "fall_pct", None) == Percent.of("1.5")
    assert getattr(own.rule, "hours_max", None) == 24
    instruments = instruments_of(policy)
    assert len(instruments.signals) == len(ALL_RULES) + 1
    assert instruments.rules["dip_buyer"] == (own.rule,)
    assert policy.hash != shipped.hash
    assert loosened(policy, shipped), "another mind is no tightening: arming is revoked"
    assert any("strategy of your own" in str(each) for each in settings.warnings)
    again = policy_from_text(policy.text)
    assert again.hash == policy.hash
    assert again.strategies == policy.strategies


def test_what_was_decided_by_another_text_is_not_decided_again(config: Path) -> None:
    policy = load_settings(added(config, SECTION)).policy
    path = config / "own" / "dip_buyer.py"
    path.write_text(path.read_text() + "\n# changed\n")
    with pytest.raises(SettingsInvalid, match="is not what it was"):
        policy_from_text(policy.text)
    assert load_settings(config).policy.hash != policy.hash
    path.unlink()
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        policy_from_text(policy.text)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("enabled: true", "enabled: yes"), "neither true nor false"),
        (("budget_pct: 2", "budget_pct: 16"), "to 15 % of equity"),
        (("budget_pct: 2", "budget_pct: 0"), "to 15 % of equity"),
        (("    budget_pct: 2\n", ""), "is missing"),
        (("own/dip_buyer.py", "own/nothing.py"), "cannot be read"),
        (("own/dip_buyer.py", "own/dip_buyer"), "is missing"),
        (("own/dip_buyer.py", "own/test_dip_buyer.py"), "0 signals and 0 rules"),
        (("fall_pct: 1.5", "fall_pct: 90"), "at_most|above the most"),
        (("fall_pct: 1.5", "fell_pct: 1"), "unknown key"),
        (("  dip_buyer:", "  breakout:"), "the name of a shipped rule"),
        (("  dip_buyer:", "  other:"), "named other"),
        (("budget_pct: 2", "budget_pct: 2\n    size: 3"), "unknown key"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    change: tuple[str, str], said: str, config: Path
) -> None:
    added(config, SECTION.replace(*change))
    with pytest.raises(SettingsInvalid, match=said) as wrong:
        load_settings(config)
    assert "policy.yaml" in str(wrong.value)


def test_a_file_that_does_not_load_is_the_persons_error_and_no_bug(config: Path) -> None:
    (config / "own" / "dip_buyer.py").write_text("import nothing_of_this_name\n")
    with pytest.raises(SettingsInvalid, match="does not load: ModuleNotFoundError"):
        load_settings(added(config, SECTION))


@pytest.mark.parametrize(
    ("given", "instead", "said"),
    [
        ("bars_needed = 1440", "bars_needed = 0", "its bars_needed is 0"),
        ("bars_needed = 1440", "bars_needed = None", "its bars_needed is None"),
        (
            "    def measure",
            "    def __post_init__(self):\n        raise ValueError('too slow')\n\n    def measure",
            "refuses its numbers: ValueError: too slow",
        ),
        (
            "    def measure",
            "    def __post_init__(self):\n        raise SystemExit\n\n    def measure",
            "refuses its numbers: SystemExit",
        ),
    ],
)
def test_a_signal_that_cannot_be_asked_or_made_is_the_persons_error(
    given: str, instead: str, said: str, config: Path
) -> None:
    file = config / "own" / "dip_buyer.py"
    text = file.read_text()
    assert given in text
    file.write_text(text.replace(given, instead))
    with pytest.raises(SettingsInvalid, match=said):
        load_settings(added(config, SECTION))


def test_its_worth_at_the_fees_is_shown_beside_the_shipped_rules(config: Path) -> None:
    rows = check_config(added(config, SECTION), environment={}).break_even
    assert {each.rule for each in rows} == {each.id for each in ALL_RULES} | {"dip_buyer"}
    # A target of 4 % is 2.86 times the 1.4 % that the way there and back costs.
    (own,) = (each for each in rows if each.rule == "dip_buyer")
    assert (str(own.worth), own.verdict) == ("2.86", "thin: under 3 x")


def test_a_misspelt_section_is_told_of_the_one_for_strategies(config: Path) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        load_settings(added(config, SECTION.replace("strategies:", "strategy:")))
    (problem,) = raised.value.problems
    assert "strategies" in problem.allowed.split(", ")
    assert problem.suggestion == "strategies"


@pytest.mark.parametrize("name", ["momentum", "breakout", "momentum247"])
def test_a_name_that_policy_yaml_would_refuse_is_not_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="shipped"):
        write_new(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_key_with_a_line_end_says_nothing_on_a_line_of_its_own(config: Path) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        load_settings(added(config, '\n"x\\nOK: it can be used": 1\n'))
    (problem,) = raised.value.problems
    assert "\n" not in str(problem)
    assert "x OK: it can be used" in str(problem)
