"""A support bundle holds what helps, and nothing that was planted: keys, hooks, mails, sums."""

from __future__ import annotations

import json
import shutil
import tarfile
from pathlib import Path

import pytest
from tests.app.small_books import trade

from trader247.app.books.choice import Choice
from trader247.app.books.ledger_view import ledger
from trader247.app.settings.location import SHIPPED
from trader247.app.support.bundling import Bundle, bundle
from trader247.domain.errors import UsageError

HOOK = "https://hooks.example.com/services/T0PLANTED/B0PLANTED/plantedhooksecret"
MAIL = "planted.person@example.org"
SMTP = "mailtos://planteduser:plantedpassword@mail.example.org"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIPLANTEDKEY\n-----END EC PRIVATE KEY-----"
TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmVkUExBTlRFRA"
ACCOUNT = "8bfc20d7-f7c6-4422-bf07-8243ca4169fe"
KEY = f"organizations/{ACCOUNT}/apiKeys/11111111-2222-3333-4444-555555555555"
PLANTED = [
    "plantedhooksecret", "T0PLANTED", MAIL, "planted.person", "plantedpassword", "planteduser",
    "PLANTEDKEY", TOKEN, "c2lnbmVkUExBTlRFRA", ACCOUNT, "11111111-2222-3333-4444-555555555555",
    "12345.67890123",
]  # fmt: skip


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book that traded. Never change it: copy it."""
    data = tmp_path_factory.mktemp("traded") / "data"
    trade(data, 4)
    return data


@pytest.fixture
def choice(traded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Choice:
    """A book that traded, with secrets in its environment, its configuration and its log."""
    for name, value in (
        ("SLACK_WEBHOOK_URL", HOOK),
        ("ALERT_EMAIL", MAIL),
        ("ALERT_SMTP_URL", SMTP),
    ):
        monkeypatch.setenv(name, value)
    data, config = tmp_path / "data", tmp_path / "config"
    shutil.copytree(SHIPPED, config)
    shutil.copytree(traded, data)
    app = config / "app.yaml"
    app.write_text(app.read_text() + f"# {MAIL} {TOKEN} {HOOK}\n")
    (data / "logs").mkdir(exist_ok=True)
    log = data / "logs" / "trader247.log"
    log.write_text(f"level=INFO {PEM} {TOKEN} {HOOK} {SMTP} {KEY} {MAIL} equity=12345.67890123\n")
    return Choice(config, data)


def opened(tmp_path: Path, found: Bundle) -> dict[str, str]:
    assert found.path is not None
    assert found.path.stat().st_mode & 0o777 == 0o600
    with tarfile.open(found.path) as tar:
        tar.extractall(tmp_path / "opened", filter="data")
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in (tmp_path / "opened").rglob("*")
        if path.is_file()
    }


def files_in(folder: Path) -> set[str]:
    """Every file but those that SQLite keeps beside a database while it is read."""
    return {str(path) for path in folder.rglob("*") if not path.name.endswith(("-wal", "-shm"))}


def test_nothing_that_was_planted_is_in_it(tmp_path: Path, choice: Choice) -> None:
    found = bundle(choice, tmp_path / "b.tar.gz", with_amounts=False)
    assert [each for each in found.parts if each.trouble] == []
    files = opened(tmp_path, found)
    whole = "\n".join(files.values())
    assert [each for each in PLANTED if each in whole] == []
    cash = ledger(choice).pnl.cash
    assert cash is not None
    assert str(cash) not in whole.replace(files["universe.yaml"], "").replace(
        files["policy.yaml"], ""
    ).replace(json.loads(files["events.jsonl"].splitlines()[2])["payload"]["text"], "")
    assert str(Path.home()) not in whole
    for name in ("about.json", "events.jsonl", "status.json", "verify.json", "MANIFEST.txt"):
        assert len(files[name]) > 20, name
    events = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    flowed = next(each for each in events if each["kind"] == "cash_flowed")
    assert flowed["payload"]["amount"] == "#"


def test_amounts_stay_where_they_are_wanted_and_secrets_do_not(
    tmp_path: Path, choice: Choice
) -> None:
    found = bundle(choice, tmp_path / "b.tar.gz", with_amounts=True)
    whole = "\n".join(opened(tmp_path, found).values())
    assert "12345.67890123" in whole
    assert [each for each in PLANTED[:-1] if each in whole] == []


def test_it_is_made_where_everything_is_broken_and_says_so(tmp_path: Path, choice: Choice) -> None:
    (choice.data / "paper-sim.db").write_bytes(b"no database at all")
    assert choice.config is not None
    (choice.config / "policy.yaml").write_text("risk: [")
    found = bundle(choice, tmp_path / "b.tar.gz", with_amounts=False)
    troubled = {each.name for each in found.parts if each.trouble}
    assert {"status.json", "verify.json", "events.jsonl"} <= troubled
    files = opened(tmp_path, found)
    assert {"about.json", "policy.yaml", "files.json", "trader247.log"} <= set(files)
    assert "verify.json: " in files["MANIFEST.txt"]
    assert [each for each in PLANTED if each in "\n".join(files.values())] == []


def test_without_a_file_it_only_says_what_would_be_in_it(tmp_path: Path, choice: Choice) -> None:
    before = files_in(tmp_path)
    found = bundle(choice, None, with_amounts=False)
    assert len(found.parts) > 10
    assert files_in(tmp_path) == before
    taken = tmp_path / "taken.tar.gz"
    taken.touch()
    with pytest.raises(UsageError):
        bundle(choice, taken, with_amounts=False)
