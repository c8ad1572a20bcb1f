"""Installed files against the record of their release: whole, changed, strange, missing."""

from __future__ import annotations

import json
import sys
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from trader247.app.granting import granting
from trader247.app.granting.installed import Installed, installed

NAME = "tried-program"


def released(site: Path, *, editable: bool = False) -> Path:
    """A small program as pip leaves it: a package, and the record of it."""
    package, info = site / "tried_program", site / "tried_program-1.0.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    module = package / "core.py"
    module.write_text("LIMIT = 5\n")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n")
    digest = urlsafe_b64encode(sha256(module.read_bytes()).digest()).decode().rstrip("=")
    size = module.stat().st_size
    lines = [
        f"tried_program/core.py,sha256={digest},{size}",
        "tried_program-1.0.dist-info/RECORD,,",
    ]
    (info / "RECORD").write_text("\n".join(lines) + "\n")
    if editable:
        told = {"url": site.as_uri(), "dir_info": {"editable": True}}
        (info / "direct_url.json").write_text(json.dumps(told))
    return module


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return folder


def test_what_is_as_it_was_released_is_whole(site: Path) -> None:
    released(site)
    found = installed((NAME,))
    assert found.is_whole
    assert found.files == 1
    assert found.said == "1 files are those of their release"


def test_one_changed_byte_is_named(site: Path) -> None:
    released(site).write_text("LIMIT = 6\n")
    found = installed((NAME,))
    assert not found.is_whole
    assert "tried_program/core.py" in found.said


def test_a_file_that_is_gone_and_one_that_was_put_there_are_named(site: Path) -> None:
    module = released(site)
    (module.parent / "extra.py").write_text("")
    assert "extra.py" in installed((NAME,)).said
    module.unlink()
    assert "tried_program/core.py" in installed((NAME,)).said


def test_a_source_tree_is_said_to_be_one(site: Path) -> None:
    released(site, editable=True).write_text("LIMIT = 6\n")
    found = installed((NAME,))
    assert found.is_whole
    assert found.in_place == (NAME,)
    assert "nothing to compare it with" in found.said


def test_what_is_not_installed_or_has_no_record_is_not_whole(site: Path) -> None:
    released(site)
    (site / "tried_program-1.0.dist-info" / "RECORD").write_text("")
    assert not installed((NAME,)).is_whole
    assert not installed(("no-such-program-247",)).is_whole


def test_arming_takes_the_files_of_the_release(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = Installed(100, ("trader247/core/risk/gate.py",), ())
    monkeypatch.setattr(granting, "installed", lambda: changed)
    (need,) = list(granting.released())
    assert not need.is_met
    assert "trader247/core/risk/gate.py" in need.found


def test_this_very_installation_is_whole() -> None:
    assert installed().is_whole, installed().said
