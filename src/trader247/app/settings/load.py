"""The configuration, read whole: typed, bounded, checked against itself, or refused."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from trader247.app.settings import app_file, policy_file, universe_file
from trader247.app.settings.app_file import AppSettings
from trader247.app.settings.canonical import assembled, sealed
from trader247.app.settings.crosscheck import (
    Read,
    app_problems,
    policy_problems,
    universe_problems,
    warnings_of,
)
from trader247.app.settings.layout import Section
from trader247.app.settings.location import ConfigSource, find_config
from trader247.app.settings.own_strategies import KEY
from trader247.app.settings.problems import Problem, SettingsInvalid
from trader247.app.settings.reading import FileValues, read_values
from trader247.app.settings.yaml_tree import read_yaml
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UsageError
from trader247.domain.ids import ProductId

FILE_SECTIONS: Mapping[str, tuple[Section, ...]] = {
    app_file.FILE: app_file.SECTIONS,
    policy_file.FILE: policy_file.SECTIONS,
    universe_file.FILE: universe_file.SECTIONS,
}


_CHECK_IT = "what `trader247 strategy check FILE` finds sound"


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration that holds together.

    `lines` has, for each file, the line of each key that the file sets; what is absent there has
    its default.
    """

    source: ConfigSource
    app: AppSettings
    policy: Policy
    warnings: tuple[Problem, ...]
    lines: Mapping[str, Mapping[tuple[str, ...], int]]


def load_settings(
    directory: Path | None = None, *, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Read app.yaml, policy.yaml and universe.yaml of a folder; None means `find_config`'s choice.

    `environment` fills `${VARIABLE}` in secrets, and nothing else.

    Raises:
        SettingsInvalid: with every problem found.
    """
    source = find_config(directory)
    values, problems = _read_files(source, environment)
    if problems:
        raise SettingsInvalid(problems)
    read = Read(
        app=values[app_file.FILE],
        policy=values[policy_file.FILE],
        universe=values[universe_file.FILE],
        settings=values[app_file.FILE].instance(app_file.SECTIONS[0]),
    )
    problems = [*app_problems(read), *universe_problems(read)]
    if problems:
        raise SettingsInvalid(problems)
    policy = assembled(
        read.policy,
        read.universe,
        quote_currency=read.settings.quote_currency,
        base=source.path(policy_file.FILE).parent,
    )
    problems = list(policy_problems(read, policy))
    if problems:
        raise SettingsInvalid(problems)
    remarks = [remark for each in values.values() for remark in each.remarks]
    remarks += [
        read.policy.problem((KEY, each.name), "a strategy of your own decides", _CHECK_IT)
        for each in policy.strategies
    ]
    return Settings(
        source=source,
        app=read.settings,
        policy=sealed(policy),
        warnings=tuple(sorted([*remarks, *warnings_of(read, policy)])),
        lines={file: each.lines for file, each in values.items()},
    )


def is_read_only_now(source: ConfigSource) -> bool:
    """Whether app.yaml says `read_only: true` at this moment: the one setting read while running.

    Raises:
        SettingsInvalid: app.yaml cannot be read, which must halt a trader too.
    """
    values, problems = _read_file(source, app_file.FILE, {})
    if values is None or problems:
        raise SettingsInvalid(problems)
    return bool(values.instance(app_file.SECTIONS[0]).is_read_only)


def with_tape_products(policy: Policy, products: Sequence[ProductId]) -> Policy:
    """The policy for a replayed market: what its tape has and no tier lists joins tier 2.

    A tape of a single product is a universe of one. Listed products that the tape lacks stay
    listed: the universe says of each that it is not at the venue. What it has in another quote
    currency is not traded.
    """
    universe = policy.universe
    payable = [each for each in products if each.quote == policy.quote_currency]
    added = tuple(each for each in payable if universe.tier_of(each) is None)
    tiers = tuple(
        replace(tier, products=(*tier.products, *added)) if tier.name == "tier_2" else tier
        for tier in universe.tiers
    )
    products_min = max(1, min(universe.floors.products_min, len(payable)))
    floors = replace(universe.floors, products_min=products_min)
    return sealed(replace(policy, universe=replace(universe, tiers=tiers, floors=floors)))


def expect_quoted(policy: Policy, products: Sequence[ProductId]) -> None:
    """Refuse a tape that has nothing in the quote currency of the policy.

    Raises:
        UsageError: it names what the tape has.
    """
    currency = policy.quote_currency
    if any(each.quote == currency for each in products):
        return
    raise UsageError(
        f"the tape has {', '.join(map(str, products))}: none is quoted in {currency}",
        hint="name the files by their products, like BTC-USD.csv, or set app.quote_currency",
    )


def _read_files(
    source: ConfigSource, environment: Mapping[str, str]
) -> tuple[dict[str, FileValues], list[Problem]]:
    found: dict[str, FileValues] = {}
    problems: list[Problem] = []
    for file in FILE_SECTIONS:
        values, wrong = _read_file(source, file, environment)
        problems += wrong
        if values is not None:
            found[file] = values
    return found, problems


def _read_file(
    source: ConfigSource, file: str, environment: Mapping[str, str]
) -> tuple[FileValues | None, list[Problem]]:
    label = source.label_of(file)
    by_init = "`trader247 init` writes it"
    table, problems = read_yaml(source.path(file), label=label, absent=by_init)
    beside = KEY if file == policy_file.FILE else ""
    values, wrong = read_values(
        table, FILE_SECTIONS[file], label=label, environment=environment, beside=beside
    )
    return values, [*problems, *wrong]
