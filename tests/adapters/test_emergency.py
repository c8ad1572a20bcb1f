"""What a trader leaves for whoever must cancel without it."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from trader247.adapters.emergency import (
    EMERGENCY,
    Emergency,
    EmergencyFile,
    quiet_at,
    read_emergency,
)
from trader247.adapters.holder import Holder
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant

NOW = Instant.parse("2026-01-05T00:00:00Z")


@pytest.fixture
def left() -> Emergency:
    return Emergency(
        host="localhost:8443",
        ca_file="/tls/ca.pem",
        key_file="/tls/schlüssel.json",
        portfolio="p",
        token_seconds=30,
        holder=Holder.this_process(since=str(NOW), book="live-sim"),
    )


def opened(data: Path, left: Emergency, at: Instant = NOW) -> EmergencyFile:
    return EmergencyFile(data, left, now=lambda: at)


def test_it_is_read_as_it_was_written_by_its_owner_alone(tmp_path: Path, left: Emergency) -> None:
    opened(tmp_path, left)
    assert read_emergency(tmp_path) == left
    assert stat.S_IMODE((tmp_path / EMERGENCY).stat().st_mode) == 0o600
    body = json.loads((tmp_path / EMERGENCY).read_bytes())
    assert {"host", "ca_file", "key_file", "portfolio", "last_send", "pid", "book"} <= body.keys()


def test_each_sending_is_kept_in_place(tmp_path: Path, left: Emergency) -> None:
    file = opened(tmp_path, left)
    inode = (tmp_path / EMERGENCY).stat().st_ino
    file.sending()
    assert read_emergency(tmp_path) == replace(left, last_send=NOW)
    assert (tmp_path / EMERGENCY).stat().st_ino == inode


def test_a_full_disk_keeps_the_sending_but_takes_no_other_file(
    tmp_path: Path, left: Emergency
) -> None:
    file = opened(tmp_path, left)
    size = (tmp_path / EMERGENCY).stat().st_size
    file.sending()
    assert (tmp_path / EMERGENCY).stat().st_size == size


def test_a_later_tenure_keeps_what_the_earlier_one_sent_last(
    tmp_path: Path, left: Emergency
) -> None:
    opened(tmp_path, left).sending()
    opened(tmp_path, left, NOW + timedelta(hours=1))
    found = read_emergency(tmp_path)
    assert found is not None
    assert found.last_send == NOW


def test_another_books_sendings_are_not_ours(tmp_path: Path, left: Emergency) -> None:
    opened(tmp_path, left).sending()
    other = replace(left, holder=replace(left.holder, book="live-coinbase"))
    opened(tmp_path, other)
    assert read_emergency(tmp_path) == other


def test_an_end_says_whether_nothing_rests(tmp_path: Path, left: Emergency) -> None:
    file = opened(tmp_path, left)
    file.sending()
    file.close(is_cleared=True)
    assert read_emergency(tmp_path) == replace(left, last_send=NOW, is_cleared=True)


def test_a_sending_that_cannot_be_kept_raises(tmp_path: Path, left: Emergency) -> None:
    file = opened(tmp_path, left)
    file.close(is_cleared=False)
    with pytest.raises(StorageError):
        file.sending()


def test_a_torn_time_counts_as_the_moment_of_its_writing(tmp_path: Path, left: Emergency) -> None:
    file = opened(tmp_path, left)
    file.sending()
    path = tmp_path / EMERGENCY
    path.write_text(path.read_text().replace("2026-01-05T00", "2026-01-0?T00"))
    os.utime(path, ns=(0, 7_000_000_000))
    found = read_emergency(tmp_path)
    assert found is not None
    assert found.last_send == Instant.from_seconds(7)


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 5000, b'{"host": 1}', b"\xff"])
def test_what_cannot_be_read_is_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / EMERGENCY).write_bytes(content)
    assert read_emergency(tmp_path) is None


def test_nothing_can_arrive_a_tokens_life_and_ten_seconds_after_the_last_send() -> None:
    assert quiet_at(NOW, token_seconds=30, is_over=False) == NOW + timedelta(seconds=40)
    assert quiet_at(NOW, token_seconds=120, is_over=False) == NOW + timedelta(seconds=130)
    assert quiet_at(NOW, token_seconds=120, is_over=True) == NOW + timedelta(seconds=10)
