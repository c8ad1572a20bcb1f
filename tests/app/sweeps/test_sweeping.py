"""A sweep on real backtests: it goes on where it was broken off, and every trial counts."""

from __future__ import annotations

import json
import shutil
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trader247.app.backtests.backtesting import Asked
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.problems import SettingsInvalid
from trader247.app.sweeps.counting import TrialJournal
from trader247.app.sweeps.space import with_values
from trader247.app.sweeps.sweeping import Wanted, _gap_days, swept
from trader247.cli.main import execute
from trader247.core.policy import Policy
from trader247.domain.errors import AlreadyRunning, UsageError
from trader247.report.sweep import SweepStory, SweepTrial

MINUTES = 26 * 60 + 90
SPACE = """
backtest: {equity: 100000}
parameters:
  policy.rules.momentum.stop_pct: [2, 3]
  policy.triggers.score_min: ["0.2", "0.3"]
"""


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two products' candles and a space; each test sweeps in a folder of its own."""
    folder = tmp_path_factory.mktemp("swept")
    (folder / "candles").mkdir()
    rng = np.random.default_rng(5)
    for product in ("BTC-USD", "ETH-USD"):
        price = 1000.0 * np.exp(np.cumsum(rng.normal(0.0, 0.0008, MINUTES)))
        lines = ["time,open,high,low,close,volume"]
        for at, close in enumerate(price.tolist()):
            time = 1_767_571_200 + 60 * at
            lines.append(f"{time},{close:.2f},{close + 1:.2f},{close - 1:.2f},{close:.2f},900")
        (folder / "candles" / f"{product}.csv").write_text("\n".join(lines) + "\n")
    (folder / "space.yaml").write_text(SPACE)
    return folder


def wanted(candles: Path, trials: int, *, jobs: int = 2, sampler: str = "random") -> Wanted:
    return Wanted(
        candles / "space.yaml", Asked(None, candles), trials=trials, jobs=jobs, sampler=sampler
    )


@pytest.mark.parametrize(
    "words",
    ["equity: NaN", "equity: -5", "equity: 1e-9", "equity: much", "from: soon", "seed: x"],
)
def test_a_backtest_that_cannot_be_is_refused_before_any_trial(
    words: str, candles: Path, tmp_path: Path
) -> None:
    space = tmp_path / "space.yaml"
    space.write_text(SPACE.replace("equity: 100000", words))
    asked = Wanted(space, Asked(None, candles), trials=1, jobs=1, sampler="random")
    with pytest.raises(UsageError) as refused:
        swept(asked)
    assert refused.value.hint


def test_a_choice_out_of_its_bounds_is_found_also_between_others(
    candles: Path, tmp_path: Path
) -> None:
    space = tmp_path / "space.yaml"
    space.write_text(SPACE.replace('["0.2", "0.3"]', '["0.2", "99", "0.3"]'))
    asked = Wanted(space, Asked(None, candles), trials=1, jobs=1, sampler="random")
    with pytest.raises(SettingsInvalid, match="99") as refused:
        swept(asked)
    assert f"\n  {space}: parameters." in str(refused.value)


def test_a_walk_that_has_no_room_is_refused_before_any_trial(candles: Path, tmp_path: Path) -> None:
    space = tmp_path / "space.yaml"
    space.write_text(SPACE + "walk_forward: {in_sample_days: 20, out_of_sample_days: 12}\n")
    asked = Wanted(space, Asked(None, candles), trials=1, jobs=1, sampler="random")
    with pytest.raises(UsageError, match=r"1 day to trade.* needs 35 ") as refused:
        swept(asked)
    assert "longer period" in refused.value.hint


def test_a_period_without_room_for_a_walk_is_told_before_its_trials(
    candles: Path, tmp_path: Path
) -> None:
    shutil.copytree(candles / "candles", tmp_path / "candles")
    space = tmp_path / "space.yaml"
    space.write_text(SPACE.replace("{equity: 100000}", "{equity: 100000, from: 2026-01-05}"))
    asked = Wanted(space, Asked(None, tmp_path), trials=1, jobs=1, sampler="random")
    told: list[str] = []
    swept(asked, lambda done, _of: told.append(str(done)), told.append)
    assert told[0].startswith("asked for from 2026-01-05T00:00:00Z, traded from 2026-01-06T02:00")
    assert told[1].startswith("1 day to trade, and a fold of the walk-forward needs 45:")
    assert told[-1] == "1"


def test_the_gap_is_as_long_as_a_position_may_be_held_under_any_value_that_is_tried() -> None:
    policy = load_settings(SHIPPED).policy

    def held(hours: str) -> Policy:
        return with_values(policy, {"policy.rules.momentum.hours_max": hours}, file="space.yaml")

    assert _gap_days([policy]) == 5, "a breakout may be held for 120 hours"
    assert _gap_days([policy, held("24"), held("200")]) == 9
    assert _gap_days([policy, held("216")]) == 9


def test_ctrl_c_says_what_is_kept_and_what_goes_on(
    candles: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("trader247.app.sweeps.reporting.swept_report", interrupted)
    assert execute(["sweep", str(candles / "space.yaml"), "--data", str(tmp_path)]) == 130
    assert "the same command goes on" in capsys.readouterr().err


def test_what_was_broken_off_goes_on_and_counts(candles: Path) -> None:
    def broken(done: int, of: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        swept(wanted(candles, 4), broken)
    seen: list[tuple[int, int]] = []
    whole = swept(wanted(candles, 4), lambda done, of: seen.append((done, of)))
    assert seen[0] == (1, 4), "the trial that had ended is kept"
    assert seen[-1] == (4, 4)
    assert whole.tried_ever == 4
    assert len({json.dumps(dict(each.values)) for each in whole.trials}) == 4, "none twice"
    assert swept(wanted(candles, 99)).trials == whole.trials, "the space is used up"
    lines = TrialJournal(candles / "sweeps").sittings()
    assert [each.trials for each in lines] == [1, 3]
    alone = swept(wanted(candles, 2, jobs=1, sampler="tpe"))
    assert alone.tried_ever == 6, "another sweep on the same data counts as well"
    assert _by_values(alone).items() <= _by_values(whole).items(), "workers change no result"


def _by_values(story: SweepStory) -> dict[str, tuple[float, ...]]:
    return {json.dumps(dict(each.values), sort_keys=True): each.returns for each in story.trials}


def test_the_command_writes_its_files(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sweep", str(candles / "space.yaml"), "--data", str(candles), "--trials", "2"]
    assert execute([*words, "--jobs", "1", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "trials ever on this data" in out
    assert max(map(len, out.splitlines())) <= 80
    body = json.loads((tmp_path / "sweep.json").read_text())
    assert body["schema_version"] == 1
    assert body["deflated_sharpe"]["value"] is None
    assert body["deflated_sharpe"]["reason"]
    assert (tmp_path / "sweep.html").exists()
    assert execute([*words, "--sampler", "dice"]) == 2
    assert execute([*words, "--ray", "auto", "--jobs", "2"]) == 2


def test_a_setting_out_of_its_bounds_is_found_before_the_first_trial(
    candles: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    space = tmp_path / "space.yaml"
    space.write_text("parameters: {policy.rules.momentum.stop_pct: {from: 2, to: 90, step: 1}}")
    assert execute(["sweep", str(space), "--data", str(candles)]) == 6
    assert "stop_pct" in capsys.readouterr().err


def test_one_sweep_runs_at_a_time(candles: Path) -> None:
    def another(done: int, of: int) -> None:
        with pytest.raises(AlreadyRunning):
            swept(wanted(candles, 3, jobs=1))
        raise UsageError("enough")

    with pytest.raises(UsageError, match="enough"):
        swept(wanted(candles, 3, jobs=1), another)


def test_what_was_killed_counts_and_what_goes_on_draws_nothing_twice(
    candles: Path, tmp_path: Path
) -> None:
    shutil.copytree(candles / "candles", tmp_path / "candles")
    (tmp_path / "space.yaml").write_text(SPACE)
    first = swept(wanted(tmp_path, 3, jobs=1))
    journal = tmp_path / "sweeps" / "journal.jsonl"
    # As a kill leaves it: the trials are there, and nobody counted them.
    journal.unlink()
    again = swept(wanted(tmp_path, 4, jobs=1))
    assert [each.trials for each in TrialJournal(journal.parent).sittings()] == [3, 1]
    assert again.trials[:3] == first.trials
    assert len(_by_values(again)) == 4


WIDE = """
backtest: {equity: 100000}
parameters:
  policy.rules.momentum.stop_pct: {from: 2, to: 4, step: 0.1}
"""


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_what_was_broken_off_tries_what_it_would_have_tried(
    sampler: str, candles: Path, tmp_path: Path
) -> None:
    found = []
    for name, ends_after in (("whole", 9), ("broken", 1)):
        folder = tmp_path / name
        shutil.copytree(candles / "candles", folder / "candles")
        (folder / "space.yaml").write_text(WIDE)

        def broken(done: int, of: int, *, ends_after: int = ends_after) -> None:
            if done == ends_after:
                raise KeyboardInterrupt

        asked = wanted(folder, 4, jobs=2, sampler=sampler)
        with suppress(KeyboardInterrupt):
            swept(asked, broken)
        found.append(_timeless(swept(asked)))
    assert found[0] == found[1]


def test_what_a_kill_leaves_in_the_storage_is_no_hindrance(candles: Path, tmp_path: Path) -> None:
    shutil.copytree(candles / "candles", tmp_path / "candles")
    (tmp_path / "space.yaml").write_text(SPACE)
    first = swept(wanted(tmp_path, 2, jobs=1))
    (log,) = (tmp_path / "sweeps").glob("*/optuna.log")
    # Killed amid a line, with the storage's own lock in hand.
    with log.open("ab") as file:
        file.write(b'{"op_code":4,"work')
    log.with_name("optuna.log.lock").touch()
    begun = time.monotonic()
    again = swept(wanted(tmp_path, 2, jobs=1))
    assert time.monotonic() - begun < 20, "nobody else holds it: it is not waited for"
    assert again.trials == first.trials
    assert len(swept(wanted(tmp_path, 3, jobs=1)).trials) == 3


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_killed_after_any_line_of_the_storage_it_tells_the_same_trials(
    sampler: str, candles: Path, tmp_path: Path
) -> None:
    shutil.copytree(candles / "candles", tmp_path / "candles")
    (tmp_path / "space.yaml").write_text(SPACE)
    asked = wanted(tmp_path, 3, jobs=1, sampler=sampler)
    whole = _timeless(swept(asked))
    assert [each.number for each in whole] == [0, 1, 2]
    (log,) = (tmp_path / "sweeps").glob("*/optuna.log")
    lines = log.read_bytes().splitlines(keepends=True)
    begun = next(at for at, each in enumerate(lines) if b'"outcome"' in each) + 1
    # From where the first ended, untold to the sampler, until the second has.
    until = next(at for at in range(begun, len(lines)) if b'"outcome"' in lines[at]) + 2
    for kept in range(begun, until + 1):
        log.write_bytes(b"".join(lines[:kept]))
        assert _timeless(swept(asked)) == whole, f"after {kept} lines"


def _timeless(story: SweepStory) -> list[SweepTrial]:
    return [replace(each, seconds=0.0) for each in story.trials]
