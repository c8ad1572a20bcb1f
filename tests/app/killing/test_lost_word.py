"""Where to cancel when the trader's own word is lost."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from trader247.adapters.emergency import Emergency, EmergencyFile
from trader247.adapters.holder import Holder
from trader247.app.books.modes import VenueName
from trader247.app.keys import files as keys
from trader247.app.killing import lost_word
from trader247.app.killing.lost_word import COINBASE_HOST, Way, way_without_word
from trader247.app.running.account_lock import account_lock
from trader247.app.running.traders import running
from trader247.app.serving import files as serving_files
from trader247.app.serving.places import served_places
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant

REAL, SIM = VenueName.COINBASE, VenueName.SIM


@pytest.fixture
def served(tmp_path: Path) -> Way:
    """What a served simulation leaves for its clients."""
    folder = served_places(tmp_path).tls
    folder.mkdir()
    serving_files.tell_where(folder, 4711, "a market 0a1b2c")
    return Way("localhost:4711", str(folder / "ca.pem"), folder / "key.json")


def test_the_names_are_those_of_who_writes_the_files(served: Way, tmp_path: Path) -> None:
    assert lost_word.served_in(served_places(tmp_path).tls) == served
    assert (lost_word.KEY_VARIABLE, lost_word.SYSTEMD_VARIABLE, lost_word.SYSTEMD_NAME) == (
        keys.FILE_VARIABLE,
        keys.SYSTEMD_VARIABLE,
        keys.SYSTEMD_NAME,
    )


def test_a_rehearsal_is_found_by_its_simulations_folder(served: Way, tmp_path: Path) -> None:
    assert way_without_word(None, None, books=[SIM], data=tmp_path, environment={}) == served


def test_a_key_beside_a_simulations_address_goes_there(served: Way, tmp_path: Path) -> None:
    key = served.key_file.with_name("key-ed25519.json")
    found = way_without_word(key, None, books=[], data=tmp_path / "lost", environment={})
    assert found == Way(served.host, served.ca_file, key)
    elsewhere = way_without_word(key, COINBASE_HOST, books=[], data=tmp_path, environment={})
    assert elsewhere == Way(COINBASE_HOST, "", key)


def test_real_money_goes_first_and_takes_a_key_that_was_named(served: Way, tmp_path: Path) -> None:
    (tmp_path / "coinbase-key").touch()
    for environment, key in (
        ({"CB_API_SECRET_FILE": "k.json"}, Path("k.json")),
        ({"CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path / "coinbase-key"),
    ):
        found = way_without_word(
            None, None, books=[SIM, REAL], data=tmp_path, environment=environment
        )
        assert found == Way(COINBASE_HOST, "", key)
    # The simulation's emptiness would be no proof of the real venue's.
    nothing = {"CREDENTIALS_DIRECTORY": str(tmp_path / "no")}
    assert (
        way_without_word(None, None, books=[SIM, REAL], data=tmp_path, environment=nothing) is None
    )


def test_a_book_that_sends_nothing_real_has_no_venue(served: Way, tmp_path: Path) -> None:
    named = {"CB_API_SECRET_FILE": "k.json"}
    assert way_without_word(None, None, books=[], data=tmp_path, environment=named) is None


@pytest.mark.parametrize("text", ["", "localhost", "evil.example:443", "localhost:x", "\x00" * 999])
def test_an_address_in_ruins_is_none(text: str, served: Way, tmp_path: Path) -> None:
    (served.key_file.parent / serving_files.SERVED_AT).write_text(text)
    assert way_without_word(None, None, books=[SIM], data=tmp_path, environment={}) is None


@pytest.mark.parametrize("is_cleared", [False, True])
def test_the_second_copy_does_not_know_when_the_last_order_left(
    is_cleared: bool, tmp_path: Path
) -> None:
    """It is written as a trader starts and as it ends: in between anything may have left."""
    holder = Holder.this_process(since="2026-01-05T00:00:00Z", book="live-sim")
    sent, now = Instant.parse("2026-01-05T00:00:00Z"), Instant.parse("2026-01-05T01:00:00Z")
    left = Emergency("localhost:1", "", "key.json", "", 30, holder, last_send=sent)
    second = lost_word.second_copy(tmp_path)
    file = EmergencyFile(
        tmp_path, left, now=lambda: sent, monotonic=lambda: timedelta(hours=1), second=second
    )
    file.sending()
    if is_cleared:
        file.close(is_cleared=True)
    found = lost_word.second_word(tmp_path, now)
    assert found is not None
    if is_cleared:
        assert (found.last_send, found.is_cleared) == (sent, True)
    else:
        assert (found.last_send, found.sent_steady, found.is_cleared) == (now, None, False)


def test_a_user_without_a_home_has_no_second_copy_and_is_told_what_live_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_: int) -> None:
        raise KeyError

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert lost_word.second_word(tmp_path, Instant(0)) is None
    assert running() == ()
    with pytest.raises(StorageError, match="no folder of their own") as refused:
        lost_word.second_copy(tmp_path)
    assert "XDG_STATE_HOME" in (refused.value.hint or "")
    with pytest.raises(StorageError), account_lock("an account"):
        raise AssertionError("nobody trades without it")
