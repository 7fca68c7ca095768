"""The clock of `core`: the only place that reads the time and waits."""

from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import wait as wait_for_futures
from typing import Any, Final

from pulumi_kafka_connectors.connect.clock import Clock as ConnectClock


class Clock(ConnectClock):
    """A monotonic clock in seconds, which tests replace."""

    def wait(self, result: Future[Any], deadline: float) -> bool:
        """Wait for a result until `deadline`.

        Returns:
            Whether the result is available.
        """
        return bool(wait_for_futures([result], timeout=max(deadline - self.now(), 0.0)).done)


SYSTEM: Final = Clock()
