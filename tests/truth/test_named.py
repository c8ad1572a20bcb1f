"""Each of several things that happen at once is told of by its own name."""

from __future__ import annotations

from typing import Any

from tests.truth.story import Story, judged

BREAK = "reconciliation_break"
Event = tuple[str, dict[str, Any]]


def found(key: str, *, is_break: bool = True) -> Event:
    return "difference_found", {"key": key, "ledger": "1", "venue": "2", "is_break": is_break}


def banned(product: str) -> Event:
    return "ban_latched", {"control": "collar", "scope": product, "cause": "three refusals"}


def alert(code: str, text: str) -> Event:
    return "alert_raised", {"code": code, "severity": "critical", "text": text}


def unsaid(*breaths: list[Event]) -> list[str]:
    def part(story: Story) -> None:
        story.cycle()
        for each in breaths:
            story.journal(*each)

    return [each.text for each in judged(part) if "no alert names it" in each.text]


def test_of_two_breaks_each_is_named() -> None:
    cash, coins = alert(BREAK, "Break on cash:USD: 1"), alert(BREAK, "Break on base:BTC: 1")
    both = [found("cash:USD"), cash, found("base:BTC")]
    assert unsaid(both) == ["base:BTC is a reconciliation_break, and no alert names it"]
    assert not unsaid([*both, coins])
    assert not unsaid([found("cash:USD", is_break=False)])
    assert not unsaid([found("cash:USD"), cash], [found("cash:USD")])
    healed = "difference_healed", {"key": "cash:USD"}
    assert unsaid([found("cash:USD"), cash], [healed], [found("cash:USD")])
    assert unsaid([found("cash:USD")], [cash])


def test_of_two_bans_each_is_named() -> None:
    told = alert("ban_collar", "BTC-USD is banned from buying")
    both = [banned("BTC-USD"), told, banned("ETH-USD")]
    assert unsaid(both) == ["ETH-USD is a ban_collar, and no alert names it"]
    assert not unsaid([*both, alert("ban_collar", "ETH-USD is banned from buying")])
    cleared = "ban_cleared", {"control": "collar", "scope": "BTC-USD"}
    assert unsaid([banned("BTC-USD"), told], [cleared], [banned("BTC-USD")])
