"""The monitor on a book of the simulated exchange: it looks, and stops what is over a limit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.adapters.coinbase.scripted import ScriptedClock
from tests.adapters.loopback import Hook
from tests.app.small_books import SEED, copied

from trader247.adapters.kill_switch import KillSwitch
from trader247.app.books.choice import Choice
from trader247.app.books.markets import Market
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.monitoring import monitor
from trader247.app.monitoring.monitor import Look, Monitor, watched
from trader247.app.monitoring.overseeing import Finding
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.wiring.simulation import open_exchange
from trader247.cli.main import execute
from trader247.domain.errors import ConfigInvalid, UsageError
from trader247.domain.money import Percent
from trader247.domain.time import MINUTE, Instant


@pytest.fixture
def data(traded: Path, tmp_path: Path) -> Path:
    return copied(traded, tmp_path / "data")


def overbought(data: Path) -> None:
    """As a trader without limits would leave the account: far more coins than a cap allows."""
    market = Market(SEED, load_settings(SHIPPED).app.sim_start, None)
    exchange = open_exchange(Places(data, Mode.PAPER, VenueName.SIM), market.feed(), {})
    exchange.deposit("ETH", Decimal(2))
    exchange.close()


def test_an_account_within_its_limits_is_looked_at_and_left_alone(data: Path) -> None:
    look = Monitor(Choice(SHIPPED, data), limits=None).look()
    assert look.judged is not None
    assert not look.judged.breaches
    assert look.judged.equity is not None
    assert not KillSwitch(data).is_raised()


def test_what_is_over_a_limit_raises_the_kill_switch(data: Path) -> None:
    overbought(data)
    looks: list[Look] = []
    stopped = watched(
        Monitor(Choice(SHIPPED, data), limits=None),
        every=timedelta(seconds=1),
        on_look=looks.append,
        on_news=lambda _: None,
    )
    assert len(looks) == 1
    assert {each.id for each in stopped.breaches} >= {"product_exposure"}
    assert "% of an equity of" in stopped.breaches[0].text
    assert stopped.breaches[0].text.endswith("is at risk in ETH, over 6 %")
    assert KillSwitch(data).is_raised()
    assert "monitor: " in KillSwitch(data).said().reason
    assert stopped.kill.is_proven


def test_what_is_over_a_limit_in_one_look_alone_stops_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Orders, balances and prices are read one after the other, and a fill may come between."""
    watch = Monitor(Choice(SHIPPED, data), limits=None)
    found = watch.look()
    assert found.judged is not None
    breach = Finding("total_exposure", "too much", is_breach=True)
    over = Look(replace(found.judged, findings=(breach,)), "")
    looks = iter([over, found, over, over])
    monkeypatch.setattr(watch, "_looked", lambda: next(looks))
    assert watch.look() is found
    assert watch.look() is over


def test_coins_that_a_person_names_are_not_the_traders(data: Path) -> None:
    overbought(data)
    watch = Monitor(Choice(SHIPPED, data), limits=None, foreign={"ETH": Decimal(2)})
    judged = watch.look().judged
    assert judged is not None
    assert not judged.breaches


def test_its_limits_are_its_own_and_may_only_be_tightened(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "monitor.yaml"
    file.write_text("limits:\n  total_pct_max: 0.1\n")
    watch = Monitor(Choice(SHIPPED, data), limits=file)
    assert watch._overseer.limits.total_pct_max == Percent.of("0.1")
    file.write_text("limits:\n  total_pct_max: 19\n")
    with pytest.raises(ConfigInvalid, match="total_pct_max"):
        Monitor(Choice(SHIPPED, data), limits=file)
    with pytest.raises(UsageError, match="there is no file"):
        Monitor(Choice(SHIPPED, data), limits=tmp_path / "nowhere.yaml")


def test_a_price_that_is_not_there_in_time_is_not_known(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hundreds of coins whose prices come slowly, or not at all, are no reason to look for ever."""
    overbought(data)
    monkeypatch.setattr(monitor, "LOOK_MAX", timedelta(0))
    look = Monitor(Choice(SHIPPED, data), limits=None).look()
    assert look.judged is not None
    assert look.judged.equity is None
    assert not look.is_well
    assert not look.judged.breaches


def test_one_look_answers_in_json_and_in_an_exit_code(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    overbought(data)
    code = execute(["monitor", "--once", "--json", "--config", str(SHIPPED), "--data", str(data)])
    body = json.loads(capsys.readouterr().out)
    assert code == 1
    assert body["well"] is False
    assert "product_exposure" in [each["id"] for each in body["findings"]]
    assert not KillSwitch(data).is_raised(), "one look stops nothing"


@pytest.mark.parametrize(
    "word",
    [
        "ETH",
        "ETH=",
        "ETH=NaN",
        "ETH=Infinity",
        "ETH=-2",
        "=2",
        "E TH=2",
        "ETH=sNaN",
        "ETH=1e16",
        "ETH=1e999",
    ],
)
def test_what_is_no_amount_of_a_coin_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str], word: str
) -> None:
    """Not a number would end the watch, and more than there is would take every coin out of it."""
    overbought(data)
    code = execute(
        ["monitor", "--once", "--foreign", word, "--config", str(SHIPPED), "--data", str(data)]
    )
    assert code == 2
    assert "is no coin with an amount of zero or more" in capsys.readouterr().err


class Watch(ScriptedClock):
    """A clock of so many looks: then a person ends the watch."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.left = looks

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt
        return super().wait_until(when, wake)


@pytest.mark.slow
@pytest.mark.parametrize(("looks", "messages"), [(5, 0), (6, 1), (20, 1)])
def test_a_watch_that_sees_nothing_tells_people_so_after_five_minutes_and_once(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looks: int, messages: int
) -> None:
    """The trader has ended: its heartbeat is older with every look."""
    (data / "heartbeat.json").unlink(missing_ok=True)
    hook = Hook()
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"http://127.0.0.1:{hook.port}/x")
    config = tmp_path / "config"
    shutil.copytree(SHIPPED, config)
    app = config / "app.yaml"
    app.write_text(app.read_text().replace("private_hosts: false", "private_hosts: true"))
    news: list[str] = []
    try:
        with pytest.raises(KeyboardInterrupt):
            watched(
                Monitor(Choice(config, data), limits=None),
                every=MINUTE,
                on_look=lambda _: None,
                on_news=news.append,
                clock=Watch(looks),
            )
    finally:
        hook.close()
    assert len(hook.taken) == len(news) == messages
    if messages:
        assert news == ["told slack that the account cannot be vouched for"]
        assert "WARNING monitor" in hook.taken[0]
        assert (
            "cannot vouch for paper-sim, for 300 s by now: the trader's heartbeat is not"
            in (hook.taken[0])
        )
    assert not KillSwitch(data).is_raised()


def test_a_look_that_fails_is_told_and_does_not_end_the_watch(data: Path, tmp_path: Path) -> None:
    """A disk that cannot be read for a moment, or a key's file that is being changed."""
    store = Places(data, Mode.PAPER, VenueName.SIM).exchange
    away = tmp_path / "away"
    looks: list[Look] = []

    def meanwhile(look: Look) -> None:
        looks.append(look)
        if len(looks) == 1:
            store.rename(away)
        elif len(looks) == 2:
            away.rename(store)
            overbought(data)

    stopped = watched(
        Monitor(Choice(SHIPPED, data), limits=None),
        every=timedelta(seconds=1),
        on_look=meanwhile,
        on_news=lambda _: None,
    )
    assert [bool(look.trouble) for look in looks] == [False, True, False]
    assert stopped.breaches


def test_a_first_look_that_fails_is_its_caller_s_to_mend(data: Path, tmp_path: Path) -> None:
    Places(data, Mode.PAPER, VenueName.SIM).exchange.rename(tmp_path / "away")
    with pytest.raises(UsageError):
        watched(
            Monitor(Choice(SHIPPED, data), limits=None),
            every=timedelta(seconds=1),
            on_look=lambda _: None,
            on_news=lambda _: None,
        )


def fell(data: Path, usd: str) -> None:
    """So much of the account's cash is gone, whatever became of it."""
    market = Market(SEED, load_settings(SHIPPED).app.sim_start, None)
    exchange = open_exchange(Places(data, Mode.PAPER, VenueName.SIM), market.feed(), {})
    exchange.deposit("USD", -Decimal(usd))
    exchange.close()


def breaches(look: Look) -> set[str]:
    assert look.judged is not None
    return {each.id for each in look.judged.breaches}


def test_a_watch_that_starts_again_goes_on_from_what_the_day_opened_at(data: Path) -> None:
    """It counted a day's loss from its own start: after a restart nothing seemed to be lost."""
    choice = Choice(SHIPPED, data)
    assert breaches(Monitor(choice, limits=None).look()) == set()
    fell(data, "400")
    assert breaches(Monitor(choice, limits=None).look()) == {"loss"}
    assert breaches(Monitor(choice, limits=None, foreign={"ETH": Decimal(1)}).look()) == set()


def test_single_looks_see_what_a_day_has_lost(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["monitor", "--once", "--json", "--config", str(SHIPPED), "--data", str(data)]
    execute(line)
    fell(data, "400")
    capsys.readouterr()
    assert execute(line) == 1
    assert "loss" in [each["id"] for each in json.loads(capsys.readouterr().out)["findings"]]


OPENED = '{"day": "2026-01-05T00:00:00Z", "equity": "%s", "foreign": {"ETH": "%s"}}'


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"day": "2026-01-05T00:00:00Z"}', OPENED % ("NaN", 1), OPENED % (1, "sNaN")],
)
def test_an_opening_that_cannot_be_read_is_told_and_not_taken_for_none(
    data: Path, content: str
) -> None:
    choice = Choice(SHIPPED, data)
    file = Places(data, Mode.PAPER, VenueName.SIM).monitor
    file.write_text(content)
    watch = Monitor(choice, limits=None)
    for _ in range(2):
        judged = watch.look().judged
        assert judged is not None
        told = [each for each in judged.findings if each.id == "opening"]
        assert [each.is_breach for each in told] == [False]
        assert str(file) in told[0].text
    assert file.read_text() == content, "a person looks at it first"


def test_an_opening_that_cannot_be_kept_is_told_and_the_watch_goes_on(data: Path) -> None:
    Places(data, Mode.PAPER, VenueName.SIM).monitor.mkdir()
    watch = Monitor(Choice(SHIPPED, data), limits=None)
    judged = watch.look().judged
    assert judged is not None
    assert "opening" in [each.id for each in judged.findings]
    fell(data, "400")
    assert breaches(watch.look()) == {"loss"}
