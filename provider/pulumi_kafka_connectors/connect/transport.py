"""One request to a group of workers: TLS, login, proxies, failover and retries. The only module that uses `requests`."""

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
from functools import partial
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

from pulumi_kafka_connectors.connect import oauth
from pulumi_kafka_connectors.connect.clock import SYSTEM, Clock
from pulumi_kafka_connectors.connect.connections import LONGEST_TIMEOUT, POOLS, exchange
from pulumi_kafka_connectors.connect.errors import (
    NOTHING,
    BadAnswer,
    BodyTooLarge,
    Busy,
    ConnectError,
    Indeterminate,
    NoRoute,
    NotServing,
    OutcomeUnknown,
    RequestContext,
    StillRunning,
    Subject,
    TokenUnavailable,
    Unauthorized,
    Unreachable,
    Unsendable,
    error_from,
    origin_of,
    without_user_info,
)
from pulumi_kafka_connectors.connect.failover import Patience, Turns
from pulumi_kafka_connectors.connect.settings import OAuth, Settings
from pulumi_kafka_connectors.connect.tls import fingerprint, ssl_context, why_untrusted

if TYPE_CHECKING:
    from pulumi_kafka_connectors.connect.features import Features

log = logging.getLogger(__name__)

LONGEST_BODY = 64 * 2**20
"""Maximum size of a response in bytes: a listing of a few thousand connectors stays well below."""
_LONGEST_ERROR = 2**20
_REDIRECTS = 5
_GRACE = 1.0
"""Minimum seconds for an attempt: one cut off right after it was sent would leave its outcome unknown."""
_POOLED = 512
"""Connections kept open to each worker; further threads open new ones."""


@dataclass(frozen=True)
class Request:
    """A request to the workers.

    Attributes:
        method, path: `path` is already escaped and starts with a slash.
        about: what the message of a 404 must name to count.
        query: parameters; a list repeats the key.
        body: sent as JSON, unless None.
        repeatable: whether sending it twice is safe; None: for every method but POST.
        optional: some workers or gateways do not have this path (see `NoRoute`).
        worker: send it to this worker only instead of the first that answers.
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
        """Whether it may be sent again when its outcome is unknown."""
        return self.method != "POST" if self.repeatable is None else self.repeatable


@dataclass(frozen=True)
class Answer:
    """A successful response: its status, parsed JSON (None without a body), and the worker that sent it."""

    status: int
    data: Any = field(repr=False)
    worker: str


@dataclass(frozen=True)
class Received:
    """A raw response: `whole` is False when the body is longer than the part that was read."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    whole: bool


@dataclass(frozen=True)
class Limits:
    """Seconds for connecting, for the response, and for both together."""

    connect: float
    answer: float
    total: float

    @classmethod
    def within(cls, settings: Settings, left: float) -> Limits:
        """The limits of the settings, each capped at the time left."""
        connect, answer = (min(given, left, LONGEST_TIMEOUT) for given in (settings.connect, settings.timeout))
        return cls(connect, answer, min(connect + answer, left))


class NotSent(Unreachable):
    """No connection: the worker has not received the request."""


class TlsFailed(Unreachable):
    """A TLS failure that this worker would repeat at every attempt."""


class ResponseLost(Unreachable):
    """The request was sent, but no response came: the worker may have acted."""


class _Login(AuthBase):
    """Adds the login to a request; its presence also keeps `requests` from reading the user info of the URL."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    @classmethod
    def of(cls, settings: Settings, token: str | None = None) -> _Login:
        """The login of the settings, or a token that was issued for them."""
        token = settings.token if token is None else token
        if token is not None:
            return cls(f"Bearer {token}")
        if settings.username is None:
            return cls(None)
        pair = f"{settings.username}:{settings.password or ''}".encode()
        return cls("Basic " + base64.b64encode(pair).decode())

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._value is not None:
            request.headers["Authorization"] = self._value
        return request


class _Adapter(HTTPAdapter):
    """Pooled connections that trust exactly what the SSL context trusts; shared by all threads.

    Used without a `Session`, which would keep cookies, read ~/.netrc, and prepare redirects even with redirects disabled.
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

    def close(self) -> None:
        """Close the idle connections now; urllib3 does so only when nothing refers to their pools any more."""
        containers = [manager.pools for manager in (self.poolmanager, *self.proxy_manager.values())]
        pools = [container.get(key) for container in containers for key in container.keys()]  # noqa: SIM118 - no mapping
        super().close()
        for pool in filter(None, pools):
            pool.close()

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, _ = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {}


class Transport:
    """Sends requests for one `Settings`; safe to share between threads.

    Args:
        settings: where the workers are.
        clock: used for pauses, deadlines and `changed_at`.
        longest_body: maximum size of a response in bytes.
    """

    def __init__(self, settings: Settings, clock: Clock = SYSTEM, *, longest_body: int = LONGEST_BODY) -> None:
        self.settings = settings
        self.clock = clock
        self.features: Features | None = None
        self.changed_at = -math.inf
        self._longest_body = longest_body
        self._tokens = None if settings.oauth is None else oauth.Tokens(partial(self._fetch_token, settings.oauth), clock)
        self._lock = threading.Lock()
        self._adapter: _Adapter | None = None
        self._files: tuple[object, ...] = ()
        self._known_proxies: dict[str, dict[str, str]] = {}
        self._preferred = 0
        if settings.insecure:
            warnings.filterwarnings("ignore", category=InsecureRequestWarning)

    @property
    def issued_tokens(self) -> tuple[str, ...]:
        """The bearer tokens that were issued for these settings, former ones too: no message may show them."""
        return () if self._tokens is None else self._tokens.issued

    def close(self) -> None:
        """Close every pooled connection. The next request opens new ones."""
        with self._lock:
            if self._adapter is not None:
                self._adapter.close()

    def prefer(self, url: str) -> None:
        """Turn to this worker, one of the settings' `urls`, before the others, until it does not answer."""
        self._preferred = self.settings.urls.index(url)

    def send(self, request: Request, *, deadline: float | None = None, retry: float = math.inf) -> Answer:
        """Send one request until a worker answers it or the time is up.

        Args:
            request: what to send.
            deadline: time on the clock after which no attempt starts, except the first. An attempt in progress ends then
                too, or one second after it started.
            retry: seconds to retry, if less than in the settings.

        Raises:
            ConnectError: one of its subclasses; `OutcomeUnknown` only if the request is not repeatable.
        """
        urls = self.settings.urls if request.worker is None else (request.worker,)
        if not urls:
            raise Unsendable("no worker address is set")
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
                away = isinstance(problem, Unreachable) and not isinstance(problem, TokenUnavailable)
                if away and request.worker is None:
                    self._preferred = (at + 1) % len(urls)
                if isinstance(problem, ResponseLost | Indeterminate) and not request.may_repeat:
                    running = isinstance(problem, StillRunning)
                    raise OutcomeUnknown(str(problem), still_running=running) from None
                if isinstance(problem, TlsFailed):
                    turns.out(at)
                now = self.clock.now()
                pause = patience.pause(now, problem, turns)
                if pause is None:
                    raise _given_up(problem, [urls[at] for at in sorted(turns.tried)], now - started) from None
                log.debug("%s %s: an attempt failed: %s", request.method, request.path, type(problem).__name__)
                if pause:
                    self.clock.sleep(pause)

    def _attempt(self, request: Request, url: str, deadline: float | None) -> Answer:
        """One attempt; distinguishes a path that the worker does not have from a worker that is starting."""
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
        if self._tokens is None:
            return self._exchange(request, base, deadline, _Login.of(self.settings))
        token = self._tokens.get(deadline)
        try:
            return self._exchange(request, base, deadline, _Login.of(self.settings, token))
        except Unauthorized:  # it may have been revoked, or have ended meanwhile
            self._tokens.discard(token)
            token = self._tokens.get(deadline)
            return self._exchange(request, base, deadline, _Login.of(self.settings, token))

    def _limits(self, deadline: float | None) -> Limits:
        left = math.inf if deadline is None else max(deadline - self.clock.now(), _GRACE)
        return Limits.within(self.settings, left)

    def _fetch_token(self, given: OAuth, deadline: float | None) -> oauth.Token:
        """One request to the token server: a POST with the client's credentials, which is never redirected."""
        limits, context = self._limits(deadline), RequestContext("POST", given.token_url)
        unprepared = requests.Request(
            "POST", given.token_url, oauth.token_headers(given), data=oauth.token_body(given), auth=_Login(None)
        )
        with exchange(limits.total) as current:
            try:
                received = self._receive(unprepared.prepare(), limits, _LONGEST_ERROR)
            except _FAILURES as error:
                problem = classify_failure(error, context, limits, sent=current.sent)
                kind = TokenUnavailable if isinstance(problem, NotSent | ResponseLost) else Unsendable
                raise kind(f"no token from the token server: {problem}") from None
        return oauth.parse_token(given.token_url, received.status, received.headers, received.body)

    def _exchange(self, request: Request, base: str, deadline: float | None, login: _Login) -> Answer:
        limits = self._limits(deadline)
        context = RequestContext(request.method, base + request.path, request.about)
        prepared = self._prepared(request, context.url, login)
        with exchange(limits.total) as current:
            for _ in range(_REDIRECTS):
                current.sent = False  # a worker that redirects has not acted
                try:
                    received = self._receive(prepared, limits)
                except _FAILURES as error:
                    raise classify_failure(error, context, limits, sent=current.sent) from None
                if "Location" not in received.headers or not 300 <= received.status < 400:
                    return parse_response(received, request, context, without_user_info(base))
                context = RequestContext(
                    request.method, self._followed(context, received.headers["Location"]), request.about
                )
                prepared = self._prepared(request, context.url, login, redirected=True)
        raise BadAnswer(f"{request.method} {without_user_info(context.url)}: more than {_REDIRECTS} redirects")

    def _prepared(self, request: Request, url: str, login: _Login, *, redirected: bool = False) -> requests.PreparedRequest:
        shown = without_user_info(url)
        try:
            data = None if request.body is None else json.dumps(request.body, ensure_ascii=False).encode()
        except UnicodeError:
            raise Unsendable(f"{request.method} {shown}: the request contains text that is not valid Unicode") from None
        query = None if redirected else request.query  # the target of a redirect includes the query
        try:
            unprepared = requests.Request(request.method, url, self._headers(request), data=data, params=query, auth=login)
            prepared = unprepared.prepare()
            for text in prepared.headers.values():
                text.encode("latin-1")
        except (requests.exceptions.InvalidHeader, UnicodeEncodeError):
            text = "`token` or an entry of `headers` contains characters that are not allowed in a header"
            raise Unsendable(f"{request.method} {shown}: {text}") from None
        except (requests.RequestException, ValueError):
            raise Unsendable(f"{shown} is not a valid worker address") from None
        return prepared

    def _headers(self, request: Request) -> dict[str, str]:
        own = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "pulumi-kafka-connectors"}
        typed = {"Content-Type": "application/json"} if request.method in ("PUT", "POST", "PATCH") else {}
        return {**own, **dict(self.settings.headers), **typed}

    def _receive(self, prepared: requests.PreparedRequest, limits: Limits, longest: int | None = None) -> Received:
        """Send the request and read the response, of a success up to `longest` bytes."""
        proxies = self._proxies(prepared.url or "")
        timeout = limits.connect, limits.answer
        with self._connections().send(prepared, timeout=timeout, proxies=proxies) as response:
            status = response.status_code
            most = self._longest_body if longest is None else longest
            kept = most if status < 300 else 0 if status < 400 else _LONGEST_ERROR
            return Received(status, response.headers, *_body(response, kept))

    def _followed(self, context: RequestContext, target: str) -> str:
        """The target of a redirect, if it is a configured worker."""
        shown = f"{context.method} {without_user_info(context.url)} redirects to"
        try:
            target = urljoin(context.url, target)
            place = _place(target)
        except ValueError:
            raise BadAnswer(f"{shown} an invalid address") from None
        # Credentials and configurations go to configured workers only, never to a host that a response names. An address
        # with user info is rejected: HTTP libraries disagree on the host of `a\\@b`.
        if place not in {(scheme, netloc.rpartition("@")[2]) for scheme, netloc in map(_place, self.settings.urls)}:
            raise BadAnswer(f"{shown} {origin_of(target)}, which is not a configured worker")
        return target

    def _connections(self) -> _Adapter:
        """The pooled connections, replaced when a certificate or key file changes."""
        settings = self.settings
        files = fingerprint(settings.ca, settings.cert, settings.key)
        with self._lock:
            if self._adapter is None or files != self._files:
                self._adapter, self._files = self._renewed(self._adapter, files)
            return self._adapter

    def _renewed(self, former: _Adapter | None, files: tuple[object, ...]) -> tuple[_Adapter, tuple[object, ...]]:
        settings = self.settings
        context = None
        urls = (*settings.urls, "" if settings.oauth is None else settings.oauth.token_url)
        if any(url.lower().startswith("https:") for url in urls):
            try:
                context = ssl_context(settings.ca, settings.cert, settings.key, insecure=settings.insecure)
            except ValueError as problem:
                # While two files are being replaced, the second may be missing or not match the first.
                if former is not None:
                    return former, self._files
                raise Unsendable(str(problem)) from None
        if former is not None:
            former.close()
        return _Adapter(context), files

    def _proxies(self, url: str) -> dict[str, str]:
        """The proxy for a worker. Reads the environment once, since that takes longer than a request on loopback."""
        proxy = self.settings.proxy
        origin = "://".join(_place(url))
        if origin not in self._known_proxies:
            given = get_environ_proxies(origin) if proxy is None else {"http": proxy, "https": proxy}
            self._known_proxies[origin] = dict(given)
        return self._known_proxies[origin]


def parse_response(received: Received, request: Request, context: RequestContext, worker: str) -> Answer:
    """The parsed response. Pure.

    Raises:
        ConnectError: an error response; `OutcomeUnknown` for an unreadable response to a request that is not repeatable.
    """
    if received.status >= 400:
        raise error_from(context, received.status, received.body)
    kind = received.headers.get("Content-Type", "no content type")
    shown = f"{request.method} {without_user_info(context.url)}: {received.status}"
    problem: ConnectError | None = None
    data = None
    if received.status >= 300:
        raise BadAnswer(f"{shown} is not a response of a Kafka Connect worker")
    if not received.whole:
        problem = BodyTooLarge(f"{shown} with a body that is too long ({len(received.body)} bytes so far)")
    elif received.body.strip():
        try:
            data = json.loads(received.body)
        except (ValueError, RecursionError):
            text = f"{shown} with {len(received.body)} bytes of {kind} instead of JSON"
            problem = BadAnswer(f"{text}: is this the address of a Kafka Connect worker?")
    if problem is not None:
        raise problem if request.may_repeat else OutcomeUnknown(str(problem))
    return Answer(received.status, data, worker)


def classify_failure(error: Exception, context: RequestContext, limits: Limits, *, sent: bool) -> ConnectError:
    """The error for a failed exchange, which decides about the next attempt. Pure.

    Args:
        error: raised by the HTTP libraries.
        context, limits: the request and its time limits.
        sent: whether the worker may have received it.
    """
    where = f"{context.method} {without_user_info(context.url)}" if sent else origin_of(context.url)
    causes = list(_causes(error))
    tls = any(isinstance(cause, ssl.SSLError | requests.exceptions.SSLError) for cause in causes)
    untrusted = why_untrusted(" ".join(map(str, causes))) if tls else None
    if untrusted is not None:
        return TlsFailed(f"{origin_of(context.url)}: {untrusted}")
    if _timed_out(error):
        seconds, kind = (limits.answer, ResponseLost) if sent else (limits.connect, NotSent)
        return kind(f"{where}: no {'answer' if sent else 'connection'} within {seconds:.3g} s")
    if sent:
        cut = isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError)
        text = (
            "the body was cut off" if cut else "the connection was closed without an answer (is it https instead of http?)"
        )
        return ResponseLost(f"{where}: {text}")
    if isinstance(error, ValueError) and not tls:
        return Unsendable(f"{where}: this address, or that of the proxy, cannot be used")
    refused = re.search(r"Tunnel connection failed: (\d{3})", " ".join(map(str, causes)))
    if refused:
        return NotSent(f"{where}: the proxy refused the connection ({refused.group(1)})")
    known = (text for kind, text in _UNSENT if any(isinstance(cause, kind) for cause in causes))
    other = (
        "the TLS connection could not be established" if tls else "the connection was closed while it was being established"
    )
    return NotSent(f"{where}: {next(known, other)}")


_FAILURES = (requests.RequestException, HTTPError, OSError, ValueError)
"""What the HTTP libraries raise; `ValueError` for invalid characters in addresses and headers."""

_UNSENT: list[tuple[type[BaseException], str]] = [
    (NameResolutionError, "the host name cannot be resolved"),
    (ProxyError, "the proxy does not respond"),
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
        # The status of a truncated error response is still usable; a truncated successful response is not.
        if response.status_code < 400 or _timed_out(error):
            raise
    return b"".join(pieces), True


def _timed_out(error: BaseException) -> bool:
    # For urllib3 a refused connection is a kind of timeout.
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
    addresses = ", ".join(without_user_info(url) for url in urls)
    workers = len(urls) > 1 and not isinstance(problem, TokenUnavailable)
    every = f"none of the workers {addresses} can be reached; the last error: " if workers else ""
    tried = f" (retried for {seconds:.0f} s)" if seconds >= 1 else ""
    return type(problem)(f"{every}{problem}{tried}")
