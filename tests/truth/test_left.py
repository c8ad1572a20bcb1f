"""A switch that keeps sales: what rests to sell is left until it is let go, lost or not."""

from __future__ import annotations

from collections.abc import Callable

from tests.truth.story import Story, judged
from tests.truth.test_going_back import GoneBack

from trader247.truth.times import SECOND_US

Part = Callable[[Story], object]
STOP = "t247-a-1-s"


def protected(story: Story) -> None:
    """A position, and its stop that rests."""
    story.bought()
    stop_alone(story)


def recorded(story: Story) -> None:
    story.record(STOP, side="SELL", price="48755", leg=1, decision="1:BTC-USD")
    intent = story.told[-1]["events"][0]["payload"]["intent"]
    intent.update(order_type="stop_limit_gtd", stop_price="49000")


def switched(*, keeps_sales: bool = True) -> Part:
    def part(story: Story) -> None:
        story.tell("kill", is_on=True, keeps_sales=keeps_sales)
        told = {"name": "kill_switch", "cause": "look", "keeps_sales": keeps_sales}
        story.journal(("halt_latched", told))

    return part


def ends(story: Story, cause: str = "trading is HALTED") -> None:
    wish = {"client_order_id": STOP, "order_id": f"order of {STOP}", "cause": cause}
    story.journal(("cancel_requested", wish))


def halted_too(story: Story) -> None:
    story.journal(("halt_latched", {"name": "key", "cause": "it may transfer"}))


def let_go(story: Story) -> None:
    story.tell("kill", is_on=False)


def asked(story: Story) -> None:
    story.tell("asked", what="cancel_orders", arguments={"orders": STOP})


def is_wrong(*parts: Part) -> bool:
    return any("was to be left" in each.text for each in judged(*parts))


def test_a_stop_is_left_under_a_switch_that_keeps_sales() -> None:
    keeps = switched()
    assert is_wrong(protected, keeps, ends)
    assert not is_wrong(protected, switched(keeps_sales=False), ends)
    assert not is_wrong(protected, keeps, halted_too, ends), "another halt ends all"
    assert not is_wrong(protected, keeps, switched(keeps_sales=False), ends), "it is stricter now"
    assert not is_wrong(protected, keeps, let_go, ends)
    assert not is_wrong(protected, keeps, asked, ends), "a person wants it"
    assert not is_wrong(protected, ends, keeps, ends), "its end was asked for before"
    assert not is_wrong(protected, keeps, lambda story: story.wait(895), ends), "it is over soon"
    untraded = "the product is no longer traded like that: BTC-USD is cancel_only"
    assert not is_wrong(protected, keeps, lambda story: ends(story, untraded))


def test_so_is_one_that_the_journal_lost() -> None:
    back = GoneBack()

    def taken_back(story: Story) -> None:
        switched()(story)
        recorded(story)
        story.take(STOP)

    def rests(story: Story) -> None:
        story.wait(100)
        story.cycle({"BTC-USD": "50000"})

    lost = (Story.bought, back.backed_up, stop_alone, back.restored, taken_back)
    assert is_wrong(*lost, ends)
    assert not is_told(*lost, rests), "it is kept"
    assert not is_told(*lost, rests, let_go, rests_on)
    assert is_told(*lost, rests, let_go, rests), "and not any more"


def stop_alone(story: Story) -> None:
    recorded(story)
    number = story.send(STOP)
    row = story.create(STOP)
    row.update(end_us=story.now_us + 900 * SECOND_US, updated_us=story.now_us)
    story.exchange(orders=[row])
    story.answer(number)
    story.take(STOP)


def rests_on(story: Story) -> None:
    story.wait(60)
    story.cycle({"BTC-USD": "50000"})


def is_told(*parts: Part) -> bool:
    return any("nobody ends it" in each.text for each in judged(*parts))
