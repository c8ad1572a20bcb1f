"""Whole sets of faults under one name, from a good day to the worst that a client must survive."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PRESETS: Mapping[str, str] = MappingProxyType(
    {
        "calm": "",
        "rough": (
            "late_answer=2%:ms=800; error_before=0.5%; error_after=0.3%; limited=0.5%;"
            "reset_before=0.2%; reset_after=0.2%; lost_answer=0.1%; unauthorized=0.1%;"
            "stale_list=5%:ms=3000; stale_order=5%:ms=2000; late_fills=5%:ms=3000;"
            "stream_gap=0.1%; stream_drop=0.05%; stream_close=0.05%; stream_hang=0.02%"
        ),
        "hostile": (
            "late_answer=3%:ms=1500; late_request=0.5%:ms=3000; doubled_request=1%;"
            "error_before=2%; error_after=2%; limited=1%; unauthorized=0.5%;"
            "reset_before=1%; reset_after=1%; reset_inside=1%; lost_request=0.2%;"
            "lost_answer=0.2%; lost_answer=2%@create; html=0.5%; empty=0.3%; truncated=0.5%;"
            "missing_field=0.2%; extra_field=1%; number_for_text=0.5%; unknown_enum=0.2%;"
            "null_configuration=1%@create; no_funds=1%; post_only_met=2%;"
            "stale_list=20%:ms=120000; stale_order=10%:ms=5000; stale_state=10%:ms=30000;"
            "late_fills=15%:ms=60000; doubled_fills=10%; repeated_cursor=1%; partial_cancel=10%;"
            "cancel_race=10%; dripping=0.1%:ms=4000;"
            "stream_gap=1%; stream_doubled=1%; stream_swapped=0.5%;"
            "stream_late=1%; stream_drop=0.3%; stream_close=0.3%; stream_hang=0.2%;"
            "stream_silent=0.2%@heartbeats:burst=30; stream_refused=5%; stream_busy=10%"
        ),
    }
)
