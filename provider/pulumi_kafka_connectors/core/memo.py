"""What a process remembers about a cluster for as long as it lives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from pulumi_kafka_connectors.core.clock import Clock

T = TypeVar("T")


class Memo:
    """Cached responses, each requested once; and how long not to contact a cluster that did not respond."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: dict[Hashable, Any] = {}
        self._absent_until: float | None = None

    def once(self, question: Hashable, ask: Callable[[], T]) -> T:
        """The cached answer to the question; calls `ask` the first time."""
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
        """Whether the cluster recently failed to respond."""
        with self._lock:
            return self._absent_until is not None and self._clock.now() < self._absent_until

    def leave_alone(self, seconds: float) -> bool:
        """Treat the cluster as absent for `seconds`.

        Returns:
            Whether it was not yet treated as absent.
        """
        with self._lock:
            now = self._clock.now()
            news = self._absent_until is None or now >= self._absent_until
            self._absent_until = now + seconds
            return news
