"""A clock that tests turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import wait as wait_for_futures
from typing import Any

from pulumi_kafka_connectors.core.clock import Clock


class FakeClock(Clock):
    """Sleeping takes no time: it only turns the clock. Safe to share between threads.

    Attributes:
        sleeps: the seconds of every sleep, in order.
    """

    def __init__(self, start: float = 1000.0) -> None:
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

    def advance(self, seconds: float) -> None:
        """Let time pass that nobody slept through."""
        with self._lock:
            self._now += seconds
            due = [entry for entry in self._due if entry[0] <= self._now]
            self._due = [entry for entry in self._due if entry not in due]
        for _, call in due:
            call()

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        """Call this once the clock has been turned that far."""
        with self._lock:
            self._due.append((self._now + seconds, call))

    def wait(self, result: Future[Any], deadline: float) -> bool:
        """Really wait for what another thread does; a deadline that has passed on this clock is kept."""
        return bool(wait_for_futures([result], timeout=10 if self.now() < deadline else 0).done)
