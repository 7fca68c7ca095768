"""Where the workers of a cluster are and how to talk to them: plain values, imported without any HTTP library."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Retry:
    """How long one request is tried again through rebalances, restarts and lost connections, in seconds."""

    seconds: float = 120.0
    first: float = 0.1
    most: float = 2.0

    def waits(self) -> Iterator[float]:
        """Pauses before the 2nd, 3rd, ... round: doubling up to `most`, each shortened at random by up to a half."""
        wait = self.first
        while True:
            yield wait * random.uniform(0.5, 1.0)
            wait = min(wait * 2, self.most)


@dataclass(frozen=True)
class Settings:
    """Where the workers of one cluster are and how to talk to them.

    Attributes:
        urls: one or several workers of the same cluster, a path prefix allowed.
        username, password: basic authentication.
        token: bearer token.
        headers: further headers for every request.
        ca: PEM text or file of the certificate authorities to trust instead of the system's.
        cert, key: PEM text or file for mutual TLS; `key` may be left out when `cert` holds both.
        insecure: do not verify the server's certificate.
        proxy: URL of a proxy; unset: the environment's.
        timeout: seconds to wait for an answer; a worker itself gives up after 90.
        connect: seconds to wait for a connection.
        retry: for how long and how often a request is repeated.
    """

    urls: tuple[str, ...]
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    ca: str | None = field(default=None, repr=False)
    cert: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    insecure: bool = False
    proxy: str | None = field(default=None, repr=False)
    timeout: float = 95.0
    connect: float = 10.0
    retry: Retry = Retry()
