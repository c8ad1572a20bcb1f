"""SPACE.yaml: exact values, and everything wrong with it told at once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.problems import SettingsInvalid
from trader247.app.sweeps.counting import NAME, TrialJournal
from trader247.app.sweeps.space import Objective, Space, key, places, read_space, with_values
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant

GOOD = """
objective: calmar
backtest: {from: 2026-01-01, products: [BTC-USD, ETH-USD], equity: 100000}
walk_forward: {in_sample_days: 20, gap_days: 1}
parameters:
  policy.rules.breakout.stop_pct: {from: 5.9, to: 6.3, step: 0.1}
  policy.rules.breakout.hours_max: [24, 48]
  policy.triggers.score_min: {choices: ["0.2", "0.25"]}
"""


def read(folder: Path, text: str) -> Space:
    path = folder / "space.yaml"
    path.write_text(text)
    return read_space(path)


def test_a_space_is_read_exactly(tmp_path: Path) -> None:
    space = read(tmp_path, GOOD)
    assert space.objective is Objective.CALMAR
    assert [each.values for each in space.parameters] == [
        ("5.9", "6", "6.1", "6.2", "6.3"),
        ("24", "48"),
        ("0.2", "0.25"),
    ]
    assert space.size == 20
    assert space.asked == {"from": "2026-01-01", "products": "BTC-USD,ETH-USD", "equity": "100000"}
    assert space.walk == {"in_sample_days": 20, "gap_days": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("parameters: {}", "nothing to try"),
        ("objective: luck\nparameters: {a: [1]}", "allowed: sharpe"),
        ("objectiv: sharpe\nparameters: {a: [1]}", "unknown"),
        ("parameters: {a: {from: 1, to: 0, step: 1}}", "a step above zero"),
        ("parameters: {a: {from: 1, to: 2, step: 0}}", "a step above zero"),
        ("parameters: {a: {from: 1, to: 2}}", "has from, to"),
        ("parameters: {a: {from: x, to: 2, step: 1}}", "'x' is no number"),
        ("parameters: {a: {from: 0, to: 1, step: 0.00001}}", "at most 10000"),
        ("parameters: {a: [1, 1]}", "each once"),
        ("parameters: {a: 3}", "is no range"),
        ("parameters: 3", "a table"),
        ("walk_forward: {in_sample_days: 9}\nparameters: {a: [1]}", "10 or more"),
        ("walk_forward: {out_of_sample_days: 9}\nparameters: {a: [1]}", "fewer judge nothing"),
        ("walk_forward: {gap_days: soon}\nparameters: {a: [1]}", "a number of days"),
        ("backtest: {form: 2026-01-01}\nparameters: {a: [1]}", "unknown"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as wrong:
        read(tmp_path, text)
    assert said in str(wrong.value)


def test_what_is_wrong_is_said_with_its_line(tmp_path: Path) -> None:
    text = "objective: sharpe\nwalk_forward:\n  gap_days: 1\n  in_sample_days: 9\n"
    with pytest.raises(SettingsInvalid) as wrong:
        read(tmp_path, f"{text}parameters: {{a: [1]}}")
    assert ":4: walk_forward.in_sample_days" in str(wrong.value)


def test_values_go_to_their_places_and_nowhere_else() -> None:
    policy = load_settings(SHIPPED).policy
    other = with_values(policy, {"policy.rules.breakout.stop_pct": "7.5"})
    assert other.hash != policy.hash
    assert with_values(other, {"policy.rules.breakout.stop_pct": "6"}).hash == policy.hash
    rule = other.rules["breakout"]
    assert getattr(rule, "stop_pct").value == Decimal("7.5")  # noqa: B009 - a section is an object
    assert "policy.rules.breakout.stop_pct" in list(places(policy))


def test_a_place_that_is_none_and_a_value_out_of_bounds_are_refused() -> None:
    policy = load_settings(SHIPPED).policy
    suggested = r"\n  /a/b\.yaml: .* \(did you mean policy\.rules\.breakout\.stop_pct"
    with pytest.raises(SettingsInvalid, match=suggested):
        with_values(policy, {"policy.rules.breakout.stop": "7"}, file="/a/b.yaml")
    with pytest.raises(SettingsInvalid, match="stop_pct") as wrong:
        with_values(policy, {"policy.rules.breakout.stop_pct": "90"})
    told = f"{wrong.value} {wrong.value.hint}"
    assert "the space: parameters.policy.rules.breakout.stop_pct" in told
    assert "journalled" not in told, "nobody wrote a file of that name"
    assert "sweep --help" in told
    with pytest.raises(SettingsInvalid):
        with_values(policy, {"policy.rules": "1"})


def test_what_was_not_tried_is_found_to_the_last(tmp_path: Path) -> None:
    space = read(tmp_path, "parameters: {a: [1, 2, 3], b: {from: 1, to: 2, step: 0.25}, c: [x]}")
    tried: set[str] = set()
    for _ in range(space.size):
        places = space.untried(tried)
        text = key({each.name: each.values[places[each.name]] for each in space.parameters})
        assert text not in tried
        tried.add(text)
    assert len(tried) == 15


def test_trials_are_counted_for_good(tmp_path: Path) -> None:
    journal = TrialJournal(tmp_path / "sweeps")
    at = Instant.parse("2026-01-05T00:00:00Z")
    for sweep, data, trials in (("a", "x", 10), ("b", "y", 5), ("c", "x", 7)):
        journal.note(at=at, sweep=sweep, data=data, trials=trials)
    assert TrialJournal(tmp_path / "sweeps").trials_on("x") == 17
    assert journal.trials_on("z") == 0
    path = tmp_path / "sweeps" / NAME
    lines = path.read_text().splitlines()
    for changed in (lines[1:], [lines[0], lines[2]], [lines[0].replace("10", "1"), *lines[1:]]):
        path.write_text("\n".join(changed) + "\n")
        with pytest.raises(StorageError, match="does not hold"):
            journal.trials_on("x")
    path.write_text("\n".join(lines) + "\n")
    assert journal.trials_on("x") == 17
