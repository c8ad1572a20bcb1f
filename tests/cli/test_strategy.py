"""`trader247 strategy`: what `new` writes is sound, and what is not sound exits 1."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from tests.app.strategies.planted import HONEST, LEAKS, module

from trader247.app.strategies import checking
from trader247.app.strategies.dates import YEARS
from trader247.cli.main import execute


def test_what_is_written_passes_its_check_and_its_own_test(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert execute(["strategy", "new", "dip_buyer"]) == 0
    assert "strategies/dip_buyer.py" in capsys.readouterr().out
    assert execute(["strategy", "check", "strategies/dip_buyer.py", "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["is_sound"]
    assert [each["signal"] for each in body["signals"]] == ["dip_buyer"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "strategies"],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
    assert execute(["strategy", "new", "dip_buyer"]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "Dip", "1a", "a-b", "../a", "a" * 41])
def test_a_name_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    assert execute(["strategy", "new", name, "--folder", str(tmp_path)]) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_leak_exits_one_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "leaky.py"
    path.write_text(module(LEAKS["shift_minus_one"]))
    assert execute(["strategy", "check", str(path), "--bars", "600"]) == 1
    out = capsys.readouterr().out
    assert "LOOKS AHEAD" in out
    assert "NOT SOUND" in out
    assert max(map(len, out.splitlines())) <= 80
    assert execute(["strategy", "check", str(tmp_path / "nothing.py")]) == 2


def test_a_book_whose_strategy_was_edited_is_still_reported_and_no_journal_is_called_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert execute(["init"]) == 0
    assert execute(["strategy", "new", "dip_buyer"]) == 0
    with Path("config/policy.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "\nstrategies:\n  dip_buyer:\n    module: ../strategies/dip_buyer.py\n"
            "    enabled: true\n    budget_pct: 1\n"
        )
    assert execute(["cycle"]) == 0
    with Path("strategies/dip_buyer.py").open("a", encoding="utf-8") as file:
        file.write("\n# a letter\n")
    assert execute(["cycle"]) == 0
    capsys.readouterr()
    assert execute(["report", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["period"]["cycles"] == 2
    assert execute(["state", "verify"]) == 0
    capsys.readouterr()
    assert execute(["state", "verify", "--decisions"]) == 6
    said = capsys.readouterr()
    assert "DOES NOT HOLD" not in said.out + said.err
    assert "is not what it was" in said.err
    assert "without --decisions" in said.err
    assert execute(["why", "BTC-USD", "--cycle", "1"]) == 6
    assert "put the strategy's file back" in capsys.readouterr().err


def test_a_text_that_is_refused_is_told_before_the_signal_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "diced.py"
    path.write_text("import random\n" + module(HONEST["mean"]))
    assert execute(["strategy", "check", str(path), "--bars", "600"]) == 1
    said = capsys.readouterr()
    talk = " ".join(said.err.split())
    assert talk.index("refused (line 1 imports random)") < talk.index("checking signals")
    # True with --every, too, which has no bound in time.
    assert "it is looked at on three days alone" in talk
    assert "NOT PURE: line 1 imports random" in said.out
    assert execute(["strategy", "check", str(path), "--bars", "600", "--json"]) == 1
    said = capsys.readouterr()
    assert said.err == ""
    assert json.loads(said.out)["impurities"] == ["line 1 imports random"]


def test_what_there_was_no_time_for_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "honest.py"
    path.write_text(module(HONEST["mean"]))
    # The last year takes it over its time, and the long history is left out.
    hurried = partial(checking.checked, years=YEARS, far=(), longest=0)
    monkeypatch.setattr(checking, "checked", hurried)
    assert execute(["strategy", "check", str(path), "--bars", "600"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "and no long history" in said
    assert "--every looks at those of 2019 to 2028, and at a long history" in said
