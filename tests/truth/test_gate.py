"""What the gate said of an order is added up once more: less than is there is named at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.truth.story import LIMITS, Story, judged, time_text

Part = Callable[[Story], object]
BUY, SELL = "t247-a-1-1", "t247-a-1-2"
MORE = {
    "at_risk_max": 5_000, "order_min": 15, "positions_max": 2, "entries_per_cycle": 1,
    "entries_per_hour": 60, "entries_per_day": 500, "product_pause_s": 60,
}  # fmt: skip
LAYER = {"pct": "5", "products": ["BTC-USD", "ETH-USD"]}


def said(**instead: Any) -> list[dict[str, Any]]:
    """What a gate says of a buy of 200 of 100,000, the first of all."""
    figures: dict[str, tuple[str, str]] = {
        "max_order": ("200", "250"), "max_positions": ("0", "2"), "pace": ("0/0", "60/500"),
        "capital": ("200", "5000"), "product_exposure": ("0.2", "5"),
        "cluster_exposure": ("0.2", "5"), "buying_power": ("201.8", "100000"),
        "total_exposure": ("0.2", "15"),
    }  # fmt: skip
    figures |= instead.pop("figures", {})
    return [
        {
            "check": check, "value": value, "limit": limit, "unit": "", "detail": "in words",
            "is_allowed": check != instead.get("refused"),
        }
        for check, (value, limit) in figures.items()
        if check != instead.get("missing")
    ]  # fmt: skip


def told(story: Story, **limits: Any) -> None:
    """The limits of its policy, and which products fall together."""
    story.told[0]["checks"] = limits.pop("checks", [])
    story.told[0]["limits"] = {**LIMITS, **MORE, **limits}
    story.told[0]["clusters"] = {"LAYER1": LAYER}


def decided(*verdicts: dict[str, Any], size: str = "0.004", **limits: Any) -> Part:
    """A buy that is recorded with these verdicts."""

    def part(story: Story) -> None:
        told(story, **limits)
        story.cycle(verdicts={"BTC-USD": list(verdicts)})
        story.record(BUY, size=size)

    return part


def unknown_before(story: Story, **figures: tuple[str, str]) -> None:
    """A buy of ETH whose answer is lost, and one of BTC beside it."""
    told(story)
    story.cycle(verdicts={"ETH-USD": said()})
    story.record("t247-a-1-0", product="ETH-USD", price="2000", size="0.1")
    number = story.send("t247-a-1-0")
    story.wait(10)
    story.answer(number, None)
    story.settle("t247-a-1-0", {"is": "Unknown", "detail": "", "latch": False})
    story.wait(50)
    both = {
        "capital": ("400", "5000"), "max_positions": ("1", "2"), "cluster_exposure": ("0.4", "5"),
        "total_exposure": ("0.4", "15"),
        "buying_power": ("201.8", "99798.2"),
    }  # fmt: skip
    story.cycle(verdicts={"BTC-USD": said(figures={**both, **figures})})
    story.record(BUY)


def beside(**figures: tuple[str, str]) -> Part:
    return lambda story: unknown_before(story, **figures)


def sold_with(free: str, **figures: tuple[str, str]) -> Part:
    """A sale beside which the gate says that so much was free."""

    def part(story: Story) -> None:
        told(story)
        story.bought()
        said_of_it = said(figures={"buying_power": ("0.004", free), **figures})
        story.cycle({"BTC-USD": "50000"}, verdicts={"BTC-USD": said_of_it})
        story.record(SELL, side="SELL", leg=1, decision="1:BTC-USD")

    return part


def entered(
    *, gap_s: float = 70, claimed: str = "1/1", is_taken: bool = True, **limits: Any
) -> Part:
    """Two entries of a product, the first of which the exchange took."""

    def part(story: Story) -> None:
        told(story, **limits)
        story.cycle(verdicts={"BTC-USD": said()})
        story.record(BUY)
        number = story.send(BUY)
        if is_taken:
            story.create(BUY, status="CANCELLED")
        story.answer(number)
        declined = {"is": "Declined", "is_sent": True, "code": "x", "message": ""}
        outcome = {"is": "Acknowledged", "order_id": f"order of {BUY}"}
        story.settle(BUY, outcome if is_taken else declined)
        story.wait(gap_s)
        story.cycle(verdicts={"BTC-USD": said(figures={"pace": (claimed, "60/500")})})
        story.record("t247-a-1-3")
        story.send("t247-a-1-3")

    return part


def asked(story: Story, *, product: str = "BTC-USD", notional: str = "250") -> None:
    told(story, confirmed_first=20)
    terms = {"id": "1", "product": product, "side": "BUY", "notional": notional}
    story.journal(("confirmation_asked", terms))


def given(*, product: str = "BTC-USD", notional: str = "250", wait_s: float = 60) -> Part:
    """A person says yes, and an entry follows after a while."""

    def part(story: Story) -> None:
        asked(story, product=product, notional=notional)
        story.journal(("confirmation_given", {"id": "1", "operator": "somebody"}))
        story.wait(wait_s)
        story.cycle()
        story.record(BUY)
        story.send(BUY)

    return part


def used_up(story: Story) -> None:
    """What a person said yes to is bought; then as much again."""
    given()(story)
    story.create(BUY)
    story.take(BUY)
    story.book(BUY, story.fill(BUY))
    story.wait(120)
    story.cycle({"BTC-USD": "50000"})
    story.record(f"{BUY}1")
    story.send(f"{BUY}1")


def kept_back(story: Story) -> None:
    """An order is recorded while a yes stands no more, and does not leave."""
    asked(story)
    story.journal(("confirmation_given", {"id": "1", "operator": "somebody"}))
    story.cycle()
    story.wait(700)
    story.record(BUY)


def not_given(story: Story) -> None:
    asked(story)
    story.cycle()
    story.record(BUY)
    story.send(BUY)


def twice_in_a_cycle(story: Story) -> None:
    told(story)
    figures = {
        "capital": ("400", "5000"), "max_positions": ("1", "2"), "cluster_exposure": ("0.4", "5"),
        "total_exposure": ("0.4", "15"),
        "buying_power": ("201.8", "99798.2"),
    }  # fmt: skip
    story.cycle(verdicts={"BTC-USD": said(), "ETH-USD": said(figures=figures)})
    story.record(BUY)
    story.record("t247-a-1-3", product="ETH-USD", price="2000", size="0.1")


def after_a_sale(price: str, cause: str, wait_s: float) -> Part:
    """It is bought, sold at a price for a reason, and bought again after a while."""

    def part(story: Story) -> None:
        pauses = {"fill_pause_s": 100, "loss_pause_s": 200, "stop_pause_s": 400}
        told(story, positions_max=9, **pauses)
        story.bought()
        story.sold(price=price)
        (sale,) = (
            event["payload"]["intent"]
            for record in story.told
            if record["kind"] == "journal"
            for event in record["events"]
            if event["kind"] == "intent_recorded" and event["payload"]["intent"]["side"] == "SELL"
        )
        sale["exit_cause"] = cause
        story.wait(wait_s)
        story.cycle(verdicts={"BTC-USD": said()})
        story.record("t247-a-1-3")

    return part


def waited(until: str) -> Part:
    """It is bought, sold, and bought again long after; the gate says until when it had waited."""

    def part(story: Story) -> None:
        told(story, positions_max=9, fill_pause_s=100, loss_pause_s=200, stop_pause_s=400)
        story.bought()
        story.sold(price="51000")
        sold_us = story.now_us
        story.wait(600)
        claimed = until and time_text(sold_us + int(until) * 1_000_000)
        figures = {"cooldown": (claimed or "none", ""), "pace": ("1/1", "60/500")}
        story.cycle(verdicts={"BTC-USD": said(figures=figures)})
        story.record("t247-a-1-3")

    return part


@pytest.mark.parametrize(("until", "is_broken"), [("", True), ("39", True), ("40", False)])
def test_a_pause_that_the_gate_forgot_is_named_also_where_it_is_over(
    until: str, *, is_broken: bool
) -> None:
    texts = [each.text for each in judged(waited(until)) if each.invariant == "I15"]
    assert bool(texts) is is_broken, texts


def test_an_entry_beyond_the_gates_own_count_is_named() -> None:
    texts = [each.text for each in judged(entered(claimed="60/60"))]
    assert texts == ["t247-a-1-3 is recorded after 60/60 entries by the gate's own count"]


def test_another_fee_than_the_exchange_takes_is_named() -> None:
    def read(story: Story, taker: str) -> None:
        story.tell("tier", maker="0.004", taker="0.006")
        tier = {"maker": "40", "name": "One", "taker": taker, "read_at": time_text(story.now_us)}
        story.journal(("fees_read", {"tier": tier}))

    assert judged(lambda story: read(story, "60")) == []
    (broken,) = judged(lambda story: read(story, "40"))
    assert broken.invariant == "I1"


PAUSES = {
    "right after a sale": (("51000", "target", 20), True),
    "a while after a sale": (("51000", "target", 61), False),
    "a while after one that lost": (("49000", "longest_hold", 61), True),
    "long after one that lost": (("49000", "longest_hold", 201), False),
    "long after a stop": (("49000", "stop", 201), True),
}


@pytest.mark.parametrize(("scene", "is_broken"), PAUSES.values(), ids=PAUSES)
def test_a_product_is_left_alone_after_it_traded(
    scene: tuple[str, str, float], *, is_broken: bool
) -> None:
    said_of_it = [each for each in judged(after_a_sale(*scene)) if "pause_s" in each.text]
    assert bool(said_of_it) is is_broken


FINE: dict[str, Part] = {
    "all is counted": decided(*said()),
    "an order of unknown fate is counted": unknown_before,
    "a person said yes": given(),
    "what was said yes to too long ago does not leave": kept_back,
    "what is held is free": sold_with("0.004"),
    "a sale above a limit that is of buys": sold_with("0.004", total_exposure=("16", "15")),
    "two entries, far enough apart": entered(),
    "one that the exchange refused is tried again": entered(
        gap_s=2, claimed="0/0", is_taken=False
    ),
}  # fmt: skip

BROKEN: dict[str, tuple[str, Part]] = {
    "what is unknown is not at risk": ("I1", beside(capital=("200", "5000"))),
    "what is unknown is in no cluster": ("I1", beside(cluster_exposure=("0.2", "5"))),
    "what is unknown is no product": ("I1", beside(max_positions=("0", "2"))),
    "what is unknown costs nothing": ("I1", beside(buying_power=("201.8", "100000"))),
    "what is unknown costs no fee": ("I1", beside(buying_power=("201.8", "99800"))),
    "a product is counted at half": (
        "I1", decided(*said(figures={"product_exposure": ("0.1", "5")})),
    ),
    "more coins are free than are held": ("I1", sold_with("0.0041")),
    "a sale at an old price": ("I1", sold_with("0.004", quote_age=("31", "30"))),
    "a verdict says no": ("I1", decided(*said(refused="max_order"))),
    "a figure is over its own limit": (
        "I1", decided(*said(figures={"max_order": ("251", "250")})),
    ),
    "no verdict at all": ("I1", decided()),
    "nobody measured what is at risk": ("I1", decided(*said(missing="capital"))),
    "nobody measured what is free": ("I1", decided(*said(missing="buying_power"))),
    "the whole book is counted without it": (
        "I1", decided(*said(figures={"total_exposure": ("0", "15")})),
    ),
    "its fee is not paid for": (
        "I1", decided(*said(figures={"buying_power": ("199", "100000")})),
    ),
    "one of the checks was not asked": ("I1", decided(*said(), checks=["collar"])),
    "an order that is too small": ("I1", decided(*said(), size="0.0002")),
    "more at risk than the policy allows": ("I1", decided(*said(), at_risk_max=100)),
    "more products than the policy allows": ("I1", decided(*said(), positions_max=0)),
    "nobody said yes": ("I2", not_given),
    "a yes to another product": ("I2", given(product="ETH-USD")),
    "a yes to less": ("I2", given(notional="199")),
    "a yes that is over": ("I2", given(wait_s=700)),
    "fewer entries are counted than left": ("I15", entered(claimed="0/0")),
    "another of its product within its pause": ("I15", entered(gap_s=30)),
    "more entries than the policy has in an hour": ("I15", entered(entries_per_hour=1)),
    "more entries than the policy has in a day": ("I15", entered(entries_per_day=1)),
    "more entries than the policy has in a cycle": ("I15", twice_in_a_cycle),
}  # fmt: skip


@pytest.mark.parametrize("part", FINE.values(), ids=FINE)
def test_a_gate_that_counts_all_passes(part: Part) -> None:
    assert judged(part) == []


@pytest.mark.parametrize(("promise", "part"), BROKEN.values(), ids=BROKEN)
def test_a_gate_that_counts_less_is_named(promise: str, part: Part) -> None:
    assert {each.invariant for each in judged(part)} == {promise}


def test_a_yes_is_used_up_by_a_trade() -> None:
    found = judged(used_up)
    assert any("trade 2, and nobody said yes" in each.text for each in found)


def test_a_cluster_above_its_share_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LAYER, "pct", "0.1")
    found = judged(decided(*said()))
    assert any("LAYER1" in each.text for each in found)


def test_a_minute_has_so_many_entries_and_no_more() -> None:
    def two(story: Story, *, apart_s: int) -> None:
        told(story, entries_per_minute=1)
        for number, name in enumerate((BUY, f"{BUY}1")):
            story.cycle(verdicts={"BTC-USD": said(figures={"pace": (f"{number}/{number}", "9/9")})})
            story.record(name, decision=f"{number}:BTC-USD")
            story.answer(story.send(name))
            story.create(name)
            story.take(name)
            story.wait(apart_s)

    def is_told(apart_s: int) -> bool:
        found = judged(lambda story: two(story, apart_s=apart_s))
        return any("entries in a minute" in each.text for each in found)

    assert is_told(30)
    assert not is_told(61)
