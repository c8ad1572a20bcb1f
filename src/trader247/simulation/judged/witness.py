"""What was seen in a run, as whoever tells of an accident needs it. It judges nothing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from trader247.simulation.judged.history import Record, Violation

_FINAL = ("FILLED", "CANCELLED", "EXPIRED", "FAILED")
_IN_DOUBT = ("SUBMITTING", "UNKNOWN")
_YOUNG_US = 60_000_000
_GIVEN_UP_US = 250_000_000
"""When three listings may have shown an order not to be there, each late enough."""
_REACH_US, _PIECES = 300_000_000, 5
"""How far back each reading goes, and how many fills at once are many."""
_MANY_BOOKS = 9
"""Of twelve; two are asked for in each cycle, whatever a stream tells."""
_STOPS = ("daily_stop", "weekly_stop", "drawdown")
_GIVES_WAY = ("order_working", "no_quote", "stale_quote")
_GATE = ("product_status", "collar", "quote_age", "quote_sanity", "buying_power")
_DAY_US = 86_400_000_000
_BOOKS = ("/orders/historical/batch", "/orders/historical/fills", "/accounts")
_UNSEEN = ("no_quote", "stale_quote", "crossed_quote")


class Witness:
    """Told of everything, like a judge."""

    def __init__(self) -> None:  # noqa: PLR0915 - one line a fact
        self.restarts = 0
        self.cycles = 0
        self.noted = 0
        """Rows of fills that move nothing."""
        self.older = 0
        """Orders that were listed in older words after they had been listed as ended."""
        self.too_late = 0
        """Orders that were recorded, and whose decision was too old once they could leave."""
        self.grown_old = 0
        """Orders that were recorded, and whose quote was too old then."""
        self.flows = 0
        self.secrets = 0
        self.journal_bytes = 0
        self.working_max = 0
        self.words: Counter[str] = Counter()
        self.alerts: Counter[str] = Counter()
        """How many alerts were raised, by severity."""
        self.halts: set[str] = set()
        self.stood_overnight: set[str] = set()
        """Halts of a day under which a cycle of another one was decided."""
        self._standing: dict[str, int] = {}
        """On which day each halt began that stands."""
        self.there: dict[str, Record] = {}
        """Orders of ours at the exchange, by our name."""
        self.fills: dict[str, str] = {}
        """Fills of ours: which order's each is."""
        self.parts: Counter[str] = Counter()
        self.booked: Counter[str] = Counter()
        self.filled_while_down: set[str] = set()
        self.unanswered_and_there: set[str] = set()
        self.doubted_then_taken: set[str] = set()
        self.failed_and_there: set[str] = set()
        self.cancel_wishes: set[str] = set()
        self.cancelled_and_lived: set[str] = set()
        self.filled_after_cancel: dict[str, set[str]] = {}
        self.ended: set[str] = set()
        self.young_at_start: set[str] = set()
        self.sales_after_restart: set[str] = set()
        self.blind_cycles = 0
        self.bought_blindly: set[str] = set()
        self.forbidden = 0
        """How often a person wrote into app.yaml that nothing may be sent."""
        self.kept_and_forbidden = 0
        """Sales that rested by somebody's wish as that was written."""
        self.restored = 0
        self.forgotten: set[str] = set()
        """Orders that the exchange has, and a restored journal did not know."""
        self.taken_back: set[str] = set()
        self.stops_taken_back = 0
        self.lost_and_void: set[str] = set()
        """Of those, what had ended with nothing filled as the journal was gone back to."""
        self.sales_in_doubt: set[str] = set()
        self.adopted_beside = 0
        """How often coins were adopted of which some were held."""
        self.ended_in_part: set[str] = set()
        """Orders that ended with a part of them filled that was not booked then."""
        self.wallets_unread = self.unread = 0
        """Of the latter, lists of orders and fills too."""
        self.sold_unread: set[str] = set()
        self.given_up_unread: set[str] = set()
        """Sales sent, and stops asked to end, since a list was last refused."""
        self.taken_back_from_dust = 0
        self.reconnects = 0
        self.asked_for_all = 0
        """Cycles for which nearly every book was asked for."""
        self.retold = 0
        self.lost_parts = 0
        """Orders that had filled in part, and not whole, when they were taken back."""
        self.rested_under_a_stop: set[str] = set()
        """Sales that rested as somebody took back the wish that they stay."""
        self.untold: set[int] = set()
        """Alerts that a message which was not taken told of, by their event."""
        self.told_later: set[int] = set()
        """Those of them that were delivered after all."""
        self.set_aside = 0
        self.accepted = 0
        """Fills that were set aside, and that somebody accepted."""
        self.bought_after_accepting = 0
        """Fills and other entries that were set aside."""
        self.broken_beside = 0
        """Breaks told of coins of which some were held, while a sale of them rested."""
        self.cancels = 0
        """Requests for the end of orders."""
        self.filled_before_taken_back: set[str] = set()
        """Orders that a restored journal had lost, and that had filled before it knew of them."""
        self.told_out_of_reach: set[str] = set()
        """Of those, what was known of so late that no usual reading goes back to its fill."""
        self.stops_declined = 0
        self.stops_switched_off: set[str] = set()
        """Stops of which a raised switch asked for the end."""
        self.laid_meanwhile = 0
        """Stops laid for what is due, and whose sale the collar has refused."""
        self._refused: set[str] = set()
        """What that was in the last cycle."""
        self.given_up_for_nothing: set[str] = set()
        """Stops that made way for a sale that was then refused."""
        self._stops: dict[str, str] = {}
        """What each stop that may rest is of."""
        self._making_way: dict[str, str] = {}
        """The stop that made way for a sale of each product."""
        self.causes: Counter[str] = Counter()
        """Why something was to be sold, by how often."""
        self.adopted: set[str] = set()
        self.left: set[str] = set()
        """Products of which something was sold, by the journal."""
        self.unended = 0
        """How often people heard of orders that a stop may not have ended."""
        self.raised = self.words_read = 0
        """How often the switch was raised, and how often somebody read that nothing rests."""
        self.unproven = 0
        self.emptied = self.ended_by_hand = 0
        """How often `kill on` proved by itself that nothing rests, and how many orders it found."""
        self.said_otherwise = self.waits = 0
        """How often a stream alone said that a book is so, and a refusal for how long to wait."""
        self.emptied_beside = self.kept_beside = 0
        """How often it did so beside a trader that lives, and how many sales it kept then."""
        self.unwhole = 0
        """Pages by which no listing is whole."""
        self.digests = 0
        """How many days were told of."""
        self.sold_by_hand: Counter[str] = Counter()
        """How many sales by hand of a product were booked as such."""
        self.in_pieces_alone: set[str] = set()
        """Orders that filled in many pieces at once, with no fill of ours for minutes before."""
        self.unlisted_past_end: set[str] = set()
        """Orders of unknown fate that lived past their end at the exchange."""
        self.doubted_prices = 0
        """How often a price that jumped was doubted."""
        self.unseen_for_long: set[str] = set()
        """Orders of unknown fate that rested, unfilled, when they might have been given up."""
        self.understated: set[str] = set()
        """Orders that were listed as ended with nothing filled, though something was."""
        self.booked_when_over: set[str] = set()
        """Of those, what had a fill booked after such a listing."""
        self.lost_epochs: set[int] = set()
        """Epochs after that of the journal that was gone back to."""
        self.stopped_between = self.peaks_accepted = 0
        """Stop losses that were latched between two whole cycles."""
        self.bans = self.bans_cleared = self.refused_for_a_ban = 0
        self.booked_a_day_back = self.bought_anew = 0
        """Fills that were booked on an earlier day than one before, and entries after those."""
        self._day = ""
        self.flipped = 0
        """Orders whose end was asked for because their product was not traded as usual any more."""
        self.fees_differ = 0
        """Breaks over what an order filled, or paid."""
        self.kept_back_for_a_hold = 0
        """Cycles that refused a buy for want of free cash while one that was lost rested."""
        self.short_of_room = 0
        """Cycles that bought nothing for want of room on the disk."""
        self._sales: set[str] = set()
        self._sold: set[str] = set()
        self._held: set[str] = set()
        self._epochs: list[tuple[int, int]] = []
        self._readings: set[int] = set()
        self._books: set[int] = set()
        self._is_unread = False
        self._recorded: dict[str, int] = {}
        self._begun_us = self._now_us = 0
        self._is_up = self._keeps_sales = False
        self._is_blind = self._is_between = False
        self._names: dict[int, str] = {}
        self._unanswered: set[str] = set()
        self.doubted: set[str] = set()
        self._cancels: dict[int, str] = {}
        self._books_asked = 0
        self._filled_us: dict[str, int] = {}
        self._burst_us = self._last_fill_us = -_REACH_US
        self._burst = 0

    @property
    def minutes(self) -> int:
        """How long it has looked on."""
        return (self._now_us - self._begun_us) // 60_000_000

    def see(self, record: Record) -> Sequence[Violation]:
        """Take the next thing that happened."""
        self._now_us = record["at_us"]
        handler = getattr(self, f"_on_{record['kind']}", None)
        if handler is not None:
            handler(record)
        return ()

    def _on_begun(self, record: Record) -> None:
        self._begun_us = record["at_us"]
        self.secrets = len(record["secrets"])

    def _on_process(self, record: Record) -> None:
        what = record["what"]
        self._is_up = what in ("started", "recovered")
        self.restarts += what in ("died", "power", "failed")
        if what == "started":
            self.young_at_start |= {
                name
                for name, row in self.there.items()
                if self._now_us - row["created_us"] < _YOUNG_US and row["status"] not in _FINAL
            }

    def _on_kill(self, record: Record) -> None:
        keeps_sales, is_on = bool(record.get("keeps_sales")), record["is_on"]
        self.raised += is_on
        if is_on and self._keeps_sales and not keeps_sales:
            self.rested_under_a_stop |= self._resting_sales()
        self._keeps_sales = is_on and keeps_sales

    def _resting_sales(self) -> set[str]:
        return {
            name
            for name, row in self.there.items()
            if row["side"] == "SELL" and row["status"] not in _FINAL
        }

    def _on_cleared(self, _: Record) -> None:
        self.words_read += 1

    def _on_emptied(self, record: Record) -> None:
        self.emptied += record["is_proven"]
        self.unproven += not record["is_proven"]
        self.ended_by_hand += record["found"]
        if record["is_beside"]:
            self.emptied_beside += record["is_proven"]
            self.kept_beside += record["kept"]

    def _on_unwhole(self, _: Record) -> None:
        self.unwhole += 1

    def _on_settings(self, record: Record) -> None:
        self.forbidden += not record["may_send"]
        if self._keeps_sales and not record["may_send"]:
            self.kept_and_forbidden += len(self._resting_sales())

    def _on_request(self, record: Record) -> None:
        if record["method"] == "POST" and record["path"].endswith("/orders"):
            self._names[record["id"]] = json.loads(record["body"])["client_order_id"]
        elif record["path"].endswith("/batch_cancel"):
            self.cancels += 1
            self._cancels[record["id"]] = record["body"]
        elif record["path"].endswith("/product_book"):
            self._books_asked += 1
        elif record["path"].endswith(_BOOKS):
            self._books.add(record["id"])
            if record["path"].endswith("/accounts"):
                self._readings.add(record["id"])

    def _on_quotes(self, record: Record) -> None:
        self.said_otherwise += any(each.get("is_otherwise") for each in record["touches"].values())

    def _on_answer(self, record: Record) -> None:
        self.waits += "wait_s" in record
        name = self._names.pop(record["id"], None)
        if name is not None and record["status"] is None:
            self._unanswered.add(name)
        if record["id"] in self._books:
            self._books.discard(record["id"])
            self._is_unread = record["status"] != 200
            self.unread += self._is_unread
        if record["id"] in self._readings:
            self._readings.discard(record["id"])
            self.wallets_unread += record["status"] != 200
        asked = self._cancels.pop(record["id"], None)
        if asked is not None and record["status"] == 200:
            self.cancelled_and_lived |= {
                name
                for name, row in self.there.items()
                if row["order_id"] in asked and row["status"] not in _FINAL
            }

    def _on_exchange(self, record: Record) -> None:
        for row in record["orders"]:
            if row["is_ours"]:
                name = row["client_order_id"]
                self.there[name] = row
                if name in self._unanswered:
                    self.unanswered_and_there.add(name)
                if row["status"] in _FINAL:
                    self.ended.add(name)
                    part = 0 < float(row["filled"]) < float(row["size"] or 0)
                    if part and any(
                        of == name and entry not in self.booked for entry, of in self.fills.items()
                    ):
                        self.ended_in_part.add(name)
        names = {row["order_id"]: name for name, row in self.there.items()}
        for fill in record["fills"]:
            self.noted += fill["kind"] == "SYNTHETIC"
            name = names.get(fill["order_id"])
            if name is None or fill["kind"] != "FILL":
                continue
            self.fills[fill["entry_id"]] = name
            self.parts[name] += 1
            self._filled_us.setdefault(name, fill["time_us"])
            self._in_a_moment(name, fill["time_us"])
            if not self._is_up:
                self.filled_while_down.add(fill["entry_id"])
            if name in self.cancel_wishes:
                self.filled_after_cancel.setdefault(name, set()).add(fill["entry_id"])

    def _in_a_moment(self, name: str, at_us: int) -> None:
        if at_us - self._last_fill_us > _REACH_US:
            self._burst_us, self._burst = at_us, 0
        self._last_fill_us = at_us
        self._burst += at_us == self._burst_us
        if self._burst >= _PIECES:
            self.in_pieces_alone.add(name)

    def _on_alert(self, record: Record) -> None:
        if record["what"] == "tried" and record["code"] == "simulated":
            self.untold.add(record["id"])
        elif record["what"] == "delivered" and record["id"] in self.untold:
            self.told_later.add(record["id"])

    def _on_understated(self, record: Record) -> None:
        filled = set(self.fills.values())
        self.understated |= filled & set(record["orders"])

    def _on_older(self, record: Record) -> None:
        self.older += len(self.ended & set(record["orders"]))

    def _on_folded(self, record: Record) -> None:
        self.unlisted_past_end |= {
            name
            for name in self.doubted
            if (row := self.there.get(name)) is not None
            and row["status"] not in _FINAL
            and row["end_us"] is not None
            and row["end_us"] < self._now_us
        }
        in_doubt = (
            each["client_order_id"]
            for each in record["portfolio"]["working"]
            if each["state"] in _IN_DOUBT
        )
        self.unseen_for_long |= {
            name
            for name in in_doubt
            if (row := self.there.get(name)) is not None
            and row["status"] not in _FINAL
            and not float(row["filled"])
            and self._now_us - row["created_us"] > _GIVEN_UP_US
        }
        self._sold = {
            each["product"].partition("-")[0]
            for each in record["portfolio"]["working"]
            if each["side"] == "SELL"
        }
        self.working_max = max(self.working_max, len(record["portfolio"]["working"]))
        self._held = {each["product"] for each in record["portfolio"]["positions"]}

    def _on_journal(self, record: Record) -> None:
        for event in record["events"]:
            self.journal_bytes += len(json.dumps(event))
            payload = event["payload"]
            self._note(event["kind"], payload)
            match event["kind"]:
                case "cycle_decided":
                    self._cycle(payload)
                case "intent_recorded":
                    name = payload["intent"]["client_order_id"]
                    self._recorded[name] = event["seq"]
                    if name in self.forgotten:
                        self.taken_back.add(name)
                        self.stops_taken_back += name in self._stops
                        row = self.there[name]
                        if float(row["filled"]):
                            self.filled_before_taken_back.add(name)
                        if self._now_us - self._filled_us.get(name, self._now_us) > _REACH_US:
                            self.told_out_of_reach.add(name)
                        self.lost_parts += 0 < float(row["filled"]) < float(row["size"] or 0)
                    self._intent(payload["intent"])
                case "submission_settled":
                    self.too_late += payload["outcome"].get("code") == "too_late"
                    self.grown_old += (payload["outcome"].get("message") or "").startswith("quote ")
                    self._settled(payload["client_order_id"], payload["outcome"]["is"])
                case "fill_booked":
                    self.booked[payload["fill"]["entry_id"]] += 1
                    self.booked_when_over |= {payload["client_order_id"]} & self.understated
                    day = event["time"][:10]
                    self.booked_a_day_back += day < self._day
                    self._day = max(self._day, day)
                case "cancel_requested":
                    self._wished_over(payload["client_order_id"], payload["cause"])
                case "session_started":
                    self._epochs.append((event["seq"], payload["epoch"]))

    def _wished_over(self, name: str, cause: str) -> None:
        self.cancel_wishes.add(name)
        if name not in self._stops:
            return
        if self._is_unread:
            self.given_up_unread.add(name)
        if cause == "kill switch":
            self.stops_switched_off.add(name)
        if cause.endswith(" is due"):
            self._making_way[self._stops[name]] = name

    def _note(self, kind: str, payload: Record) -> None:
        """What is told of besides orders and their fills."""
        match kind:
            case "holding_adopted":
                self.adopted.add(payload["product"])
                self.adopted_beside += payload["product"] in self._held
            case "alert_raised":
                self.alerts[payload["severity"].upper()] += 1
                self.digests += payload["code"] == "daily_digest"
                self.unended += payload["code"] == "orders_not_ended"
                self.flipped += payload["code"] == "product_flipped"
            case "lots_sold_by_hand":
                self.sold_by_hand[payload["product"]] += 1
            case "product_doubted":
                self.doubted_prices += payload["level"] is not None
            case "dust_taken_back":
                self.taken_back_from_dust += 1
            case "halt_cleared":
                self._standing.pop(payload["name"], None)
                self.peaks_accepted += payload.get("accepted_peak") is not None
            case "fill_quarantined" | "fills_accepted":
                self.set_aside += kind == "fill_quarantined"
                self.accepted += len(payload.get("fills", ()))
            case "ban_latched":
                self.bans += 1
            case "ban_cleared":
                self.bans_cleared += 1
            case "cash_flowed":
                self.flows += 1
            case "halt_latched":
                self.halts.add(payload["name"])
                self._standing.setdefault(payload["name"], self._now_us // _DAY_US)
                self.stopped_between += self._is_between and payload["name"] in _STOPS
            case "difference_found":
                what, _, key = payload["key"].partition(":")
                self.fees_differ += payload["is_break"] and what == "fills"
                self.broken_beside += payload["is_break"] and key in self._sold

    def _cycle(self, payload: Record) -> None:
        self.cycles += 1
        today = self._now_us // _DAY_US
        self.stood_overnight |= {name for name, day in self._standing.items() if day < today}
        self._is_between = payload["regime"] == "exits"
        words = [each["reason"] for each in payload["endings"].values()]
        self.words.update(words)
        endings = payload["endings"].items()
        self._refused = {product for product, each in endings if each["reason"] == "collar"}
        for product, ending in payload["endings"].items():
            word = ending["reason"]
            name = self._making_way.get(product)
            if name is not None and word not in _GIVES_WAY:
                del self._making_way[product]
                if word in _GATE:
                    self.given_up_for_nothing.add(name)
        self._is_blind = bool(words) and all(each in _UNSEEN for each in words)
        self.blind_cycles += self._is_blind
        self.refused_for_a_ban += words.count("banned")
        rests = any(self.there[name]["status"] not in _FINAL for name in self.forgotten)
        self.kept_back_for_a_hold += rests and "buying_power" in words
        self.short_of_room += "disk" in payload.get("tripped", ())
        self.reconnects += payload.get("reconnects", 0)
        self.asked_for_all += self._books_asked >= _MANY_BOOKS
        self._books_asked = 0

    def _on_retold(self, record: Record) -> None:
        self.retold += len(record["entries"])

    def _on_restored(self, record: Record) -> None:
        self.restored += 1
        lost = {name for name, seq in self._recorded.items() if seq > record["seq"]}
        self.forgotten |= lost & self.there.keys()
        self.lost_and_void |= {
            name
            for name in lost & self.ended
            if not float(self.there[name]["filled"])
            and self._now_us - self.there[name]["updated_us"] > _REACH_US
        }
        names = {name: seq for name, seq in self._recorded.items() if name in self.forgotten}
        begun = [(seq, epoch) for seq, epoch in self._epochs if seq > record["seq"]]
        self.lost_epochs |= {
            epoch for seq, epoch in begun if any(recorded > seq for recorded in names.values())
        }
        self.taken_back -= lost

    def _intent(self, intent: Record) -> None:
        self.bought_anew += intent["purpose"] == "entry" and self.booked_a_day_back > 0
        if intent["side"] == "SELL":
            self.causes[intent.get("exit_cause") or ""] += 1
            self.left.add(intent["product"])
            self._sales.add(intent["client_order_id"])
            if self._is_unread and intent["order_type"] != "stop_limit_gtd":
                self.sold_unread.add(intent["client_order_id"])
        if intent["order_type"] == "stop_limit_gtd":
            self._stops[intent["client_order_id"]] = intent["product"]
            self.laid_meanwhile += intent["product"] in self._refused
        if intent["side"] == "SELL" and self.restarts:
            self.sales_after_restart.add(intent["client_order_id"])
        self.bought_after_accepting += intent["side"] == "BUY" and self.accepted > 0
        if intent["side"] == "BUY" and self._is_blind:
            self.bought_blindly.add(intent["client_order_id"])

    def _settled(self, name: str, outcome: str) -> None:
        self.stops_declined += outcome == "Declined" and name in self._stops
        if outcome == "Unknown":
            self.doubted.add(name)
            if name in self._sales:
                self.sales_in_doubt.add(name)
        elif outcome == "Acknowledged":
            if name in self.doubted:
                self.doubted_then_taken.add(name)
            if name in self._unanswered and name in self.there:
                self.unanswered_and_there.add(name)
        elif name in self.there and self.there[name]["status"] not in _FINAL:
            self.failed_and_there.add(name)
