"""One listing of all connectors, shared by all threads that request it at the same time."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Final

from pulumi_kafka_connectors.connect import ConnectError, Unsupported
from pulumi_kafka_connectors.connect.models import Expanded
from pulumi_kafka_connectors.core.clock import Clock

GATHER: Final = 0.05
"""Seconds that a request waits for other callers to share it."""
SHARE_SECONDS: Final = 0.5
SHARE_FACTOR: Final = 40
LONGEST_SHARE: Final = 5.0
"""How old a listing may be when it is used to read what others may have changed: `SHARE_SECONDS`, or `SHARE_FACTOR` times
the duration of the last listing if that is longer, since listings are slow on a large cluster (0.5 s with 1,000 connectors
on a busy machine); but at most `LONGEST_SHARE` seconds plus that duration, and never older than a change by this process."""

Entries = Mapping[str, Expanded]


class _Flight:
    """One request that several callers wait for."""

    def __init__(self) -> None:
        self.started: float | None = None
        self.result: Future[Entries | None] = Future()


class Listing:
    """Lists all connectors of one cluster, one request at a time, shared by all waiting threads.

    Args:
        fetch: sends the request; its deadline is independent of those of the callers.
        clock: the clock of deadlines and ages.
        start: runs the requests in a separate thread.
    """

    def __init__(self, fetch: Callable[[], Entries], clock: Clock, start: Callable[[Callable[[], None]], object]) -> None:
        self._fetch, self._clock, self._start = fetch, clock, start
        self._lock = threading.Lock()
        self._entries: Entries = {}
        self._started: float | None = None
        self._took = 0.0
        self._unsupported = False
        self._running: _Flight | None = None
        self._next: _Flight | None = None

    def __len__(self) -> int:
        """The number of connectors in the last listing."""
        return len(self._entries)

    def entries(self, since: float, deadline: float) -> Entries | None:
        """All connectors, from a request that started at `since` or later.

        Args:
            since: time on the clock.
            deadline: how long this caller waits.

        Returns:
            None if no listing is available before the deadline: the caller then requests its connector individually and
            gets the actual error. Failures are not cached, except that the workers do not support listings.
        """
        with self._lock:
            if self._unsupported:
                return None
            if self._started is not None and self._started >= since:
                return self._entries
            idle = self._running is None
            flight = self._flight_from(since)
        if idle:
            self._start(self._fly)
        if not self._clock.wait(flight.result, deadline):
            return None
        return flight.result.result()

    def recent(self, changed_at: float, deadline: float) -> Entries | None:
        """Like `entries`, for many callers one after the other: all connectors as of a short time ago.

        Args:
            changed_at: when this process last changed anything on the cluster.
            deadline: as for `entries`.
        """
        now = self._clock.now()
        shared = max(SHARE_SECONDS, min(SHARE_FACTOR * self._took, LONGEST_SHARE + self._took))
        return self.entries(max(now - shared, math.nextafter(changed_at, math.inf)), deadline)

    def _flight_from(self, since: float) -> _Flight:
        """The request in progress if it started late enough, else the next one."""
        running = self._running
        if running is not None and running.started is not None and running.started >= since:
            return running
        if self._next is None:
            self._next = _Flight()
            if running is None:
                self._running = self._next
        return self._next

    def _fly(self) -> None:
        """Send requests one after the other as long as a caller waits for one."""
        while True:
            self._clock.sleep(GATHER)
            with self._lock:
                flight = self._running = self._next
                self._next = None
                if flight is None:
                    return
                flight.started = self._clock.now()
            self._request(flight)
            with self._lock:
                if self._next is None:
                    self._running = None
                    return

    def _request(self, flight: _Flight) -> None:
        try:
            entries = self._fetch()
        except ConnectError as problem:
            self._unsupported = isinstance(problem, Unsupported)
            flight.result.set_result(None)
        except Exception as defect:  # noqa: BLE001 - the waiting callers raise a defect, not this thread
            flight.result.set_exception(defect)
        else:
            with self._lock:
                self._entries, self._started = entries, flight.started
                self._took = self._clock.now() - (flight.started or 0.0)
            flight.result.set_result(entries)
