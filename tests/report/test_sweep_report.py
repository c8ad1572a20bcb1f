"""A sweep's report: luck is told from skill where it can be, and said to be unknown where not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects
import pytest
from tests.report.test_page import EVIL, Seen, charts

from trader247.app.sweeps.reporting import luck, scored
from trader247.cli.views.sweep import draw
from trader247.report.charts.money import MINUS
from trader247.report.metrics import Missing
from trader247.report.story import Assumption
from trader247.report.sweep import SweepReport, SweepStory, SweepTrial, as_json, sweep_report
from trader247.report.sweep_page import sweep_page
from trader247.report.walk import folds_of

DAYS = 200
NAME = "policy.rules.breakout.stop_pct"


def told(edge: float, *, trials: int = 30, seed: int = 1) -> SweepStory:
    """Trials of noise, of which the first has an edge every day."""
    rng = np.random.default_rng(seed)
    returns = rng.normal(0.0, 0.01, (trials, DAYS))
    returns[0] += edge
    return SweepStory(
        objective="sharpe",
        parameters={NAME: tuple(str(each) for each in range(trials))},
        combinations=trials,
        trials=tuple(
            SweepTrial(
                number=at, values={NAME: str(at)}, days=tuple(range(20_000, 20_000 + DAYS)),
                returns=tuple(returns[at].tolist()), trades=40, pnl=1.0, fees=0.5, halts=(),
                seconds=1.0,
            )
            for at in range(trials)
        ),
        folds=folds_of(DAYS, {}), tried_ever=trials, tried_otherwise=0, is_learning=False,
        sampler="random", folder="x", policy_hash="ab", asked={"fees": "Intro"},
        data=(("BTC-USD", "SIMULATED", "cd"),),
    )  # fmt: skip


def test_an_edge_is_told_from_luck() -> None:
    real, noise = sweep_report(told(0.006)), sweep_report(told(0.0))
    assert isinstance(real.deflated, float)
    assert isinstance(noise.deflated, float)
    assert real.deflated > 0.95 > noise.deflated
    assert isinstance(real.overfitting, float)
    assert isinstance(noise.overfitting, float)
    assert real.overfitting < 0.05 < noise.overfitting
    assert real.ranked[0].trial.number == 0
    assert {each.trial for each in real.judged} == {0}
    assert isinstance(real.later_return, float)
    assert real.later_return > 0


def test_what_was_tried_elsewhere_counts_as_well() -> None:
    once = sweep_report(told(0.002))
    often = sweep_report(replace(told(0.002), tried_ever=10_000))
    assert isinstance(once.deflated, float)
    assert isinstance(often.deflated, float)
    assert often.deflated < once.deflated
    assert any("10,000 trials were ever made" in each for each in often.cautions)


def test_one_trial_proves_nothing() -> None:
    found = sweep_report(told(0.0, trials=1))
    assert isinstance(found.deflated, Missing)
    assert isinstance(found.overfitting, Missing)
    sweep_page(found, hash="x", library="")
    none = sweep_report(replace(told(0.0), trials=(), folds=()))
    assert as_json(none)["deflated_sharpe"]["value"] is None
    sweep_page(none, hash="x", library="")


def test_the_page_draws_each_parameter_and_escapes_what_it_is_told() -> None:
    story = told(0.006)
    story = replace(
        story,
        parameters={EVIL: story.parameters[NAME]},
        trials=tuple(replace(each, values={EVIL: each.values[NAME]}) for each in story.trials),
    )
    text = sweep_page(sweep_report(story), hash="x", library="")
    found = charts(text)
    assert {str(each["id"]) for each in found} == {"later", "scores", f"parameter-{EVIL}"}
    for each in found:
        plotly.graph_objects.Figure(data=each["traces"], layout=each["layout"])
    assert not [tag for tag, _ in Seen(text).tags if tag == "img"]


def test_both_curves_begin_with_one_before_the_first_day_that_is_judged() -> None:
    # What the best made while others were chosen by those days was drawn against it.
    found = sweep_report(told(0.004, trials=5))
    judged, hindsight = traces(found, "later")
    begin = found.judged[0].fold.test
    assert judged["x"] == hindsight["x"]
    assert judged["x"][0] == (20_000 + begin - 1) * 86_400_000
    assert judged["y"][0] == hindsight["y"][0] == 1
    best = found.ranked[0].trial
    assert hindsight["y"][-1] == pytest.approx(np.prod(1 + np.array(best.returns[begin:])))
    assert isinstance(found.later_return, float)
    assert judged["y"][-1] == pytest.approx(1 + found.later_return)


def traces(report: SweepReport, name: str) -> list[dict[str, Any]]:
    drawn = charts(sweep_page(report, hash="x", library=""))
    (found,) = (each["traces"] for each in drawn if each["id"] == name)
    assert isinstance(found, list)
    return found


def test_a_page_has_a_line_for_each_of_few_trials_and_calls_a_score_by_its_name() -> None:
    text = sweep_page(sweep_report(told(0.0, trials=5)), hash="x", library="")
    (scores,) = (each for each in charts(text) if each["id"] == "scores")
    assert scores["layout"]["yaxis"]["dtick"] == 1
    assert "best in hindsight, Sharpe ratio" in text
    assert "the Sharpe ratio of each trial" in text


def test_days_that_are_too_few_are_named_as_the_reason() -> None:
    story = told(0.0)
    short = tuple(
        replace(each, days=each.days[:23], returns=each.returns[:23]) for each in story.trials
    )
    found = sweep_report(replace(story, trials=short, folds=folds_of(23, {})))
    assert isinstance(found.deflated, Missing)
    assert found.deflated.reason == "23 daily returns, 30 are needed"
    assert found.luckiest == found.deflated


def test_each_score_that_is_unknown_has_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    story = told(0.0, trials=3)
    short = tuple(
        replace(each, days=each.days[:9], returns=each.returns[:9]) for each in story.trials
    )
    found = sweep_report(replace(story, trials=short, folds=folds_of(9, {})))
    assert as_json(found)["trials"][0]["score"] is None
    assert as_json(found)["trials"][0]["score_unknown"] == "9 days, 10 are needed"
    page = sweep_page(found, hash="x", library="")
    assert page.count("9 days, 10 are needed") == 4, "of the best, and of each trial"
    draw(found)
    assert "unknown: 9 days, 10 are needed" in " ".join(capsys.readouterr().out.split())


def test_a_return_out_of_sample_is_told_as_finely_as_on_the_page() -> None:
    found = replace(sweep_report(told(0.0)), later_return=-0.000437)
    (value,) = (value for name, value, _ in luck(found) if name == "return later")
    assert value == "-0.04 %"
    assert "\u22120.04" in sweep_page(found, hash="x", library="")


def test_trials_on_other_candles_are_told_of() -> None:
    found = sweep_report(replace(told(0.0), tried_otherwise=7))
    assert any(each.startswith("On other candles 7 trials more") for each in found.cautions)
    assert as_json(found)["trials_on_other_data"] == 7


@pytest.mark.parametrize("value", [0.0, 0.001])
def test_equals_are_no_choice_that_could_be_wrong(value: float) -> None:
    story = told(0.0, trials=3)
    same = tuple(replace(each, returns=(value,) * DAYS) for each in story.trials)
    found = sweep_report(replace(story, trials=same))
    assert found.overfitting == Missing("all trials returned the same")
    walk = next(each for each in found.cautions if each.startswith("No walk-forward"))
    assert walk.endswith("has any trial a score.")


def test_returns_that_are_no_numbers_are_unknown() -> None:
    story = replace(told(0.0, trials=3), objective="return")
    broken = (replace(story.trials[0], returns=(float("nan"), *story.trials[0].returns[1:])),)
    found = sweep_report(replace(story, trials=(*broken, *story.trials[1:])))
    assert found.ranked[-1].score == Missing("equity was not above zero")
    assert isinstance(found.overfitting, Missing)
    sweep_page(found, hash="x", library="")


def test_whatever_was_tried_is_told_however_narrow_the_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"policy.rules.{rule}.stop_pct" for rule in ("breakout", "momentum", "reversal")]
    story = told(0.006)
    story = replace(
        story,
        parameters=dict.fromkeys(names, ("3.25",)),
        trials=tuple(replace(each, values=dict.fromkeys(names, "3.25")) for each in story.trials),
    )
    report = sweep_report(story)
    for width in (40, 80, 200):
        monkeypatch.setenv("COLUMNS", str(width))
        draw(report)
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines[-20:])) <= width
        told_of = " ".join(lines)
        assert all(name.removeprefix("policy.rules.") in told_of for name in names)
        assert told_of.count("3.25") == 30
    cells = [
        attributes["data-head"]
        for tag, attributes in Seen(sweep_page(report, hash="x", library="")).tags
        if tag == "td" and (attributes.get("data-head") or "").endswith("stop_pct")
    ]
    assert len(cells) == 3 * len(story.trials), "on a phone each figure says what it is"


def test_the_same_trials_give_the_same_hash() -> None:
    assert as_json(sweep_report(told(0.001))) == as_json(sweep_report(told(0.001)))


def test_a_return_that_is_swept_for_is_told_in_per_cent_and_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    # Every trial loses a hundredth of a per cent a day but the first, which loses a thousandth.
    story = told(0.0, trials=3)
    trials = tuple(
        replace(each, returns=(-0.0001 if each.number else -0.00001,) * DAYS)
        for each in story.trials
    )
    report = sweep_report(replace(story, objective="return", trials=trials))
    best = -(1 - (1 - 0.00001) ** DAYS) * 100
    assert f"{best:.3f}" == "-0.200"
    text = sweep_page(report, hash="x", library="")
    assert text.count('<div class="name">out of sample, return</div>') == 1
    assert text.count("\N{MINUS SIGN}0.20\N{NO-BREAK SPACE}%") >= 2
    draw(report)
    out = capsys.readouterr().out
    assert "-0.20 %" in out
    assert out.count("return out of sample") == 1
    assert as_json(report)["trials"][0]["score"] == f"{best / 100:.12g}", "kept as a share"


def test_a_loss_that_rounds_to_nothing_is_told_as_nothing() -> None:
    report = sweep_report(told(0.002))
    by_return = replace(report, story=replace(report.story, objective="return"))
    assert scored(by_return, -1e-7) == "0.00 %"
    assert scored(by_return, -1e-4) == "-0.01 %"
    lines = {name: value for name, value, _ in luck(replace(report, later_return=-1e-7))}
    assert lines["return later"] == "0.00 %"


def test_a_number_is_drawn_as_far_from_another_as_it_is_and_a_word_as_a_word() -> None:
    story = told(0.0, trials=4)

    def drawn(values: tuple[str, ...]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        tried = tuple(replace(each, values={NAME: values[each.number]}) for each in story.trials)
        report = sweep_report(replace(story, parameters={NAME: values}, trials=tried))
        (found,) = (
            each for each in charts(sweep_page(report, hash="x", library=""))
            if str(each["id"]).startswith("parameter-")
        )  # fmt: skip
        return found["layout"]["xaxis"], found["traces"]

    # 5, 6, 8 and 20 stood at the same distance from each other, in the order of the file.
    axis, (points, median) = drawn(("20", "5", "8", "6"))
    assert axis["type"] == "linear"
    assert sorted(points["x"]) == median["x"] == [5.0, 6.0, 8.0, 20.0]
    assert "tickvals" not in axis, "5 and 6 would stand on each other"
    axis, _ = drawn(("0.2", "0.3", "0.4", "0.50"))
    assert axis["tickvals"] == [0.2, 0.3, 0.4, 0.5]
    axis, (points, median) = drawn(("off", "auto", "on", "1"))
    assert axis["type"] == "category"
    assert median["x"] == ["off", "auto", "on", "1"]
    assert median["mode"] == "markers", "there is nothing between words"


def test_the_first_screen_says_what_the_trials_rest_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rests = (Assumption("fees", "maker 5 bps"), Assumption("fills", "by the model book"))
    report = sweep_report(replace(told(0.006), rests=rests))
    text = sweep_page(report, hash="x", library="")
    draw(report)
    out = " ".join(capsys.readouterr().out.split())
    for name, said in (
        ("period", "2024-10-04 to 2025-04-21, 200 days"),
        ("fees", "maker 5 bps"),
        ("fills", "by the model book"),
        ("judged by", "Sharpe ratio, of daily returns, after all fees"),
    ):
        assert f"<dt>{name}</dt><dd>{said}</dd>" in text
        assert f"{name} {said}" in out
    assert [each["name"] for each in as_json(report)["assumptions"]] == ["fees", "fills"]


def test_the_page_and_the_terminal_tell_the_same_figures(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = sweep_report(told(0.003))
    text = sweep_page(report, hash="x", library="").replace("\u00a0", " ").replace(MINUS, "-")
    draw(report)
    out = " ".join(capsys.readouterr().out.split())
    for _, value, _ in luck(report):
        assert value in out
        assert f">{value}<" in text
    for each in report.ranked[:10]:
        assert f"{each.score:.2f}" in out
        assert f">{each.score:.2f}</td>" in text
