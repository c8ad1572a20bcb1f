"""The names of all drills, for whoever counts them without holding any: light to import."""

from __future__ import annotations

ALL_NAMES = (
    "kill_file",
    "kill_command",
    "kill_stopped",
    "daily_price",
    "daily_realised",
    "weekly_price",
    "weekly_realised",
    "drawdown_price",
    "drawdown_realised",
    "frozen_feed",
    "frozen_times",
    "flash_crash",
    "outlier_tick",
    "partition",
    "rate_limit",
    "maintenance",
    "lost_answer",
    "duplicate_fills",
    "foreign_trade",
    "withdrawal",
    "second_instance",
    "crash_loop",
    "full_disk",
    "restore",
    "stress",
    "clock_jump",
    "key_revoked",
    "alert_channel",
)
