"""Where a key may come from, and which files and environments are refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from tests.adapters.coinbase.test_key_text import SEC1

from trader247.app.keys.files import KeySource, expect_no_key_in, key_source
from trader247.domain.errors import KeyRejected, UnsafePermission, UsageError

NAME = "organizations/0a1b/apiKeys/3d4e"
CONTENT = json.dumps({"name": NAME, "privateKey": SEC1})


@pytest.fixture
def key(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    path = tmp_path / "key.json"
    path.write_text(CONTENT)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_ones_own_is_read(key: Path, mode: int) -> None:
    key.chmod(mode)
    assert KeySource(key, "--key-file").credentials({}).name == NAME


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777])
def test_a_file_open_to_others_is_refused(key: Path, mode: int) -> None:
    key.chmod(mode)
    with pytest.raises(UnsafePermission, match="open to others") as refused:
        KeySource(key, "--key-file").text()
    assert refused.value.hint == f"chmod 600 {key}"


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(key: Path, mode: int) -> None:
    key.parent.chmod(mode)
    with pytest.raises(UnsafePermission, match="others may write"):
        KeySource(key, "--key-file").text()
    key.parent.chmod(0o700)


def test_a_link_is_refused(key: Path) -> None:
    link = key.parent / "link.json"
    link.symlink_to(key)
    with pytest.raises(UnsafePermission, match="symbolic link"):
        KeySource(link, "--key-file").text()


def test_what_is_no_plain_file_is_refused_at_once(key: Path) -> None:
    pipe = key.parent / "pipe"
    os.mkfifo(pipe, 0o600)
    with pytest.raises(UnsafePermission, match="no plain file"):
        KeySource(pipe, "--key-file").text()


def test_another_user_s_file_is_refused(key: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(key, 12345, -1)
    with pytest.raises(UnsafePermission, match="uid 12345"):
        KeySource(key, "--key-file").text()


def test_a_file_that_is_no_key_file_is_refused(key: Path) -> None:
    key.write_bytes(b"x" * 20_000)
    with pytest.raises(UnsafePermission, match="20000 bytes"):
        KeySource(key, "--key-file").text()
    key.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is no text"):
        KeySource(key, "--key-file").text()
    key.write_text("{}")
    with pytest.raises(KeyRejected, match="no privateKey"):
        KeySource(key, "--key-file").credentials({})
    key.unlink()
    with pytest.raises(UsageError, match="No such file"):
        KeySource(key, "--key-file").text()


def test_a_file_swapped_after_the_look_is_judged_as_opened(
    key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = key.parent / "other.json"
    other.write_text("someone else's")
    other.chmod(0o644)
    real = os.open

    def swapping(path: object, flags: int, *args: int, dir_fd: int | None = None) -> int:
        descriptor = real(path, flags, *args, dir_fd=dir_fd)  # type: ignore[arg-type]
        if path == "key.json":
            other.replace(key)
        return descriptor

    monkeypatch.setattr(os, "open", swapping)
    assert KeySource(key, "--key-file").text() == CONTENT


def test_the_option_comes_first_then_the_variable_then_systemd(key: Path) -> None:
    laid = key.parent / "credentials"
    laid.mkdir(mode=0o700)
    systemd = {"CREDENTIALS_DIRECTORY": str(laid)}
    named = {"CB_API_SECRET_FILE": "/b", **systemd}
    asked = key_source(Path("/a"), environment=named)
    assert asked == KeySource(Path("/a"), "--key-file")
    assert key_source(None, environment=named) == KeySource(Path("/b"), "CB_API_SECRET_FILE")
    assert key_source(Path("/b"), environment=named) == KeySource(Path("/b"), "CB_API_SECRET_FILE")
    assert key_source(None, environment=systemd) is None
    credential = laid / "coinbase-key"
    credential.write_text(CONTENT)
    credential.chmod(0o440)  # an access list of systemd's shows as the group's permission
    found = key_source(None, environment=systemd, default=key)
    assert found is not None
    assert found.path == credential
    assert found.credentials({}).name == NAME
    assert key_source(None, environment={}, default=key) == KeySource(
        key, "the served simulation's own"
    )
    assert key_source(None, environment={}) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COINBASE_API_SECRET", "x"),
        ("CB_API_SECRET", SEC1),
        ("CB_API_SECRET_FILE", SEC1),
        ("CDP_API_KEY_SECRET", "c2VjcmV0"),
        ("TRADER247_KEY", CONTENT),
    ],
)
def test_a_key_in_the_environment_is_refused_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(UnsafePermission, match=name) as refused:
        key_source(None, environment={name: value})
    assert "PRIVATE" not in str(refused.value) + refused.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CB_API_SECRET_FILE", "/run/key.json"),
        ("CB_API_SECRET", ""),
        ("COINBASE_API_KEY", NAME),
        ("DEPLOY_KEY", SEC1),
    ],
)
def test_a_path_a_name_and_what_is_not_ours_are_no_key(name: str, value: str) -> None:
    expect_no_key_in({name: value})
