"""The ways in which an alert leaves this machine: a web hook, mail, or any Apprise address.

Every address is a secret: none is ever part of a message, and a failure is told by its kind.
"""

from __future__ import annotations

import http.client
import json
import smtplib
import ssl
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from email.message import EmailMessage
from hashlib import sha256
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from trader247.adapters.deadline import Deadline, Lines
from trader247.adapters.public_hosts import PrivateHost, public_only
from trader247.domain.dataclass import dataclass

HOOK_SECONDS = 4.5
"""A whole attempt at a web hook: the next alert is tried within five seconds."""
MAIL_SECONDS = 8.0
"""A whole mail: connecting, greeting, encrypting, signing in and handing over."""
CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0

_SMTP_PORTS = {"smtp": 587, "mailto": 587, "mailtos": 587, "smtps": 465}

_ANYTHING = (OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError)
"""What a hundred plugins may raise, each in its own way."""


class NotDelivered(Exception):
    """A channel did not take an alert; the text is fit to be shown."""


class ChannelRefused(ValueError):
    """An address that may not be used; the text is fit to be shown."""


class Channel(Protocol):
    """One way to reach a person."""

    @property
    def name(self) -> str:
        """What the journal and the log call it; never the address."""

    def deliver(self, *, title: str, body: str, key: str) -> None:
        """Deliver, within seconds. Raises NotDelivered.

        `key` is the same whenever the same message is delivered again, and of no other message:
        whoever takes it can tell.
        """


@dataclass(frozen=True, slots=True)
class WebHook:
    """A web hook that takes Slack's message, `{"text": …}`."""

    name: str
    url: str = field(repr=False)
    is_private_allowed: bool = False

    def __post_init__(self) -> None:
        refuse_odd(parts_of(self.url), is_private_allowed=self.is_private_allowed)

    def deliver(self, *, title: str, body: str, key: str) -> None:
        parts = urlsplit(self.url)
        payload = json.dumps({"text": f"*{title}*\n{body}"}).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            with public_only(is_needed=not self.is_private_allowed):
                status = status_of("POST", parts, payload, headers)
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NotDelivered(_kind(error)) from None
        if not 200 <= status < 300:
            raise NotDelivered(f"it answered {status}")


def status_of(method: str, parts: SplitResult, payload: bytes, headers: Mapping[str, str]) -> int:
    """The status that an address answers with, within `HOOK_SECONDS`; nothing else is read.

    No proxy is used, and no redirect followed.

    Raises:
        OSError, ValueError, HTTPException: there was none in time.
    """
    deadline = Deadline(HOOK_SECONDS)
    host, is_encrypted = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_encrypted else 80)
    line: http.client.HTTPConnection
    if is_encrypted:
        context = ssl.create_default_context()
        line = http.client.HTTPSConnection(host, port, timeout=CONNECT_SECONDS, context=context)
    else:
        line = http.client.HTTPConnection(host, port, timeout=CONNECT_SECONDS)
    try:
        line.connect()
        line.sock.settimeout(deadline.left)
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        line.request(method, target, payload, {**headers, "Connection": "close"})
        lines = Lines(line.sock, deadline)
        version, _, rest = lines.readline(1_024).decode("latin-1").partition(" ")
        if not version.startswith("HTTP/1."):
            raise ValueError("the answer is not HTTP")
        return int(rest[:3])
    finally:
        line.close()


@dataclass(frozen=True, slots=True)
class Mail:
    """Mail by SMTP; encrypted, unless private hosts are allowed."""

    name: str
    server: str = field(repr=False)
    to: str = field(repr=False)
    is_private_allowed: bool = False

    def __post_init__(self) -> None:
        parts = parts_of(self.server)
        if parts.scheme not in _SMTP_PORTS or not parts.hostname:
            raise ChannelRefused("smtp_url is not smtp://, smtps://, mailto:// or mailtos://HOST")
        if "@" not in self.to or not self.to.isprintable():
            raise ChannelRefused("email is not an address")

    def deliver(self, *, title: str, body: str, key: str) -> None:
        parts = urlsplit(self.server)
        deadline = Deadline(MAIL_SECONDS)
        host, port = parts.hostname or "", parts.port or _SMTP_PORTS[parts.scheme]
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        context = ssl.create_default_context()
        try:
            message = EmailMessage()
            message["Subject"] = title
            message["From"] = user if "@" in user else self.to
            message["To"] = self.to
            # The receiving server and the reader drop a second copy by this.
            message["Message-ID"] = f"<{key}.{sha256(title.encode()).hexdigest()[:16]}@trader247>"
            message.set_content(body)
            with public_only(is_needed=not self.is_private_allowed):
                server: smtplib.SMTP
                if parts.scheme == "smtps":
                    server = _TimedSsl(deadline, context)
                else:
                    server = _Timed(deadline)
                server.connect(host, port)
            try:
                if parts.scheme != "smtps":
                    self._encrypt(server, context, has_password=bool(password))
                if password:
                    server.login(user, password)
                server.send_message(message)
                with suppress(smtplib.SMTPException, OSError):
                    server.quit()  # it has the mail, whatever becomes of the farewell
            finally:
                server.close()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotDelivered(_kind(error)) from None

    def _encrypt(
        self, server: smtplib.SMTP, context: ssl.SSLContext, *, has_password: bool
    ) -> None:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif has_password or not self.is_private_allowed:
            raise NotDelivered("the mail server offers no encryption")


@dataclass(frozen=True, slots=True)
class AppriseAddress:
    """Any address that Apprise understands: Telegram, Matrix, ntfy, Pushover, …"""

    name: str
    url: str = field(repr=False)
    is_private_allowed: bool = False
    _target: Any = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Its modules load here, and warn of what they import from old Pythons: not our news.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import apprise

            target = apprise.Apprise.instantiate(self.url, suppress_exceptions=True)
        if target is None:
            raise ChannelRefused("it is no address that Apprise understands")
        scheme = urlsplit(self.url).scheme
        # Services with one fixed, encrypted address of their own have no plain form to refuse.
        has_both = bool(target.protocol) and bool(target.secure_protocol)
        is_plain = has_both and not target.secure and not scheme.startswith("mailto")
        if is_plain and not self.is_private_allowed:
            raise ChannelRefused(f"{scheme}:// is not encrypted; use its secure form")
        # It asks for its own timeouts by the address; these are the defaults that we want.
        target.socket_connect_timeout = CONNECT_SECONDS
        target.socket_read_timeout = READ_SECONDS
        object.__setattr__(self, "_target", target)

    def deliver(self, *, title: str, body: str, key: str) -> None:  # noqa: ARG002 - Apprise has no place for it
        try:
            with public_only(is_needed=not self.is_private_allowed):
                is_taken = self._target.notify(body=body, title=title)
        except _ANYTHING as error:
            raise NotDelivered(_kind(error)) from None
        if not is_taken:
            raise NotDelivered("Apprise could not deliver it")


class _Timed(smtplib.SMTP):
    """A mail session with one deadline for all of it."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        super().__init__(timeout=CONNECT_SECONDS)

    def getreply(self) -> tuple[int, bytes]:
        """The server's next reply; smtplib forgets its file where encryption begins."""
        sock = self.sock
        if sock is not None and not isinstance(self.file, Lines):
            self.file = Lines(sock, self._deadline)
        return super().getreply()

    def send(self, s: Any) -> None:
        """Send within what is left."""
        if self.sock is not None:
            self.sock.settimeout(self._deadline.left)
        super().send(s)


class _TimedSsl(_Timed, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""

    def __init__(self, deadline: Deadline, context: ssl.SSLContext) -> None:
        self._deadline = deadline
        smtplib.SMTP_SSL.__init__(self, timeout=CONNECT_SECONDS, context=context)


def parts_of(address: str) -> SplitResult:
    """The parts of an address, its port among them.

    Raises:
        ChannelRefused: it has none, or one that is no port.
    """
    try:
        parts = urlsplit(address)
        assert parts.port is None or 0 <= parts.port <= 65_535
    except ValueError:
        raise ChannelRefused("it is no address, or its port is none from 0 to 65535") from None
    return parts


def refuse_odd(parts: SplitResult, *, is_private_allowed: bool) -> None:
    """Refuse an address that could lead a request somewhere else than to a public web hook."""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ChannelRefused("a web hook is an https:// address")
    if parts.username is not None or parts.password is not None:
        raise ChannelRefused("a web hook's address has no user in it")
    if is_private_allowed:
        return
    if parts.scheme != "https":
        raise ChannelRefused("a web hook is an https:// address")
    if parts.port not in (None, 443):
        raise ChannelRefused("a web hook uses port 443")


def _kind(error: BaseException) -> str:
    """What went wrong, without the address that the library's own text would tell."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            break
        if isinstance(seen, PrivateHost) or "private network" in str(seen):
            return "its name leads into a private network (monitoring.allow_private_hosts is off)"
        seen = seen.__cause__ or seen.__context__
    return type(error).__name__
