"""What a cycle reports of its orders is what the answer to each was."""

from __future__ import annotations

import pytest
from tests.truth.story import Row, Story, said

NAME = "t247-a-1-1"
TAKEN: Row = {"is": "Acknowledged", "order_id": f"order of {NAME}"}
UNKNOWN: Row = {"is": "Unknown", "detail": "no answer", "latch": False}
DECLINED: Row = {"is": "Declined", "code": "X", "message": "no", "is_sent": True}
NOT_SENT: Row = {"is": "Declined", "code": "not_sent", "message": "late", "is_sent": False}


def reported(story: Story, word: str, *, later: int = 0) -> None:
    endings = {"BTC-USD": word, "ETH-USD": "no_trigger"}
    story.tell("reported", cycle=story.cycles + later, endings=endings)


def sent(story: Story, outcome: Row, word: str) -> None:
    story.cycle()
    story.record(NAME)
    if outcome is not NOT_SENT:
        number = story.send(NAME)
        if outcome is not DECLINED:
            story.create(NAME)
        story.answer(number, None if outcome is UNKNOWN else 200)
    story.settle(NAME, outcome)
    if outcome is UNKNOWN:
        story.take(NAME)  # a reading of the same cycle has found it
    reported(story, word)


def found(outcome: Row, word: str) -> list[str]:
    return [each for each in said(lambda story: sent(story, outcome, word)) if "reports" in each]


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (TAKEN, "entry_sent"),
        (TAKEN, "exit_sent"),
        (UNKNOWN, "unknown_outcome"),
        (DECLINED, "declined_by_venue"),
        (NOT_SENT, "not_sent"),
    ],
)
def test_the_answers_own_word_is_fine(outcome: Row, word: str) -> None:
    assert found(outcome, word) == []


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (UNKNOWN, "entry_sent"),
        (UNKNOWN, "not_sent"),
        (TAKEN, "unknown_outcome"),
        (DECLINED, "entry_sent"),
        (NOT_SENT, "declined_by_venue"),
    ],
)
def test_any_other_word_is_named(outcome: Row, word: str) -> None:
    (text,) = found(outcome, word)
    assert f"reports {word}" in text


def test_what_is_reported_as_sent_was_taken_in_that_cycle() -> None:
    def part(story: Story) -> None:
        sent(story, TAKEN, "entry_sent")
        reported(story, "holding", later=1)
        reported(story, "entry_sent", later=2)

    (text,) = [each for each in said(part) if "reports" in each]
    assert "nothing was taken" in text
