"""`trader247 explain`: each code on a page of its own."""

from __future__ import annotations

import json

import pytest

from trader247.app.meanings import meanings
from trader247.cli.commands.explain import exit_codes
from trader247.cli.exits import ExitCode
from trader247.cli.main import execute


def test_every_code_is_listed_and_has_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["explain"]) == 0
    listed = capsys.readouterr().out
    every = {each.code for each in (*meanings(), *exit_codes())}
    assert every <= set(listed.split())
    assert max(map(len, listed.splitlines())) <= 80
    assert {each.code for each in exit_codes()} == {str(each.value) for each in ExitCode}
    for code in ("drawdown", "7", "no_trigger", "alert_storm", "breaker_volatility", "pace"):
        assert execute(["explain", code]) == 0
        page = capsys.readouterr().out
        assert page.startswith(f"{code} (")
        assert all(f"  {head}" in page for head in ("means", "does", "next"))
        assert max(map(len, page.splitlines())) <= 80


def test_it_is_told_to_programs_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(["explain", "kill_switch", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert {each["kind"] for each in body["codes"]} == {"halt", "control", "alert"}
    assert execute(["explain", "nonsense"]) == 2


def test_what_ends_the_trader_is_not_said_to_stand_until_it_is_unlocked() -> None:
    told = {(each.kind, each.code): each for each in meanings()}
    for name in ("storage", "chain"):
        page = told["halt", name]
        assert "ends with code 8" in page.does
        assert "unlock" not in page.next
    assert "until a person clears it" in told["halt", "invariant"].does
