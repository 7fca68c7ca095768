"""A fake clock that tests advance."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future
from concurrent.futures import wait as wait_for_futures
from typing import Any

from pulumi_kafka_connectors.core.clock import Cancelled, Clock


class FakeClock(Clock):
    """Sleeping only advances the clock and returns at once. Thread-safe.

    Attributes:
        sleeps: the duration of every sleep in seconds, in order.
    """

    def __init__(self, start: float = 1000.0) -> None:
        super().__init__()
        self._now = start
        self._lock = threading.Lock()
        self._due: list[tuple[float, Callable[[], object]]] = []
        self.sleeps: list[float] = []

    def now(self) -> float:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.sleeps.append(seconds)
        self.advance(max(seconds, 0.0))
        if self.cancelled:
            raise Cancelled("the run was interrupted")

    def advance(self, seconds: float) -> None:
        """Advance the clock and run the calls that become due."""
        with self._lock:
            self._now += seconds
            due = [entry for entry in self._due if entry[0] <= self._now]
            self._due = [entry for entry in self._due if entry not in due]
        for _, call in due:
            call()

    def call_later(self, seconds: float, call: Callable[[], object]) -> None:
        """Run `call` once the clock has advanced by so many seconds."""
        with self._lock:
            self._due.append((self._now + seconds, call))

    def wait(self, result: Future[Any], deadline: float) -> bool:
        """Wait in real time for the result of another thread, unless the deadline has passed on this clock."""
        return _wait(self, self._cancelled, result, deadline)


class ProcessClock(Clock):
    """The clock of one process: it shares the time of others, but is interrupted alone."""

    def __init__(self, shared: FakeClock) -> None:
        super().__init__()
        self._shared = shared

    def now(self) -> float:
        return self._shared.now()

    def sleep(self, seconds: float) -> None:
        self._shared.sleep(seconds)
        if self.cancelled:
            raise Cancelled("the run was interrupted")

    def wait(self, result: Future[Any], deadline: float) -> bool:
        return _wait(self, self._cancelled, result, deadline)


def _wait(clock: Clock, cancelled: Future[None], result: Future[Any], deadline: float) -> bool:
    seconds = 10 if clock.now() < deadline else 0
    wait_for_futures([result, cancelled], timeout=seconds, return_when=FIRST_COMPLETED)
    if clock.cancelled:
        raise Cancelled("the run was interrupted")
    return result.done()
