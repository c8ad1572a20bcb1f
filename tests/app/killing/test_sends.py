"""From when on nothing of ours can arrive, where somebody sets the clock that dates a sending."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tests.adapters.coinbase.scripted import ScriptedClock
from tests.app.killing.test_clearing import AtOnce, Venue, page

from trader247.adapters.emergency import Emergency, EmergencyFile, read_emergency
from trader247.adapters.holder import Holder
from trader247.app.killing.clearing import Cleared, Wanted
from trader247.app.killing.emergency import Target, cleared_by
from trader247.domain.time import DAY, HOUR, SECOND


class Story:
    """A trader that sends, and dies; and somebody who proves that nothing of it rests."""

    def __init__(self, data: Path) -> None:
        self.clock = ScriptedClock()
        self.clock.passed += DAY
        self.said: list[str] = []
        self._data = data
        self.file = self.starts(data)

    def starts(self, data: Path, *, boot: str | None = None) -> EmergencyFile:
        holder = Holder.this_process(since="", book="live-sim")
        if boot is not None:
            holder = Holder(1, boot, "", holder.host, "", "", "live-sim")
        left = Emergency("localhost", "", "key.json", "a", token_seconds=30, holder=holder)
        return EmergencyFile(data, left, now=self.clock.now, monotonic=self.clock.monotonic)

    def proven(self, crew: type[AtOnce] = AtOnce) -> timedelta:
        """How long the proof took."""
        began = self.clock.passed
        found = self.cleared(crew)
        assert found.is_proven, found.trouble
        return self.clock.passed - began

    def cleared(self, crew: type[AtOnce] = AtOnce) -> Cleared:
        emergency = read_emergency(self._data)
        assert emergency is not None
        return cleared_by(
            crew(Venue([page()], self.clock.now()), self.clock),
            self.clock,
            Target("localhost", "", self._data / "key.json", emergency),
            Wanted(),
            data=self._data,
            is_over=lambda: True,
            is_stopped=True,
            is_proof_awaited=True,
            on_news=self.said.append,
        )


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def test_what_was_sent_long_ago_is_waited_for_no_more(story: Story) -> None:
    story.file.sending()
    story.clock.passed += 11 * SECOND
    assert story.proven() < 2 * SECOND


def test_a_last_order_that_is_dated_ahead_is_waited_for_no_longer(story: Story) -> None:
    """The proof waited until that time had come."""
    story.clock.ahead = 3 * HOUR
    story.file.sending()
    story.clock.ahead = timedelta(0)
    story.clock.passed += HOUR
    assert story.proven() < 15 * SECOND


def test_a_clock_set_ahead_after_the_last_order_makes_no_proof_of_what_may_arrive(
    story: Story,
) -> None:
    """A listing counted while the order could still be on its way."""
    story.file.sending()
    story.clock.passed += SECOND
    story.clock.ahead = HOUR
    assert 9 * SECOND <= story.proven() < 15 * SECOND


class Jumping(AtOnce):
    """While it waits for the first time somebody sets the clock an hour on."""

    def attend(self) -> None:
        super().attend()
        self._clock.ahead = HOUR


def test_a_clock_set_ahead_amid_the_proof_makes_none_either(story: Story) -> None:
    story.file.sending()
    story.clock.passed += SECOND
    assert 9 * SECOND <= story.proven(Jumping) < 15 * SECOND


class Sending(AtOnce):
    """Beside it a trader sends one more, by a clock that was set back by an hour meanwhile."""

    file: EmergencyFile

    def attend(self) -> None:
        super().attend()
        if not self._clock.ahead:
            self._clock.ahead = -HOUR
            self.file.sending()


def test_what_is_sent_meanwhile_by_a_clock_set_back_is_waited_for(story: Story) -> None:
    story.file.sending()
    story.clock.passed += HOUR
    Sending.file = story.file
    assert 10 * SECOND <= story.proven(Sending) < 15 * SECOND


def test_a_start_in_another_boot_keeps_the_time_of_the_one_clock_that_is_still_the_same(
    story: Story, tmp_path: Path
) -> None:
    story.file.sending()
    story.starts(tmp_path)
    known = read_emergency(tmp_path)
    assert known is not None
    assert known.sent_steady == story.clock.monotonic()
    story.starts(tmp_path, boot="another")
    later = read_emergency(tmp_path)
    assert later is not None
    assert (later.last_send, later.sent_steady) == (known.last_send, None)


@pytest.mark.parametrize("text", [" " * 16, "0" * 15 + "x", "-" * 16])
def test_a_steady_time_that_cannot_be_read_is_none(story: Story, tmp_path: Path, text: str) -> None:
    story.file.sending()
    path = tmp_path / "emergency.json"
    known = read_emergency(tmp_path)
    assert known is not None
    assert known.sent_steady is not None
    told = f"{known.sent_steady // timedelta(microseconds=1):016}"
    path.write_text(path.read_text().replace(told, text))
    torn = read_emergency(tmp_path)
    assert torn is not None
    assert (torn.last_send, torn.sent_steady) == (known.last_send, None)
