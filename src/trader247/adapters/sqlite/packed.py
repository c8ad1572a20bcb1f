"""Events that come in masses, stored in a quarter of their size: deflated against a known text.

The chain vouches for the text, never for how it is stored: builds of zlib differ in the bytes that
they write, and all of them read each other's. The known text is what such events have in common;
it stands in the journal's table `meta` too, so that ten lines of script read the journal without
this program. It is frozen: another one would be another form, told apart by its first byte.
"""

from __future__ import annotations

import zlib

from trader247.adapters.sqlite.codec import UnreadableRecord

KINDS = frozenset({"cycle_decided", "intent_recorded", "order_seen", "submission_settled"})
"""The kinds that are stored so; the others are few, and stay text."""

FORM = 1
"""The first byte of what is stored."""

PAYLOAD_MAX = 64 * 1024 * 1024
"""Characters of one payload, at the most: what damaged bytes may cost."""

NAME = f"packing_{FORM}"
"""Where the known text stands in `meta`."""


def packed(kind: str, payload: str) -> str | bytes:
    """An event's payload as it is stored."""
    if kind not in KINDS:
        return payload
    deflating = _DEFLATING.copy()
    return bytes([FORM]) + deflating.compress(payload.encode("ascii")) + deflating.flush()


def unpacked(stored: object) -> str:
    """The payload of what is stored.

    Raises:
        UnreadableRecord: it was changed, or a newer version wrote it.
    """
    if not isinstance(stored, bytes):
        return str(stored)
    if stored[:1] != bytes([FORM]):
        raise UnreadableRecord(
            f"a payload is packed in form {stored[:1].hex() or 'none'}; this program knows {FORM}",
            hint="a newer trader247 wrote it: use that one",
        )
    try:
        inflating = zlib.decompressobj(-zlib.MAX_WBITS, _KNOWN)
        data = inflating.decompress(stored[1:], PAYLOAD_MAX)
        if not inflating.eof or inflating.unused_data:
            raise UnreadableRecord("a packed payload ends early, or goes on after its end")
        return data.decode("ascii")
    except (zlib.error, UnicodeDecodeError) as error:
        raise UnreadableRecord(f"a packed payload cannot be read: {error}") from error


KNOWN = (
    '{"client_order_id":"t247-","outcome":{"code":"","detail":"","is":"Declined","is_sent":true,"'
    'message":""}}{"client_order_id":"t247-","outcome":{"is":"Acknowledged","order_id":"{"order":'
    '{"client_order_id":"t247-","created":"2026-","end_time":"2026-","fees":"0","fill_count":0,"f'
    'illed":"0","order_id":"","price":"","product":"-USD","quantity":"","reject_reason":"","side"'
    ':"BUY","state":"FILLED"}}","reject_reason":"","side":"SELL","state":"OPEN"}}CANCELLEDEXPIRED'
    '{"intent":{"body":"{\\"client_order_id\\": \\"t247-\\", \\"product_id\\": \\"-USD\\", \\"sid'
    'e\\": \\"BUY\\", \\"order_configuration\\": {\\"limit_limit_gtd\\": {\\"base_size\\": \\"\\"'
    ', \\"limit_price\\": \\"\\", \\"end_time\\": \\"2026-Z\\", \\"post_only\\": true}}}","body_s'
    'ha256":"\\"side\\": \\"SELL\\", \\"order_configuration\\": {\\"stop_limit_stop_limit_gtd\\":'
    ' {\\"base_size\\": \\"\\", \\"limit_price\\": \\"\\", \\"stop_price\\": \\"\\", \\"end_time'
    '\\": \\"2026-Z\\", \\"stop_direction\\": \\"STOP_DIRECTION_STOP_DOWN\\"}}}","body_sha256":""'
    ',"client_order_id":"t247-","code_version":"0.1.0","created":"2026-","cycle":,"decision_id":"'
    ':-USD","end_time":"2026-Z","epoch":1,"exit_cause":null,"leg":0,"order_type":"post_only_gtd",'
    '"plan":{"longest_hold":172800000000,"stop_fraction":"0.","target_fraction":"0.","trailing_fr'
    'action":null},"policy_hash":"","price":"","product":"-USD","purpose":"entry","quantity":"","'
    'reference":"","rule":"mean_reversion","side":"BUY","stop_price":null,"strategy":"momentum247'
    '","taker_fee_fraction":"0.009"}}Z","epoch":1,"exit_cause":"stop","leg":,"order_type":"stop_l'
    'imit_gtd","plan":null,"policy_hash":"","price":"","product":"-USD","purpose":"exit","quantit'
    'y":"","reference":"","rule":"momentum","side":"SELL","stop_price":"{"check":"arming","detail'
    '":"this book needs no arming","is_allowed":true,"limit":"","unit":"","value":""},{"check":"c'
    'lock_skew","detail":"clocks differ by s","is_allowed":true,"limit":"","unit":"s","value":""}'
    ',{"check":"equity_known","detail":"equity is ","is_allowed":true,"limit":"","unit":"","value'
    '":""},{"check":"breaker_open","detail":"every breaker is closed","is_allowed":true,"limit":"'
    '","unit":"","value":""},{"check":"slippage","detail":"costs - bps over the mid","is_allowed"'
    ':true,"limit":"","unit":"bps","value":""},{"check":"fee_worth","detail":"the target is worth'
    ' x the round-trip fees","is_allowed":true,"limit":"","unit":"x","value":""},{"check":"depth_'
    'multiple","detail":" rests within bps, is asked for","is_allowed":true,"limit":"","unit":"",'
    '"value":""},{"check":"market_volume","detail":"notional , is % of the 24 h volume","is_allow'
    'ed":true,"limit":"","unit":"%","value":""},{"check":"max_positions","detail":" products with'
    ' this one","is_allowed":true,"limit":"","unit":"products","value":""},{"check":"new_position'
    's","detail":" approved in this cycle before it","is_allowed":true,"limit":"","unit":"","valu'
    'e":""},{"check":"pace","detail":" entries in the last hour, in the last day","is_allowed":tr'
    'ue,"limit":"","unit":"entries","value":""},{"check":"repetition","detail":"-USD was bought t'
    'imes in the last hour, in 24 h","is_allowed":true,"limit":"","unit":"","value":""},{"check":'
    '"cooldown","detail":"-USD cools down until 2026-","is_allowed":true,"limit":"","unit":"","va'
    'lue":""},{"check":"cooldown","detail":"-USD has no fill to cool down from","is_allowed":true'
    ',"limit":"","unit":"","value":""},{"check":"losing_streak","detail":" losing closes in a row'
    '","is_allowed":true,"limit":"","unit":"","value":""},{"check":"turnover","detail":" bought t'
    'oday with this order","is_allowed":true,"limit":"","unit":"quote","value":""},{"check":"clus'
    'ter_exposure","detail":"LAYER1: with this order is % of equity","is_allowed":true,"limit":""'
    ',"unit":"%","value":""},{"check":"total_exposure","detail":" with this order is % of equity"'
    ',"is_allowed":true,"limit":"","unit":"%","value":""},{"check":"canary","detail":"this stage '
    'is not in force","is_allowed":true,"limit":"","unit":"","value":""},{"check":"arming","detai'
    'l":"binds entries alone","is_allowed":true,"limit":"","unit":"","value":""},{"check":"clock_'
    'skew","detail":"binds entries alone","is_allowed":true,"limit":"","unit":"","value":""},{"ch'
    'eck":"equity_known","detail":"binds entries alone","is_allowed":true,"limit":"","unit":"","v'
    'alue":""},{"check":"breaker_open","detail":"binds entries alone","is_allowed":true,"limit":"'
    '","unit":"","value":""},{"check":"trading_state","detail":"no halt stands","is_allowed":true'
    ',"limit":"","unit":"","value":"ACTIVE"},{"check":"product_status","detail":"the product is o'
    'nline","is_allowed":true,"limit":"online","unit":"","value":"online"},{"check":"quote_age","'
    'detail":"the quote is 0 s old","is_allowed":true,"limit":"30","unit":"s","value":"0"},{"chec'
    'k":"quote_sanity","detail":"bid  below ask ","is_allowed":true,"limit":"","unit":"","value":'
    '""},{"check":"order_type","detail":"SELL stop_limit_gtd is an order that we send","is_allowe'
    'd":true,"limit":"","unit":"","value":"SELL stop_limit_gtd"},{"check":"increments","detail":"'
    ' at  lies on the product\'s grid","is_allowed":true,"limit":"","unit":"","value"'
    ':""},{"check":"min_notional","detail":"notional  reaches the floor, 1","is_allowed":true,"li'
    'mit":"1","unit":"quote","value":""},{"check":"max_order","detail":"notional  is within 250",'
    '"is_allowed":true,"limit":"250","unit":"quote","value":""},{"check":"collar","detail":" for '
    'a stop at , not below 0.","is_allowed":true,"limit":"","unit":"","value":""},{"check":"slipp'
    'age","detail":"binds entries alone","is_allowed":true,"limit":"","unit":"","value":""},{"che'
    'ck":"fee_worth","detail":"binds entries alone","is_allowed":true,"limit":"","unit":"","value'
    '":""},{"check":"depth_multiple","detail":"binds entries alone","is_allowed":true,"limit":"",'
    '"unit":"","value":""},{"check":"market_volume","detail":"binds entries alone","is_allowed":t'
    'rue,"limit":"","unit":"","value":""},{"check":"duplicate","detail":"no other order for :-USD'
    ' leg ","is_allowed":true,"limit":"","unit":"","value":" leg "},{"check":"max_positions","det'
    'ail":"binds entries alone","is_allowed":true,"limit":"","unit":"","value":""},{"check":"new_'
    'positions","detail":"binds entries alone","is_allowed":true,"limit":"","unit":"","value":""}'
    ',{"check":"pace","detail":"binds entries alone","is_allowed":true,"limit":"","unit":"","valu'
    'e":""},{"check":"repetition","detail":"binds entries alone","is_allowed":true,"limit":"","un'
    'it":"","value":""},{"check":"cooldown","detail":"binds entries alone","is_allowed":true,"lim'
    'it":"","unit":"","value":""},{"check":"losing_streak","detail":"binds entries alone","is_all'
    'owed":true,"limit":"","unit":"","value":""},{"check":"turnover","detail":"binds entries alon'
    'e","is_allowed":true,"limit":"","unit":"","value":""},{"check":"product_exposure","detail":"'
    'binds entries alone","is_allowed":true,"limit":"","unit":"","value":""},{"check":"cluster_ex'
    'posure","detail":"binds entries alone","is_allowed":true,"limit":"","unit":"","value":""},{"'
    'check":"total_exposure","detail":"binds entries alone","is_allowed":true,"limit":"","unit":"'
    '","value":""},{"check":"buying_power","detail":"sells ,  of our own lots is free","is_allowe'
    'd":true,"limit":"","unit":"","value":""},{"check":"canary","detail":"binds entries alone","i'
    's_allowed":true,"limit":"","unit":"","value":""},{"check":"ladder","detail":"binds entries a'
    'lone","is_allowed":true,"limit":"","unit":"","value":""},{"check":"confirmation","detail":"b'
    'inds entries alone","is_allowed":true,"limit":"","unit":"","value":""},"},"ADA-USD":{"detail'
    '":"momentum scores , at least ","reason":"no_rule"},"ALGO-USD":{"detail":"volume_spike: volu'
    'me_ratio  x (threshold 1.80)","reason":"no_trigger"},"ATOM-USD":{"detail":"mean_reversion: z'
    ' -1. sd (threshold -2.00)","reason":"no_trigger"},"AVAX-USD":{"detail":"mean_reversion score'
    's , and no rule acts on it here","reason":"no_rule"},"BTC-USD":{"detail":" products with thi'
    's one","reason":"max_positions"},"DOGE-USD":{"detail":" entries in the last 24 h","reason":"'
    'pace"},"DOT-USD":{"detail":"momentum: return_1_h  % (threshold 1.00)","reason":"no_trigger"}'
    ',"ETH-USD":{"detail":"reversal: recovery  % (threshold 5.00)","reason":"no_trigger"},"HBAR-U'
    'SD":{"detail":"held; its stop goes to the venue, at ","reason":"holding"},"LINK-USD":{"detai'
    'l":"","reason":"sent"},"SOL-USD":{"detail":"bid , stop , target , until 2026-01-","reason":"'
    'holding"},"UNI-USD":{"detail":"bid , stop , target , until 2026-01-","reason":"holding"},"XL'
    'M-USD":{"detail":"bid , stop , target , until 2026-01-","reason":"holding"},"XRP-USD":{"deta'
    'il":"bid , stop , target , until 2026-01-Z","reason":"holding"}},"equity":"9","errors":0,"er'
    'rors_running":0,"is_overrun":false,"marks":{"ADA-USD":"","AVAX-USD":"","BTC-USD":"","UNI-USD'
    '":"","XLM-USD":""},"rate_limited":0,"regime":"chop","seen":{"length":1,"offset":,"segment":"'
    '2026-01.seg","sha256":""},"tripped":[],"universe":{},"verdicts":{}}Z","cycle":,"endings":{"A'
    'DA-USD":{"detail":"'
)
_KNOWN = KNOWN.encode("ascii")
_DEFLATING = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, 0, _KNOWN)
"""It has read the known text, which takes as long as the rest: each payload begins with a copy."""
