"""One object for each cluster of this process: its connections, listings, features and remembered answers."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, TypeVar

from pulumi_kafka_connectors.connect import Client, Settings
from pulumi_kafka_connectors.connect.features import Features
from pulumi_kafka_connectors.connect.transport import Transport
from pulumi_kafka_connectors.core.clock import SYSTEM, Clock
from pulumi_kafka_connectors.core.listing import Entries, Listing
from pulumi_kafka_connectors.core.registry import Registry

T = TypeVar("T")

LISTING_SECONDS: Final = 60.0
LISTING_RETRY_SECONDS: Final = 5.0
"""Seconds that a request for all connectors may take, whoever waits for it, and for which it is tried again: where it
fails, each connector is asked for alone, and that for as long as `retry` allows."""
_FEW, _ONE_MORE = 4, 20
"""Up to so many waiting connectors, asking for each alone is cheaper than listings of the cluster; each so many
connectors on the cluster make a listing dearer by what one more that waits saves (measured on loopback)."""


class Cluster:
    """The workers of one cluster, as one `Settings` reaches them; safe to share between threads.

    Attributes:
        settings: where the workers are.
        clock: what time it is.
        client: without a deadline of its own.
        memo: answers that stay the same as long as the process lives.
    """

    def __init__(self, settings: Settings, clock: Clock = SYSTEM) -> None:
        self.settings, self.clock = settings, clock
        self.client = Client(settings, transport=Transport(settings, clock))
        self.memo = Memo(clock)
        self._listings = {info: Listing(partial(self._list, info=info), clock, in_background) for info in (False, True)}
        self._lock = threading.Lock()
        self._waiting = 0

    def __repr__(self) -> str:
        return f"Cluster({', '.join(self.settings.urls)})"

    def features(self) -> Features:
        """What the workers can do, asked once."""
        return self.client.features()

    def recent_entries(self, deadline: float) -> Entries | None:
        """All connectors with configuration and status, as they were a short time ago; None where that is not to be had."""
        return self._listings[True].recent(self.client.changed_at, deadline)

    def current_statuses(self, deadline: float) -> Entries | None:
        """The status of every connector as of now, where so many wait that one listing is cheaper than asking for each."""
        statuses = self._listings[False]
        with self._lock:
            enough = self._waiting > _FEW + len(statuses) // _ONE_MORE
        return statuses.entries(self.clock.now(), deadline) if enough else None

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Count one more that polls."""
        with self._lock:
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

    def close(self) -> None:
        """Close the connections that are not in use; who still works with this cluster may go on."""
        self.client.close()

    def _list(self, *, info: bool) -> Entries:
        client = self.client.with_retry(LISTING_RETRY_SECONDS).until(self.clock.now() + LISTING_SECONDS)
        return client.expanded(status=True, info=info)


class Memo:
    """Answers by question, each asked once; and for how long a cluster that gave no answer is left alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: dict[Hashable, Any] = {}
        self._absent_until: float | None = None

    def once(self, question: Hashable, ask: Callable[[], T]) -> T:
        """The answer to the question, from `ask` the first time."""
        with self._lock:
            if question in self._answers:
                known: T = self._answers[question]
                return known
        answer = ask()
        with self._lock:
            self._answers[question] = answer
        return answer

    @property
    def absent(self) -> bool:
        """Whether the cluster did not answer a moment ago."""
        with self._lock:
            return self._absent_until is not None and self._clock.now() < self._absent_until

    def leave_alone(self, seconds: float) -> bool:
        """Do not ask again for so long.

        Returns:
            Whether this is news.
        """
        with self._lock:
            now = self._clock.now()
            news = self._absent_until is None or now >= self._absent_until
            self._absent_until = now + seconds
            return news


def in_background(call: Callable[[], T]) -> Future[T]:
    """Run a call beside this one, in a thread that the end of the process does not wait for."""
    result: Future[T] = Future()

    def run() -> None:
        try:
            result.set_result(call())
        except BaseException as problem:  # noqa: BLE001 - handed to whoever asks for the result
            result.set_exception(problem)

    threading.Thread(target=run, daemon=True, name="kafka-connectors").start()
    return result


CLUSTERS: Final = Registry(Cluster, Cluster.close, kind=lambda settings: settings.urls)
"""The clusters of this process, one for each `Settings`."""
atexit.register(CLUSTERS.clear)
