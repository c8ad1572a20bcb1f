"""A plan draws the same for the same questions, and each place for itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.simex.faults.plan import Plan
from trader247.simex.faults.rules import read_rules


def struck(plan: Plan, place: str, times: int, name: str = "html", now_us: int = 0) -> list[bool]:
    return [plan.meet(name, place, now_us) is not None for _ in range(times)]


def test_the_same_seed_strikes_the_same_requests() -> None:
    first, again = (struck(Plan.parse(["html=0.3"], seed=7), "book", 200) for _ in range(2))
    assert first == again
    assert 40 < sum(first) < 80
    assert first != struck(Plan.parse(["html=0.3"], seed=8), "book", 200)


@given(st.lists(st.sampled_from(["book", "orders", "create"]), max_size=60))
def test_what_a_place_lives_through_does_not_depend_on_the_others(places: list[str]) -> None:
    together = Plan.parse(["html=0.5"], seed=1)
    seen = [(place, together.meet("html", place, 0) is not None) for place in places]
    for place in set(places):
        alone = Plan.parse(["html=0.5"], seed=1)
        expected = struck(alone, place, places.count(place))
        assert [is_struck for each, is_struck in seen if each == place] == expected


def test_a_chance_of_none_never_strikes_and_of_one_always() -> None:
    assert not any(struck(Plan.parse(["html=0"]), "book", 100))
    assert all(struck(Plan.parse(["html=1"]), "book", 100))


def test_it_strikes_where_it_was_told_to_alone() -> None:
    plan = Plan.parse(["html@book"])
    assert struck(plan, "book", 1) == [True]
    assert struck(plan, "orders", 1) == [False]
    assert not plan.has("empty")


def test_what_can_strike_somewhere_is_known_anew_once_the_rules_change() -> None:
    plan = Plan.parse(["html@book", "late_fills=0.5:ms=1000"])
    assert [*plan.at("book"), *plan.at("fills")] == ["html", "late_fills"]
    plan.change(read_rules(["empty@book"]), seed=0)
    assert [*plan.at("book"), *plan.at("fills")] == ["empty"]


def test_the_first_are_spared_then_so_many_are_struck() -> None:
    plan = Plan.parse(["html:after=2:times=3"])
    assert struck(plan, "book", 7) == [False, False, True, True, True, False, False]


def test_a_burst_strikes_those_that_follow() -> None:
    plan = Plan.parse(["html:burst=3:times=1:after=1"])
    assert struck(plan, "book", 6) == [False, True, True, True, False, False]


def test_a_storm_lasts_its_time_by_the_exchange_s_clock() -> None:
    plan = Plan.parse(["html:for=60:times=1"])
    moments = [0, 1, 59_999_999, 60_000_000, 61_000_000]
    assert [struck(plan, "book", 1, now_us=each)[0] for each in moments] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_what_befalls_a_thing_is_decided_once() -> None:
    plan = Plan.parse(["late_fills=0.5:ms=60000"], seed=3)
    first = [plan.hold("late_fills", "fills", f"entry {number}") for number in range(50)]
    again = [plan.hold("late_fills", "fills", f"entry {number}") for number in range(50)]
    assert first == again
    assert 10 < sum(each is not None for each in first) < 40
    spans = {each.span_us() for each in first if each}
    assert len(spans) > 5
    assert all(1000 <= span <= 60_000_000 for span in spans)


def test_it_counts_what_struck_and_where() -> None:
    plan = Plan.parse(["html@book,orders:times=2"])
    struck(plan, "book", 5)
    struck(plan, "orders", 1)
    for _ in range(2):
        plan.mark("late_fills", "fills", "entry")
    assert plan.told() == {"html": {"book": 2, "orders": 1}, "late_fills": {"fills": 1}}


def test_other_rules_begin_anew_and_the_count_goes_on() -> None:
    plan = Plan.parse(["html:times=1"])
    struck(plan, "book", 3)
    plan.change(read_rules(["html:times=1"]), seed=9)
    assert struck(plan, "book", 2) == [True, False]
    assert (plan.seed, plan.told()) == (9, {"html": {"book": 2}})


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_shot_draws_within_bounds_and_always_the_same(count: int) -> None:
    shot = Plan.parse(["html"]).meet("html", "book", 0)
    assert shot is not None
    assert {shot.pick(count, what) for what in "abcdefghijklmnopqrst"} <= set(range(count))
    assert shot.pick(count, "a") == shot.pick(count, "a")
