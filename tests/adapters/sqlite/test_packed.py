"""What comes in masses is stored in a fraction of its text, and comes back to the letter."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.sqlite.journal_values import Market, a_cycle

from trader247.adapters.sqlite.chain import canonical
from trader247.adapters.sqlite.codec import UnreadableRecord
from trader247.adapters.sqlite.kinds import KINDS, to_payload
from trader247.adapters.sqlite.packed import FORM, KNOWN, packed, unpacked
from trader247.adapters.sqlite.packed import KINDS as MASSES
from trader247.domain.events.cycles import SegmentRef

_PACKED = packed("cycle_decided", "{}" * 40)
_STORED = _PACKED if isinstance(_PACKED, bytes) else b""


@settings(deadline=None, max_examples=50)
@given(text=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_any_payload_comes_back(text: str) -> None:
    assert unpacked(packed("cycle_decided", text)) == text
    assert packed("policy_adopted", text) == text


def test_a_cycles_event_takes_a_fraction_of_its_text() -> None:
    seen = Market(3, products=14, window=5).snapshot()
    text = canonical(to_payload(a_cycle(seen, SegmentRef("2026-01.seg", 0, 9, "ab" * 32))))

    assert len(packed("cycle_decided", text)) < len(text) / 3
    assert set(KINDS) >= MASSES


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\2",
        bytes([FORM]),
        _STORED[:-1],
        _STORED + b"x",
        bytes([FORM]) + b"\xff" * 9,
    ],
)
def test_what_was_changed_is_refused(stored: bytes) -> None:
    with pytest.raises(UnreadableRecord):
        unpacked(stored)


def test_a_script_reads_it_with_the_known_text_alone() -> None:
    assert zlib.decompressobj(-15, KNOWN.encode()).decompress(_STORED[1:]) == b"{}" * 40


def test_the_known_text_is_frozen() -> None:
    """Another text would be another form: what is stored against this one could not be read."""
    assert zlib.crc32(KNOWN.encode()) == 0x2303326A
