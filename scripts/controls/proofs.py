"""Where each control lives and which tests prove it: what the page and the mutants are made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trader247.core.risk.registry import ALL_CHECKS

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "src/trader247"

ROWS: dict[int, str] = {
    1: "Kill switch",
    2: "Kill without the trader",
    3: "Latched halts",
    4: "Order attribution",
    5: "Daily loss stop",
    6: "Weekly loss stop",
    7: "Maximum drawdown",
    8: "Losing streak and loss velocity",
    9: "Price collar",
    10: "Largest order",
    11: "Order against market volume",
    12: "Smallest order and increments",
    13: "Message rates",
    14: "Repeated executions",
    15: "Duplicate orders",
    16: "Sent against intended",
    17: "Position cap",
    18: "Total at risk",
    19: "Turnover and fees of a day",
    20: "Buying power, no short sale",
    21: "Sent orders count at once",
    22: "Slippage and fees",
    23: "Order types",
    24: "Spread and liquidity",
    25: "Instrument list",
    26: "Product status",
    27: "Quote age",
    28: "Sane market data",
    29: "Self-match prevention",
    30: "Expiry at the venue",
    31: "Alerts",
    32: "Actionable alerts",
    33: "Dead-man heartbeat",
    34: "Independent monitor",
    35: "Circuit breakers",
    36: "Flash crash",
    37: "Own conduct",
    38: "Clock",
    39: "Fill reconciliation",
    40: "Balance reconciliation",
    41: "Unknown orders",
    42: "Unknown outcomes",
    43: "Exposure view",
    44: "Audit trail",
    45: "Single instance",
    46: "Configuration",
    47: "Stages up to LIVE",
    48: "Deployment integrity",
    49: "Start and crash loop",
    50: "Continuity",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a control lives, and the tests that fail where it does not work.

    `code` are files of the package, `tests` files of the suite or `FILE::TEST`. Nothing of either
    is allowed only where the manual says that the control is not built.
    """

    code: tuple[str, ...]
    tests: tuple[str, ...]


def _of(code: str, *tests: str) -> Proof:
    return Proof(tuple(code.split()), tests)


_BREAKERS = "core/risk/breakers.py core/policy.py"
_FOUNDING = "engine/test_founding_controls.py"

OTHERS: dict[str, Proof] = {
    "kill_switch": _of(
        "adapters/kill_switch.py engine/stop_answer.py engine/clearing.py engine/execution.py "
        "core/alerts/due.py",
        "adapters/test_kill_switch.py",
        "engine/test_execution.py::test_a_stop_raised_after_the_record_keeps_the_order_from_leaving",
        "engine/test_loop.py::"
        "test_a_stop_raised_while_it_waits_cancels_what_works_before_the_next_cycle",
        "core/alerts/test_facts.py::"
        "test_an_order_that_outlives_a_halt_by_half_a_minute_is_told_of_each_minute",
        "system/test_stopping.py",
    ),
    "kill_at_venue": _of(
        "app/killing/raising.py app/killing/clearing.py app/killing/proof.py "
        "adapters/emergency.py adapters/coinbase/urgent.py",
        "app/killing/test_clearing.py",
        "killing/test_kill_at_venue.py",
        "killing/test_kill_live.py",
        "system/test_disk.py::test_kill_on_works_where_all_else_is_broken",
    ),
    "latches": _of(
        "core/booking.py core/risk/halts.py app/people/unlocking.py app/killing/releasing.py",
        "engine/test_startup.py::test_halts_stand_after_a_restart",
        "engine/test_stops.py::test_neither_a_restart_nor_a_new_day_clears_it",
        "engine/test_stops.py::test_no_person_can_clear_it_while_the_loss_stands",
        "cli/test_unlock.py::test_a_halt_is_cleared_or_refused_with_the_sentence",
    ),
    "attribution": _of(
        "engine/execution.py adapters/sqlite/schema.py",
        "adapters/sqlite/test_journal.py::"
        "test_an_intent_without_its_attribution_cannot_be_recorded",
        "engine/test_execution.py::test_the_intent_is_on_disk_before_the_exchange_sees_the_order",
    ),
    "daily_stop": _of("core/risk/stops.py", "core/risk/test_stops.py", "engine/test_stops.py"),
    "weekly_stop": _of("core/risk/stops.py", "core/risk/test_stops.py", _FOUNDING),
    "drawdown": _of("core/risk/stops.py", "core/risk/test_stops.py", "engine/test_stops.py"),
    "rate_budget": _of(
        "adapters/coinbase/budget.py app/wiring/assembly.py",
        "adapters/coinbase/test_budget.py",
        "engine/test_cycle.py::test_a_storm_of_cancels_is_slowed_and_a_stops_are_not",
        "engine/test_cycle.py::test_no_number_of_reads_or_refusals_holds_a_cancel_back",
        "engine/test_cycle.py::test_a_cycle_that_asked_for_everything_has_room_for_its_order",
    ),
    "runaway": _of(
        "engine/execution.py adapters/coinbase/guard.py core/book/fills.py",
        "engine/test_irregular.py",
        "core/book/test_fills.py::test_a_fill_that_contradicts_its_intent_is_not_booked",
        "adapters/coinbase/test_client.py::test_an_order_that_was_not_announced_is_not_sent",
    ),
    "reservations": _of(
        "core/risk/reservations.py core/risk/gate.py",
        "core/risk/test_reservations.py",
        "core/risk/test_gate.py::test_after_every_approved_buy_each_cap_holds_at_the_decisions_marks",
    ),
    "liquidity": _of(
        "core/universe.py", "core/test_universe.py::test_each_floor_from_both_sides", _FOUNDING
    ),
    "allow_list": _of(
        "core/universe.py core/risk/checks/product_status.py",
        "core/test_universe.py",
        "core/risk/checks/test_product_status.py::"
        "test_a_product_that_no_tier_lists_is_not_bought_but_can_be_sold",
    ),
    "order_life": _of(
        "core/risk/checks/order_type.py adapters/coinbase/codec.py engine/reconciler.py",
        "core/risk/checks/test_order_type.py::test_an_entry_lives_at_most_five_minutes",
        "core/risk/checks/test_order_type.py::test_an_exit_lives_at_most_fifteen_minutes",
        "core/orders/test_cancellations.py::test_an_order_past_its_time_goes",
    ),
    "alerts": _of(
        "adapters/alerts.py adapters/channels.py engine/alert_watch.py",
        "adapters/test_alerts.py",
        "adapters/test_channels.py",
        "adapters/test_alert_channels_real.py",
        "engine/test_alert_watch.py",
    ),
    "alert_noise": _of(
        "core/alerts/due.py adapters/alert_gate.py adapters/alerts.py",
        "core/alerts/test_facts.py",
        "adapters/test_alert_gate.py",
    ),
    "heartbeat": _of(
        "adapters/heartbeat.py adapters/outbound_ping.py app/outside/pulse.py "
        "app/outside/vitals.py",
        "adapters/test_heartbeat.py",
        "app/outside/test_pulse.py",
        "app/outside/test_vitals.py",
    ),
    "risk_monitor": _of(
        "app/monitoring/overseeing.py app/monitoring/monitor.py",
        "app/monitoring/test_overseeing.py",
        "app/monitoring/test_monitor.py",
    ),
    "conduct": _of(
        "core/risk/bans.py core/book/faulting.py core/risk/control_conduct.py",
        "core/risk/test_bans.py::"
        "test_more_than_half_of_the_orders_ended_at_once_ban_their_strategy",
        "core/risk/test_bans.py::test_more_than_fifty_orders_a_trade_are_told_of_once_a_day",
        "core/risk/test_bans.py::"
        "test_an_order_ended_within_two_seconds_is_hasty_and_one_at_two_is_not",
    ),
    "latency": _of(
        f"{_BREAKERS} adapters/coinbase/latency.py",
        "core/risk/test_breakers.py::test_slow_answers_too_many_reconnects_and_a_full_disk_open_theirs",
        "adapters/coinbase/test_latency.py",
        "engine/test_cycle.py::test_the_venues_latency_opens_its_breaker_above_five_seconds",
    ),
    "reconnects": _of(
        f"{_BREAKERS} adapters/coinbase/stream/streamed.py",
        "core/risk/test_breakers.py::test_more_than_six_reconnects_in_an_hour_open_it",
        "adapters/coinbase/stream/test_streamed.py::test_each_new_beginning_of_a_stream_is_counted_once",
    ),
    "disk": _of(
        f"{_BREAKERS} engine/cycle.py",
        "core/risk/test_breakers.py::test_slow_answers_too_many_reconnects_and_a_full_disk_open_theirs",
        "engine/test_cycle.py::test_under_a_gigabyte_of_room_nothing_is_bought",
    ),
    "loss_velocity": _of(
        _BREAKERS,
        "core/risk/test_breakers.py::test_one_per_cent_lost_in_a_quarter_of_an_hour_opens_it",
        "core/risk/test_breakers.py::test_after_a_fast_loss_nothing_is_bought_for_six_hours",
    ),
    "api_errors": _of(
        _BREAKERS,
        "core/risk/test_breakers.py::test_three_errors_running_open_the_breaker",
        "core/risk/test_breakers.py::test_five_errors_in_five_minutes_open_it",
        "engine/test_cycle.py::test_three_errors_running_stop_entries_and_let_exits_leave",
    ),
    "rate_limit": _of(
        _BREAKERS,
        "core/risk/test_breakers.py::test_three_rate_limit_answers_in_ten_minutes_open_it",
        "engine/test_cycle.py::test_rate_limits_open_a_breaker_that_closes_by_itself",
    ),
    "maintenance": _of(
        _BREAKERS, "core/risk/test_breakers.py::test_a_venue_that_is_closed_opens_it"
    ),
    "cycle_budget": _of(
        _BREAKERS, "core/risk/test_breakers.py::test_three_cycles_over_their_budget_open_it"
    ),
    "stale_market": _of(
        f"{_BREAKERS} core/orders/cancellations.py",
        "core/risk/test_breakers.py::test_more_than_half_of_the_market_stale_opens_it",
        "core/orders/test_cancellations.py::test_buys_go_in_a_flash_crash_and_in_a_market_that_shows_no_prices",
    ),
    "volatility": _of(
        f"{_BREAKERS} core/orders/cancellations.py",
        "core/risk/test_breakers.py::test_a_flash_move_of_a_member_opens_it",
        "core/risk/test_breakers.py::test_after_a_flash_crash_nothing_is_bought_for_half_an_hour",
        "core/orders/test_cancellations.py::test_buys_go_in_a_flash_crash_and_in_a_market_that_shows_no_prices",
        "engine/test_cycle.py::test_a_market_that_moves_too_fast_stops_entries_and_ends_buys",
    ),
    "reconciliation": _of(
        "core/reconcile.py engine/reconciler.py engine/fill_intake.py",
        "core/test_reconcile.py",
        "engine/test_reconciler.py",
        "system/test_books.py",
    ),
    "balances": _of(
        "core/reconcile.py core/book/acceptance.py engine/accepting.py",
        "core/test_reconcile.py",
        "engine/test_reconciler.py::"
        "test_what_a_person_moved_is_pending_then_a_break_and_exits_still_leave",
        "engine/test_reconciler.py::"
        "test_a_deposit_is_no_profit_and_a_withdrawal_no_loss_once_accepted",
    ),
    "foreign_orders": _of(
        "engine/strays.py core/reconcile.py",
        "core/test_reconcile.py::"
        "test_a_live_order_of_our_prefix_that_nobody_recorded_is_a_difference",
        "engine/test_reconciler.py::"
        "test_an_order_under_our_name_that_nobody_recorded_is_ended_and_latched",
        "engine/test_reconciler.py::test_an_order_of_a_stranger_to_our_name_is_left_alone",
        "engine/test_reconciler.py::"
        "test_orders_that_are_not_ours_are_told_of_once_also_after_a_start",
    ),
    "unknown_outcome": _of(
        "core/recovery.py core/risk/checks/duplicate.py core/alerts/due.py",
        "core/test_recovery.py",
        "core/risk/checks/test_duplicate.py::"
        "test_after_ten_minutes_an_unknown_outcome_closes_the_way_to_every_entry",
        "core/alerts/test_facts.py::"
        "test_an_unknown_outcome_warns_after_a_minute_and_is_critical_after_ten",
        "engine/test_unknown.py",
    ),
    "exposure_view": _of(
        "core/risk/controls.py app/controls/report.py",
        "core/risk/test_controls.py",
        "app/controls/test_report.py",
    ),
    "audit_trail": _of(
        "adapters/sqlite/schema.py adapters/sqlite/chain.py adapters/sqlite/verify.py",
        "adapters/sqlite/test_chain.py",
        "adapters/sqlite/test_journal.py::test_what_was_written_can_be_neither_changed_nor_removed",
        "app/books/test_verifying.py::test_a_flipped_byte_in_any_row_of_any_table_is_named",
    ),
    "single_instance": _of(
        "adapters/instance_guard.py adapters/sqlite/tenure.py",
        "adapters/test_instance_guard.py",
        "adapters/sqlite/test_journal.py::test_the_epoch_of_a_later_process_ends_this_one",
        "system/test_stopping.py::test_a_second_trader_on_the_folder_fails_at_once",
    ),
    "configuration": _of(
        "app/settings/load.py app/settings/model.py core/limits.py",
        "app/settings/test_load.py",
        "app/settings/test_scalars.py",
        "app/settings/test_tightening.py",
    ),
    "deployment": _of(
        "adapters/sqlite/database.py app/granting/evidence.py app/granting/installed.py "
        "app/granting/granting.py app/wiring/programs.py app/settings/removed.py "
        "core/alerts/orders.py",
        "adapters/sqlite/test_journal.py::test_a_journal_of_a_newer_schema_is_refused",
        "engine/test_startup.py::test_another_version_that_goes_on_with_a_book_says_so_once",
        "engine/test_startup.py::"
        "test_another_program_below_ours_is_told_of_once_and_kept_with_its_session",
        "app/settings/test_load.py::"
        "test_a_removed_setting_is_refused_for_ever_and_told_its_successor",
        "live/test_preflight.py::test_another_version_begins_the_evidence_anew",
        "app/granting/test_installed.py",
    ),
    "startup_gate": _of(
        "engine/startup.py",
        "engine/test_startup.py",
        "engine/test_milestones.py",
    ),
    "continuity": _of(
        "engine/strays.py core/book/adopting.py app/drills/disk.py app/drills/stress.py "
        "app/drills/ages.py adapters/sqlite/backups/added.py",
        "engine/test_reconciler.py::"
        "test_a_journal_restored_from_yesterday_takes_its_own_orders_back",
        "app/drills/test_continuity.py",
        "adapters/sqlite/test_backup_added.py",
        "system/test_killed.py",
    ),
}
"""The controls that are no checks: those have a file and a test of their own name."""

_MORE_TESTS = {
    "min_notional": ("core/orders/test_dust.py", "core/book/test_dust.py"),
    "max_positions": (
        "engine/test_dust.py::"
        "test_after_a_remnant_the_product_is_bought_again_and_both_are_sold_together",
    ),
    "trading_state": ("engine/test_stops.py",),
    "arming": ("live/test_armed.py", "live/test_matrix.py"),
    "confirmation": ("engine/test_staging.py",),
    "quote_age": (
        "engine/test_execution.py::"
        "test_a_quote_that_aged_past_its_limit_while_it_was_decided_sends_nothing",
    ),
    "banned": ("core/risk/test_bans.py",),
    "self_match": (
        "core/orders/test_cancellations.py::test_a_buy_goes_when_its_position_is_being_sold",
        "engine/test_execution.py::test_every_order_carries_the_venues_own_guard_against_itself",
    ),
    "turnover": (
        "core/risk/test_stops.py::test_fees_over_their_share_of_the_day_latch",
        "engine/test_stops.py::test_a_strategy_that_churns_halts_on_its_fees",
    ),
    "quote_sanity": ("core/risk/test_doubts.py",),
    "product_status": (
        "core/orders/test_cancellations.py::"
        "test_where_a_product_flips_what_could_not_be_sent_any_more_goes",
    ),
    "collar": (
        "core/risk/test_bans.py::"
        "test_the_third_price_outside_the_collar_within_ten_minutes_bans_the_product",
    ),
    "repetition": (
        "core/risk/test_bans.py::"
        "test_who_asks_for_one_purchase_too_many_is_banned_with_its_strategy",
        "core/risk/test_bans.py::test_a_fourth_purchase_without_a_sale_bans_its_strategy",
    ),
    "slippage": ("core/risk/test_bans.py::test_two_fills_over_twice_the_cap_ban_the_product",),
    "duplicate": (
        "adapters/sqlite/test_journal.py::"
        "test_a_second_unresolved_intent_of_a_product_and_side_is_impossible",
    ),
    "clock_skew": (
        "adapters/coinbase/test_market.py::test_clock_skew_is_the_venues_clock_less_ours",
        "adapters/test_clock.py",
    ),
}


def proofs() -> dict[str, Proof]:
    """The proof of every control, by its id."""
    checks = {
        kind.id: Proof(
            (f"core/risk/checks/{kind.id}.py",),
            (f"core/risk/checks/test_{kind.id}.py", *_MORE_TESTS.get(kind.id, ())),
        )
        for kind in ALL_CHECKS
    }
    return {**OTHERS, **checks}
