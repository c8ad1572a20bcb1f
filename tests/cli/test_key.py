"""`trader247 key`: what a newcomer is told of a key, with and without a venue."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.coinbase.test_key_text import PUBLIC, SEC1
from tests.cli.test_sim_serve import Served, serving

from trader247.app.settings.location import FILES, SHIPPED
from trader247.cli.main import execute

NAME = "organizations/0a1b/apiKeys/3d4e"
CLOSED = "localhost:1"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("CB_API_SECRET_FILE", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)


def configured(folder: Path, host: str, tls: Path) -> Path:
    """A configuration whose venues are both the simulation at `host`."""
    folder.mkdir(exist_ok=True)
    for name in FILES:
        shutil.copyfile(SHIPPED / name, folder / name)
    text = (folder / "app.yaml").read_text()
    text = text.replace('endpoint: "localhost:8443"', f'endpoint: "{host}"')
    text = text.replace('  endpoint: "" ', f'  endpoint: "{host}" ')
    (folder / "app.yaml").write_text(text.replace('tls_dir: ""', f'tls_dir: "{tls}"'))
    return folder


def key_file(folder: Path, content: str) -> Path:
    folder.chmod(0o700)
    path = folder / "key.json"
    path.write_text(content)
    path.chmod(0o600)
    return path


def checked(
    capsys: pytest.CaptureFixture[str], *options: str, exit_code: int
) -> dict[str, dict[str, str]]:
    """The steps of `key check`, by their ids."""
    assert execute(["key", "check", "--json", *options]) == exit_code
    body: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert body["schema_version"] == 1
    assert body["passed"] is (exit_code == 0)
    assert len(body["steps"]) == 12
    return {each["id"]: each for each in body["steps"]}


@pytest.fixture
def nowhere(tmp_path: Path) -> list[str]:
    """Options for a venue that nobody listens on."""
    config = configured(tmp_path / "config", CLOSED, tmp_path)
    shutil.copyfile(SHIPPED / "app.yaml", tmp_path / "ca.pem")
    return ["--config", str(config), "--data", str(tmp_path / "data"), "--venue", "coinbase"]


BAD = {
    "encrypted": (json.dumps({"name": NAME, "privateKey": "-----BEGIN ENCRYPTED PRIVATE KEY-----"}),
                  "private_key", "passphrase"),
    "public": (json.dumps({"name": NAME, "privateKey": PUBLIC}), "private_key", "public key"),
    "no name": (SEC1, "content", "not the name"),
    "cut off": ('{"name": "x', "content", "no whole JSON"),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(BAD))
def test_the_step_that_fails_says_why_and_what_needs_it_is_skipped(
    kind: str, tmp_path: Path, nowhere: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    content, failing, words = BAD[kind]
    path = key_file(tmp_path, content)
    steps = checked(capsys, "--key-file", str(path), *nowhere, exit_code=4)
    assert steps[failing]["result"] == "fail"
    assert words in steps[failing]["found"]
    assert steps[failing]["hint"]
    assert steps["token"]["result"] == "skipped"
    assert steps["accepted"]["result"] == "skipped"


def test_a_file_open_to_others_is_exit_9(
    tmp_path: Path, nowhere: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = key_file(tmp_path, json.dumps({"name": NAME, "privateKey": SEC1}))
    path.chmod(0o644)
    steps = checked(capsys, "--key-file", str(path), *nowhere, exit_code=9)
    assert steps["file"]["hint"] == f"chmod 600 {path}"


@pytest.mark.parametrize("name", ["CB_API_SECRET_FILE", "COINBASE_API_SECRET"])
def test_a_key_in_the_environment_is_exit_9_and_never_shown(
    name: str, nowhere: list[str], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv(name, SEC1)
    assert execute(["key", "check", *nowhere]) == 9
    said = capsys.readouterr()
    assert SEC1[40:80] not in said.out + said.err
    assert name in said.out


def test_a_key_in_place_of_a_path_is_not_shown(
    nowhere: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    seed = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
    for secret in (SEC1, seed):
        assert execute(["key", "check", "--key-file", secret, *nowhere]) == 4
        said = capsys.readouterr()
        assert secret[:30] not in said.out + said.err
        assert "holds a key itself" in " ".join(said.out.split())


def test_nothing_named_says_what_to_name(
    nowhere: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["key", "check", *nowhere]) == 4
    text = capsys.readouterr().out
    assert "no key file was named" in text
    assert "--key-file PATH" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_key_s_age_is_attested_by_its_owner(
    tmp_path: Path, nowhere: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = key_file(tmp_path, json.dumps({"name": NAME, "privateKey": SEC1}))
    data = ["--data", str(tmp_path / "data"), "--key-file", str(path)]
    assert execute(["key", "attest", "--created", "2020-01-01", *data]) == 0
    capsys.readouterr()
    steps = checked(capsys, "--key-file", str(path), *nowhere, exit_code=4)
    assert steps["age"]["result"] == "warn"
    assert "over 90: make a new one now" in steps["age"]["found"]
    assert execute(["key", "attest", "--created", "2999-01-01", *data]) == 2
    assert NAME not in (tmp_path / "data" / "key-ages.json").read_text()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    # Many tests ask it at once: its limits are another test's subject.
    limits = ("--switch", "public_per_s=1000", "--switch", "private_per_s=1000")
    # A hair faster than the machine's time it begins at its own start: every day the same market.
    market = ("--seed", "7", "--speed", "1.001")
    with serving(tmp_path_factory.mktemp("served"), *market, *limits) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "exit_code", "failing", "words"),
    [
        ("key.json", 0, None, ""),
        ("key-ed25519.json", 0, None, ""),
        ("key-transfer.json", 1, "rights", "transfer money out"),
        ("key-view.json", 1, "rights", "may not trade"),
        ("foreign", 1, "accepted", "refused with 401"),
    ],
)
def test_the_venue_s_word_on_a_key(
    key: str, exit_code: int, failing: str | None, words: str,
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    host = served.told["base_url"].removeprefix("https://")
    config = configured(tmp_path / "config", host, served.tls)
    path = served.tls / key
    if key == "foreign":
        path = key_file(tmp_path, json.dumps({"name": NAME, "privateKey": SEC1}))
    options = ["--config", str(config), "--data", str(tmp_path / "data"), "--venue", "coinbase"]
    steps = checked(capsys, "--key-file", str(path), *options, exit_code=exit_code)
    failed = [name for name, each in steps.items() if each["result"] == "fail"]
    assert failed == ([] if failing is None else [failing])
    if failing is not None:
        assert words in steps[failing]["found"]
        assert steps[failing]["hint"]
    assert steps["clock"]["result"] == "pass"


@pytest.mark.slow
def test_a_served_simulation_s_own_key_is_found_by_itself(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = served.told["base_url"].removeprefix("https://")
    config = configured(tmp_path / "config", host, served.tls)
    options = ["--config", str(config), "--data", str(tmp_path / "data"), "--venue", "sim"]
    assert execute(["key", "check", *options]) == 0
    text = capsys.readouterr().out
    assert "SIMULATED MARKET at localhost" in text
    assert text.splitlines()[-1] == "THE KEY IS ONE TO TRADE WITH"


def smoked(
    capsys: pytest.CaptureFixture[str], served: Served, tmp_path: Path, *options: str, code: int
) -> dict[str, tuple[str, str]]:
    """The ten checks against the served simulation: result and reason by id."""
    host = served.told["base_url"].removeprefix("https://")
    config = configured(tmp_path / "config", host, served.tls)
    where = ["--config", str(config), "--data", str(tmp_path / "data")]
    assert execute(["smoke", "--json", *where, *options]) == code
    body = json.loads(capsys.readouterr().out)
    assert "SIMULATED MARKET at localhost" in body["market"]
    return {each["id"]: (each["result"], each["reason"]) for each in body["checks"]}


@pytest.mark.slow
@pytest.mark.parametrize("venue", ["coinbase", "sim"])
def test_all_ten_smoke_tests_pass_on_a_served_simulation_with_a_key(
    venue: str, served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--venue", venue, "--mode", "live"]
    if venue == "coinbase":
        options += ["--key-file", str(served.tls / "key.json")]
    found = smoked(capsys, served, tmp_path, *options, code=0)
    assert {result for result, _ in found.values()} == {"pass"}, found
    assert "may view and trade" in found["connection"][1]


@pytest.mark.slow
def test_smoke_says_of_a_key_that_may_transfer_or_may_not_trade(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--venue", "coinbase", "--key-file", str(served.tls / "key-transfer.json")]
    found = smoked(capsys, served, tmp_path, *options, code=4)
    assert found["connection"][0] == "fail"
    assert "transfer" in found["connection"][1]


@pytest.mark.slow
def test_a_dry_run_with_a_key_looks_at_its_account_and_never_mixes_it_with_an_assumed_one(
    served: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = served.told["base_url"].removeprefix("https://")
    config = configured(tmp_path / "config", host, served.tls)
    where = ["--config", str(config), "--data", str(tmp_path / "data")]
    book = [*where, "--venue", "coinbase", "--mode", "dry_run"]
    key = ["--key-file", str(served.tls / "key-view.json")]
    assert execute(["cycle", *book, *key, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    account = served.client("key-view.json").get_accounts().accounts
    cash = next(each.available_balance["value"] for each in account if each.currency == "USD")
    assert Decimal(body["equity"]) == Decimal(cash)
    assert body["orders_sent"] == 0
    assert served.client().list_orders().orders == []
    assert execute(["cycle", *book]) == 2
    assert "another" in capsys.readouterr().err
