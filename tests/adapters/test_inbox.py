from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from trader247.adapters.inbox import Answer, FileInbox, ask
from trader247.domain.errors import NotAllowed
from trader247.ports import Command, CommandKind, Delivery, Inbox


class Trader:
    """Answers while somebody waits: a sleep in which the other side works."""

    def __init__(self, data: Path) -> None:
        self.inbox = FileInbox(data)
        self.seen: list[Command] = []
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        for command in self.inbox.commands():
            self.seen.append(command)
            self.inbox.answer(command, is_done=True, text=f"did {command.kind.value}")


def request(data: Path, name: str, content: bytes) -> None:
    (data / "inbox" / f"{name}.request.json").write_bytes(content)


def test_it_is_the_port_that_the_engine_asks_for(tmp_path: Path) -> None:
    port: Inbox = FileInbox(tmp_path)

    assert not port.has_post()
    assert list(port.commands()) == []


def test_a_request_is_obeyed_and_answered(tmp_path: Path) -> None:
    trader = Trader(tmp_path)

    answer = ask(
        tmp_path,
        CommandKind.PAUSE,
        {"reason": "lunch"},
        seconds_max=1,
        sleep=trader.sleep,
        monotonic=lambda: trader.now,
    )

    assert answer == Answer(True, "did pause")
    assert [(each.kind, each.arguments) for each in trader.seen] == [
        (CommandKind.PAUSE, {"reason": "lunch"})
    ]
    assert os.listdir(tmp_path / "inbox") == []


def test_a_request_that_nobody_answers_is_withdrawn(tmp_path: Path) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    answer = ask(
        tmp_path, CommandKind.RESUME, {}, seconds_max=1, sleep=sleep, monotonic=lambda: now[0]
    )

    assert answer is None
    assert now[0] >= 1
    assert os.listdir(tmp_path / "inbox") == []


def test_a_request_that_was_taken_in_the_last_moment_is_waited_for(tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path)
    now = [0.0]
    taken: list[Command] = []

    def sleep(seconds: float) -> None:
        now[0] += seconds
        taken.extend(inbox.commands() if now[0] > 0.9 else ())
        if now[0] > 1.5:
            inbox.answer(taken[0], is_done=True, text="late")

    answer = ask(
        tmp_path, CommandKind.RESUME, {}, seconds_max=1, sleep=sleep, monotonic=lambda: now[0]
    )

    assert answer == Answer(True, "late")
    assert os.listdir(tmp_path / "inbox") == []


def test_a_request_that_was_taken_and_never_answered_may_have_been_obeyed(tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path)
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        inbox.commands()

    with pytest.raises(NotAllowed, match="may have obeyed"):
        ask(tmp_path, CommandKind.RESUME, {}, seconds_max=1, sleep=sleep, monotonic=lambda: now[0])


def test_whoever_is_interrupted_while_nobody_answers_leaves_no_request(tmp_path: Path) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(tmp_path, CommandKind.RESUME, {}, seconds_max=1, sleep=interrupted)
    assert list(FileInbox(tmp_path).commands()) == [], "nobody waits for what it would do"
    assert os.listdir(tmp_path / "inbox") == []


def test_a_request_that_cannot_be_taken_back_may_yet_be_obeyed(tmp_path: Path) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds
        for path in (tmp_path / "inbox").glob("*.request.json"):
            if path.is_file():
                path.unlink()
                path.mkdir()  # no file can be taken away in its place

    with pytest.raises(NotAllowed, match="may yet obey") as found:
        ask(tmp_path, CommandKind.RESUME, {}, seconds_max=1, sleep=sleep, monotonic=lambda: now[0])
    assert "request.json" in found.value.hint


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b"[" * 16_000, b"\xff", b'{"is_done": true}', b"x" * 20_000],
)
def test_an_answer_that_cannot_be_read_is_no_yes(content: bytes, tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path)

    def sleep(_: float) -> None:
        for command in inbox.commands():
            (tmp_path / "inbox" / f"{command.id}.answer.json").write_bytes(content)

    found = ask(tmp_path, CommandKind.RESUME, {}, seconds_max=1, sleep=sleep)
    assert found == Answer(False, "the trader's answer could not be read")


def test_a_request_is_taken_once(tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path)
    request(tmp_path, "0001", b'{"kind": "resume", "arguments": {}}')

    assert len(inbox.commands()) == 1
    assert list(inbox.commands()) == []
    assert not inbox.has_post()


def test_requests_are_taken_oldest_first_and_a_bounded_number_at_once(tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path)
    for number in range(250):
        body = json.dumps({"kind": "pause", "arguments": {"n": str(number)}})
        request(tmp_path, f"{number:04d}", body.encode())

    first = inbox.commands()

    assert [each.arguments["n"] for each in first] == [str(n) for n in range(100)]
    for each in first:
        inbox.answer(each, is_done=True, text="")
    assert inbox.commands()[0].arguments["n"] == "100"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 10_000,
        b'{"kind": "pause"}',
        b'{"kind": "drop_tables", "arguments": {}}',
        b'{"kind": 7, "arguments": {}}',
        b'{"kind": "pause", "arguments": []}',
        b'{"kind": "pause", "arguments": {"reason": {"nested": 1}}}',
        b'{"kind": "pause", "arguments": {"reason": "' + b"x" * 20_000 + b'"}}',
    ],
)
def test_a_strangers_words_are_refused_and_removed(content: bytes, tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path)
    request(tmp_path, "0001", content)

    assert inbox.has_post()
    assert list(inbox.commands()) == []
    assert not inbox.has_post()
    answer = json.loads((tmp_path / "inbox" / "0001.answer.json").read_bytes())
    assert answer["is_done"] is False


def test_a_pipe_or_a_link_in_place_of_a_request_makes_nobody_wait(tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path)
    os.mkfifo(tmp_path / "inbox" / "0001.request.json")
    (tmp_path / "inbox" / "0003.request.json").mkdir()
    (tmp_path / "inbox" / "0002.request.json").symlink_to("/dev/zero")

    assert list(inbox.commands()) == []
    assert not inbox.has_post()


def test_what_was_asked_of_an_earlier_process_is_forgotten(tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path)
    request(tmp_path, "0001", b'{"kind": "resume", "arguments": {}}')

    inbox.sweep()

    assert list(inbox.commands()) == []


def test_what_became_of_alerts_waits_for_the_loop(tmp_path: Path) -> None:
    inbox = FileInbox(tmp_path)
    delivery = Delivery(1, "mail", is_delivered=True, attempts=1, detail="")
    inbox.post_delivery(delivery)

    assert inbox.has_post()
    assert list(inbox.deliveries()) == [delivery]
    assert list(inbox.deliveries()) == []
    assert not inbox.has_post()


def test_what_was_asked_while_a_trader_only_started_is_answered_and_not_obeyed(
    tmp_path: Path,
) -> None:
    inbox = FileInbox(tmp_path)
    request(tmp_path, "1", b'{"kind": "pause", "arguments": {}}')
    (tmp_path / "inbox" / "0.answer.json").write_text("{}")
    inbox.sweep()
    assert [each.name for each in (tmp_path / "inbox").iterdir()] == ["1.answer.json"]
    answer = json.loads((tmp_path / "inbox" / "1.answer.json").read_text())
    assert answer == {"is_done": False, "text": "the trader was only just starting; ask again"}
    assert list(inbox.commands()) == []
