"""What is refused for its price again and again is banned, and stays so until a person lets it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import Story, said

Part = Callable[[Story], object]
BUY = "t247-a-1-1"
OUTSIDE = "50300 is above 50250"


def cycle(
    story: Story,
    *,
    detail: str = "",
    minutes: float = 1,
    product: str = "BTC-USD",
    regime: str = "chop",
    bans: bool = False,
) -> None:
    """A cycle that refuses for the collar, where it says why."""
    story.wait(60 * minutes)
    story.cycle(equity="100000")
    (event,) = story.told[-1]["events"]
    event["payload"]["regime"] = regime
    if detail:
        event["payload"]["endings"] = {product: {"reason": "collar", "detail": detail}}
    if bans:
        latched = {"control": "collar", "scope": product, "cause": "3 prices"}
        story.told.pop()
        story.seq, story.hash = story.seq - 1, event["prev_hash"]
        story.journal(("cycle_decided", event["payload"]), ("ban_latched", latched))


outside = partial(cycle, detail=OUTSIDE)
banned: Part = partial(cycle, detail=OUTSIDE, bans=True)
plainly: Part = cycle


def clears(story: Story) -> None:
    words = {"control": "collar", "scope": "BTC-USD", "reason": "", "operator": ""}
    story.journal(("ban_cleared", words))


def buys(story: Story, product: str = "BTC-USD") -> None:
    story.record(BUY, product=product)


def texts(*parts: Part) -> list[str]:
    return said(*parts, strikes_max=3, strikes_s=600)


def is_missed(*parts: Part) -> bool:
    return any("and is not banned" in each for each in texts(*parts))


def is_bought(*parts: Part) -> bool:
    return any("and collar bans" in each for each in texts(*parts))


def is_left(*parts: Part) -> bool:
    return any("rests, which is banned" in each for each in texts(*parts))


def test_the_third_price_outside_within_ten_minutes_bans_in_the_same_breath() -> None:
    assert is_missed(outside, outside, outside)
    assert not is_missed(outside, outside, banned)
    assert not is_missed(outside, outside)
    assert not is_missed(outside, outside, partial(outside, minutes=11))
    assert is_missed(outside, partial(outside, regime="exits"), outside), "between two cycles, too"
    assert not is_missed(outside, outside, partial(outside, product="ETH-USD"))
    unknown = partial(cycle, detail="no median: closed minutes are missing or old")
    assert not is_missed(unknown, unknown, unknown), "what is unknown is nobody's fault"
    assert not is_missed(outside, outside, banned, outside), "it is banned already"


def test_a_clock_that_was_set_back_begins_to_count_anew() -> None:
    assert not is_missed(partial(outside, minutes=60), outside, partial(outside, minutes=-60))


def test_what_is_banned_is_not_bought_until_somebody_lets_it() -> None:
    def begins_again(story: Story) -> None:
        story.die()
        story.wait(86_400)
        story.start()

    assert is_bought(outside, outside, banned, buys)
    assert is_bought(outside, outside, banned, plainly, begins_again, plainly, buys)
    assert not is_bought(outside, outside, banned, partial(buys, product="ETH-USD"))
    assert not is_bought(outside, outside, banned, clears, buys)
    assert not is_missed(outside, outside, banned, clears, outside, outside), "all is forgotten"


def test_a_strategy_is_banned_from_all_products() -> None:
    def bans(story: Story) -> None:
        latched = {"control": "conduct", "scope": "momentum247", "cause": "hasty"}
        story.journal(("ban_latched", latched))

    def wishes(strategy: str, story: Story) -> None:
        payload = story.record(BUY)
        payload["intent"]["strategy"] = strategy

    def is_sent(strategy: str) -> bool:
        parts = (plainly, bans, plainly, partial(wishes, strategy))
        return any("conduct bans momentum247" in each for each in texts(*parts))

    assert is_sent("momentum247")
    assert not is_sent("another")


def test_what_of_it_rests_to_be_bought_is_ended() -> None:
    def rests(story: Story) -> None:
        story.cycle()
        story.record(BUY)
        number = story.send(BUY)
        story.create(BUY)
        story.answer(number)
        story.take(BUY)

    def wishes_its_end(story: Story) -> None:
        story.journal(("cancel_requested", {"client_order_id": BUY, "cause": "banned"}))

    three = (plainly, plainly, plainly)
    assert is_left(rests, outside, outside, banned, *three)
    assert not is_left(rests, outside, outside, banned, plainly)
    assert not is_left(rests, outside, outside, banned, wishes_its_end, *three)
    assert not is_left(rests, outside, outside, banned, clears, *three)
