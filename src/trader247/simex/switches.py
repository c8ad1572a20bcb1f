"""Where nobody knows for sure how Coinbase behaves, or where it behaves in more than one way.

A client has to live with every setting; the first value of each is the one that is most likely.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from trader247.simex.rules import Rules

_ON_OFF = {"on": True, "off": False}


def _choice(values: tuple[str, ...], doc: str) -> Any:
    return field(default=values[0], metadata={"values": values, "doc": doc})


def _flag(default: bool, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


def _number(default: int, most: int, doc: str) -> Any:
    return field(default=default, metadata={"most": most, "doc": doc})


@dataclass(frozen=True, slots=True)
class Switches:
    """One setting of every open point; `_s` and `_ms` are seconds and milliseconds."""

    stray_bearer: str = _choice(
        ("refused", "ignored"), "what a token out of order does on a public path or channel"
    )
    bearer_leeway_s: int = _number(5, 60, "how far ahead a token's start may lie")
    bearer_clock: str = _choice(
        ("either", "venue"), "by which clock a token is judged: the machine's also, or the venue's"
    )
    old_issuer: str = _choice(
        ("accepted", "refused"), "what a token issued by coinbase-cloud does, as old libraries sign"
    )
    private_per_s: int = _number(30, 1_000_000, "requests a second that each key may send")
    public_per_s: int = _number(10, 1_000_000, "requests a second on public paths from an address")
    limit_headers: bool = _flag(True, "whether private answers say how many requests are left")
    limit_body: str = _choice(("json", "html"), "what a 429 carries")
    usdc_aliases: bool = _flag(True, "whether BTC-USDC is BTC-USD, paid for from another wallet")
    create_body: str = _choice(
        ("modern", "legacy", "null"),
        "an accepted order's answer; null has no configuration, which the official client "
        "cannot read",
    )
    duplicate_id: str = _choice(
        ("existing", "error"), "a client order id once more: its first order, or a refusal"
    )
    cancel_of_done: str = _choice(
        ("refused", "accepted"), "what cancelling an order that has ended is answered"
    )
    order_lag_ms: int = _number(0, 120_000, "how long a new order cannot be seen, ms")
    fill_lag_ms: int = _number(0, 120_000, "how long a new fill cannot be seen, ms")
    open_with_others: str = _choice(
        ("allowed", "refused"), "whether orders can be listed as OPEN and something else at once"
    )
    page_max: int = _number(
        1_000, 1_000, "rows of orders, fills or wallets on a page, whatever is asked for"
    )
    candle_buckets_max: int = _number(350, 350, "candles that may be asked for at once")
    candle_end: str = _choice(
        ("left_out", "included"), "whether the candle that begins at the end of a span is in it"
    )
    stop_limit_on_spot: str = _choice(
        ("accepted", "refused"), "whether stop-limit orders are taken on spot"
    )
    bracket_on_spot: str = _choice(("accepted", "refused"), "whether bracket orders are taken")
    price_band: bool = _flag(
        True, "whether takers trade within 3 % of the middle alone (BTC, ETH 2 %)"
    )
    quote_buy: str = _choice(
        ("floor", "exact"), "a market buy for a sum: whole lots and a rest, or all of it spent"
    )
    wallet_digits: str = _choice(
        ("all", "ten"), "how many decimals a wallet keeps; what is beyond is lost to its owner"
    )
    hold_fee: str = _choice(
        ("role", "maker", "taker"), "whose fee a resting buy holds: by post-only, or one for all"
    )
    cancel_delay_ms: int = _number(
        0, 60_000, "how long a cancel stays CANCEL_QUEUED, and may be overtaken by a fill, ms"
    )
    cancel_lag_ms: int = _number(0, 60_000, "how long a cancelled order is still shown as OPEN, ms")
    one_too_many: str = _choice(
        ("failed", "refused"), "the 501st open order: accepted and then FAILED, or refused"
    )
    halted: str = _choice(
        ("TRADING_DISABLED", "ORDER_ENTRY_DISABLED", "PRODUCT_TRADING_HALTED"),
        "the reason of a halted product",
    )
    summary_sums: str = _choice(
        ("numbers", "texts"), "how transaction_summary has its volumes and fees"
    )
    account_type: str = _choice(("long", "short"), "ACCOUNT_TYPE_CRYPTO, or CRYPTO")
    client_id: bool = _flag(True, "whether a stream's messages have an empty client_id")
    sequence_scope: str = _choice(
        ("connection", "product"), "what a stream's sequence numbers count"
    )
    heartbeat_counter: str = _choice(("number", "text"), "the counter of a stream's heartbeats")
    stream_close: str = _choice(
        ("abort", "normal"), "how an idle stream ends: without closing, or with 1000"
    )
    subscribe_within_ms: int = _number(
        5000, 600_000, "how long a stream may be open without a subscription, ms"
    )
    stream_idle_ms: int = _number(
        75_000, 600_000, "how long a stream may be open with nothing to say, ms"
    )
    stream_per_s: int = _number(
        8, 1_000_000, "connections, and messages without a token, a second from an address"
    )
    user_update: str = _choice(
        ("after", "before"), "whether the user channel tells of an order after its answer"
    )
    user_product: str = _choice(
        ("named", "canonical"), "the product of an order on BTC-USDC, on the user channel"
    )
    user_replay: bool = _flag(False, "whether a new user stream hears the last updates once more")

    @property
    def rules(self) -> Rules:
        """Those of them that the exchange itself goes by."""
        return Rules(
            takes_stops=self.stop_limit_on_spot == "accepted",
            takes_brackets=self.bracket_on_spot == "accepted",
            has_price_band=self.price_band,
            hold_rate=self.hold_fee,
            cancel_delay_us=self.cancel_delay_ms * 1000,
            fails_late=self.one_too_many == "failed",
            spends_all=self.quote_buy == "exact",
            rounds_wallets=self.wallet_digits == "ten",
            halted_reason=self.halted,
        )

    @staticmethod
    def parse(assignments: Iterable[str]) -> Switches:
        """The switches as `name=value` texts set them, all others as they are by default.

        Raises:
            ValueError: a name or a value does not exist; says which do.
        """
        known = {each.name: each for each in fields(Switches)}
        chosen: dict[str, Any] = {}
        for assignment in assignments:
            name, is_set, value = assignment.partition("=")
            if not is_set or name not in known:
                raise ValueError(f"there is no switch {name!r}; there are {', '.join(known)}")
            chosen[name] = _read(name, value, known[name].metadata)
        return Switches(**chosen)

    @staticmethod
    def manual() -> Mapping[str, tuple[str, str]]:
        """What each switch takes, its default first, and what it decides."""
        return MappingProxyType(
            {
                each.name: (_takes(each.default, each.metadata), each.metadata["doc"])
                for each in fields(Switches)
            }
        )


def _read(name: str, value: str, metadata: Mapping[str, Any]) -> str | int | bool:
    if "values" in metadata:
        if value in metadata["values"]:
            return value
    elif "most" in metadata:
        if value.isascii() and value.isdigit() and len(value) <= 9:
            number = int(value)
            if number <= metadata["most"]:
                return number
    elif value in _ON_OFF:
        return _ON_OFF[value]
    raise ValueError(f"{name} is one of {_takes(None, metadata)}, not {value!r}")


def _takes(default: object, metadata: Mapping[str, Any]) -> str:
    if "values" in metadata:
        return ", ".join(metadata["values"])
    if "most" in metadata:
        span = f"0 to {metadata['most']}"
        return span if default is None else f"{default} ({span})"
    return "off, on" if default is False else "on, off"
