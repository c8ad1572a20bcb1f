"""The ten checks themselves: each answers pass, fail or skipped, and what it found."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.market import CoinbaseMarket
from trader247.adapters.coinbase.products import NOT_LISTED
from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.app.books.reading import Book
from trader247.app.venue.looking import readonly_venue, simulated_client
from trader247.core.policy import Policy
from trader247.core.risk.breakers import stale_share, tripped
from trader247.core.risk.check import check_in, figure
from trader247.core.risk.checks.clock_skew import ClockSkew, skew_seconds
from trader247.core.risk.checks.max_order import least_quantity
from trader247.core.risk.checks.min_notional import MinNotional
from trader247.core.universe import universe_of
from trader247.domain.errors import VenueUnreachable
from trader247.domain.ids import DecisionId, ProductId
from trader247.domain.market import ProductStatus, ProductView, Snapshot
from trader247.domain.money import CONTEXT, ZERO, Bps, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import Proposal, Purpose
from trader247.domain.time import DAY, MINUTE, SECOND

QUOTE_AGE_MAX = 60 * SECOND
CANDLES_KEPT = 60
HOURS_KEPT = 26
CANDLE_LAG_MAX = 5
"""Minutes by which the newest candle may lag: a venue publishes a bar a little late."""
DEPTH_BAND_BPS = 20
_UNDER_BID = Bps(Decimal(-100))
"""Where the previewed order would rest."""
KEYLESS = "keyless"


class Result(Enum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    SKIPPED = "skipped"


Answer = tuple[Result, str]


class SmokeChecks:
    """The ten checks by name. The market is read once, by the first check that needs it."""

    def __init__(
        self, client: CoinbaseClient, policy: Policy, book: Book | None, *, is_whole: bool = True
    ) -> None:
        """`book` is None where nothing was traded yet; a tape is not the whole of a venue."""
        self._is_whole = is_whole
        self._client = client
        self._policy = policy
        self._book = book
        self._venue = CoinbaseVenue(client)
        self._market = CoinbaseMarket(client, minutes_kept=CANDLES_KEPT, hours_kept=HOURS_KEPT)
        self._portfolio = Portfolio() if book is None else book.portfolio()
        self._seen: Snapshot | None = None

    def connection(self) -> Answer:
        """The venue answers, and takes the key if there is one."""
        try:
            theirs = self._venue.time()
            if not self._client.has_key:
                return Result.PASS, f"answers at {theirs}, keyless"
            key = self._venue.permissions()
        except VenueUnreachable as error:
            return Result.FAIL, str(error)
        if not key.can_view:
            return Result.FAIL, "the key may not view the account"
        may = [word for word, can in (("view", True), ("trade", key.can_trade)) if can]
        if key.can_transfer:
            return Result.FAIL, "the key may transfer money out: make one that may not"
        return Result.PASS, f"answers at {theirs}, the key may {' and '.join(may)}"

    def accounts(self) -> Answer:
        """The account can be read, and holds a wallet of the quote currency."""
        if not self._client.has_key:
            return Result.SKIPPED, KEYLESS
        balances = self._venue.balances()
        currency = self._policy.quote_currency
        if currency not in balances:
            return Result.FAIL, f"the account has no {currency} wallet"
        available = figure(balances[currency].available, 2)
        return Result.PASS, f"{len(balances)} wallets, {available} {currency} available"

    def quotes(self) -> Answer:
        """Every product that can be traded has a sane quote, at most 60 s old."""
        views = self._tradable()
        if not views:
            return Result.FAIL, self._snapshot.unreachable or "no listed product can be traded"
        now = self._client.clock.now()
        bad = []
        for view in views:
            name = "" if view.product is None else str(view.product.id)
            if view.quote is None:
                bad.append(f"{name} has none ({view.trouble})")
            elif view.quote.is_crossed:
                bad.append(f"{name} is crossed")
            elif now - view.quote.time > QUOTE_AGE_MAX:
                bad.append(f"{name} is {(now - view.quote.time) // SECOND} s old")
        return _judged(bad, f"{len(views)} quotes, at most 60 s old")

    def candles(self) -> Answer:
        """Every product that can be traded has candles up to now."""
        views = self._tradable()
        newest = self._client.clock.now().minute - 1
        bad = []
        for view in views:
            name = "" if view.product is None else str(view.product.id)
            if view.bars is None:
                bad.append(f"{name} has none ({view.trouble})")
            elif newest - view.bars.end > CANDLE_LAG_MAX:
                bad.append(f"{name} ends {newest - view.bars.end} minutes ago")
        return _judged(bad or _none(views), f"{len(views)} products, up to the last minute")

    def book(self) -> Answer:
        """Every product that can be traded shows depth on both sides."""
        views = self._tradable()
        bad = [
            str(view.product.id)
            for view in views
            if view.product is not None
            and (view.depth is None or view.depth.within(DEPTH_BAND_BPS).value <= 0)
        ]
        least = min(
            (view.depth.within(DEPTH_BAND_BPS).value for view in views if view.depth is not None),
            default=ZERO,
        )
        found = f"{len(views)} books, at least {figure(least, 0)} within {DEPTH_BAND_BPS} bps"
        return _judged([f"no depth on {each}" for each in bad] or _none(views), found)

    def universe(self) -> Answer:
        """Every listed product exists, and enough are eligible for anything to be bought."""
        universe = universe_of(self._snapshot, self._portfolio, self._policy)
        listed = len(self._policy.universe.products)
        found = f"{len(universe.eligible)} of {listed} products eligible"
        absent = [
            str(product) for product in self._policy.universe.products if self._lacks(product)
        ]
        if absent:
            found += f"; the venue lists no {', '.join(absent)}"
            if self._is_whole:
                return Result.FAIL, f"{found}: take it out of universe.yaml"
        if not universe.is_large_enough:
            return Result.FAIL, f"{found}, at least {universe.needed} are needed"
        return Result.PASS, found

    def reconciliation(self) -> Answer:
        """Ledger and venue agree, or only differ where orders in flight explain it."""
        if not self._client.has_key:
            return Result.SKIPPED, KEYLESS
        if self._book is None:
            orders = self._venue.orders(self._client.clock.now() - DAY)
            return Result.PASS, f"empty: no ledger yet, {len(orders)} orders at the venue in a day"
        if self._book.is_assumed:
            return Result.SKIPPED, "this book takes its account for granted, and sends nothing"
        from trader247.app.venue.reconciling import differences

        own = self._book.exchange
        venue = self._venue if own is None else readonly_venue(simulated_client(own))
        _, standing = differences(self._book, venue, None)
        breaks = [each for each in standing if each.is_break]
        pending = len(standing) - len(breaks)
        bad = [f"{each.key}: ledger {each.ledger}, venue {each.venue}" for each in breaks]
        return _judged(bad, f"no break, {pending} pending")

    def preview(self) -> Answer:
        """The venue would take a smallest entry, which is only previewed."""
        if not self._client.has_key:
            return Result.SKIPPED, KEYLESS
        view = self._quoted()
        if view is None or view.product is None:
            return Result.FAIL, "no product has a quote to preview an order with"
        proposal = self._smallest(view)
        said = self._venue.preview(proposal, self._client.clock.now() + 5 * MINUTE)
        found = f"{figure(proposal.notional.value, 2)} of {view.product.id} would be taken"
        return _judged(list(said), found)

    def breakers(self) -> Answer:
        """What the circuit breakers measure can be measured, and none of them would open."""
        now = self._client.clock.now()
        share = stale_share(self._snapshot, self._policy, now)
        if share is None:
            return Result.FAIL, "the share of stale products cannot be measured"
        causes = tripped(self._portfolio, self._snapshot, self._policy, now)
        return _judged(
            [f"{name.value}: {cause}" for name, cause in causes.items()],
            f"all measured, {figure(share.value, 1)} % of products stale",
        )

    def clock(self) -> Answer:
        """This machine's clock and the venue's agree."""
        limits = check_in(self._policy.checks, ClockSkew)
        skew = self._snapshot.clock_skew
        if skew is None:
            return Result.FAIL, "the venue's clock could not be read"
        seconds = skew_seconds(skew)
        text = f"{figure(seconds, 3)} s apart, at most {limits.seconds_max} s"
        return (Result.FAIL if seconds > limits.seconds_max else Result.PASS), text

    def _lacks(self, product: ProductId) -> bool:
        view = self._snapshot.views.get(product)
        return view is not None and view.trouble == NOT_LISTED

    @property
    def _snapshot(self) -> Snapshot:
        if self._seen is None:
            self._seen = self._market.snapshot(
                cycle=0,
                products=self._policy.universe.products,
                reference=self._policy.regime.reference,
            )
        return self._seen

    def _tradable(self) -> list[ProductView]:
        views = self._snapshot.views
        found = [views[each] for each in self._policy.universe.products if each in views]
        return [
            view
            for view in found
            if view.product is not None and view.product.status is ProductStatus.ONLINE
        ]

    def _quoted(self) -> ProductView | None:
        """The reference product, or where that has no quote the first that has one."""
        reference = self._snapshot.views.get(self._policy.regime.reference)
        views = self._tradable() if reference is None else [reference, *self._tradable()]
        return next(
            (each for each in views if each.product is not None and each.quote is not None), None
        )

    def _smallest(self, view: ProductView) -> Proposal:
        assert view.product is not None
        assert view.quote is not None
        # Far enough below that a quote some seconds old does not make it cross by now.
        tick = view.product.price_increment
        price = max(view.quote.bid.shifted(_UNDER_BID), tick).floor_to(tick)
        floor = check_in(self._policy.checks, MinNotional).quote_min
        wanted = Quantity(CONTEXT.divide(floor.value, price.value))
        quantity = max(
            wanted.ceil_to(view.product.base_increment), least_quantity(view.product, price)
        )
        return Proposal(
            product=view.product.id,
            side=Side.BUY,
            purpose=Purpose.ENTRY,
            order_type=OrderType.POST_ONLY_GTD,
            price=price,
            quantity=quantity,
            reference=view.quote.mid,
            strategy="smoke",
            rule="smoke",
            decision_id=DecisionId("smoke"),
            leg=0,
            score=Decimal(0),
            lifetime=5 * MINUTE,
        )


def _judged(bad: list[str], found: str) -> Answer:
    if not bad:
        return Result.PASS, found
    more = f", and {len(bad) - 3} more" if len(bad) > 3 else ""
    return Result.FAIL, f"{'; '.join(bad[:3])}{more}"


def _none(views: list[ProductView]) -> list[str]:
    return [] if views else ["no listed product can be traded"]
