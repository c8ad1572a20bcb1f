"""app.yaml: what is plugged in, how often, and whom to tell. Nothing in it decides on a trade."""

from __future__ import annotations

from dataclasses import field

from trader247.app.books.modes import Mode, VenueName
from trader247.app.settings.layout import Section, keyed
from trader247.app.settings.secrets import Secret
from trader247.core.limits import limit
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Money
from trader247.domain.reasons import Severity
from trader247.domain.time import Instant

FILE = "app.yaml"


@dataclass(frozen=True, slots=True)
class AppSettings:
    """The settings of app.yaml."""

    mode: Mode = keyed(Mode.PAPER, "app.mode", doc="DRY_RUN, PAPER or LIVE")
    venue: VenueName = keyed(VenueName.SIM, "app.venue", doc="sim or coinbase")
    quote_currency: str = field(
        default="USD",
        metadata={
            "key": "app.quote_currency",
            "choices": ("USD", "USDC", "EUR"),
            "doc": "what equity and profit are counted in",
        },
    )
    interval_seconds: int = limit(
        60, unit="s", at_least=10, at_most=3600, key="run.interval_seconds", doc="between cycles"
    )
    is_streaming: bool = keyed(
        True, "run.stream", doc="quotes come from the venue's stream while it is up"
    )
    is_read_only: bool = keyed(
        True, "exchange.read_only", doc="nothing is ever sent to a real venue"
    )
    exchange_endpoint: str = keyed(
        "",
        "exchange.endpoint",
        doc="host:port of a simulated Coinbase on this machine; empty is Coinbase itself",
    )
    exchange_ca_file: str = keyed(
        "", "exchange.ca_file", doc="whom to trust there; empty is the ca.pem of sim.tls_dir"
    )
    are_alerts_enabled: bool = keyed(
        True,
        "monitoring.alerts_enabled",
        doc="alerts go to the channels below, not to the log alone",
    )
    slack_webhook: Secret | None = keyed(
        None, "monitoring.slack_webhook", doc="a Slack webhook, as ${VARIABLE}"
    )
    email: Secret | None = keyed(
        None, "monitoring.email", doc="an address, as ${VARIABLE}; needs smtp_url"
    )
    smtp_url: Secret | None = keyed(
        None, "monitoring.smtp_url", doc="the mail server as an Apprise URL, as ${VARIABLE}"
    )
    alert_urls: tuple[Secret, ...] = keyed(
        (), "monitoring.urls", doc="further Apprise URLs, as ${VARIABLE}"
    )
    slack_least: Severity = keyed(
        Severity.INFO, "monitoring.slack_least", doc="the least severity that goes there"
    )
    email_least: Severity = keyed(
        Severity.INFO, "monitoring.email_least", doc="the least severity that is mailed"
    )
    urls_least: Severity = keyed(
        Severity.INFO, "monitoring.urls_least", doc="the least severity that goes to the urls"
    )
    quiet_from: int = limit(
        0,
        unit="h UTC",
        at_least=0,
        at_most=23,
        key="monitoring.quiet_from",
        doc="from this hour only critical alerts leave, and the others wait",
    )
    quiet_until: int = limit(
        0,
        unit="h UTC",
        at_least=0,
        at_most=23,
        key="monitoring.quiet_until",
        doc="until this hour; the same as quiet_from means no quiet hours",
    )
    heartbeat_url: Secret | None = keyed(
        None,
        "monitoring.heartbeat_url",
        doc="pinged each minute while all is well, as ${VARIABLE}",
    )
    metrics_file: str = keyed(
        "",
        "monitoring.metrics_file",
        doc="OpenMetrics, renewed each cycle; relative to the data folder, empty is none",
    )
    may_alert_private_hosts: bool = keyed(
        False, "monitoring.allow_private_hosts", doc="alerts may go to hosts of a private network"
    )
    paper_equity: Money = limit(
        Money.of(10_000),
        unit="quote",
        at_least=1,
        at_most=1_000_000_000,
        key="paper.equity",
        doc="the money that a paper account starts with",
    )
    sim_seed: int = limit(
        496,
        unit="",
        at_least=0,
        at_most=2**63 - 1,
        key="sim.seed",
        doc="the simulated market that a new journal gets",
    )
    sim_start: Instant = keyed(
        Instant.parse("2026-01-05T00:00:00Z"), "sim.start", doc="when the simulated market starts"
    )
    sim_endpoint: str = keyed(
        "localhost:8443",
        "sim.endpoint",
        doc="host:port of the simulated Coinbase that LIVE on sim rehearses on",
    )
    sim_tls_dir: str = keyed(
        "", "sim.tls_dir", doc="its folder of certificate and keys; empty is DATA/served-sim.tls"
    )


SECTIONS = (Section((), AppSettings),)
