"""What a lagging or erring copy shows of orders and fills, as the official client reads it.

Whatever is shown meanwhile, in the end it is what the exchange's own books hold.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from coinbase.rest import RESTClient
from requests import HTTPError
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import Stand

Made = Callable[..., Stand]


@pytest.fixture
def made(feed: ScriptedFeed) -> Made:
    return lambda *faults, seed=0: Stand(feed, "private_per_s=1000", mishaps=faults, seed=seed)


def bought(client: RESTClient, name: str = "a", quote: str = "50") -> str:
    order_id = client.market_order_buy(name, "BTC-USD", quote_size=quote).success_response
    return str(order_id["order_id"])


def rested(client: RESTClient, name: str = "r") -> str:
    answer = client.limit_order_gtc_buy(name, "BTC-USD", "0.001", "50000")
    return str(answer.success_response["order_id"])


def listed(client: RESTClient) -> list[str]:
    return [each.order_id for each in client.list_orders().orders]


def rows(client: RESTClient, **options: Any) -> list[dict[str, Any]]:
    return [each.to_dict() for each in client.get_fills(**options).fills]


def totals(found: list[dict[str, Any]]) -> tuple[Decimal, Decimal]:
    """Base and commission of some entries: a reversal takes back."""
    signs = [-1 if each["trade_type"] == "REVERSAL" else 1 for each in found]
    both = list(zip(signs, found, strict=True))
    return (
        sum((sign * Decimal(each["size"]) for sign, each in both), Decimal(0)),
        sum((sign * Decimal(each["commission"]) for sign, each in both), Decimal(0)),
    )


def truth(stand: Stand) -> list[dict[str, Any]]:
    stand.plan.change((), seed=0)
    return rows(stand.client())


def test_a_new_order_is_not_listed_for_up_to_two_minutes(made: Made) -> None:
    stand = made("stale_list:ms=120000")
    client = stand.client()
    order_id = rested(client)
    assert listed(client) == []
    assert client.get_order(order_id).order.status == "OPEN"
    stand.wait(120)
    assert listed(client) == [order_id]
    assert stand.plan.told()["stale_list"] == {"orders": 1}


def test_a_new_order_is_not_found(made: Made) -> None:
    stand = made("stale_order:ms=5000")
    client = stand.client()
    order_id = rested(client)
    assert listed(client) == [order_id]
    with pytest.raises(HTTPError, match="404"):
        client.get_order(order_id)
    stand.wait(5)
    assert client.get_order(order_id).order.status == "OPEN"


def test_a_fill_is_seen_before_its_order_says_so(made: Made) -> None:
    stand = made("stale_state:ms=30000")
    client = stand.client()
    order_id = bought(client)
    assert len(rows(client)) > 0
    for shown in (client.get_order(order_id).order, client.list_orders().orders[0]):
        assert (shown.status, shown.filled_size, shown.number_of_fills) == ("OPEN", "0", "0")
    stand.wait(30)
    shown = client.get_order(order_id).order
    assert shown.status == "FILLED"
    assert Decimal(shown.filled_size) == totals(rows(client))[0]


def test_a_cancelled_order_looks_open_for_a_while(made: Made) -> None:
    stand = made("stale_state:ms=30000")
    client = stand.client()
    order_id = rested(client)
    assert client.cancel_orders([order_id]).results[0].success
    assert client.get_order(order_id).order.status == "OPEN"
    stand.wait(30)
    assert client.get_order(order_id).order.status == "CANCELLED"


def test_an_order_that_ended_in_part_stands_as_ended_with_nothing_filled(made: Made) -> None:
    stand = made("early_end:ms=30000")
    client = stand.client()
    unfilled, order_id = rested(client, "n"), rested(client)
    assert stand.exchange.fill_resting(order_id, hundredths=40)
    assert client.get_order(order_id).order.number_of_fills == "1", "it has not ended yet"
    client.cancel_orders([unfilled, order_id])
    for shown in (client.get_order(order_id).order, client.list_orders().orders[0]):
        assert (shown.status, shown.filled_size, shown.number_of_fills) == ("CANCELLED", "0", "0")
    assert client.get_order(unfilled).order.status == "CANCELLED"
    assert stand.plan.told()["early_end"] == {"order": 1, "orders": 1}
    stand.wait(30)
    shown = client.get_order(order_id).order
    assert shown.number_of_fills == "1"
    assert Decimal(shown.filled_size) > 0


def test_a_fill_is_late_while_its_order_is_filled(made: Made) -> None:
    stand = made("late_fills:ms=60000")
    client = stand.client()
    assert client.get_order(bought(client)).order.status == "FILLED"
    assert rows(client) == []
    stand.wait(60)
    assert rows(client) == truth(stand)


def test_a_fill_is_listed_twice(made: Made) -> None:
    stand = made("doubled_fills")
    client = stand.client()
    bought(client)
    found = rows(client)
    entries = [each["entry_id"] for each in found]
    assert len(entries) == 2 * len(set(entries))
    assert {each["entry_id"]: each for each in found} == {
        each["entry_id"]: each for each in truth(stand)
    }


def test_a_fill_is_listed_with_another_commission_after_a_while(made: Made) -> None:
    stand = made("restated_fills:ms=60000")
    client = stand.client()
    bought(client)
    before = rows(client)
    stand.wait(61)
    found, true = rows(client), truth(stand)
    assert before == true
    assert [each["entry_id"] for each in found] == [each["entry_id"] for each in true]
    assert all(
        Decimal(each["commission"]) == Decimal(other["commission"]) * Decimal("1.1")
        for each, other in zip(found, true, strict=True)
    )


def test_a_trade_has_two_entries_that_are_together_what_it_is(made: Made) -> None:
    stand = made("split_fills")
    client = stand.client()
    order_id = bought(client)
    found, again = rows(client), rows(client)
    assert found == again
    assert len({each["entry_id"] for each in found}) == len(found)
    assert len(found) == 2 * len({each["trade_id"] for each in found})
    assert client.get_order(order_id).order.number_of_fills == str(len(found))
    assert client.list_orders().orders[0].number_of_fills == str(len(found))
    assert totals(found) == totals(truth(stand))


def test_a_wrong_commission_is_reversed_and_corrected(made: Made) -> None:
    stand = made("corrected_fills:ms=60000")
    client = stand.client()
    bought(client)
    began = stand.exchange.now_us
    wrong = rows(client)
    assert {each["trade_type"] for each in wrong} == {"FILL"}
    stand.wait(60)
    found = rows(client)
    assert {each["trade_type"] for each in found} == {"FILL", "REVERSAL", "CORRECTION"}
    assert [each for each in found if each["trade_type"] == "FILL"] == wrong
    # Who asks from where he stopped finds the correction by its own time.
    since = f"2026-01-05T00:00:00.{began % 1_000_000 + 1:06d}Z"
    later = rows(client, start_sequence_timestamp=since)
    assert {each["trade_type"] for each in later} == {"REVERSAL", "CORRECTION"}
    right = truth(stand)
    assert totals(found) == totals(right)
    assert totals(wrong)[1] > totals(right)[1]


def paged(client: RESTClient, pages_max: int) -> list[list[str]]:
    pages, cursor = list[list[str]](), ""
    while len(pages) < pages_max:
        answer = client.list_orders(limit=2, **({"cursor": cursor} if cursor else {}))
        pages.append([each.client_order_id for each in answer.orders])
        cursor = answer.cursor
        if not answer.has_next:
            break
    return pages


def test_a_page_comes_once_more(made: Made) -> None:
    stand = made("repeated_cursor:after=1:times=1")
    client = stand.client()
    for number in range(5):
        rested(client, str(number))
    assert paged(client, 10) == [["4", "3"], ["2", "1"], ["2", "1"], ["0"]]


def test_the_first_page_comes_once_more(made: Made) -> None:
    client = made("repeated_cursor:times=1").client()
    for number in range(3):
        rested(client, str(number))
    assert paged(client, 10) == [["2", "1"], ["2", "1"], ["0"]]


def test_pages_go_round_and_round(made: Made) -> None:
    client = made("looping_cursor").client()
    for number in range(3):
        rested(client, str(number))
    assert paged(client, 5) == [["2", "1"], ["0"], ["2", "1"], ["0"], ["2", "1"]]


def test_a_page_is_left_out(made: Made) -> None:
    client = made("skipped_page:times=1").client()
    for number in range(5):
        rested(client, str(number))
    assert paged(client, 10) == [["2", "1"], ["0"]]


def test_an_order_id_gives_another_order(made: Made) -> None:
    client = made("other_order@order").client()
    first, second = rested(client, "1"), rested(client, "2")
    assert client.get_order(first).order.order_id == second


def test_an_answer_names_another_order(made: Made) -> None:
    client = made("other_order@create:times=1").client()
    first = rested(client, "1")
    told = client.limit_order_gtc_buy("2", "BTC-USD", "0.001", "50000").success_response
    assert (told["order_id"], told["client_order_id"]) == (first, "1")


def test_cancelling_many_cancels_some(made: Made) -> None:
    stand = made("partial_cancel=0.5", seed=1)
    client = stand.client()
    ids = [rested(client, str(number)) for number in range(8)]
    results = client.cancel_orders(ids).results
    assert [each.order_id for each in results] == ids
    failed = {each.order_id for each in results if not each.success}
    assert 0 < len(failed) < 8
    assert {each.failure_reason for each in results if not each.success} == {
        "COMMANDER_REJECTED_CANCEL_ORDER"
    }
    assert {each.order_id for each in client.list_orders(order_status=["OPEN"]).orders} == failed


def test_cancelling_none_of_many_is_still_an_answer(made: Made) -> None:
    client = made("partial_cancel").client()
    (result,) = client.cancel_orders([rested(client)]).results
    assert result.success is False


def test_an_order_fills_while_its_cancel_succeeds(made: Made) -> None:
    stand = made("cancel_race")
    client = stand.client()
    states = set()
    for number in range(12):
        order_id = rested(client, str(number))
        (result,) = client.cancel_orders([order_id]).results
        assert result.success
        order = client.get_order(order_id).order
        states.add(order.status)
        assert Decimal(order.filled_size) > 0
        assert totals(rows(client, order_ids=[order_id]))[0] == Decimal(order.filled_size)
    assert states == {"FILLED", "CANCELLED"}
    held = [each["hold"]["value"] for each in client.get_accounts().to_dict()["accounts"]]
    assert {Decimal(each) for each in held} == {Decimal(0)}


def test_a_race_over_what_does_not_rest_changes_nothing(made: Made) -> None:
    client = made("cancel_race").client()
    (result,) = client.cancel_orders([bought(client)]).results
    assert (result.success, result.failure_reason) == (False, "ORDER_IS_FULLY_FILLED")


@pytest.mark.parametrize("ms", [45_000, -45_000])
def test_the_time_that_is_told_is_off(made: Made, ms: int) -> None:
    stand = made(f"skewed_clock:ms={ms}")
    told = int(stand.client().get_unix_time().epoch_millis)
    assert told == stand.exchange.now_us // 1000 + ms


def test_an_empty_cancel_is_refused_as_ever(made: Made) -> None:
    with pytest.raises(HTTPError, match="400"):
        made("partial_cancel", "cancel_race").client().cancel_orders([])
