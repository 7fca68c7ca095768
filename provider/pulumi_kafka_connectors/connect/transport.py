"""One request to a group of workers: TLS, login, proxies, failover and retries. The only place with `requests`."""

from __future__ import annotations

import base64
import json
import logging
import math
import re
import ssl
import threading
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import get_environ_proxies
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InsecureRequestWarning,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from pulumi_kafka_connectors.connect.clock import SYSTEM, Clock
from pulumi_kafka_connectors.connect.connections import LONGEST_TIMEOUT, POOLS, exchange
from pulumi_kafka_connectors.connect.errors import (
    NOTHING,
    Asked,
    BadAnswer,
    BodyTooLarge,
    Busy,
    ConnectError,
    Indeterminate,
    NoRoute,
    NotServing,
    OutcomeUnknown,
    StillRunning,
    Subject,
    Unreachable,
    Unsendable,
    error_from,
    origin_of,
    without_user_info,
)
from pulumi_kafka_connectors.connect.failover import Patience, Turns
from pulumi_kafka_connectors.connect.settings import Settings
from pulumi_kafka_connectors.connect.tls import fingerprint, ssl_context, why_untrusted

if TYPE_CHECKING:
    from pulumi_kafka_connectors.connect.features import Features

log = logging.getLogger(__name__)

LONGEST_BODY = 64 * 2**20
"""Bytes of an answer that are read at most: a listing of some thousand connectors stays well below."""
_LONGEST_ERROR = 2**20
_REDIRECTS = 5
_GRACE = 1.0
"""Seconds that a try gets at least: one cut off a moment after it was sent would leave its outcome unknown."""
_POOLED = 512
"""Connections kept to each worker; more threads than that are no error, but open new ones."""


@dataclass(frozen=True)
class Request:
    """What is asked of the workers.

    Attributes:
        method, path: `path` is escaped already and starts with a slash.
        about: what a 404 must name to be believed.
        query: parameters; a list repeats its key.
        body: sent as JSON, unless None.
        repeatable: whether doing it twice does no harm; None: so for all but POST.
        optional: some workers or gateways do not have this path (see `NoRoute`).
        worker: ask this worker alone instead of the first that answers.
    """

    method: str
    path: str
    about: Subject = NOTHING
    query: Mapping[str, str | list[str]] = field(default_factory=dict)
    body: Any = field(default=None, repr=False)
    repeatable: bool | None = None
    optional: bool = False
    worker: str | None = None

    @property
    def may_repeat(self) -> bool:
        """Whether it is sent again where nobody knows what became of it."""
        return self.method != "POST" if self.repeatable is None else self.repeatable


@dataclass(frozen=True)
class Answer:
    """A successful answer: its status, parsed JSON (None without a body), and the worker that gave it."""

    status: int
    data: Any = field(repr=False)
    worker: str


@dataclass(frozen=True)
class Received:
    """What came: `whole` is False where the body is longer than what was read of it."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    whole: bool


@dataclass(frozen=True)
class Limits:
    """Seconds for a connection, for the answer, and for both together."""

    connect: float
    answer: float
    total: float

    @classmethod
    def within(cls, settings: Settings, left: float) -> Limits:
        """Those of the settings, but none above what is left."""
        connect, answer = (min(given, left, LONGEST_TIMEOUT) for given in (settings.connect, settings.timeout))
        return cls(connect, answer, min(connect + answer, left))


class NotSent(Unreachable):
    """No connection: the worker has not seen the request."""


class TlsFailed(Unreachable):
    """Not trusted: this worker would fail in the same way again."""


class ResponseLost(Unreachable):
    """Sent, but no answer: the worker may have acted."""


class _Login(AuthBase):
    """Puts the login on a request; being there at all, it also keeps `requests` from reading user info of the URL."""

    def __init__(self, settings: Settings) -> None:
        self._value: str | None = None
        if settings.token is not None:
            self._value = f"Bearer {settings.token}"
        elif settings.username is not None:
            pair = f"{settings.username}:{settings.password or ''}".encode()
            self._value = "Basic " + base64.b64encode(pair).decode()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value is not None:
            request.headers["Authorization"] = self._value
        return request


class _Adapter(HTTPAdapter):
    """Pooled connections that trust exactly what the SSL context says; shared by all threads.

    Used without a `Session`: that would keep cookies, read ~/.netrc, and follow a redirect by half even where told not to.
    """

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context: dict[str, Any] = {} if context is None else {"ssl_context": context}
        self._lock = threading.Lock()
        super().__init__(pool_connections=64, pool_maxsize=_POOLED)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        with self._lock:
            manager = super().proxy_manager_for(proxy, **self._context, **kwargs)
            if not proxy.lower().startswith("socks"):
                manager.pool_classes_by_scheme = POOLS
        return manager

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        return None

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, _ = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {}


class Transport:
    """Sends requests for one `Settings`; safe to share between threads.

    Args:
        settings: where the workers are.
        clock: for pauses, deadlines and `changed_at`.
        longest_body: bytes of an answer that are read at most.
    """

    def __init__(self, settings: Settings, clock: Clock = SYSTEM, *, longest_body: int = LONGEST_BODY) -> None:
        self.settings = settings
        self.clock = clock
        self.features: Features | None = None
        self.changed_at = -math.inf
        self._longest_body = longest_body
        self._login = _Login(settings)
        self._lock = threading.Lock()
        self._adapter: _Adapter | None = None
        self._files: tuple[object, ...] = ()
        self._known_proxies: dict[str, dict[str, str]] = {}
        self._preferred = 0
        if settings.insecure:
            warnings.filterwarnings("ignore", category=InsecureRequestWarning)

    def close(self) -> None:
        """Close every pooled connection. The next request opens new ones."""
        with self._lock:
            if self._adapter is not None:
                self._adapter.close()

    def send(self, request: Request, *, deadline: float | None = None, retry: float = math.inf) -> Answer:
        """Send one request until a worker answers it or time is up.

        Args:
            request: what is asked.
            deadline: of the clock, after which no try starts; the first is made in any case. A try under way ends then
                too, or a second after it started.
            retry: seconds to try again, where that is less than the settings say.

        Raises:
            ConnectError: one of its subclasses; `OutcomeUnknown` only where not repeatable.
        """
        urls = self.settings.urls if request.worker is None else (request.worker,)
        if not urls:
            raise Unsendable("no address of a worker is set")
        started = self.clock.now()
        end = math.inf if deadline is None else deadline
        until = min(started + min(self.settings.retry.seconds, retry), end)
        patience = Patience(until, end, self.settings.retry.waits())
        turns = Turns(len(urls), self._preferred if request.worker is None else 0)
        while True:
            at = turns.next()
            try:
                return self._attempt(request, urls[at].rstrip("/"), deadline)
            except (Unreachable, Busy, Indeterminate) as problem:
                if isinstance(problem, Unreachable) and request.worker is None:
                    self._preferred = (at + 1) % len(urls)
                if isinstance(problem, ResponseLost | Indeterminate) and not request.may_repeat:
                    running = isinstance(problem, StillRunning)
                    raise OutcomeUnknown(str(problem), still_running=running) from None
                if isinstance(problem, TlsFailed):
                    turns.out(at)
                now = self.clock.now()
                pause = patience.pause(now, problem, turns)
                if pause is None:
                    raise _given_up(problem, [urls[at] for at in sorted(turns.asked)], now - started) from None
                log.debug("%s %s: a try failed: %s", request.method, request.path, type(problem).__name__)
                if pause:
                    self.clock.sleep(pause)

    def _attempt(self, request: Request, url: str, deadline: float | None) -> Answer:
        """One try; tells a path that the worker does not have from a worker that starts."""
        try:
            return self._once(request, url, deadline)
        except NotServing as problem:
            if request.optional and self._serves(url, deadline):
                raise NoRoute(request.method, problem.url, problem.status, problem.message) from None
            raise

    def _serves(self, url: str, deadline: float | None) -> bool:
        try:
            return self._once(Request("GET", "/connectors"), url, deadline).status == 200
        except ConnectError:
            return False

    def _once(self, request: Request, base: str, deadline: float | None) -> Answer:
        left = math.inf if deadline is None else max(deadline - self.clock.now(), _GRACE)
        limits = Limits.within(self.settings, left)
        asked = Asked(request.method, base + request.path, request.about)
        prepared = self._prepared(request, asked.url)
        with exchange(limits.total) as current:
            for _ in range(_REDIRECTS):
                current.sent = False  # a worker that redirects has done nothing
                try:
                    received = self._receive(prepared, limits)
                except _FAILURES as error:
                    raise classify_failure(error, asked, limits, sent=current.sent) from None
                if "Location" not in received.headers or not 300 <= received.status < 400:
                    return parse_response(received, request, asked, without_user_info(base))
                asked = Asked(request.method, self._followed(asked, received.headers["Location"]), request.about)
                prepared = self._prepared(request, asked.url, redirected=True)
        raise BadAnswer(f"{request.method} {without_user_info(asked.url)}: more than {_REDIRECTS} redirects")

    def _prepared(self, request: Request, url: str, *, redirected: bool = False) -> requests.PreparedRequest:
        shown = without_user_info(url)
        try:
            data = None if request.body is None else json.dumps(request.body, ensure_ascii=False).encode()
        except UnicodeError:
            raise Unsendable(f"{request.method} {shown}: the request holds text that is not Unicode") from None
        query = None if redirected else request.query  # the address that a redirect gives has its query in it
        try:
            made = requests.Request(request.method, url, self._headers(request), data=data, params=query, auth=self._login)
            prepared = made.prepare()
            for text in prepared.headers.values():
                text.encode("latin-1")
        except (requests.exceptions.InvalidHeader, UnicodeEncodeError):
            told = "`token` or an entry of `headers` has characters that no header can carry"
            raise Unsendable(f"{request.method} {shown}: {told}") from None
        except (requests.RequestException, ValueError):
            raise Unsendable(f"{shown} is not the address of a worker") from None
        return prepared

    def _headers(self, request: Request) -> dict[str, str]:
        own = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "pulumi-kafka-connectors"}
        typed = {"Content-Type": "application/json"} if request.method in ("PUT", "POST", "PATCH") else {}
        return {**own, **dict(self.settings.headers), **typed}

    def _receive(self, prepared: requests.PreparedRequest, limits: Limits) -> Received:
        """Send it and read the answer."""
        proxies = self._proxies(prepared.url or "")
        timeout = limits.connect, limits.answer
        with self._connections().send(prepared, timeout=timeout, proxies=proxies) as response:
            status = response.status_code
            longest = self._longest_body if status < 300 else 0 if status < 400 else _LONGEST_ERROR
            return Received(status, response.headers, *_body(response, longest))

    def _followed(self, asked: Asked, target: str) -> str:
        """The address that a redirect gives, if it is that of a configured worker."""
        shown = f"{asked.method} {without_user_info(asked.url)} redirects to"
        try:
            target = urljoin(asked.url, target)
            place = _place(target)
        except ValueError:
            raise BadAnswer(f"{shown} something that is not an address") from None
        # Credentials and configurations go to configured workers only, never where an answer says. An address with
        # user info is refused: HTTP libraries do not agree on which host is meant by `a\\@b`.
        if place not in {(scheme, netloc.rpartition("@")[2]) for scheme, netloc in map(_place, self.settings.urls)}:
            raise BadAnswer(f"{shown} {origin_of(target)}, which is not a configured worker")
        return target

    def _connections(self) -> _Adapter:
        """The pooled connections; others once a file of a certificate or key has changed."""
        settings = self.settings
        files = fingerprint(settings.ca, settings.cert, settings.key)
        with self._lock:
            if self._adapter is None or files != self._files:
                self._adapter, self._files = self._renewed(self._adapter, files)
            return self._adapter

    def _renewed(self, former: _Adapter | None, files: tuple[object, ...]) -> tuple[_Adapter, tuple[object, ...]]:
        settings = self.settings
        context = None
        if any(url.lower().startswith("https:") for url in settings.urls):
            try:
                context = ssl_context(settings.ca, settings.cert, settings.key, insecure=settings.insecure)
            except ValueError as problem:
                # Of two files that are being replaced, the second may be missing or still be the former one's.
                if former is not None:
                    return former, self._files
                raise Unsendable(str(problem)) from None
        if former is not None:
            former.close()
        return _Adapter(context), files

    def _proxies(self, url: str) -> dict[str, str]:
        """The proxy for a worker. Read from the environment once: that takes longer than a request on loopback."""
        proxy = self.settings.proxy
        origin = "://".join(_place(url))
        if origin not in self._known_proxies:
            given = get_environ_proxies(origin) if proxy is None else {"http": proxy, "https": proxy}
            self._known_proxies[origin] = dict(given)
        return self._known_proxies[origin]


def parse_response(received: Received, request: Request, asked: Asked, worker: str) -> Answer:
    """The answer, or the error it stands for. Pure.

    Raises:
        ConnectError: a refusal; `OutcomeUnknown` where something was done that may not be repeated, but not told.
    """
    if received.status >= 400:
        raise error_from(asked, received.status, received.body)
    kind = received.headers.get("Content-Type", "no content type")
    shown = f"{request.method} {without_user_info(asked.url)}: {received.status}"
    problem: ConnectError | None = None
    data = None
    if received.status >= 300:
        raise BadAnswer(f"{shown} is not an answer of a Kafka Connect worker")
    if not received.whole:
        problem = BodyTooLarge(f"{shown} with a body that does not end ({len(received.body)} bytes so far)")
    elif received.body.strip():
        try:
            data = json.loads(received.body)
        except (ValueError, RecursionError):
            told = f"{shown} with {len(received.body)} bytes of {kind} instead of JSON"
            problem = BadAnswer(f"{told}: is this the address of a Kafka Connect worker?")
    if problem is not None:
        raise problem if request.may_repeat else OutcomeUnknown(str(problem))
    return Answer(received.status, data, worker)


def classify_failure(error: Exception, asked: Asked, limits: Limits, *, sent: bool) -> ConnectError:
    """What an exchange that failed means for the next try. Pure.

    Args:
        error: of the HTTP libraries.
        asked, limits: the request and its time.
        sent: whether the worker may have seen it.
    """
    where = f"{asked.method} {without_user_info(asked.url)}" if sent else origin_of(asked.url)
    causes = list(_causes(error))
    tls = any(isinstance(cause, ssl.SSLError | requests.exceptions.SSLError) for cause in causes)
    untrusted = why_untrusted(" ".join(map(str, causes))) if tls else None
    if untrusted is not None:
        return TlsFailed(f"{origin_of(asked.url)}: {untrusted}")
    if _timed_out(error):
        seconds, kind = (limits.answer, ResponseLost) if sent else (limits.connect, NotSent)
        return kind(f"{where}: no {'answer' if sent else 'connection'} within {seconds:.3g} s")
    if sent:
        cut = isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError)
        told = (
            "the body was cut off" if cut else "the connection was closed without an answer (is it https instead of http?)"
        )
        return ResponseLost(f"{where}: {told}")
    if isinstance(error, ValueError) and not tls:
        return Unsendable(f"{where}: this address, or that of the proxy, cannot be used")
    refused = re.search(r"Tunnel connection failed: (\d{3})", " ".join(map(str, causes)))
    if refused:
        return NotSent(f"{where}: the proxy refuses the connection ({refused.group(1)})")
    known = (words for kind, words in _UNSENT if any(isinstance(cause, kind) for cause in causes))
    other = "the TLS connection could not be made" if tls else "the connection was closed while it was made"
    return NotSent(f"{where}: {next(known, other)}")


_FAILURES = (requests.RequestException, HTTPError, OSError, ValueError)
"""What the HTTP libraries raise; the last for addresses and headers of odd characters."""

_UNSENT: list[tuple[type[BaseException], str]] = [
    (NameResolutionError, "the host name is not known"),
    (ProxyError, "the proxy does not answer"),
    (NewConnectionError, "connection refused"),
]


def _body(response: requests.Response, longest: int) -> tuple[bytes, bool]:
    """The body up to `longest` bytes, and whether that is all of it."""
    pieces, length = [], 0
    try:
        for piece in response.iter_content(2**16) if longest else ():
            pieces.append(piece)
            length += len(piece)
            if length > longest:
                return b"".join(pieces)[:longest], False
    except _FAILURES as error:
        # Of a refusal that is cut off the status is known still; of an answer, nothing is.
        if response.status_code < 400 or _timed_out(error):
            raise
    return b"".join(pieces), True


def _timed_out(error: BaseException) -> bool:
    # A refused connection is a kind of time-out to urllib3.
    kinds = (ConnectTimeoutError, ReadTimeoutError, TimeoutError)
    return any(isinstance(cause, kinds) and not isinstance(cause, NewConnectionError) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything wrapped in it, outermost first."""
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


def _place(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


def _given_up(problem: ConnectError, urls: list[str], seconds: float) -> ConnectError:
    if not isinstance(problem, Unreachable):
        return problem
    asked = ", ".join(without_user_info(url) for url in urls)
    every = f"none of the workers {asked} can be used; the last: " if len(urls) > 1 else ""
    tried = f" (tried for {seconds:.0f} s)" if seconds >= 1 else ""
    return type(problem)(f"{every}{problem}{tried}")
