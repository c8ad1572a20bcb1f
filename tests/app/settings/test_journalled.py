"""The policy of a journalled text, read quickly, and never as another one."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256

import pytest

from trader247.app.settings.canonical import canonical_text, policy_from_text
from trader247.app.settings.journalled import journalled_policy
from trader247.app.settings.load import load_settings
from trader247.app.settings.location import SHIPPED
from trader247.app.settings.problems import SettingsInvalid


def text() -> str:
    return load_settings(SHIPPED, environment={}).policy.text


def test_it_is_the_policy_that_a_files_reading_gives() -> None:
    told = journalled_policy(text())

    assert told == policy_from_text(text())
    assert told == load_settings(SHIPPED, environment={}).policy


def test_an_earlier_versions_text_keeps_its_own_hash() -> None:
    """What it did not know has its default, and makes no other policy of it."""
    body = json.loads(text())
    del body["policy"]["checks"]["cooldown"]["loss_minutes"]
    earlier = json.dumps(body, sort_keys=True, separators=(",", ":"))

    told = journalled_policy(earlier)

    assert (told.text, told.hash) == (earlier, sha256(earlier.encode()).hexdigest())
    assert told.checks == journalled_policy(text()).checks


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"policy":{},"universe":{}}', "null"])
def test_what_is_no_policy_is_refused(broken: str) -> None:
    with pytest.raises(SettingsInvalid):
        journalled_policy(broken)


def test_a_setting_of_a_later_version_is_refused() -> None:
    body = json.loads(text())
    body["policy"]["checks"]["cooldown"]["moons"] = 3
    with pytest.raises(SettingsInvalid, match="moons"):
        journalled_policy(json.dumps(body))


def test_explaining_waits_for_nothing_that_it_does_not_need() -> None:
    script = (
        "import sys; import trader247.app.past.explaining; "
        "print([m for m in ('pydantic', 'yaml', 'trader247.simex', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_a_number_that_was_allowed_when_it_was_written_stays_readable() -> None:
    """A ceiling that came down later makes no journal unreadable."""
    body = json.loads(text())
    body["policy"]["checks"]["product_status"]["status_seconds_max"] = 360
    del body["policy"]["breakers"]["probe_minutes"]
    told = journalled_policy(json.dumps(body, sort_keys=True, separators=(",", ":")))
    again = json.loads(canonical_text(told))
    assert again["policy"]["checks"]["product_status"]["status_seconds_max"] == 360
    assert told.text == json.dumps(body, sort_keys=True, separators=(",", ":"))
