"""The addresses of a cluster's workers and how to connect to them: plain values, without importing an HTTP library."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pulumi_kafka_connectors.connect.errors import without_user_info


@dataclass(frozen=True)
class Retry:
    """How long to retry a request through rebalances, restarts and lost connections, in seconds.

    Attributes:
        seconds: from the first attempt to the start of the last. Every worker is tried once, however short this is.
        first, longest: the pause before the second round of attempts, and the longest pause.
    """

    seconds: float = 120.0
    first: float = 0.1
    longest: float = 2.0

    def waits(self, jitter: Callable[[float, float], float] = random.uniform) -> Iterator[float]:
        """Pauses before the 2nd, 3rd, ... round: doubling up to `longest`, each shortened by up to half.

        Args:
            jitter: called with (0.5, 1.0); returns the fraction of the pause to wait.
        """
        wait = self.first
        while True:
            yield wait * jitter(0.5, 1.0)
            wait = min(wait * 2, self.longest)


@dataclass(frozen=True)
class OAuth:
    """OAuth 2.0 client credentials (RFC 6749, section 4.4): a token server issues the bearer tokens of all requests.

    Attributes:
        token_url: where tokens are requested; a query is allowed.
        client_id, client_secret: sent to the token server as basic authentication (RFC 6749, section 2.3.1).
        scopes: what the token is requested for.
    """

    token_url: str
    client_id: str
    client_secret: str
    scopes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"OAuth({without_user_info(self.token_url)!r}, {self.client_id!r}, scopes={self.scopes!r})"


@dataclass(frozen=True)
class Settings:
    """The addresses of one cluster's workers and how to connect to them.

    Attributes:
        urls: one or several workers of the same cluster; a path prefix is allowed.
        username, password: basic authentication.
        token: bearer token.
        oauth: client credentials with which bearer tokens are fetched and renewed.
        headers: additional headers for every request.
        ca: PEM text or file with the certificate authorities to trust instead of the default ones.
        cert, key: PEM text or file for mutual TLS; `key` may be omitted when `cert` contains both.
        insecure: do not verify the server's certificate.
        proxy: URL of a proxy; by default the environment's.
        timeout: seconds to wait for a complete response; a worker itself times out after 90.
        connect: seconds to wait for a connection.
        retry: how long and how often to retry a request.
    """

    urls: tuple[str, ...]
    username: str | None = None
    password: str | None = None
    token: str | None = None
    oauth: OAuth | None = None
    headers: tuple[tuple[str, str], ...] = ()
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False
    proxy: str | None = None
    timeout: float = 95.0
    connect: float = 10.0
    retry: Retry = Retry()

    def __repr__(self) -> str:
        urls = tuple(without_user_info(url) for url in self.urls)
        shown = f"urls={urls!r}, username={self.username!r}, insecure={self.insecure!r}"
        return f"Settings({shown}, timeout={self.timeout!r}, connect={self.connect!r}, retry={self.retry!r})"
