"""That nothing rests is said by whoever has looked since the switch was raised."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.truth.story import LISTING, ORDERS, Story, said, time_text
from tests.truth.test_going_back import GoneBack

from trader247.truth.times import SECOND_US

Part = Callable[[Story], object]
BOOKS = (LISTING, f"{ORDERS}/historical/fills", "/api/v3/brokerage/accounts")


def raises(story: Story) -> None:
    story.wait(60)
    story.tell("kill", is_on=True, keeps_sales=False)


def reads(story: Story, *, paths: tuple[str, ...] = BOOKS, status: int | None = 200) -> None:
    for path in paths:
        story.wait(1)
        story.answer(story.ask("GET", path), status)


def is_told(story: Story) -> None:
    story.wait(5)
    story.tell("cleared", kept=0)


def is_unproven(*parts: Part) -> bool:
    return any("nothing is said to rest" in each for each in said(*parts))


def test_a_ledger_that_knows_of_no_order_is_no_proof() -> None:
    assert is_unproven(raises, is_told)
    assert is_unproven(reads, raises, is_told), "that was before"
    assert not is_unproven(raises, reads, is_told)
    assert not is_unproven(reads, is_told), "no switch is raised"


def test_what_was_not_answered_was_not_read() -> None:
    assert is_unproven(raises, partial(reads, status=None), is_told)
    assert is_unproven(raises, partial(reads, status=503), is_told)
    for path in BOOKS:
        others = tuple(each for each in BOOKS if each != path)
        assert is_unproven(raises, partial(reads, paths=others), is_told), path


def test_who_begins_under_a_raised_switch_may_have_it_from_the_one_before() -> None:
    def begins(story: Story) -> None:
        story.die()
        story.start()

    assert not is_unproven(raises, reads, begins, is_told)


CYCLES, APART_S = 9, 30


def is_waited_for(story: Story, *, cycles: int = CYCLES) -> None:
    for _ in range(cycles):
        story.wait(APART_S)
        story.cycle()
        story.fold()


def is_silent(*parts: Part) -> bool:
    return any("nobody is told so" in each for each in said(*parts))


def test_who_raised_the_switch_is_told_once_nothing_rests() -> None:
    assert is_silent(raises, reads, is_waited_for)
    assert not is_silent(raises, reads, is_told, is_waited_for)
    assert not is_silent(raises, reads, partial(is_waited_for, cycles=5)), "it takes its time"
    assert not is_silent(reads, is_waited_for), "no switch is raised"


def test_who_lets_it_go_and_raises_it_again_waits_for_another_word() -> None:
    def lets_go(story: Story) -> None:
        story.tell("kill", is_on=False)

    assert is_silent(raises, reads, is_told, lets_go, raises, reads, is_waited_for)
    assert not is_silent(raises, reads, lets_go, is_waited_for)


def test_while_something_rests_or_a_process_is_new_nobody_waits_for_it() -> None:
    def rests(story: Story) -> None:
        story.cycle()
        story.record("t247-a-1-1")
        number = story.send("t247-a-1-1")
        story.create("t247-a-1-1")
        story.answer(number)
        story.take("t247-a-1-1")

    def begins(story: Story) -> None:
        story.die()
        story.start()

    half = partial(is_waited_for, cycles=4)
    assert not is_silent(rests, raises, reads, is_waited_for)
    assert not is_silent(raises, reads, half, begins, half)


BUY = "t247-a-1-1"


def rests(story: Story) -> None:
    story.rests(BUY)


def is_unseen(*parts: Part) -> bool:
    return any("nobody saw the end" in each for each in said(*parts))


def test_a_yes_to_a_cancel_is_no_end() -> None:
    def ends(story: Story) -> None:
        story.rows[BUY]["status"] = "CANCELLED"
        story.exchange(orders=[story.rows[BUY]])

    def sees(story: Story) -> None:
        story.see_end(BUY, "CANCELLED")

    assert is_unseen(rests, raises, reads, is_told)
    assert is_unseen(rests, raises, ends, reads, is_told), "it ended, and nobody has seen it"
    assert not is_unseen(rests, raises, ends, reads, sees, is_told)
    assert not is_unseen(rests, reads, is_told), "no switch is raised"


def test_who_does_not_know_whether_one_was_taken_says_nothing() -> None:
    def doubts(story: Story) -> None:
        story.cycle()
        story.record(BUY)
        story.answer(story.send(BUY), None)
        story.settle(BUY, {"is": "Unknown", "detail": "no answer", "latch": False})

    def none_was(story: Story) -> None:
        outcome = {"is": "Declined", "code": "not_created", "message": "", "is_sent": False}
        story.settle(BUY, outcome)

    assert is_unseen(doubts, raises, reads, is_told)
    assert not is_unseen(doubts, none_was, raises, reads, is_told)


def test_a_sale_may_stay_by_the_wish_of_who_raised_it() -> None:
    def sells(story: Story) -> None:
        story.bought()
        story.cycle({"BTC-USD": "51000"})
        story.record("t247-a-1-2", side="SELL", price="51000", leg=1, decision="1:BTC-USD")
        story.answer(story.send("t247-a-1-2", bid="51000", ask="51000"))
        story.create("t247-a-1-2")
        story.take("t247-a-1-2")

    def keeps(story: Story) -> None:
        story.tell("kill", is_on=True, keeps_sales=True)

    assert not is_unseen(sells, keeps, reads, is_told)
    assert is_unseen(sells, raises, reads, is_told)


def test_of_an_order_that_the_journal_lost_the_wish_to_end_it_is_no_end() -> None:
    def wishes(story: Story) -> None:
        story.wait(1)
        wish = {"client_order_id": BUY, "order_id": f"order of {BUY}", "cause": "nobody knows it"}
        story.journal(("cancel_requested", wish))

    def word(story: Story, *, after_s: int = 5) -> None:
        story.tell("cleared", kept=0, given=time_text(story.now_us + after_s * SECOND_US))

    def is_seen(*parts: Part) -> bool:
        back = GoneBack()
        return not is_unseen(back.backed_up, rests, back.restored, raises, reads, *parts)

    def is_understated(story: Story) -> None:
        story.tell("understated", orders=[BUY])

    assert not is_seen(wishes, word)
    assert is_seen(word), "no listing has shown it yet"
    assert is_seen(wishes, partial(word, after_s=-5)), "the word was given before that"
    assert is_seen(wishes, ends_it, word)
    assert is_seen(wishes, is_understated, word), "it was listed as ended"


def proves(
    story: Story, *, is_proven: bool = True, is_beside: bool = False, keeps_sales: bool = False
) -> None:
    story.tell("emptying", keeps_sales=keeps_sales)
    story.tell("emptied", is_proven=is_proven, found=1, kept=0, is_beside=is_beside)


def dies(story: Story) -> None:
    story.die()


def ends_it(story: Story) -> None:
    story.rows[BUY]["status"] = "CANCELLED"
    story.exchange(orders=[story.rows[BUY]])


def is_untrue(*parts: Part) -> bool:
    return any("it was proven that nothing does" in each for each in said(*parts))


def test_what_the_command_proves_where_no_trader_lives_is_so() -> None:
    assert is_untrue(rests, dies, raises, proves)
    assert not is_untrue(rests, dies, raises, partial(proves, is_proven=False))
    assert not is_untrue(rests, dies, raises, ends_it, proves)


def test_nothing_arrives_after_it_until_another_trader_begins() -> None:
    def leaves(story: Story) -> None:
        story.cycle()
        story.record(BUY)
        story.send(BUY)
        story.die()

    def arrives(story: Story) -> None:
        story.create(BUY)

    def begins(story: Story) -> None:
        story.start()

    assert is_untrue(leaves, raises, proves, arrives)
    assert not is_untrue(leaves, raises, arrives, ends_it, proves)
    assert not is_untrue(leaves, raises, proves, begins, arrives)


def test_beside_a_trader_that_holds_until_the_switch_is_let_go() -> None:
    beside = partial(proves, is_beside=True)

    def leaves(story: Story) -> None:
        story.cycle()
        story.record(BUY)
        story.send(BUY)

    def arrives(story: Story) -> None:
        story.create(BUY)

    def begins_anew(story: Story) -> None:
        story.die()
        story.start()

    def lets_go(story: Story) -> None:
        story.tell("kill", is_on=False)

    assert is_untrue(rests, raises, beside)
    assert is_untrue(leaves, raises, beside, arrives)
    assert is_untrue(leaves, raises, beside, begins_anew, arrives)
    assert not is_untrue(leaves, raises, beside, lets_go, arrives)
    assert not is_untrue(leaves, raises, lets_go, beside, arrives)


def test_sales_that_are_kept_may_rest_and_nobody_asks_for_their_end() -> None:
    sale = "t247-a-1-2"

    def sells(story: Story) -> None:
        story.bought()
        story.cycle({"BTC-USD": "51000"})
        story.record(sale, side="SELL", price="51000", leg=1, decision="1:BTC-USD")
        story.answer(story.send(sale, bid="51000", ask="51000"))
        story.create(sale)
        story.take(sale)

    def asks(story: Story, *, keeps_sales: bool) -> None:
        story.tell("emptying", keeps_sales=keeps_sales)
        story.tell("ending", order_ids=[story.rows[sale]["order_id"]])

    def is_unspared(*parts: Part) -> bool:
        return any("its end was asked for" in each for each in said(*parts))

    assert is_untrue(sells, raises, partial(proves, is_beside=True))
    assert not is_untrue(sells, raises, partial(proves, is_beside=True, keeps_sales=True))
    assert is_untrue(rests, raises, partial(proves, is_beside=True, keeps_sales=True))
    assert is_unspared(sells, raises, partial(asks, keeps_sales=True))
    assert not is_unspared(sells, raises, partial(asks, keeps_sales=False))
