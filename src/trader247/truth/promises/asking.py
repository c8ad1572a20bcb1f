"""Who listens to streams asks as well: what is held has a price, however late a stream is."""

from __future__ import annotations

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import World

_BETWEEN = "exits"


class Asked(Promise):
    """What is held does not stay without a price because nobody asked for one.

    Of what a stream goes on to show, however late: five whole cycles in a row do not leave it
    without a mark in which no book of it was asked for, and none that was asked for failed. Whose
    key is refused asks for nothing else in that cycle.
    """

    id = "I17"
    of_reads = of_yeses = ("product_book", "best_bid_ask")

    _CYCLES, _OK, _REFUSED = 4, 200, 401
    _PATHS = ("/product_book", "/best_bid_ask")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._open: set[int] = set()
        """Requests for books whose answer is awaited."""
        self._has_failed = False
        self._streamed: set[str] = set()
        self._answered: set[str] = set()
        self._unpriced: dict[str, int] = {}
        """For how many whole cycles nobody asked for what has no mark."""

    def on_process(self, _: Told) -> Wrong:
        self._open.clear()
        self._unpriced.clear()
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._unpriced.clear()
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["path"].endswith(self._PATHS):
            self._open.add(record["id"])
        return []

    def on_unsent(self, record: Told) -> Wrong:
        self._has_failed = self._has_failed or record["path"].endswith(self._PATHS)
        return []

    def on_answer(self, record: Told) -> Wrong:
        self._has_failed = self._has_failed or record["status"] == self._REFUSED
        if record["id"] in self._open:
            self._open.remove(record["id"])
            self._has_failed = self._has_failed or record["status"] != self._OK
        return []

    def on_quotes(self, record: Told) -> Wrong:
        shown = self._answered if "books" in record else self._streamed
        shown.update(record["touches"])
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        left_alone = set() if self._has_failed else self._streamed - self._answered
        self._answered, self._has_failed = set(), False
        if payload.get("regime") == _BETWEEN:
            return []
        world, self._streamed = self.world, set()
        self._unpriced = {
            product: self._unpriced.get(product, 0) + 1
            for product in left_alone & world.book.holdings.keys()
            if product not in payload["marks"] and product not in world.dust
        }
        return [
            f"{product} is held, has no price for {count} cycles, and nobody asks for one"
            for product, count in self._unpriced.items()
            if count > self._CYCLES
        ]
