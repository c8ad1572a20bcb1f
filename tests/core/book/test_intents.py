from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.ledger_values import (
    BTC,
    START,
    a_fill,
    after,
    an_intent,
    an_order,
    bought,
    folded,
    name_of,
    opened,
    order_name,
    sent,
)

from trader247.core.book.intents import SETTLED_MAX, is_complete
from trader247.domain.errors import LedgerError
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    IntentRecorded,
    IntentUnseen,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.ids import ClientOrderId
from trader247.domain.intents import IntentState
from trader247.domain.orders import OrderState, Side
from trader247.domain.outcomes import Acknowledged, Declined, Unknown

NAME = name_of(1)
TIMED_OUT = Unknown("no answer in 10 s")
REFUSED = Declined("INSUFFICIENT_FUND", "not enough", is_sent=True)


def test_an_intent_reserves_from_the_moment_it_is_recorded() -> None:
    portfolio = folded(opened(), IntentRecorded(an_intent()))
    assert portfolio.working[NAME].state is IntentState.SUBMITTING
    assert portfolio.entries_sent == (START,)
    assert portfolio.history[BTC].last_entry == START


def test_an_id_is_never_used_twice() -> None:
    portfolio = folded(opened(), IntentRecorded(an_intent()))
    with pytest.raises(LedgerError):
        folded(portfolio, IntentRecorded(an_intent()))
    ended = folded(portfolio, SubmissionSettled(NAME, REFUSED))
    with pytest.raises(LedgerError):
        folded(ended, IntentRecorded(an_intent()))


def test_an_exit_is_counted_on_its_position_and_uses_no_entry_pace() -> None:
    before = bought()
    portfolio = sent(before, an_intent(2, side=Side.SELL, leg=1))
    assert portfolio.positions[BTC].exit_legs == 1
    assert portfolio.entries_sent == before.entries_sent
    assert sent(portfolio, an_intent(3, side=Side.SELL, leg=2)).positions[BTC].exit_legs == 2


def test_an_entry_counts_for_a_day_whatever_was_sent_before_it() -> None:
    """What is older than a day goes, and nothing with it: the pace of a day would have no end."""
    day, hour = 86_400, 3_600
    portfolio = opened()
    for number, seconds in enumerate((0, 2 * hour, 20 * hour, day, day + hour), start=1):
        portfolio = folded(portfolio, IntentRecorded(an_intent(number)), at=after(seconds))
    kept = (2 * hour, 20 * hour, day, day + hour)
    assert portfolio.entries_sent == tuple(after(each) for each in kept)


def test_a_timeout_keeps_the_reservation() -> None:
    portfolio = sent(opened(), an_intent(), TIMED_OUT)
    assert portfolio.working[NAME].state is IntentState.UNKNOWN
    assert portfolio.working[NAME].remaining == an_intent().quantity
    assert portfolio.working[NAME].detail == TIMED_OUT.detail


def test_an_acknowledged_order_works() -> None:
    portfolio = sent(opened(), an_intent())
    assert portfolio.working[NAME].state is IntentState.ACCEPTED
    assert portfolio.working[NAME].order_id == order_name(1)


def test_a_decline_frees_the_reservation_and_is_remembered() -> None:
    portfolio = sent(opened(), an_intent(), REFUSED)
    assert not portfolio.working
    assert portfolio.settled[NAME].state is IntentState.REJECTED
    unsent = sent(opened(), an_intent(), Declined("not_sent", "stop", is_sent=False))
    assert unsent.settled[NAME].state is IntentState.NOT_CREATED


def test_an_unknown_that_was_never_created_is_not_a_rejection() -> None:
    portfolio = sent(opened(), an_intent(), TIMED_OUT)
    never = SubmissionSettled(NAME, Declined("not_created", "three listings", is_sent=False))
    assert folded(portfolio, never).settled[NAME].state is IntentState.NOT_CREATED


def test_a_dry_run_decline_uses_pace_and_cooldown_as_a_fill_would() -> None:
    dry = Declined("dry_run", "nothing is sent", is_sent=False)
    portfolio = sent(opened(), an_intent(), dry)
    assert portfolio.history[BTC].last_fill == START
    assert portfolio.entries_sent == (START,)
    assert sent(opened(), an_intent(), REFUSED).history[BTC].last_fill is None


def test_settling_what_was_never_recorded_contradicts_the_ledger() -> None:
    with pytest.raises(LedgerError):
        folded(opened(), SubmissionSettled(NAME, Acknowledged(order_name(1))))


def test_an_order_that_ended_without_a_fill_frees_its_reservation() -> None:
    for state in (OrderState.CANCELLED, OrderState.EXPIRED, OrderState.FAILED):
        portfolio = folded(sent(opened(), an_intent()), OrderSeen(an_order(state=state)))
        assert not portfolio.working
        assert portfolio.settled[NAME].state is IntentState.DONE


def test_a_status_that_we_do_not_know_is_not_final() -> None:
    portfolio = folded(sent(opened(), an_intent()), OrderSeen(an_order(state=OrderState.UNKNOWN)))
    assert portfolio.working[NAME].state is IntentState.ACCEPTED


def test_a_filled_order_reserves_until_its_fills_are_booked() -> None:
    filled = an_order(state=OrderState.FILLED, filled="2", fees="1")
    portfolio = folded(sent(opened(), an_intent()), OrderSeen(filled))
    assert portfolio.working[NAME].state is IntentState.FILLS_PENDING
    portfolio = folded(portfolio, FillBooked(a_fill(1), NAME))
    assert portfolio.working[NAME].state is IntentState.FILLS_PENDING
    portfolio = folded(portfolio, FillBooked(a_fill(2), NAME))
    assert not portfolio.working
    assert portfolio.settled[NAME].state is IntentState.DONE


def test_fills_before_the_final_word_end_the_same_way() -> None:
    portfolio = folded(
        sent(opened(), an_intent()), FillBooked(a_fill(1), NAME), FillBooked(a_fill(2), NAME)
    )
    assert portfolio.working[NAME].state is IntentState.ACCEPTED
    filled = an_order(state=OrderState.FILLED, filled="2", fees="1")
    assert not folded(portfolio, OrderSeen(filled)).working


def test_fees_that_differ_are_complete_only_when_the_venue_counts_the_fills() -> None:
    portfolio = folded(sent(opened(), an_intent()), FillBooked(a_fill(1), NAME))
    uncounted = an_order(state=OrderState.CANCELLED, filled="1", fees="0.51")
    counted = an_order(state=OrderState.CANCELLED, filled="1", fees="0.51", fill_count=1)
    lacking = an_order(state=OrderState.CANCELLED, filled="1", fees="0.51", fill_count=2)
    assert NAME in folded(portfolio, OrderSeen(uncounted)).working
    assert NAME in folded(portfolio, OrderSeen(lacking)).working
    assert NAME not in folded(portfolio, OrderSeen(counted)).working


def test_a_lagging_listing_does_not_reopen_an_order_that_ended() -> None:
    ended = folded(sent(opened(), an_intent()), OrderSeen(an_order(state=OrderState.CANCELLED)))
    again = folded(ended, OrderSeen(an_order(state=OrderState.OPEN)))
    assert not again.working
    assert again.settled == ended.settled


def test_a_final_order_that_turns_out_to_have_filled_reserves_again() -> None:
    ended = folded(sent(opened(), an_intent()), OrderSeen(an_order(state=OrderState.CANCELLED)))
    more = an_order(state=OrderState.CANCELLED, filled="1", fees="0.5")
    portfolio = folded(ended, OrderSeen(more))
    assert portfolio.working[NAME].state is IntentState.FILLS_PENDING
    assert not folded(portfolio, FillBooked(a_fill(1), NAME)).working


def test_an_order_of_an_unknown_intent_waits_for_its_comparison() -> None:
    portfolio = sent(opened(), an_intent(), TIMED_OUT)
    portfolio = folded(portfolio, OrderSeen(an_order()))
    assert portfolio.working[NAME].state is IntentState.UNKNOWN
    assert portfolio.working[NAME].order_id == order_name(1)
    portfolio = folded(portfolio, SubmissionSettled(NAME, Acknowledged(order_name(1))))
    assert portfolio.working[NAME].state is IntentState.ACCEPTED


def test_an_order_that_appears_after_it_was_declared_not_created_works_again() -> None:
    never = Declined("not_created", "three listings", is_sent=False)
    portfolio = sent(opened(), an_intent(), TIMED_OUT)
    portfolio = folded(portfolio, SubmissionSettled(NAME, never))
    late = folded(portfolio, OrderSeen(an_order()))
    assert late.working[NAME].state is IntentState.ACCEPTED
    assert NAME not in late.settled


def test_a_fill_of_an_intent_declared_not_created_is_booked_on_its_plan() -> None:
    never = Declined("not_created", "three listings", is_sent=False)
    portfolio = folded(sent(opened(), an_intent(), TIMED_OUT), SubmissionSettled(NAME, never))
    late = folded(portfolio, FillBooked(a_fill(1), NAME))
    assert late.positions[BTC].plan == an_intent().plan
    assert late.working[NAME].state is IntentState.ACCEPTED


def test_what_ended_is_forgotten_after_a_day_and_kept_within_a_bound() -> None:
    portfolio = opened()
    for number in range(1, SETTLED_MAX + 20):
        intent = an_intent(number, created=after(number), decision=f"{number}:BTC-USD")
        portfolio = sent(portfolio, intent, REFUSED)
    assert len(portfolio.settled) == SETTLED_MAX
    late = an_intent(900, created=after(2 * 86_400), decision="900:BTC-USD")
    assert set(sent(portfolio, late, REFUSED).settled) == {name_of(900)}


def test_what_ended_just_before_a_clock_ran_days_ahead_is_not_forgotten() -> None:
    """One intent that ended then dropped all the others: a late fill of theirs had no owner."""
    portfolio = sent(opened(), an_intent(1, created=after(0), decision="1:BTC-USD"), REFUSED)
    portfolio = replace(portfolio, time=after(60))
    ahead = after(3 * 86_400)
    portfolio = folded(
        portfolio, IntentRecorded(an_intent(2, created=after(60), decision="2:BTC-USD"))
    )
    portfolio = folded(portfolio, SubmissionSettled(name_of(2), REFUSED), at=ahead)
    assert set(portfolio.settled) == {name_of(1), name_of(2)}


def test_an_entry_that_another_could_double_is_kept_beyond_the_bound_for_an_hour() -> None:
    never = Declined("not_sent", "no network", is_sent=False)
    portfolio = sent(opened(), an_intent(1, created=after(0), decision="1:BTC-USD"), never)
    portfolio = sent(portfolio, an_intent(2, created=after(0), decision="2:BTC-USD"), REFUSED)
    for number in range(3, SETTLED_MAX + 20):
        intent = an_intent(number, created=after(number), decision=f"{number}:BTC-USD")
        portfolio = sent(portfolio, intent, REFUSED)

    def after_one_more(seconds: int) -> set[ClientOrderId]:
        late = an_intent(900, created=after(seconds), decision="900:BTC-USD")
        return {name_of(1), name_of(2)} & set(sent(portfolio, late, REFUSED).settled)

    assert after_one_more(3_600) == {name_of(1)}, "what the venue turned down doubles nothing"
    assert after_one_more(3_601) == set()


def test_which_are_forgotten_does_not_depend_on_how_a_saved_ledger_was_read_back() -> None:
    portfolio = opened()
    for number in range(1, SETTLED_MAX + 1):
        intent = an_intent(number, created=after(number), decision=f"{number}:BTC-USD")
        portfolio = sent(portfolio, intent, REFUSED)
    newest_first = dict(reversed(list(portfolio.settled.items())))
    one_more = an_intent(900, created=after(900), decision="900:BTC-USD")
    expected = {name_of(900), *map(name_of, range(2, SETTLED_MAX + 1))}
    assert set(sent(portfolio, one_more, REFUSED).settled) == expected
    assert set(sent(replace(portfolio, settled=newest_first), one_more, REFUSED).settled) == (
        expected
    )


def test_listings_without_an_order_are_counted_on_its_intent() -> None:
    portfolio = sent(opened(), an_intent(), TIMED_OUT)
    portfolio = folded(portfolio, IntentUnseen(NAME), at=after(181))
    portfolio = folded(portfolio, IntentUnseen(NAME), at=after(215))
    assert portfolio.working[NAME].unseen_listings == 2
    assert portfolio.working[NAME].last_unseen == after(215)
    assert folded(opened(), IntentUnseen(NAME)).working == {}


def test_a_cancel_that_was_asked_for_is_not_a_cancelled_order() -> None:
    portfolio = folded(
        sent(opened(), an_intent()), CancelRequested(NAME, order_name(1), "stop"), at=after(9)
    )
    assert portfolio.working[NAME].cancel_requested == after(9)
    assert portfolio.working[NAME].state is IntentState.ACCEPTED


def test_an_order_that_still_works_is_never_complete() -> None:
    working = sent(opened(), an_intent()).working[NAME]
    assert not is_complete(working)
