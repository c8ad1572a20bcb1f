from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import SoftFileLock

from trader247.adapters.holder import HOLDER, Holder
from trader247.adapters.instance_guard import InstanceGuard
from trader247.domain.errors import AlreadyRunning, NotAllowed, StorageError

SINCE = "2026-01-05T00:00:00Z"

_HOLD = """
import signal, sys, time
from pathlib import Path
from trader247.adapters.instance_guard import InstanceGuard

if sys.argv[2] == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
guard = InstanceGuard(Path(sys.argv[1]))
guard.take(since="2026-01-05T00:00:00Z")
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def another(data: Path, manner: str = "polite") -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the guard of `data`."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(data), manner],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "src"},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_the_guard_is_taken_said_by_whom_and_let_go(tmp_path: Path) -> None:
    guard = InstanceGuard(tmp_path)
    assert not guard.is_held()
    assert guard.holder() is None

    guard.take(since=SINCE)

    holder = guard.holder()
    assert holder is not None
    assert (holder.pid, holder.since, holder.is_alive) == (os.getpid(), SINCE, True)
    assert guard.is_held()
    guard.release()
    guard.release()
    assert not guard.is_held()
    assert os.listdir(tmp_path) == ["trader247.lock"]
    guard.take(since=SINCE, book="paper-sim")
    holder = guard.holder()
    assert holder is not None
    assert holder.book == "paper-sim"
    guard.release()


def test_the_file_that_names_the_holder_is_gone_before_another_can_take_the_guard(
    tmp_path: Path,
) -> None:
    guard, other = InstanceGuard(tmp_path), InstanceGuard(tmp_path)
    is_held: list[bool] = []
    is_watching = True

    def on_event(event: str, arguments: tuple[object, ...]) -> None:
        # It cannot be taken out again: it stays, and looks no more.
        if is_watching and event == "os.remove" and str(arguments[0]).endswith(HOLDER):
            is_held.append(other.is_held())

    sys.addaudithook(on_event)
    guard.take(since=SINCE)
    guard.release()
    is_watching = False
    assert is_held == [True], "else it would be the file of whoever has taken it meanwhile"
    assert guard.holder() is None


def test_a_lock_that_is_only_a_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = InstanceGuard(tmp_path)

    def fall_back(lock: object) -> None:
        guard._lock.__class__ = SoftFileLock  # as the library does

    monkeypatch.setattr(type(guard._lock), "acquire", fall_back)
    monkeypatch.setattr(SoftFileLock, "release", lambda lock: None)
    with pytest.raises(StorageError, match="no file locks"):
        guard.take(since=SINCE)


@pytest.mark.parametrize(
    "change",
    [{"started": "1"}, {"boot": "another"}, {"pid": 2**22 - 1}],
)
def test_a_number_that_was_used_again_is_another_process(
    change: dict[str, object], tmp_path: Path
) -> None:
    guard = InstanceGuard(tmp_path)
    guard.take(since=SINCE)
    path = tmp_path / "trader247.holder.json"
    content = path.read_text()
    guard.release()
    path.write_text(json.dumps({**json.loads(content), **change}))

    holder = guard.holder()

    assert holder is not None
    assert holder.is_alive is False
    guard.take(since=SINCE)
    assert guard.holder() != holder
    guard.release()


def test_looking_at_a_guard_is_not_holding_it(tmp_path: Path) -> None:
    guard, looking = InstanceGuard(tmp_path), InstanceGuard(tmp_path)
    guard.take(since=SINCE)
    guard.release()
    descriptor = os.open(tmp_path / "trader247.lock", os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        assert not looking.is_held()
    finally:
        os.close(descriptor)


def test_the_file_of_a_holder_that_has_ended_is_forgotten(tmp_path: Path) -> None:
    guard, other = InstanceGuard(tmp_path), InstanceGuard(tmp_path)
    assert not guard.forget_holder()
    guard.take(since=SINCE)
    path = tmp_path / "trader247.holder.json"
    content = path.read_text()
    with pytest.raises(NotAllowed, match="held"):
        other.forget_holder()
    guard.release()
    path.write_text(json.dumps({**json.loads(content), "host": "elsewhere.example"}))
    with pytest.raises(NotAllowed, match=r"elsewhere\.example"):
        other.forget_holder()
    path.write_text(content)

    assert other.forget_holder()
    assert not path.exists()


def test_a_holder_on_another_host_cannot_be_asked() -> None:
    holder = Holder(1, "boot", "1", "elsewhere.example", "trader247 run", SINCE)

    assert holder.is_alive is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}'])
def test_a_holders_file_that_cannot_be_read_names_nobody(content: str, tmp_path: Path) -> None:
    (tmp_path / "trader247.holder.json").write_text(content)

    assert InstanceGuard(tmp_path).holder() is None


def test_nobody_is_ended_where_nobody_holds_the_guard(tmp_path: Path) -> None:
    guard = InstanceGuard(tmp_path)
    guard.take(since=SINCE)
    guard.release()

    with pytest.raises(NotAllowed, match="nobody"):
        guard.end_holder()


@pytest.mark.slow
def test_a_second_instance_is_refused_and_told_who_why_and_what_to_do(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        with pytest.raises(AlreadyRunning) as caught:
            InstanceGuard(tmp_path).take(since=SINCE)

        text = str(caught.value)
        assert "ANOTHER INSTANCE IS ALREADY RUNNING" in text
        assert str(process.pid) in text
        assert SINCE in text
        assert "unlock" in caught.value.hint


@pytest.mark.slow
@pytest.mark.parametrize(
    "change", [{"started": "1"}, {"boot": "another"}, {"pid": 2**22 + 1}, None]
)
def test_a_guard_that_is_held_lets_nobody_in_whoever_its_file_names(
    change: dict[str, object] | None, tmp_path: Path
) -> None:
    """A process of another container cannot be seen from here, and the lock is its own."""
    with another(tmp_path) as process:
        path = tmp_path / "trader247.holder.json"
        whole = json.loads(path.read_text())
        if change is None:
            path.unlink()
        else:
            path.write_text(json.dumps({**whole, **change}))
        guard = InstanceGuard(tmp_path)
        with pytest.raises(AlreadyRunning):
            guard.take(since=SINCE)
        assert guard.is_held()
        assert process.poll() is None
        assert path.exists() is (change is not None)


@pytest.mark.slow
def test_a_holder_that_was_killed_leaves_no_lock(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()

    guard = InstanceGuard(tmp_path)
    holder = guard.holder()
    assert holder is not None
    assert holder.is_alive is False
    guard.take(since=SINCE)
    guard.release()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("manner", "said"), [("polite", "ended when asked"), ("stubborn", "killed")]
)
def test_a_holder_is_ended_by_force_and_waited_for(
    manner: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trader247.adapters.instance_guard._TERM_SECONDS", 0.5)
    with another(tmp_path, manner) as process:
        guard = InstanceGuard(tmp_path)

        assert said in guard.end_holder()
        assert not guard.is_held()
        assert process.wait(5) < 0


@pytest.mark.slow
def test_a_holder_that_cannot_be_verified_is_not_ended(tmp_path: Path) -> None:
    with another(tmp_path) as process:
        path = tmp_path / "trader247.holder.json"
        whole = json.loads(path.read_text())
        for change in ({"started": "1"}, {"host": "elsewhere.example"}, {"pid": os.getpid()}):
            path.write_text(json.dumps({**whole, **change}))
            with pytest.raises(NotAllowed):
                InstanceGuard(tmp_path).end_holder()
        path.unlink()
        with pytest.raises(NotAllowed):
            InstanceGuard(tmp_path).end_holder()
        assert process.poll() is None


@pytest.mark.slow
def test_a_process_that_got_the_number_meanwhile_is_not_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The holder lives when it is looked up, and has ended when its number is taken hold of."""
    with another(tmp_path) as process:
        answers = iter([True, False])
        monkeypatch.setattr(Holder, "is_alive", property(lambda _: next(answers)))
        assert "ended when asked" in InstanceGuard(tmp_path).end_holder()
        assert process.poll() is None


@pytest.mark.slow
def test_a_guard_that_names_another_host_says_where_to_unlock(tmp_path: Path) -> None:
    with another(tmp_path):
        path = tmp_path / "trader247.holder.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "host": "elsewhere.example"}))
        with pytest.raises(NotAllowed, match=r"a process of another host, elsewhere\.example"):
            InstanceGuard(tmp_path).end_holder()
