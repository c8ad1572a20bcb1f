"""How faults are written, and what is said to who writes them wrongly."""

from __future__ import annotations

from fractions import Fraction

import pytest

from trader247.simex.faults.kinds import KINDS, Stage
from trader247.simex.faults.places import ENDPOINTS, PREFIX, endpoint_of
from trader247.simex.faults.presets import PRESETS
from trader247.simex.faults.rules import read_rules


@pytest.mark.parametrize(
    ("text", "chance"),
    [("html", 1), ("html=0.05", Fraction(1, 20)), ("html=5%", Fraction(1, 20)), ("html=1/3@book",
     Fraction(1, 3)), ("html=0", 0), ("html=0.5%", Fraction(1, 200))],
)  # fmt: skip
def test_a_chance_is_a_number_a_percentage_or_a_fraction(text: str, chance: Fraction) -> None:
    (rule,) = read_rules([text])
    assert rule.chance == chance


def test_everything_can_be_said_of_a_fault() -> None:
    (rule,) = read_rules(["late_answer=0.5@create,cancel:ms=300:times=2:burst=3:for=60:after=4"])
    assert (rule.kind, rule.where) == (KINDS["late_answer"], ("create", "cancel"))
    assert (rule.ms, rule.times, rule.burst, rule.for_s, rule.after) == (300, 2, 3, 60, 4)
    assert read_rules([str(rule)]) == (rule,)


def test_one_text_may_hold_many_and_names_of_sets() -> None:
    rules = read_rules(["html=1%; empty=2% ;rough;", "skewed_clock:ms=-500"])
    names = [rule.kind.name for rule in rules]
    assert names[:2] == ["html", "empty"]
    assert names[-1] == "skewed_clock"
    assert len(rules) == 3 + len(read_rules(["rough"]))


@pytest.mark.parametrize("name", PRESETS)
def test_every_set_can_be_read_and_is_written_as_it_is_read(name: str) -> None:
    rules = read_rules([name])
    assert read_rules([str(each) for each in rules]) == rules
    assert (not rules) is (name == "calm")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nope", "there is no fault 'nope'; there are lost_request"),
        ("html=2", "from 0 to 1"),
        ("html=1/0", "from 0 to 1"),
        ("html@nowhere", "does not strike at 'nowhere'; it does at time"),
        ("late_fills@create", "it does at fills"),
        ("html:ms=5", "has no 'ms'; it takes times"),
        ("late_answer:ms=999999", "from 0 to 170000"),
        ("html:times=0", "from 1 to"),
        ("html=0.5 @book", "is no NAME=CHANCE"),
        ("HTML", "is no NAME=CHANCE"),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_rules([text])


def test_there_is_a_bound_to_how_many() -> None:
    with pytest.raises(ValueError, match="more than 200"):
        read_rules([";".join(["html"] * 201)])


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_a_fault_strikes_only_where_there_is_a_place(kind: object) -> None:
    each = next(other for other in KINDS.values() if other == kind)
    assert set(each.where) <= set(each.places)
    assert each.stage is Stage.STREAM or set(each.places) <= set(ENDPOINTS)


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/time", "time"),
        ("GET", "/market/products", "products"),
        ("GET", "/market/products/BTC-USD/candles", "candles"),
        ("GET", "/products/BTC-USD", "product"),
        ("GET", "/orders/historical/batch", "orders"),
        ("GET", "/orders/historical/fills", "fills"),
        ("GET", "/orders/historical/some-id", "order"),
        ("POST", "/orders", "create"),
        ("POST", "/orders/batch_cancel", "cancel"),
        ("GET", "/orders", "other"),
        ("POST", "/orders/historical/some-id", "other"),
        ("GET", "/nope", "other"),
    ],
)
def test_an_endpoint_has_a_short_name(method: str, path: str, name: str) -> None:
    assert endpoint_of(method, PREFIX + path) == name
