from __future__ import annotations

import json
import typing
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trader247.adapters.sqlite import kinds
from trader247.adapters.sqlite.chain import canonical
from trader247.adapters.sqlite.codec import UnreadableRecord, decode, encode, shape_of
from trader247.domain.events.book import SessionEnded
from trader247.domain.events.orders import SubmissionSettled
from trader247.domain.events.people import AlertRaised
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.money import Bps, Money, Price, Quantity
from trader247.domain.outcomes import Acknowledged, Declined, Outcome, Unknown
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity
from trader247.domain.time import Instant
from trader247.domain.verdicts import Verdict

PATIENT = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
"""Whole portfolios are large, and the machine may be busy."""

_SIGNED = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)
_POSITIVE = st.integers(1, 10**24).map(lambda n: Decimal(n).scaleb(-12))

st.register_type_strategy(Decimal, _SIGNED)
st.register_type_strategy(Money, _SIGNED.map(Money))
st.register_type_strategy(Bps, _SIGNED.map(Bps))
st.register_type_strategy(Price, _POSITIVE.map(Price))
st.register_type_strategy(Quantity, _POSITIVE.map(Quantity))
_WORDS = st.none() | st.text(max_size=8)
st.register_type_strategy(
    Verdict,
    st.builds(Verdict.of, st.text(max_size=8), st.booleans(), st.text(), _WORDS, _WORDS, st.text()),
)
st.register_type_strategy(Instant, st.integers(0, 4_102_444_800_000_000).map(Instant))
st.register_type_strategy(
    timedelta, st.integers(0, 10**15).map(lambda us: timedelta(microseconds=us))
)
st.register_type_strategy(
    ProductId, st.sampled_from([ProductId("BTC", "USD"), ProductId("1INCH", "EUR")])
)


@pytest.mark.parametrize("kind", typing.get_args(AnyEvent), ids=lambda kind: str(kind.kind))
@PATIENT
@given(data=st.data())
def test_every_kind_of_event_comes_back_as_it_was(kind: type[AnyEvent], data: Any) -> None:
    event = data.draw(st.from_type(kind))

    stored = canonical(kinds.to_payload(event))

    assert kinds.from_payload(event.kind, event.v, json.loads(stored)) == event
    assert canonical(json.loads(stored)) == stored


@PATIENT
@given(portfolio=st.from_type(Portfolio))
def test_a_portfolio_comes_back_as_it_was(portfolio: Portfolio) -> None:
    stored = canonical(encode(portfolio))

    assert decode(Portfolio, json.loads(stored)) == portfolio


def test_every_kind_of_event_is_known_by_its_own_name() -> None:
    members = typing.get_args(AnyEvent)

    assert len(members) > 20
    assert {kinds.KINDS[each.kind] for each in members} == set(members)


def test_money_is_stored_as_plain_text_whatever_its_exponent() -> None:
    assert encode(Quantity(Decimal("1E-8"))) == "0.00000001"
    assert encode(Money(Decimal("1E+3"))) == "1000"
    assert encode(Money(Decimal("-1.50"))) == "-1.5"


def test_a_member_of_a_union_carries_its_name() -> None:
    for outcome in (Acknowledged, Declined, Unknown):
        assert outcome in typing.get_args(Outcome)
    event = SubmissionSettled(ClientOrderId("t247-x"), Unknown("read timed out", latch=True))

    payload = kinds.to_payload(event)

    assert payload["outcome"] == {"is": "Unknown", "detail": "read timed out", "latch": True}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"epoch": 1},
        {"epoch": 1, "cause": "x", "more": 1},
        {"epoch": "1", "cause": "x"},
        {"epoch": True, "cause": "x"},
        {"epoch": 1.0, "cause": "x"},
        {"epoch": 1, "cause": None},
        [],
        "text",
        None,
    ],
)
def test_a_payload_of_another_shape_is_not_read(payload: object) -> None:
    with pytest.raises(UnreadableRecord):
        kinds.from_payload(SessionEnded.kind, SessionEnded.v, payload)


@pytest.mark.parametrize(
    "text", ["1e3", "NaN", "Infinity", "", " 1", "1_000", "٣", "+1", ".5", "1."]
)
def test_a_number_that_is_not_plain_decimal_text_is_not_read(text: str) -> None:
    with pytest.raises(UnreadableRecord):
        decode(Money, text)


def test_an_unknown_kind_or_version_says_that_a_newer_program_wrote_it() -> None:
    with pytest.raises(UnreadableRecord, match="teleported") as unknown_kind:
        kinds.from_payload("teleported", 1, {})
    with pytest.raises(UnreadableRecord, match="version 9") as unknown_version:
        kinds.from_payload(SessionEnded.kind, 9, {"epoch": 1, "cause": "x"})

    assert "newer" in unknown_kind.value.hint
    assert "newer" in unknown_version.value.hint


def test_an_old_version_is_brought_up_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        kinds.UPCASTERS, (SessionEnded.kind, 0), lambda old: {"epoch": old["epoch"], "cause": "?"}
    )
    monkeypatch.setitem(
        kinds.UPCASTERS, (SessionEnded.kind, -1), lambda old: {"epoch": int(old["number"])}
    )

    event = kinds.from_payload(SessionEnded.kind, -1, {"number": "3"})

    assert event == SessionEnded(3, "?")


def test_text_that_is_hostile_survives_and_stays_ascii() -> None:
    event = AlertRaised(Severity.INFO, "x", 'é\n\x1b[2J\u202e"\\\ud7ff😀')

    stored = canonical(kinds.to_payload(event))

    assert stored.isascii()
    assert kinds.from_payload(event.kind, 1, json.loads(stored)) == event


def test_a_float_has_no_stored_form() -> None:
    @dataclass(frozen=True, slots=True)
    class Loose:
        value: float

    with pytest.raises(TypeError, match="no stored form"):
        encode(Loose(0.1), Loose)


def test_a_shape_changes_when_a_field_inside_it_does() -> None:
    assert shape_of(Portfolio) == shape_of(Portfolio)
    assert shape_of(Portfolio) != shape_of(SessionEnded)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("session_ended", {"cause": "x", "epoch": 4, "extra": "y"}),
        ("session_ended", {"cause": "x"}),
        ("halt_latched", {"name": "solar_flare", "cause": "x"}),
    ],
)
def test_a_shape_that_is_not_known_says_who_may_know_it(
    kind: str, payload: dict[str, object]
) -> None:
    with pytest.raises(UnreadableRecord) as unknown_shape:
        kinds.from_payload(kind, 1, payload)
    assert "a newer trader247" in unknown_shape.value.hint
    assert "state restore" in unknown_shape.value.hint
