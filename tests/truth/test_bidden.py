"""What only a person may say is believed where a person was seen to say it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.truth.story import Story, judged

CLEARED = {"name": "daily_stop", "reason": "", "operator": "somebody"}
GIVEN = {"id": "7-BTC-USD", "operator": "somebody"}
WORDS: dict[str, tuple[str, dict[str, Any], str, dict[str, str]]] = {
    "a halt": ("halt_cleared", CLEARED, "clear_halt", {"name": "daily_stop"}),
    "the switch": ("halt_cleared", {**CLEARED, "name": "kill_switch"}, "release_kill", {}),
    "a pause": ("halt_cleared", {**CLEARED, "name": "pause"}, "resume", {}),
    "a ban": (
        "ban_cleared",
        {"control": "collar", "scope": "BTC-USD", "reason": "", "operator": ""},
        "clear_halt",
        {"name": "collar:BTC-USD"},
    ),
    "an alert": ("alert_acknowledged", {"codes": []}, "alert_ack", {}),
    "somebody else's coins": (
        "foreign_seen",
        {"currency": "ETH", "quantity": "0"},
        "accept_movement",
        {},
    ),
    "a movement": ("cash_flowed", {"amount": "0", "cause": "a gift"}, "accept_movement", {}),
}


@pytest.mark.parametrize(("kind", "payload", "what", "words"), WORDS.values(), ids=WORDS)
def test_what_nobody_asked_for_is_named(
    kind: str, payload: dict[str, Any], what: str, words: dict[str, str]
) -> None:
    def said(story: Story, *, is_asked: bool) -> None:
        if is_asked:
            story.tell("asked", what=what, arguments=words)
        story.journal((kind, payload), is_asked=False)

    assert {each.invariant for each in judged(lambda story: said(story, is_asked=False))} == {"I2"}
    assert judged(lambda story: said(story, is_asked=True)) == []


def test_one_word_clears_one_halt_once() -> None:
    def twice(story: Story) -> None:
        story.journal(("halt_cleared", CLEARED))
        story.journal(("halt_cleared", CLEARED), is_asked=False)

    (broken,) = judged(twice)
    assert broken.text == "clear_halt daily_stop was done 2 times, and asked for 1 times"


def test_one_word_explains_what_moved_once() -> None:
    gift: dict[str, Any] = {"amount": "0", "cause": "a gift"}
    coins: dict[str, Any] = {"currency": "ETH", "quantity": "0"}

    def explained(story: Story, *, times: int, dies: bool = False) -> None:
        story.tell("asked", what="accept_movement", arguments={})
        for number in range(times):
            if number and dies:
                story.die()
                story.start()
            story.journal(("cash_flowed", gift), ("foreign_seen", coins), is_asked=False)

    assert judged(lambda story: explained(story, times=1)) == []
    assert judged(lambda story: explained(story, times=2, dies=True)) == [], "obeyed once more"
    (broken,) = judged(lambda story: explained(story, times=2))
    assert broken.text == "movements were explained 2 times, and 1 times by somebody"


def test_a_yes_is_one_to_its_own_question() -> None:
    def given(story: Story, asked: str) -> None:
        question = {"id": GIVEN["id"], "product": "BTC-USD", "side": "BUY", "notional": "200"}
        story.journal(("confirmation_asked", question))
        story.tell("asked", what="confirm", arguments={"id": asked})
        story.journal(("confirmation_given", GIVEN), is_asked=False)

    assert judged(lambda story: given(story, "7-BTC-USD")) == []
    (broken,) = judged(lambda story: given(story, "8-BTC-USD"))
    assert broken.text == "nobody asked for confirm 7-BTC-USD"
