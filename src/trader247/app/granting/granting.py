"""Everything that sending real orders requires, and the grant once all of it is there."""

from __future__ import annotations

from collections.abc import Iterator

from trader247.adapters.coinbase.auth import Credentials
from trader247.app.books.choice import Choice
from trader247.app.books.modes import VenueName
from trader247.app.books.places import Places
from trader247.app.granting.installed import installed
from trader247.app.granting.live_book import armed_policy, portfolio_of
from trader247.app.granting.preflight import preflight_for
from trader247.app.granting.program import major_minor
from trader247.app.keys.files import GIVE_ONE, KeySource, key_source
from trader247.app.settings.load import Settings
from trader247.app.settings.tightening import loosened
from trader247.app.venue.endpoint import endpoint_for, tls_folder
from trader247.app.wiring.world import Beneath
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import NotAllowed
from trader247.domain.portfolio import Portfolio
from trader247.domain.stage import Stage
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that LIVE takes; `how` is what a person does to have it."""

    id: str
    is_met: bool
    found: str
    how: str


@dataclass(frozen=True, slots=True)
class Grant:
    """The leave to send orders for one account; `granted` alone gives it."""

    account: str
    policy_hash: str


def granted(settings: Settings, places: Places, key: KeySource | None) -> Grant:
    """The grant, if nothing is missing. Only files are read: nobody is asked, nothing is sent.

    Raises:
        NotAllowed: something is missing, with what, and how to get it.
        StorageError: a journal cannot be read.
    """
    expect_all([*prepared(settings, places, key), *armed(settings, places)])
    portfolio = portfolio_of(places)
    stage = None if portfolio is None else portfolio.stage
    assert stage is not None, "who is armed has a stage"
    return Grant(stage.account, settings.policy.hash)


def granted_beneath(settings: Settings, beneath: Beneath) -> Grant:
    """The grant on a world that is simulated from the wire down: no byte can leave it."""
    return Grant(beneath.account, settings.policy.hash)


def live_key(choice: Choice, settings: Settings, places: Places) -> KeySource | None:
    """The key that LIVE is to use: a rehearsal's is the one that the simulation left for it.

    Raises:
        UnsafePermission: a key's content stands in the environment.
    """
    own = tls_folder(settings.app, places.data) / "key.json"
    return key_source(choice.key_file, default=own if places.venue is VenueName.SIM else None)


def credentials_of(choice: Choice, settings: Settings, places: Places) -> Credentials | None:
    """The key for looking at a real account; None where none was given.

    Raises:
        UsageError, UnsafePermission, KeyRejected: one was given and cannot be used.
    """
    source = live_key(choice, settings, places)
    return None if source is None else source.credentials()


def expect_standing(portfolio: Portfolio, now: Instant, places: Places) -> None:
    """Refuse an arming that has ended, by the venue's clock.

    Raises:
        NotAllowed: it has.
    """
    stage = portfolio.stage
    if stage is None or not stage.is_armed(now):
        found = "nobody has armed this book" if stage is None else f"it ended at {stage.until}"
        expect_all([Need("arming", False, found, _how_to_arm(places))])


def expect_all(needs: list[Need]) -> None:
    """Refuse what lacks anything.

    Raises:
        NotAllowed: with each missing thing and how to get it.
    """
    missing = [need for need in needs if not need.is_met]
    if not missing:
        return
    lines = "".join(f"\n  {each.id}: {each.found}\n    {each.how}" for each in missing)
    raise NotAllowed(
        f"LIVE is refused, and nothing was sent: {len(missing)} of {len(needs)} things are "
        f"missing{lines}",
        hint="--mode paper with app.mode: PAPER needs none of this",
    )


def configured(settings: Settings, places: Places, key: KeySource | None) -> Iterator[Need]:
    """What app.yaml and the command line must say."""
    app, file = settings.app, settings.source.label_of("app.yaml")
    yield Need(
        "read_only",
        not app.is_read_only,
        f"exchange.read_only is {str(app.is_read_only).lower()}",
        f"set exchange.read_only: false in {file}",
    )
    yield Need(
        "alerts",
        app.are_alerts_enabled,
        f"monitoring.alerts_enabled is {str(app.are_alerts_enabled).lower()}",
        f"set monitoring.alerts_enabled: true in {file}",
    )
    endpoint = endpoint_for(app, places)
    if places.venue is VenueName.COINBASE:
        yield Need(
            "endpoint",
            not endpoint.is_simulated,
            f"exchange.endpoint is {app.exchange_endpoint or 'Coinbase itself'}",
            f"clear exchange.endpoint in {file}; LIVE on a simulation is --venue sim",
        )
    found = "no key was given" if key is None else f"{key.path} ({key.origin})"
    how = f"give one: {GIVE_ONE}"
    if places.venue is VenueName.SIM:
        how = f"trader247 sim serve leaves one in {tls_folder(app, places.data)}"
    yield Need("key", key is not None, found, how)


def prepared(settings: Settings, places: Places, key: KeySource | None) -> list[Need]:
    """All that must be there before a person may arm the book.

    Raises:
        StorageError: the paper book's journal cannot be read.
    """
    return [*configured(settings, places, key), *shown(settings, places), *released()]


def released() -> Iterator[Need]:
    """That the program is the one that was released."""
    found = installed()
    how = "install it anew: pip install --require-hashes --force-reinstall, as docs say"
    yield Need("installation", found.is_whole, found.said, how)


def shown(settings: Settings, places: Places) -> Iterator[Need]:
    """What paper trading must have shown.

    Raises:
        StorageError: the paper book's journal cannot be read.
    """
    checked = preflight_for(settings, places)
    missing = ", ".join(each.id for each in checked.missing)
    option = " --rehearsal" if checked.is_rehearsal else ""
    found = f"missing: {missing}" if missing else f"passed, from {checked.evidence.book}"
    how = f"trader247 preflight{option} shows each with the command that gets it"
    yield Need("preflight", checked.passed, found, how)


def armed(settings: Settings, places: Places) -> Iterator[Need]:
    """What a person must have done in this book. Its end is judged once the venue's time is known.

    Raises:
        StorageError: the journal cannot be read.
    """
    portfolio = portfolio_of(places)
    stage = None if portfolio is None else portfolio.stage
    objection = "nobody has armed this book" if stage is None else _objection(stage)
    if stage is not None and not objection:
        changed = loosened(settings.policy, armed_policy(places, stage.policy_hash))
        if changed:
            objection = f"what was armed has changed: {'; '.join(changed)}"
    yield Need(
        "arming",
        not objection,
        objection or f"armed for {stage.account if stage else ''}",
        _how_to_arm(places),
    )


def _how_to_arm(places: Places) -> str:
    return f"trader247 arm --mode live --venue {places.venue.slug}"


def _objection(stage: Stage) -> str:
    if stage.is_revoked:
        return "the arming was taken back"
    now = major_minor()
    if stage.version != now:
        return f"armed under version {stage.version}, and this is {now}"
    return ""
