"""One listing of all connectors for everybody in this process who wants to look at the same moment."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Iterator, Mapping

from pulumi_kafka_connectors.connect import Client, ConnectError, NoStatus, Settings, Unsupported
from pulumi_kafka_connectors.connect.models import ConnectorStatus, Expanded

_FEW, _ONE_MORE = 4, 20
"""Up to so many waiting connectors, asking for each alone is cheaper than listings of the cluster; each so many
connectors on the cluster make a listing dearer by what one more that waits saves (measured on loopback)."""
GATHER = 0.05
"""Seconds that a look waits for others to share its listing with."""
SHARE_SECONDS, SHARE_FACTOR, LONGEST_SHARE = 0.5, 40, 5.0
"""How old a listing may be for a look at what others may have changed: so many seconds, or while this process changes
nothing so many times of what the last listing took, since that is long on a large cluster (0.5 s with 1,000 connectors on
a busy machine); but at most so many seconds beyond what it took."""
REMEMBER_FAILURE = 2.0
"""Seconds for which a cluster that could not be listed is not asked again by everybody in turn."""


def status_of(client: Client, name: str) -> ConnectorStatus | None:
    """`GET /connectors/{name}/status`; None when there is none: no such connector, or one created a moment ago."""
    try:
        return client.status(name)
    except NoStatus:
        return None


class Listing:
    """`GET /connectors?expand=status` (2.3) of one cluster, with `expand=info` where asked, shared between threads."""

    def __init__(self, *, info: bool) -> None:
        self._info = info
        self._lock = threading.Lock()
        self._started, self._took = -1.0, 0.0
        self._entries: Mapping[str, Expanded] = {}
        self._failure: tuple[float, ConnectError] | None = None
        self._waiting = 0

    def entries(self, client: Client, since: float, *, gather: float = 0.0) -> Mapping[str, Expanded]:
        """All connectors, from a request that started at `since` (`time.monotonic()`) or later.

        Args:
            client: who asks.
            since: how old the answer may be.
            gather: seconds to wait before a request, so that others can share it.

        Raises:
            ConnectError: also one that another caller met a moment ago; `Unsupported` before Kafka 2.3.
        """
        with self._lock:
            if self._started >= since:
                return self._entries
            if self._failure is not None and time.monotonic() - self._failure[0] < REMEMBER_FAILURE:
                raise self._failure[1]
            time.sleep(gather)
            started = time.monotonic()
            try:
                self._entries = client.expanded(status=True, info=self._info)
            except ConnectError as problem:
                self._failure = (time.monotonic(), problem)
                raise
            self._started, self._took, self._failure = started, time.monotonic() - started, None
            return self._entries

    def recent(self, client: Client) -> Mapping[str, Expanded]:
        """As `entries`, for one of many who look one after the other: as they were a short time ago."""
        now = time.monotonic()
        shared = min(SHARE_FACTOR * self._took, LONGEST_SHARE + self._took)
        return self.entries(client, min(now - SHARE_SECONDS, max(now - shared, client.changed_at)))

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Count one more that polls."""
        with self._lock:
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def status(self, client: Client, name: str) -> ConnectorStatus | None:
        """The status of a connector as of now; None when there is none yet."""
        if self._waiting > _FEW + len(self._entries) // _ONE_MORE:
            with contextlib.suppress(Unsupported):
                entry = self.entries(client, time.monotonic(), gather=GATHER)
                return entry[name].status if name in entry else None
        return status_of(client, name)


@functools.lru_cache(maxsize=64)
def listing_of(settings: Settings, *, info: bool) -> Listing:  # noqa: ARG001 - the key of the cache
    """The one listing of that cluster in this process, with or without configurations."""
    return Listing(info=info)
