"""The steps of looking at a key: what each finds, and what a person is to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase.auth import TOKEN_SECONDS, Credentials, Signer
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.key_content import credentials_in, is_name_of_venue
from trader247.adapters.coinbase.skew import clock_skew
from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.ledger import ledger_in
from trader247.app.books.modes import VenueName
from trader247.app.books.places import Places
from trader247.app.keys.age import ATTEST, attestation_of, remark_on_age
from trader247.app.keys.files import (
    GIVE_ONE,
    NAME_VARIABLE,
    KeySource,
    expect_no_key_in,
    named_source,
)
from trader247.app.settings.load import Settings
from trader247.app.venue.endpoint import endpoint_for, tls_folder
from trader247.app.venue.looking import endpoint_client
from trader247.core.keys import key_refusal
from trader247.core.risk.check import check_in, figure
from trader247.core.risk.checks.clock_skew import ClockSkew, skew_seconds
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import KeyRejected
from trader247.domain.keys import KeyPermissions

IDS = (
    "environment", "file", "content", "name", "private_key", "token",
    "reachable", "clock", "accepted", "rights", "portfolio", "age",
)  # fmt: skip
_REFUSED = (
    "the name does not belong to this private key, the key was revoked or is for another "
    "address, an IP allow-list leaves this machine out, or the clock is wrong"
)


class StepResult(Enum):
    """How a step ended."""

    PASS = "pass"  # noqa: S105 - no password
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what was found, and what to do where that is not well."""

    id: str
    result: StepResult
    found: str
    hint: str


T = TypeVar("T")
Found = tuple[StepResult, str, str]


class Needs(Exception):
    """A step that cannot be taken, since an earlier one failed."""


def _well(found: str) -> Found:
    return StepResult.PASS, found, ""


class KeySteps:
    """The steps by name, to be taken in the order of `IDS`."""

    def __init__(
        self,
        settings: Settings,
        places: Places,
        key_file: Path | None,
        environment: Mapping[str, str],
    ) -> None:
        self._settings = settings
        self._places = places
        self._key_file = key_file
        self._environment = environment
        self.endpoint = endpoint_for(settings.app, places)
        self._clock = SystemClock()
        self._source: KeySource | None = None
        self._text: str | None = None
        self._key: Credentials | None = None
        self._signer: Signer | None = None
        self._is_reached = False
        self._permissions: KeyPermissions | None = None

    @property
    def source_text(self) -> str:
        """The file that the key is in, and who named it; empty where there is none."""
        return "" if self._source is None else f"{self._source.path} ({self._source.origin})"

    def environment(self) -> Found:
        """No key stands in the environment itself."""
        expect_no_key_in(self._environment)
        return _well("it holds no key")

    def file(self) -> Found:
        """A key file is named, and it is this user's alone."""
        is_sim = self._places.venue is VenueName.SIM
        folder = tls_folder(self._settings.app, self._places.data)
        default = folder / "key.json" if is_sim else None
        self._source = named_source(self._key_file, self._environment, default=default)
        if self._source is None:
            return StepResult.FAIL, "no key file was named", GIVE_ONE
        self._text = self._source.text()
        return _well(f"{self._source.path}: yours alone")

    def content(self) -> Found:
        """The file holds a key, as the venue hands one out."""
        if self._text is None:
            raise Needs("no file")
        name = self._environment.get(NAME_VARIABLE) or None
        self._key = credentials_in(self._text, name=name)
        return _well("a name and a private key")

    def name(self) -> Found:
        """The name is of the venue's form."""
        key = _needed(self._key, "no key")
        if is_name_of_venue(key.name):
            return _well(key.name)
        return (
            StepResult.WARN,
            f"{key.name[:60]!r} is not of the form organizations/…/apiKeys/…",
            "copy the whole name from the downloaded file; the venue may refuse this one",
        )

    def private_key(self) -> Found:
        """The private key is of a kind that the venue takes."""
        key = _needed(self._key, "no key")
        self._signer = Signer(key, now=self._clock.now)
        kind = {"ES256": "EC P-256", "EdDSA": "Ed25519"}[self._signer.algorithm]
        return _well(f"{kind}, signs with {self._signer.algorithm}")

    def token(self) -> Found:
        """A token can be made."""
        signer = _needed(self._signer, "no private key")
        made = signer.token(
            method="GET", host=self.endpoint.host, path="/api/v3/brokerage/accounts"
        )
        return _well(f"made, {len(made)} characters, lives {TOKEN_SECONDS[0]} s")

    def reachable(self) -> Found:
        """The venue answers at all."""
        CoinbaseVenue(self._public).time()
        self._is_reached = True
        return _well(f"{self.endpoint.host} answers")

    def clock(self) -> Found:
        """This machine's clock and the venue's agree: tokens are for seconds."""
        if not self._is_reached:
            raise Needs("not reached")
        limits = check_in(self._settings.policy.checks, ClockSkew)
        skew = clock_skew(self._public)
        seconds = skew_seconds(skew)
        found = f"{figure(seconds, 3)} s apart"
        if self.endpoint.is_simulated and seconds > limits.seconds_max:
            # A simulated market may live in another year; it judges tokens by the real clock.
            return _well(f"{found}: a simulated market has a time of its own")
        side = "behind" if skew > timedelta(0) else "ahead of"
        if seconds > limits.seconds_warn:
            is_over = seconds > limits.seconds_max
            return (
                StepResult.FAIL if is_over else StepResult.WARN,
                f"this machine is {figure(seconds, 3)} s {side} the venue",
                f"set the clock (NTP): over {limits.seconds_max} s nothing is bought, and tokens "
                "are refused",
            )
        return _well(found)

    def accepted(self) -> Found:
        """The venue takes the key."""
        key = _needed(self._key, "no key")
        _needed(self._signer, "no private key")
        if not self._is_reached:
            raise Needs("not reached")
        try:
            self._permissions = CoinbaseVenue(endpoint_client(self.endpoint, key)).permissions()
        except KeyRejected as error:
            if "403" in str(error):
                hint = "the venue knows the key, and it may not even view: make one that may"
                return StepResult.FAIL, f"403: {error}", hint
            return StepResult.FAIL, f"refused with 401: {error}", _REFUSED
        return _well("the venue takes it")

    def rights(self) -> Found:
        """The key may view and trade, and may not transfer."""
        key = _needed(self._permissions, "not accepted")
        rights = (("view", key.can_view), ("trade", key.can_trade), ("transfer", key.can_transfer))
        found = ", ".join(f"{'may' if can else 'may not'} {word}" for word, can in rights)
        refusal = key_refusal(key, "")
        if refusal is None:
            return _well(found)
        return StepResult.FAIL, f"{found}: {refusal}", "make a key with view and trade alone"

    def portfolio(self) -> Found:
        """The key is of the portfolio that the book was begun on."""
        key = _needed(self._permissions, "not accepted")
        kind = f" ({key.portfolio_type})" if key.portfolio_type else ""
        pinned = self._pinned
        if pinned and pinned != key.portfolio:
            return (
                StepResult.FAIL,
                f"{key.portfolio}{kind}, and {self._places.journal} was begun on {pinned}",
                "use a key of that portfolio, or another --data for this one",
            )
        return _well(f"{key.portfolio}{kind}{', the one of this book' if pinned else ''}")

    def age(self) -> Found:
        """The key is younger than ninety days, by its owner's word."""
        key = _needed(self._key, "no key")
        now = self._clock.now()
        attestation = attestation_of(self._places.data, key.name)
        remark = remark_on_age(attestation, now)
        if remark or attestation is None:
            return (
                StepResult.WARN,
                remark,
                ATTEST if attestation is None else "make one, trader247 key check, then key attest",
            )
        return _well(f"{attestation.age_days(now)} days, by the word of {attestation.operator}")

    @cached_property
    def _public(self) -> CoinbaseClient:
        return endpoint_client(self.endpoint, None)

    @cached_property
    def _pinned(self) -> str:
        """The portfolio of the live book in this folder; empty where there is none yet."""
        if not self._places.journal.exists():
            return ""
        with JournalReader.open(self._places.journal) as journal:
            return ledger_in(journal).pinned


def _needed(value: T | None, lacking: str) -> T:
    if value is None:
        raise Needs(lacking)
    return value
