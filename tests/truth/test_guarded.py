"""A process changes nothing in its folder but under the folder's guard."""

from __future__ import annotations

from tests.truth.story import Story, judged


def test_what_is_changed_unguarded_is_named() -> None:
    def changes(story: Story) -> None:
        story.tell("unguarded", act="unlink", file="trader247.holder.json")

    assert [each.invariant for each in judged(Story.rests, changes)] == ["I20"]
    assert judged(Story.rests) == []
