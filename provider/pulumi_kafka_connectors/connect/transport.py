"""One request to a group of workers: sessions, TLS, login, failover and retries. The only place with `requests`."""

from __future__ import annotations

import atexit
import base64
import functools
import itertools
import json
import logging
import math
import ssl
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import get_environ_proxies
from urllib3.exceptions import (
    ConnectTimeoutError,
    InsecureRequestWarning,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
)

from pulumi_kafka_connectors.connect.errors import (
    BadAnswer,
    Busy,
    ConnectError,
    Doubtful,
    NoRoute,
    NotServing,
    OutcomeUnknown,
    Refused,
    Unreachable,
    error_from,
    without_user_info,
)
from pulumi_kafka_connectors.connect.settings import Settings
from pulumi_kafka_connectors.connect.tls import ssl_context, why_untrusted

log = logging.getLogger(__name__)

LONGEST_BODY = 64 * 2**20
"""Bytes of an answer that are read at most: a listing of some thousand connectors stays well below."""
_LONGEST_ERROR = 2**20
_REDIRECTS = 5

_Query = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Answer:
    """A successful answer: its status, parsed JSON (None without a body), and the worker that gave it."""

    status: int
    data: Any
    worker: str


class _NotSent(Unreachable):
    """No connection: the worker has not seen the request."""


class _NoTrust(Unreachable):
    """TLS failed: this worker would fail in the same way again."""


class _Lost(Unreachable):
    """Sent, but no answer: the worker may have acted."""


class _Login(AuthBase):
    """Puts the login on a request; being there at all, it also keeps `requests` from reading ~/.netrc."""

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
    """Connections that trust exactly what the SSL context says."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__(pool_connections=8, pool_maxsize=8)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        return None

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        host, _ = super().build_connection_pool_key_attributes(*args, **kwargs)
        return host, {}


class Transport:
    """Sends requests for one `Settings`; safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._threads = threading.local()
        self._sessions: list[requests.Session] = []
        encrypted = any(url.startswith("https:") for url in settings.urls)
        identity = (settings.ca, settings.cert, settings.key)
        self._context = ssl_context(*identity, insecure=settings.insecure) if encrypted else None
        self._login = _Login(settings)
        self._known_proxies: dict[str, dict[str, str]] = {}
        self._preferred = 0
        self.version: tuple[int, int, int] | None = None
        self.changed_at = -math.inf
        if settings.insecure:
            warnings.filterwarnings("ignore", category=InsecureRequestWarning)

    def close(self) -> None:
        """Close every pooled connection."""
        while self._sessions:
            self._sessions.pop().close()

    def send(
        self,
        method: str,
        path: str,
        *,
        query: _Query | None = None,
        body: Any = None,
        repeatable: bool | None = None,
        optional: bool = False,
        deadline: float | None = None,
        worker: str | None = None,
    ) -> Answer:
        """Send one request until a worker answers it or time is up.

        Args:
            method, path: `path` is escaped already and starts with a slash.
            query: parameters; a list repeats its key.
            body: sent as JSON, unless None.
            repeatable: whether doing it twice does no harm; by default so for all but POST.
            optional: some workers or gateways do not have this path (see `NoRoute`).
            deadline: `time.monotonic()` after which no try starts or goes on.
            worker: ask this worker alone instead of the first that answers.

        Raises:
            ConnectError: one of its subclasses; `OutcomeUnknown` only where not repeatable.
        """
        started = time.monotonic()
        until = min(started + self.settings.retry.seconds, deadline or math.inf)
        repeatable = method != "POST" if repeatable is None else repeatable
        urls = self.settings.urls if worker is None else (worker,)
        first = self._preferred if worker is None else 0
        waits, untrusted = self.settings.retry.waits(), 0
        for tries in itertools.count():
            at = (first + tries) % len(urls)
            url = urls[at].rstrip("/")
            try:
                answer = self._once(method, url, path, query, body, deadline)
            except (Unreachable, Busy, Doubtful) as problem:
                if worker is None and isinstance(problem, Unreachable):
                    self._preferred = (at + 1) % len(urls)
                if isinstance(problem, _Lost | Doubtful) and not repeatable:
                    raise OutcomeUnknown(str(problem)) from None
                if isinstance(problem, NotServing) and optional and self._serves(url, deadline):
                    raise NoRoute(method, problem.url, problem.status, problem.message) from None
                untrusted += isinstance(problem, _NoTrust)
                # A worker that cannot be reached costs no pause before the next one; a busy cluster does.
                wait = next(waits) if isinstance(problem, Refused) or (tries + 1) % len(urls) == 0 else 0.0
                left = until - time.monotonic()
                if untrusted >= len(urls) or left <= 0:
                    raise self._given_up(problem, urls, time.monotonic() - started) from None
                log.debug("%s %s: try %d failed: %s", method, path, tries + 1, type(problem).__name__)
                time.sleep(min(wait, left))
            else:
                return answer
        raise AssertionError("unreachable")

    def _given_up(self, problem: ConnectError, urls: tuple[str, ...], seconds: float) -> ConnectError:
        if not isinstance(problem, Unreachable):
            return problem
        others = ", ".join(without_user_info(url) for url in urls)
        every = f"none of the workers {others} can be used; the last: " if len(urls) > 1 else ""
        tried = f" (tried for {seconds:.0f} s)" if seconds >= 1 else ""
        return Unreachable(f"{every}{problem}{tried}")

    def _serves(self, url: str, deadline: float | None) -> bool:
        try:
            return self._once("GET", url, "/connectors", None, None, deadline).status == 200
        except ConnectError:
            return False

    def _once(self, method: str, base: str, path: str, query: _Query | None, body: Any, deadline: float | None) -> Answer:
        url = base + path
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        for _ in range(_REDIRECTS):
            with self._exchange(method, url, query, data, deadline) as response:
                target = response.headers.get("Location") if 300 <= response.status_code < 400 else None
                if target is None:
                    return self._understood(method, url, base, response)
                url, query = self._followed(method, url, urljoin(url, target)), None
        raise BadAnswer(f"{method} {without_user_info(url)}: more than {_REDIRECTS} redirects")

    def _followed(self, method: str, url: str, target: str) -> str:
        # Credentials and configurations go to configured workers only, never where an answer says.
        asked = {urlsplit(configured)[:2] for configured in self.settings.urls}
        hosts = {(scheme, netloc.rpartition("@")[2]) for scheme, netloc in asked}
        parts = urlsplit(target)
        if (parts.scheme, parts.netloc) not in hosts:
            where = f"{parts.scheme}://{parts.hostname or ''}"
            raise BadAnswer(f"{method} {without_user_info(url)} redirects to {where}, which is not a configured worker")
        return target

    def _exchange(
        self, method: str, url: str, query: _Query | None, data: bytes | None, deadline: float | None
    ) -> requests.Response:
        settings = self.settings
        left = max((deadline or math.inf) - time.monotonic(), 1.0)
        limits = (min(settings.connect, left), min(settings.timeout, left))
        headers = {"Content-Type": "application/json"} if method in ("PUT", "POST", "PATCH") else {}
        shown = without_user_info(url)
        try:
            return self._session().request(
                method,
                url,
                params=query,
                data=data,
                headers=headers,
                auth=self._login,
                timeout=limits,
                proxies=self._proxies(_origin(url)),
                allow_redirects=False,
                stream=True,
            )
        except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema):
            raise BadAnswer(f"{shown} is not the address of a worker") from None
        except requests.exceptions.ConnectTimeout:
            raise _NotSent(f"{_origin(url)}: no connection within {limits[0]:.0f} s") from None
        except requests.exceptions.Timeout:
            raise _Lost(f"{method} {shown}: no answer within {limits[1]:.0f} s") from None
        except requests.exceptions.RequestException as error:
            raise _why(error, method, url) from None

    def _understood(self, method: str, url: str, base: str, response: requests.Response) -> Answer:
        failed = response.status_code >= 400
        raw = self._body(method, url, response, _LONGEST_ERROR if failed else LONGEST_BODY)
        worker = without_user_info(base)
        if failed:
            raise error_from(method, url, response.status_code, raw)
        if not raw.strip():
            return Answer(response.status_code, None, worker)
        try:
            return Answer(response.status_code, json.loads(raw), worker)
        except (ValueError, RecursionError):
            kind = response.headers.get("Content-Type", "no content type")
            shown = f"{method} {without_user_info(url)}: {response.status_code} with {len(raw)} bytes of {kind}"
            raise BadAnswer(f"{shown} instead of JSON: is this the address of a Kafka Connect worker?") from None

    def _body(self, method: str, url: str, response: requests.Response, longest: int) -> bytes:
        # The read time-out of `requests` is for each piece; a body that drips for ever needs a limit of its own.
        until = time.monotonic() + self.settings.timeout
        pieces, length = [], 0
        try:
            for piece in response.iter_content(2**16):
                pieces.append(piece)
                length += len(piece)
                if length > longest or time.monotonic() > until:
                    if response.status_code >= 400:
                        break
                    shown = f"{method} {without_user_info(url)}: {response.status_code}"
                    raise BadAnswer(f"{shown} with a body that does not end ({length} bytes so far)")
        except requests.exceptions.RequestException:
            if response.status_code >= 400:
                return b""
            raise _Lost(f"{method} {without_user_info(url)}: the body was cut off") from None
        return b"".join(pieces)

    def _proxies(self, origin: str) -> dict[str, str]:
        """The proxy for a worker. Read from the environment once: that takes longer than a request on loopback."""
        proxy = self.settings.proxy
        if origin not in self._known_proxies:
            given = get_environ_proxies(origin) if proxy is None else {"http": proxy, "https": proxy}
            self._known_proxies[origin] = given
        return self._known_proxies[origin]

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None or session not in self._sessions:
            session = requests.Session()
            session.trust_env = False
            session.headers.update({"Accept": "application/json", **dict(self.settings.headers)})
            if self._context is not None:
                session.mount("https://", _Adapter(self._context))
            self._threads.session = session
            self._sessions.append(session)
        return session


_UNSENT: list[tuple[type[BaseException], str]] = [
    (NameResolutionError, "the host name is not known"),
    (ProxyError, "the proxy does not answer"),
    (NewConnectionError, "connection refused"),
    (ConnectTimeoutError, "no connection in time"),
]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything wrapped in it, outermost first."""
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _why(error: requests.exceptions.RequestException, method: str, url: str) -> Unreachable:
    """What a failed exchange means for the next try."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError | requests.exceptions.SSLError):
            return _NoTrust(f"{_origin(url)}: {why_untrusted(' '.join(map(str, causes)))}")
    for kind, meaning in _UNSENT:
        if any(isinstance(cause, kind) for cause in causes):
            return _NotSent(f"{_origin(url)}: {meaning}")
    return _Lost(
        f"{method} {without_user_info(url)}: the connection was closed without an answer (is it https instead of http?)"
    )


@functools.lru_cache(maxsize=64)
def transport_for(settings: Settings) -> Transport:
    """The one transport of these settings in this process, closed at exit."""
    transport = Transport(settings)
    atexit.register(transport.close)
    return transport
