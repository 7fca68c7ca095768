"""One object per cluster in this process: its connections, listings, features and cached responses."""

from __future__ import annotations

import atexit
import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Final, TypeVar

from pulumi_kafka_connectors.connect import Client, Settings
from pulumi_kafka_connectors.connect.features import Features
from pulumi_kafka_connectors.connect.transport import Transport
from pulumi_kafka_connectors.core.clock import SYSTEM, Clock
from pulumi_kafka_connectors.core.listing import Entries, Listing
from pulumi_kafka_connectors.core.memo import Memo
from pulumi_kafka_connectors.core.registry import Registry

T = TypeVar("T")

LISTING_SECONDS: Final = 60.0
LISTING_RETRY_SECONDS: Final = 5.0
"""Seconds that a request for all connectors may take, whatever the caller's deadline, and for which it is retried. When it
fails, callers request their connector individually, for as long as `retry` allows."""
_FEW, _ONE_MORE = 4, 20
"""When to list the whole cluster instead of polling connectors one by one: when more than `_FEW` operations are waiting,
plus one for every `_ONE_MORE` connectors on the cluster, which make a listing more expensive (measured on loopback)."""


class Cluster:
    """One cluster of workers, reached with one `Settings`; safe to share between threads.

    Attributes:
        settings: how to reach the workers.
        clock: the clock of deadlines and pauses.
        client: a client without a deadline.
        memo: responses that do not change during the life of the process.
        own_names: former connector names of resources in this run.
        owners: the resource that created or took over a connector in this run, by connector name.
    """

    def __init__(self, settings: Settings, clock: Clock = SYSTEM) -> None:
        self.settings, self.clock = settings, clock
        self.client = Client(settings, transport=Transport(settings, clock))
        self.memo = Memo(clock)
        self.own_names: set[str] = set()
        self.owners: dict[str, str] = {}
        self._listings = {info: Listing(partial(self._list, info=info), clock, in_background) for info in (False, True)}
        self._lock = threading.Lock()
        self._waiting = 0

    def __repr__(self) -> str:
        return f"Cluster({', '.join(self.settings.urls)})"

    def features(self) -> Features:
        """The features of the workers, requested once."""
        return self.client.features()

    def kafka_cluster_id(self, seconds: float = math.inf) -> str:
        """The ID of the workers' Kafka cluster, requested once with retries for `seconds`; empty if they report none."""
        return self.memo.once("kafka_cluster_id", lambda: self.client.with_retry(seconds).worker().kafka_cluster_id)

    @property
    def changed(self) -> bool:
        """Whether this process has changed anything on the cluster."""
        return self.client.changed_at > -math.inf

    def recent_entries(self, deadline: float, *, after_own_changes: bool = True) -> Entries | None:
        """All connectors with configuration and status, as of a short time ago; None if no listing is available.

        Args:
            deadline: time on the clock until which this caller waits.
            after_own_changes: whether everything that this process changed must show: while it creates connectors, that
                is a listing for each of them.
        """
        return self._listings[True].recent(self.client.changed_at if after_own_changes else -math.inf, deadline)

    def current_statuses(self, deadline: float) -> Entries | None:
        """The current status of every connector, if enough operations wait that one listing is cheaper; else None."""
        statuses = self._listings[False]
        with self._lock:
            enough = self._waiting > _FEW + len(statuses) // _ONE_MORE
        return statuses.entries(self.clock.now(), deadline) if enough else None

    def issued_tokens(self) -> tuple[str, ...]:
        """The bearer tokens that were issued for the settings so far: no message may show them."""
        return self.client.transport.issued_tokens

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count one more operation that polls."""
        with self._lock:
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def close(self) -> None:
        """Close the idle connections; operations in progress on this cluster may continue."""
        self.client.close()

    def _list(self, *, info: bool) -> Entries:
        client = self.client.with_retry(LISTING_RETRY_SECONDS).until(self.clock.now() + LISTING_SECONDS)
        return client.expanded(status=True, info=info)


def in_background(call: Callable[[], T]) -> Future[T]:
    """Run a call in a daemon thread, which does not delay the exit of the process."""
    result: Future[T] = Future()

    def run() -> None:
        try:
            result.set_result(call())
        except BaseException as problem:  # noqa: BLE001 - passed on to the caller of `result()`
            result.set_exception(problem)

    threading.Thread(target=run, daemon=True, name="kafka-connectors").start()
    return result


CLUSTERS: Final = Registry(Cluster, Cluster.close, kind=lambda settings: settings.urls)
"""The clusters of this process, one per `Settings`."""
atexit.register(CLUSTERS.clear)
