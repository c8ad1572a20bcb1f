"""What nobody acknowledges is escalated; and by which policy an order is decided is journalled."""

from __future__ import annotations

from tests.truth.story import Story, judged

CODE = "kill_switch"


def raised(story: Story, code: str = CODE) -> None:
    told = {"severity": "CRITICAL", "code": code, "text": "x"}
    story.journal(("alert_raised", told))


def escalated(story: Story) -> None:
    raised(story, f"{CODE}:escalated")


def acknowledged(story: Story) -> None:
    story.journal(("alert_acknowledged", {"codes": [CODE], "operator": "somebody"}))


def minutes(story: Story, count: int = 6) -> None:
    for _ in range(count):
        story.wait(60)
        story.cycle()


def is_late(*parts: object) -> bool:
    found = judged(*parts)  # type: ignore[arg-type]
    return any("was not escalated" in each.text for each in found)


def test_what_is_critical_is_escalated_unless_somebody_knows() -> None:
    assert is_late(raised, minutes)
    assert not is_late(raised, lambda story: minutes(story, 4))
    assert not is_late(raised, escalated, minutes)
    assert not is_late(raised, acknowledged, minutes)
    assert is_late(raised, escalated, acknowledged, raised, minutes), "that is another one"


def test_an_order_is_decided_by_the_policy_that_the_journal_has() -> None:
    def bought_by(name: str) -> bool:
        def part(story: Story) -> None:
            text = '{"policy": {"execution": {"fallback_taker_bps": "60"}}}'
            story.journal(("policy_adopted", {"policy_hash": "one", "text": text}))
            story.cycle()
            payload = story.record("t247-a-1-1")
            payload["intent"]["policy_hash"] = name

        found = [each.text for each in judged(part)]
        return any("was decided by policy another" in each for each in found)

    assert bought_by("another")
    assert not bought_by("one")
