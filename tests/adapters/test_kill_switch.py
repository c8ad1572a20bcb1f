from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from trader247.adapters.holder import Holder
from trader247.adapters.kill_switch import KillSwitch, Raising
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant
from trader247.ports import StopSignal

NOW = Instant.parse("2026-01-05T00:00:00Z")


def raise_(switch: KillSwitch, reason: str = "smoke") -> Raising:
    return switch.raise_(reason=reason, operator="me", time="2026-01-05T00:00:00Z")


def test_it_is_the_stop_that_the_engine_asks(tmp_path: Path) -> None:
    stop: StopSignal = KillSwitch(tmp_path)

    assert not stop.is_raised()


def test_it_is_on_from_the_moment_it_is_raised_until_it_is_lowered(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)

    assert raise_(switch) == Raising(was_on=False, is_told=True)
    assert switch.is_raised()
    assert switch.said().reason == "smoke"
    assert switch.lower()
    assert not switch.is_raised()
    assert not switch.lower()


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[]", b"{", b"x" * 100_000, b"[" * 9_000])
def test_a_file_made_by_hand_counts_whatever_it_holds(content: bytes, tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    switch.path.write_bytes(content)

    assert switch.is_raised()
    assert switch.said().reason == ""


def test_a_folder_a_pipe_or_a_broken_link_in_its_place_counts_too(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    makers: list[Callable[[], None]] = [
        switch.path.mkdir,
        lambda: os.mkfifo(switch.path),
        lambda: switch.path.symlink_to(tmp_path / "nowhere"),
    ]
    for make in makers:
        make()
        assert switch.is_raised()
        assert switch.said().reason == ""
        raise_(switch)
        assert switch.is_raised()
        assert not (tmp_path / "nowhere").exists()
        if switch.path.is_dir() and not switch.path.is_symlink():
            switch.path.rmdir()
        else:
            switch.path.unlink()


def test_a_switch_that_cannot_be_examined_is_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    switch = KillSwitch(tmp_path)
    monkeypatch.setattr(os, "lstat", denied)

    assert switch.is_raised()


def test_a_folder_that_nobody_may_look_into_is_no_raised_switch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To whoever trades it counts as raised; to whoever raises it, it is not there."""

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    switch = KillSwitch(tmp_path)
    monkeypatch.setattr(os, "lstat", denied)
    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(StorageError, match="could not be made"):
        raise_(switch)


def test_a_full_disk_takes_the_stop_if_not_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    switch = KillSwitch(tmp_path)
    monkeypatch.setattr(os, "write", full)

    assert not raise_(switch).is_told
    assert switch.is_raised()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be made"):
        raise_(KillSwitch(tmp_path / "nowhere"))


def test_raised_again_it_keeps_its_first_word_and_its_moment(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    raise_(switch, "first")

    again = switch.raise_(reason="second", operator="you", time="2026-01-06T00:00:00Z")

    assert again == Raising(was_on=True, is_told=True)
    assert (switch.said().reason, switch.said().time) == ("first", "2026-01-05T00:00:00Z")


@pytest.mark.parametrize(
    "content", [b"", b"touched by a longer hand than any reason that is given"]
)
def test_a_switch_made_by_hand_is_told_a_reason_later(content: bytes, tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    switch.path.write_bytes(content)
    switch.acknowledge(at=NOW, is_clear=True)

    assert raise_(switch, "x") == Raising(was_on=True, is_told=True)
    assert switch.said().reason == "x"
    assert switch.acknowledgement() is not None


def test_a_reason_of_any_length_and_alphabet_can_be_read_back(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    raise_(switch, "😀" * 5_000)

    assert switch.said().reason == "😀" * 1_000


def test_an_acknowledgement_is_of_one_raising_alone(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    raise_(switch)
    assert switch.acknowledgement() is None

    switch.acknowledge(at=NOW, is_clear=True)
    os.utime(switch.path, ns=(1, 1))
    word = switch.acknowledgement()
    assert word is not None
    assert (word.pid, word.is_clear, word.time) == (os.getpid(), True, str(NOW))

    kept = (tmp_path / "KILL_SWITCH.ack").read_bytes()
    switch.lower()
    assert os.listdir(tmp_path) == []
    (tmp_path / "KILL_SWITCH.ack").write_bytes(kept)
    assert switch.acknowledgement() is None
    raise_(switch)
    assert switch.acknowledgement() is None


class Waiting:
    """A sleep in which something happens, and the clock that it moves."""

    def __init__(self, act: Callable[[], None]) -> None:
        self.now = 0.0
        self._act = act

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now > 0.1:
            self._act()

    def monotonic(self) -> float:
        return self.now


def waited(switch: KillSwitch, holder: Holder, act: Callable[[], None]) -> tuple[bool, float]:
    waiting = Waiting(act)
    is_clear = switch.acknowledged_by(
        holder, seconds_max=5, sleep=waiting.sleep, monotonic=waiting.monotonic
    )
    return is_clear, waiting.now


def test_a_living_traders_word_is_waited_for(tmp_path: Path) -> None:
    switch, holder = KillSwitch(tmp_path), Holder.this_process(since="2026-01-05T00:00:00Z")
    raise_(switch)

    is_clear, seconds = waited(switch, holder, lambda: switch.acknowledge(at=NOW, is_clear=True))
    assert is_clear
    assert 0.1 < seconds < 0.5


def test_a_word_that_something_rests_or_anothers_word_is_no_proof(tmp_path: Path) -> None:
    switch, holder = KillSwitch(tmp_path), Holder.this_process(since="2026-01-05T00:00:00Z")
    raise_(switch)

    is_clear, seconds = waited(switch, holder, lambda: switch.acknowledge(at=NOW, is_clear=False))
    assert (is_clear, round(seconds)) == (False, 5)

    switch.acknowledge(at=NOW, is_clear=True)
    is_clear, seconds = waited(switch, replace(holder, pid=1), lambda: None)
    assert not is_clear


def test_a_dead_trader_is_not_waited_for(tmp_path: Path) -> None:
    switch, holder = KillSwitch(tmp_path), Holder.this_process(since="2026-01-05T00:00:00Z")
    raise_(switch)

    assert waited(switch, replace(holder, started="1"), lambda: None) == (False, 0)


@pytest.mark.slow
def test_it_loads_nothing_heavy() -> None:
    code = "import sys, trader247.adapters.kill_switch; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": "src"},
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}

    assert "trader247" in loaded
    assert not loaded & {"rich", "numpy", "requests", "apsw", "filelock", "coinbase", "typer"}


def keeping(switch: KillSwitch) -> Raising:
    return switch.raise_(
        reason="smoke", operator="me", time="2026-01-05T00:00:00Z", keeps_sales=True
    )


def test_it_keeps_sales_only_where_its_file_says_so_in_full(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    assert not switch.keeps_sales()
    assert keeping(switch) == Raising(was_on=False, is_told=True)
    assert switch.keeps_sales()
    assert (switch.said().reason, switch.said().operator) == ("smoke", "me")
    whole = switch.path.read_bytes()
    for content in (b"", whole[:-1], b'{"keeps_sales": "true"}', b'{"keeps_sales": 1}'):
        switch.path.write_bytes(content)
        assert not switch.keeps_sales()


def test_a_stricter_word_takes_the_wish_back_and_a_milder_one_gives_nothing(
    tmp_path: Path,
) -> None:
    switch = KillSwitch(tmp_path)
    keeping(switch)
    switch.acknowledge(at=NOW, is_clear=True, kept=2)
    word = switch.acknowledgement()
    assert word is not None
    assert word.kept == 2
    raise_(switch, "second")
    assert not switch.keeps_sales()
    assert switch.said().reason == "smoke", "the first word stands"
    assert switch.acknowledgement() is None, "what was said of the milder one is over"
    keeping(switch)
    assert not switch.keeps_sales()


def test_a_switch_touched_by_hand_keeps_nothing_whoever_comes_after(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    switch.path.touch()
    keeping(switch)
    assert not switch.keeps_sales()


def test_a_wish_that_the_disk_does_not_take_is_no_wish_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    switch = KillSwitch(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    assert not keeping(switch).is_told
    assert switch.is_raised()
    assert not switch.keeps_sales()


def test_a_wish_is_taken_back_on_a_full_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    switch = KillSwitch(tmp_path)
    keeping(switch)
    monkeypatch.setattr(os, "write", full)
    raise_(switch)
    assert switch.is_raised()
    assert not switch.keeps_sales()


def test_the_word_on_a_file_that_another_took_the_place_of_is_none(tmp_path: Path) -> None:
    """Nobody lowered it: somebody moved another one over it, which no trader has seen."""
    switch = KillSwitch(tmp_path)
    raise_(switch)
    switch.acknowledge(at=NOW, is_clear=True)
    assert switch.acknowledgement() is not None
    other = tmp_path / "other"
    other.touch()
    other.replace(switch.path)
    assert switch.is_raised()
    assert switch.acknowledgement() is None


def test_what_was_said_is_one_line(tmp_path: Path) -> None:
    switch = KillSwitch(tmp_path)
    raise_(switch, reason="odd\nALL IS WELL\x1b[2J")
    assert switch.said().reason == "odd ALL IS WELL [2J"
