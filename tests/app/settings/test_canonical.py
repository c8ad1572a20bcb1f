"""The policy's own text: written and read back without a change."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.app.settings.canonical import canonical_text, policy_from_text, sealed
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.problems import SettingsInvalid
from trader247.core.policy import Policy
from trader247.domain.money import Percent


def shipped() -> Policy:
    return load_settings(SHIPPED, environment={}).policy


def test_the_text_read_back_is_the_same_policy() -> None:
    policy = shipped()
    again = policy_from_text(policy.text)
    assert again == policy
    assert again.hash == policy.hash


@given(st.decimals(min_value="0.01", max_value=2, places=8))
def test_any_number_survives_the_text_exactly(risk: object) -> None:
    policy = shipped()
    changed = sealed(replace(policy, sizing=replace(policy.sizing, risk_pct=Percent.of(str(risk)))))
    assert policy_from_text(changed.text) == changed


def test_the_text_holds_no_float_and_neither_mode_nor_alerts() -> None:
    text = shipped().text

    def refuse(number: str) -> None:
        raise AssertionError(f"a float: {number}")

    json.loads(text, parse_float=refuse)
    assert "PAPER" not in text
    assert "monitoring" not in text


def test_a_text_over_a_ceiling_is_refused() -> None:
    text = canonical_text(shipped()).replace(
        '"max_position_size_pct":"5"', '"max_position_size_pct":"6"'
    )
    with pytest.raises(SettingsInvalid):
        policy_from_text(text)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"policy":1}', '{"policy":{},"universe":{}}'])
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(SettingsInvalid):
        policy_from_text(text)
