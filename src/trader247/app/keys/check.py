"""What is wrong with a key, step by step: each step says what was found and what to do."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.keys.age import Attestation, attest
from trader247.app.keys.files import GIVE_ONE, key_source
from trader247.app.keys.steps import IDS, KeySteps, Needs, Step, StepResult
from trader247.app.people.operator import operator
from trader247.app.settings.load import load_settings
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import (
    Trader247Error,
    UnsafePermission,
    UsageError,
    VenueError,
    VenueUnreachable,
)
from trader247.domain.time import Instant

_NETWORK = "is this machine on the network, and may it reach the venue?"


@dataclass(frozen=True, slots=True)
class KeyReport:
    """All steps, in their order. `is_unsafe` is a matter of who else can read the key."""

    label: str
    source: str
    steps: tuple[Step, ...]
    is_unsafe: bool
    is_unreachable: bool

    @property
    def passed(self) -> bool:
        """Whether the key is one to trade with; a warning does not say otherwise."""
        return all(each.result in (StepResult.PASS, StepResult.WARN) for each in self.steps)


def check_key(
    config: Path | None, data: Path, venue: VenueName | None, key_file: Path | None
) -> KeyReport:
    """Look at the key, and at what the venue says of it. Nothing is sent but reads.

    Raises:
        SettingsInvalid: the configuration cannot be used.
    """
    settings = load_settings(config)
    places = Places(data, Mode.LIVE, settings.app.venue if venue is None else venue)
    steps = KeySteps(settings, places, key_file, os.environ)
    kinds: list[type[Trader247Error]] = []
    taken = tuple(_taken(name, getattr(steps, name), kinds) for name in IDS)
    return KeyReport(
        label=steps.endpoint.label,
        source=steps.source_text,
        steps=taken,
        is_unsafe=UnsafePermission in kinds,
        is_unreachable=VenueUnreachable in kinds,
    )


def attest_key(
    data: Path, key_file: Path | None, *, default: Path | None, created: Instant, now: Instant
) -> str:
    """Remember when the key was created, by the word of whoever runs this. Answers its name.

    Raises:
        UsageError, UnsafePermission, KeyRejected, StorageError: the key or the date cannot be used.
    """
    source = key_source(key_file, default=default)
    if source is None:
        raise UsageError("no key was given, so there is nothing to attest", hint=GIVE_ONE)
    name = source.credentials().name
    attest(data, name, Attestation(created, now, operator()))
    return name


def _taken(
    name: str, take: Callable[[], tuple[StepResult, str, str]], kinds: list[type[Trader247Error]]
) -> Step:
    try:
        return Step(name, *take())
    except Needs as lacking:
        return Step(name, StepResult.SKIPPED, str(lacking), "")
    except VenueError as error:
        kinds.append(type(error))
        is_silent = isinstance(error, VenueUnreachable)
        return Step(
            name, StepResult.FAIL, str(error), error.hint or (_NETWORK if is_silent else "")
        )
    except Trader247Error as error:
        kinds.append(type(error))
        return Step(name, StepResult.FAIL, str(error), error.hint)
